"""A new certificate, made here, in the place of one that was made elsewhere and imported."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from certificates.models import Batch, Certificate, Signatory
from certificates.pdf.design import SHIPPED
from certificates.rules import FACES, Printed, Unprintable, check_name, check_name_ur, missing_letters
from certificates.services.designs import as_printed
from certificates.services.issue import UnprintableFact, free_indices, new_code
from trainees.rules import clean_text


@dataclass(frozen=True)
class HolderNames:
    """How a holder whom only the paper knows is to be printed."""

    name: str
    name_ur: str


def printed_names(certificate: Certificate) -> HolderNames:
    """Return the names that stand on a certificate."""
    return HolderNames(certificate.name, certificate.printed.get("name_ur", ""))


def create_from_printed(
    *, old: Certificate, names: HolderNames, reason: str, batch: Batch, at: datetime
) -> Certificate:
    """Create the row of a certificate with the facts of an imported one and these names; its holder has no enrolment.

    It takes the design that comes with the product and whoever signs for everything. Raises UnprintableFact.
    Three queries.
    """
    facts = Printed(**old.printed)
    for text in (facts.course, facts.programme, facts.organisation, facts.cohort):
        if missing := missing_letters(text, FACES["semibold"]):
            raise UnprintableFact(text, missing)
    issued_on = at.astimezone(ZoneInfo(facts.time_zone)).date()
    expires_on = _renewed(facts, issued_on) if reason == Certificate.Reason.RENEWAL else old.expires_on
    everybody = Signatory.objects.select_related("picture").order_by("position")
    code, serial = new_code()
    printed = replace(
        facts,
        code=code,
        serial=serial,
        verify_url=f"{settings.SITE_URL}/c/{code}/",
        name=clean_text(names.name, 120),
        name_ur=clean_text(names.name_ur, 120),
        issued_on=issued_on.isoformat(),
        valid_until=expires_on.isoformat() if expires_on else "",
        signatories=as_printed(everybody.filter(programme=None, course=None)[:2]),
    )
    return Certificate.objects.create(
        batch=batch,
        code=code,
        serial=serial,
        status_index=free_indices(1)[0],
        name=printed.name,
        printed=printed.as_json(),
        expires_on=expires_on,
        template_version=SHIPPED,
        policy_version=0,
        replaces=old,
        created_at=at,
        rung_at=at,
    )


def _renewed(facts: Printed, issued_on: date) -> date:
    """Give a renewed one as many days as the one before had."""
    first, last = date.fromisoformat(facts.issued_on), date.fromisoformat(facts.valid_until)
    return issued_on + max(last - first, timedelta(days=1))


def refuse_names(names: HolderNames) -> None:
    """Raise ValidationError for names that cannot be printed, beside the field that holds them."""
    if problem := check_name(names.name):
        raise ValidationError({"name": ValidationError(_text(problem), code="unprintable")})
    if problem := check_name_ur(names.name_ur):
        raise ValidationError({"name_ur": ValidationError(_text(problem), code="unprintable")})


def _text(problem: Unprintable) -> str:
    return _("The name cannot be printed: %s.") % problem.reason
