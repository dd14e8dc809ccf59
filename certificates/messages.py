"""What holders are told about their certificates: one mail row per cause, in the cause's transaction.

The mails that the worker writes name no page by `url`: it would load every page of the product (18 MB).
"""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from certificates.models import Certificate
from certificates.rules import Printed
from trainees.models import User
from trainees.services.messages import queue_message


def tell_issued(*, certificate: Certificate, at: datetime) -> None:
    """Congratulate; who gets a replacement hears just that, and is not congratulated again (R71).

    The worker that drew it rings for the mails of several at once.
    """
    _tell("certificate_replaced" if certificate.replaces_id else "certificate", certificate, at, ring=False)


def tell_revoked(*, certificate: Certificate, at: datetime) -> None:
    """Tell the holder that it is valid no more, and the public reason."""
    _tell("certificate_revoked", certificate, at)


def _tell(kind: str, certificate: Certificate, at: datetime, *, ring: bool = True) -> None:
    """Queue the mail; a holder without an address (imported, or erased since) gets none."""
    trainee = certificate.enrolment.trainee if certificate.enrolment else None
    if trainee is None or not trainee.email:
        return
    language = trainee.user.language if trainee.user else User.Language.ENGLISH
    with translation.override(language):
        subjects = {
            "certificate": _("Your certificate: %s"),
            "certificate_replaced": _("Your new certificate: %s"),
            "certificate_revoked": _("Your certificate is no longer valid: %s"),
        }
        context = {"certificate": certificate, "printed": Printed(**certificate.printed), "site": settings.SITE_URL}
        queue_message(
            key=f"certificate-{certificate.pk}-{_EVENTS[kind]}-{certificate.edition}",
            to=trainee.email,
            subject=subjects[kind] % certificate.printed["course"],
            text=render_to_string(f"emails/{kind}.txt", context),
            html=render_to_string(f"emails/{kind}.html", context),
            kind=kind,
            about=certificate.printed["cohort"],
            trainee_id=trainee.pk,
            language=language,
            at=at,
            ring=ring,
        )


_EVENTS = {"certificate": "issued", "certificate_replaced": "issued", "certificate_revoked": "revoked"}
