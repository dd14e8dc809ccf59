"""What trainees are told about their places: one mail row per cause, in the cause's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from cohorts.calendars import timetable_file
from cohorts.models import Cohort, Enrolment
from cohorts.rules.places import Carried
from cohorts.services.tallies import policy_of
from trainees.models import Trainee, User
from trainees.services.confirmation import make_link_token
from trainees.services.messages import Attachment, Mail, queue_message, queue_messages

SUBJECTS = {
    "confirm": _("Confirm your address for %(cohort)s"),
    "enrolled": _("You have a place in %(cohort)s"),
    "waitlisted": _("You are on the waiting list of %(cohort)s"),
    "promoted": _("A place in %(cohort)s is now yours"),
    "offered": _("A place in %(cohort)s is offered to you"),
    "offer_lapsed": _("The offered place in %(cohort)s has gone to the next person"),
    "hold_lapsed": _("Your registration for %(cohort)s has ended"),
    "withdrawn": _("You have left %(cohort)s"),
    "no_show": _("Your place in %(cohort)s has been given on"),
    "transferred": _("You have moved to %(cohort)s"),
    "warning": _("Your attendance in %(cohort)s"),
}


def ask_to_confirm(*, enrolment: Enrolment, position: int, at: datetime, edition: str = "") -> None:
    """Send the link that confirms the address, with what was registered; a shared address is told about whom."""
    path = reverse("confirm_address", args=[make_link_token(enrolment.trainee)])
    more = {"position": position, "link": f"{settings.SITE_URL}{path}", "shared": enrolment.trainee.user_id is None}
    _tell("confirm", enrolment, at, edition=edition, **more)


def tell_enrolled(*, enrolment: Enrolment, at: datetime, position: int = 0) -> None:
    """Confirm a place, or the position in the line."""
    if enrolment.status == Enrolment.Status.WAITLISTED:
        _tell("waitlisted", enrolment, at, position=position)
    else:
        _tell("enrolled", enrolment, at)


def tell_promoted(*, enrolment: Enrolment, at: datetime) -> None:
    """Tell that the line has moved and the place is theirs."""
    _tell("promoted", enrolment, at)


def tell_offered(*, enrolment: Enrolment, at: datetime) -> None:
    """Tell that a place waits for an answer, and until when (R35)."""
    _tell("offered", enrolment, at)


def tell_lapsed(*, enrolment: Enrolment, was_offer: bool, at: datetime) -> None:
    """Tell that an offer or a held place has run out, and what one can do."""
    _tell("offer_lapsed" if was_offer else "hold_lapsed", enrolment, at)


def tell_withdrawn(*, enrolment: Enrolment, at: datetime) -> None:
    """Confirm a withdrawal (R42)."""
    _tell("withdrawn", enrolment, at)


def tell_office_withdrawn(*, enrolment: Enrolment, at: datetime) -> None:
    """Tell those who manage enrolments that somebody left by themselves, and why (R42). Two queries."""
    context = {
        "enrolment": enrolment,
        "trainee": enrolment.trainee,
        "cohort": enrolment.cohort,
        "site": settings.SITE_URL,
    }
    with translation.override(User.Language.ENGLISH):  # the language of the office's pages
        mails = [
            Mail(
                key=f"enrolment-{enrolment.pk}-withdrawn-{person.pk}",
                to=person.email,
                subject=f"{enrolment.trainee.number} has left {enrolment.cohort.code}",
                text=render_to_string("emails/somebody_left.txt", context),
                html=render_to_string("emails/somebody_left.html", context),
                kind="somebody_left",
                about=enrolment.cohort.code,
            )
            for person in User.objects.whose_work_is("cohorts.manage_enrolment")
        ]
    queue_messages(mails=mails, at=at)


def tell_no_show(*, enrolment: Enrolment, at: datetime) -> None:
    """Tell that the place was freed because the first sessions were missed."""
    _tell("no_show", enrolment, at)


def tell_transferred(*, enrolment: Enrolment, left: Enrolment, carried: Sequence[Carried], at: datetime) -> None:
    """Tell where one moved, from where, and which sessions count there too."""
    numbers = ", ".join(str(each.attended.number) for each in carried)
    _tell("transferred", enrolment, at, left=left, carried=numbers)


def tell_warning(*, enrolment: Enrolment, level: str, concern: Any, at: datetime) -> None:
    """Quote the figures and the missed days of one warning; a level is told once."""
    policy = policy_of(enrolment.cohort)
    _tell("warning", enrolment, at, edition=f"-{level}", level=level, concern=concern, policy=policy)


def _tell(kind: str, enrolment: Enrolment, at: datetime, *, edition: str = "", **more: Any) -> None:
    trainee, cohort = enrolment.trainee, enrolment.cohort
    language = _language_of(trainee, kind)
    with translation.override(language):
        context = {"trainee": trainee, "cohort": cohort, "enrolment": enrolment, "site": settings.SITE_URL, **more}
        queue_message(
            key=f"enrolment-{enrolment.pk}-{kind}{edition}",
            to=trainee.email,
            subject=str(SUBJECTS[kind]) % {"cohort": cohort.code},
            text=render_to_string(f"emails/{kind}.txt", context),
            html=render_to_string(f"emails/{kind}.html", context),
            kind=kind,
            about=cohort.code,
            trainee_id=trainee.pk,
            language=language,
            attachments=_timetable(kind, cohort, language, at),
            at=at,
        )


def _timetable(kind: str, cohort: Cohort, language: str, at: datetime) -> tuple[Attachment, ...]:
    """Return the sessions for the reader's calendar, to those who got a place. One query."""
    if kind not in ("enrolled", "promoted", "transferred"):
        return ()
    sessions = list(cohort.sessions.order_by("starts_at"))
    for session in sessions:
        session.cohort = cohort
    return (timetable_file(sessions, language=language, at=at),)


def _language_of(trainee: Trainee, kind: str) -> str:
    """Return the account's language; who has none yet reads the link in the language of the registration.

    Anything else may be caused by somebody else, whose language says nothing of the reader's.
    """
    if trainee.user:
        return trainee.user.language
    if kind != "confirm":
        return User.Language.ENGLISH
    active = translation.get_language()
    return active if active in User.Language.values else User.Language.ENGLISH
