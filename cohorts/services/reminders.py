"""Mails that remind: of a session a day ahead, and of a register nobody has marked (R66, R73)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cohorts.models import Cohort, Enrolment, Session
from cohorts.services.instructors import find_holders
from trainees.models import Message, User
from trainees.services.messages import Mail, queue_messages

AHEAD = timedelta(hours=24)
GRACE = timedelta(hours=2)  # after a session's end, before its instructor is asked for the register
GIVEN_UP = timedelta(days=14)  # older registers are on the office's list, not in the instructor's mail


def reminder_cause(session_id: int, starts_at: datetime) -> str:
    """Name the reminder of one session at one time; a session that moves has another."""
    return f"reminder-{session_id}-{int(starts_at.timestamp())}"


@transaction.atomic
def remind_trainees(*, at: datetime) -> int:
    """Write a reminder to every enrolled trainee of each session of the next 24 hours.

    Once for each session, time and person, however often it runs; who switched reminders off gets none.
    Three queries and the inserts. Returns how many were written.
    """
    sessions = Session.objects.filter(state=Session.State.PLANNED, starts_at__gt=at, starts_at__lte=at + AHEAD)
    due = {reminder_cause(each.pk, each.starts_at): each for each in _joined(sessions)}
    for cause in Message.objects.filter(cause__in=list(due)).values_list("cause", flat=True).distinct():
        due.pop(cause, None)
    by_cohort: dict[int, list[Enrolment]] = {}
    enrolled = Enrolment.objects.filter(status=Enrolment.Status.ENROLLED)
    for each in enrolled.filter(cohort__in={s.cohort_id for s in due.values()}).select_related("trainee__user"):
        if each.trainee.user is None or each.trainee.user.wants_reminders:
            by_cohort.setdefault(each.cohort_id, []).append(each)
    mails = [
        _remind(cause, session, enrolment)
        for cause, session in due.items()
        for enrolment in by_cohort.get(session.cohort_id, [])
    ]
    queue_messages(mails=mails, at=at)
    return len(mails)


@transaction.atomic
def remind_instructors(*, at: datetime) -> int:
    """Ask the instructors who hold each session that ended without a register for it, once.

    What is unmarked is read now, from the sessions themselves (R73). Four queries and the insert.
    """
    sessions = Session.objects.filter(
        state=Session.State.PLANNED, ends_at__lte=at - GRACE, ends_at__gt=at - GIVEN_UP
    ).exclude(cohort__state=Cohort.State.CLOSED)
    due = {f"unmarked-{each.pk}-{int(each.ends_at.timestamp())}": each for each in _joined(sessions)}
    for cause in Message.objects.filter(cause__in=list(due)).values_list("cause", flat=True).distinct():
        due.pop(cause, None)
    holders = find_holders(due.values())
    mails = [
        _ask_for_register(cause, session, teacher)
        for cause, session in due.items()
        for teacher in holders[session.pk]
        if teacher.is_active
    ]
    queue_messages(mails=mails, at=at)
    return len(mails)


def _joined(sessions: Any) -> Iterable[Session]:
    found: Iterable[Session] = sessions.select_related("cohort__course__programme").order_by("starts_at", "id")
    return found


def _remind(cause: str, session: Session, enrolment: Enrolment) -> Mail:
    trainee = enrolment.trainee
    language = trainee.user.language if trainee.user else User.Language.ENGLISH
    person = {"name": trainee.full_name, "to": trainee.email, "language": language, "trainee_id": trainee.pk}
    with translation.override(language):
        when = {"day": date_format(session.date, "D j M"), "time": f"{session.start_time:%H:%M}"}
        subject = _("Your session on %(day)s at %(time)s") % when
    return _write("reminder", f"{cause}-e{enrolment.pk}", cause, session, subject, person)


def _ask_for_register(cause: str, session: Session, teacher: User) -> Mail:
    person = {"name": teacher.get_full_name(), "to": teacher.email, "language": teacher.language, "trainee_id": None}
    with translation.override(teacher.language):
        subject = _("The register of %(code)s, session %(number)d, is not marked") % {
            "code": session.cohort.code,
            "number": session.number,
        }
    return _write("unmarked", f"{cause}-i{teacher.pk}", cause, session, subject, person)


def _write(kind: str, key: str, cause: str, session: Session, subject: str, person: dict[str, Any]) -> Mail:
    cohort = session.cohort
    context = {"session": session, "cohort": cohort, "programme": cohort.course.programme, "site": settings.SITE_URL}
    with translation.override(person["language"]):
        return Mail(
            key=key,
            kind=kind,
            cause=cause,
            about=cohort.code,
            trainee_id=person["trainee_id"],
            language=person["language"],
            to=person["to"],
            subject=subject,
            text=render_to_string(f"emails/{kind}.txt", context | person),
            html=render_to_string(f"emails/{kind}.html", context | person),
        )
