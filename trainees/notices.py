"""What people are told about their own record: one mail row per cause, in the cause's transaction."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy

from trainees.models import ErasureRequest, NameChange, Trainee, User
from trainees.services.messages import queue_message

SUBJECTS = {
    "name_changed": gettext_lazy("Your name was changed"),
    "name_refused": gettext_lazy("Your name was not changed"),
    "confirm_address": gettext_lazy("Confirm your new e-mail address"),
    "address_changed": gettext_lazy("Your e-mail address was changed"),
    "merged": gettext_lazy("Your two records are one now"),
    "erased": gettext_lazy("Your personal details were removed"),
    "erasure_refused": gettext_lazy("Your details were not removed"),
}


def tell_name_decided(*, change: NameChange, at: datetime) -> None:
    """Say whether a change of name was approved, and the note of who decided it."""
    kind = "name_changed" if change.status == NameChange.Status.APPROVED else "name_refused"
    tell(kind, change.trainee, f"name-{change.pk}-{change.status}", at, change=change)


def ask_to_confirm_address(*, trainee: Trainee, link: str, key: str, at: datetime) -> None:
    """Send the link to the new address; nothing changes until it is opened."""
    tell("confirm_address", trainee, key, at, to=trainee.email_wanted, link=link)


def tell_address_changed(*, trainee: Trainee, old: str, at: datetime) -> None:
    """Warn the address that counted until now."""
    tell("address_changed", trainee, f"address-{trainee.pk}-{at.timestamp():.0f}", at, to=old)


def tell_merged(*, trainee: Trainee, former: str, to: set[str], at: datetime) -> None:
    """Tell every address of the two records which number stays (R44)."""
    for number, address in enumerate(sorted(to)):
        account = trainee.user.email if trainee.user else ""
        tell("merged", trainee, f"merged-{former}-{number}", at, to=address, former=former, account=account)


def tell_erasure_decided(*, request: ErasureRequest, to: str, name: str, at: datetime) -> None:
    """Say what became of the request; name and address are those of before."""
    kind = "erased" if request.status == ErasureRequest.Status.APPROVED else "erasure_refused"
    tell(kind, request.trainee, f"erasure-{request.pk}", at, to=to, name=name, request=request)


def tell(kind: str, trainee: Trainee, key: str, at: datetime, *, to: str = "", **more: Any) -> None:
    """Queue one mail in the person's language. One query."""
    language = trainee.user.language if trainee.user else User.Language.ENGLISH
    with translation.override(language):
        context = {"trainee": trainee, "name": trainee.full_name, "site": settings.SITE_URL, **more}
        queue_message(
            at=at,
            key=key,
            kind=kind,
            to=to or trainee.email,
            subject=str(SUBJECTS[kind]),
            text=render_to_string(f"emails/{kind}.txt", context),
            html=render_to_string(f"emails/{kind}.html", context),
            trainee_id=trainee.pk,
            language=language,
        )
