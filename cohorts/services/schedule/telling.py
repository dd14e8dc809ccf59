"""What people are told about a timetable: each change once to everybody whom it concerns."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import ngettext

from cohorts.calendars import timetable_file
from cohorts.models import Cohort, Enrolment, Session, TimetableChange
from cohorts.services.instructors import find_holders
from cohorts.services.reminders import reminder_cause
from cohorts.services.schedule.drafts import Line
from cohorts.services.schedule.outlook import TOLD
from trainees.models import User
from trainees.services.messages import Mail, cancel_queued, queue_messages


def tell_change(*, change: TimetableChange, at: datetime) -> int:
    """Write what changed to every enrolled trainee and instructor, with the entries for their calendars, and to who
    has an open offer and decides by these dates. Who waits was told of no dates yet.

    Once for each edition and person; not at all when only the past was put right. Eight queries and one
    insert whatever the number of people (R66). Returns how many are told.
    """
    cohort = Cohort.objects.select_related("course__programme").get(pk=change.cohort_id)
    lines = [Line.from_json(each) for each in change.lines]
    zone = ZoneInfo(cohort.time_zone)
    looks = [look for line in lines for look in (line.before, line.after) if look is not None]
    if not any(look.slot(zone).ends_at > at for look in looks):
        return 0
    stale = [reminder_cause(line.session_id or 0, line.before.slot(zone).starts_at) for line in lines if line.before]
    cancel_queued(causes=stale, at=at)
    sessions = list(cohort.sessions.filter(pk__in=[line.session_id for line in lines]).order_by("starts_at"))
    for session in sessions:
        session.cohort = cohort
    facts = {"cohort": cohort, "programme": cohort.course.programme, "change": change, "lines": lines}
    mails = [
        _write(facts, [each for each in sessions if person["sees"](each)], at, **person)
        for person in _people(cohort, sessions)
    ]
    queue_messages(mails=mails, at=at)
    return len(mails)


def _people(cohort: Cohort, sessions: list[Session]) -> list[dict[str, Any]]:
    """Return who is told, and which sessions belong into whose calendar: an instructor's are those they hold."""
    holders = find_holders(sessions)
    concerned = cohort.enrolments.filter(status__in=TOLD).select_related("trainee__user").order_by("id")
    trainees = [
        {
            "whom": f"e{each.pk}",
            "name": each.trainee.full_name,
            "to": each.trainee.email,
            "trainee_id": each.trainee_id,
            "language": each.trainee.user.language if each.trainee.user else User.Language.ENGLISH,
            "page": "me",
            "sees": lambda session, has_place=each.status == Enrolment.Status.ENROLLED: has_place,
            "until": each.offer_expires_at if each.status == Enrolment.Status.OFFERED else None,
        }
        for each in concerned
    ]
    instructors = [
        {
            "whom": f"i{each.pk}",
            "name": each.get_full_name(),
            "to": each.email,
            "trainee_id": None,
            "language": each.language,
            "page": "teach",
            "sees": lambda session, own=each: own in holders[session.pk],
        }
        for each in cohort.instructors.order_by("id")
    ]
    return [*trainees, *instructors]


def _write(facts: dict[str, Any], sessions: list[Session], at: datetime, **person: Any) -> Mail:
    change, cohort = facts["change"], facts["cohort"]
    with translation.override(person["language"]):
        context = {**facts, **person, "has_file": bool(sessions), "site": settings.SITE_URL}
        subject = ngettext(
            "%(n)d session of %(code)s has changed", "%(n)d sessions of %(code)s have changed", len(facts["lines"])
        )
        return Mail(
            key=f"timetable-{cohort.pk}-{change.edition}-{person['whom']}",
            kind="timetable",
            cause=f"timetable-{change.pk}",
            about=cohort.code,
            trainee_id=person["trainee_id"],
            language=person["language"],
            to=person["to"],
            subject=subject % {"code": cohort.code, "n": len(facts["lines"])},
            text=render_to_string("emails/timetable.txt", context),
            html=render_to_string("emails/timetable.html", context),
            attachments=(timetable_file(sessions, language=person["language"], at=at),) if sessions else (),
        )
