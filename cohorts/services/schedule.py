"""Cohorts and their timetables: from a weekly pattern, or from a list of meetings, to sessions."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.imports.cohorts_file import CohortRow, Meeting, Slot
from cohorts.models import Cohort, Enrolment, Holiday, Session
from cohorts.services import tallies
from courses.models import Course
from trainees.models import User

LONGEST_RUN = timedelta(days=366 * 3)


class UnusableTimetable(ValidationError):
    """The pattern cannot reach the course's hours."""


@dataclass(frozen=True)
class Planned:
    """A session to be: local date and times, the instants derived from them, and its length in minutes."""

    date: date
    start: time
    end: time
    starts_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


def plan(
    *, pattern: Iterable[Slot], starts_on: date, minutes: int, holidays: Iterable[date], time_zone: str
) -> tuple[list[Planned], list[date]]:
    """Lay a weekly pattern over the calendar until `minutes` are reached exactly.

    No session starts on a holiday; those days are returned beside the sessions. The last session is
    shortened when it would exceed the minutes. Raises UnusableTimetable for a pattern without end.
    """
    off, zone, slots = set(holidays), ZoneInfo(time_zone), list(pattern)
    planned: list[Planned] = []
    skipped: list[date] = []
    left = minutes
    for day in _days(starts_on):
        for slot in (slot for slot in slots if slot.weekday == day.weekday() and left > 0):
            if day in off:
                skipped.append(day)
                continue
            session = instants(Meeting(day, slot.start, slot.end), zone)
            if session.minutes > left:
                session = _shorten(session, left, zone)
            planned.append(session)
            left -= session.minutes
        if left <= 0:
            return planned, sorted(set(skipped))
    raise UnusableTimetable(_("The weekly pattern does not reach the course's hours."), code="pattern")


def instants(meeting: Meeting, zone: ZoneInfo) -> Planned:
    """Derive the instants of a meeting; an end that is not later than the start is on the next day (R22, R23)."""
    last = meeting.date if meeting.end > meeting.start else meeting.date + timedelta(days=1)
    starts_at = datetime.combine(meeting.date, meeting.start, zone).astimezone(UTC)
    ends_at = datetime.combine(last, meeting.end, zone).astimezone(UTC)
    if ends_at <= starts_at:  # a clock change inside a very short meeting
        raise UnusableTimetable(_("The session of %s ends before it begins.") % meeting.date, code="pattern")
    return Planned(meeting.date, meeting.start, meeting.end, starts_at, ends_at)


def _shorten(session: Planned, minutes: int, zone: ZoneInfo) -> Planned:
    ends_at = session.starts_at + timedelta(minutes=minutes)
    return Planned(session.date, session.start, ends_at.astimezone(zone).time(), session.starts_at, ends_at)


def _days(first: date) -> Iterator[date]:
    day = first
    while day - first < LONGEST_RUN:
        yield day
        day += timedelta(days=1)


@transaction.atomic
def save_holidays(*, days: dict[date, str]) -> None:
    """Add or rename holidays; one that the list lacks is kept."""
    rows = [Holiday(date=day, name=name) for day, name in days.items()]
    Holiday.objects.bulk_create(rows, update_conflicts=True, unique_fields=["date"], update_fields=["name"])


@transaction.atomic
def import_cohorts(*, rows: list[CohortRow], by: User | None, at: datetime) -> Counter[str]:
    """Create or update cohorts with their sessions; all or nothing. Returns created, updated, unchanged.

    A cohort that has marks keeps its timetable: a file that differs from it is refused by name.
    """
    courses = {course.code: course for course in Course.objects.all()}
    holidays = set(Holiday.objects.values_list("date", flat=True))
    return Counter(_save_cohort(row, courses, holidays, by, at) for row in rows)


def _save_cohort(row: CohortRow, courses: dict[str, Course], holidays: set[date], by: User | None, at: datetime) -> str:
    if row.course not in courses:
        text = _("cohort %(code)s: course: there is no course %(course)s; import the courses first")
        raise ValidationError(text % {"code": row.code, "course": row.course}, code="no_course")
    sessions = plan_row(row, courses[row.course], holidays)
    cohort = Cohort.objects.filter(code=row.code).first()
    created = cohort is None
    fields = _fields(row, courses[row.course], sessions)
    if cohort is None:
        cohort = Cohort.objects.create(code=row.code, **fields)
    changed = [name for name, value in fields.items() if getattr(cohort, name) != value]
    if "capacity" in changed and cohort.enrolments.taking_a_place().count() > row.capacity:
        text = _("cohort %(code)s: capacity: more places are taken; keep at least those")
        raise ValidationError(text % {"code": row.code}, code="capacity_below_taken")
    for name in changed:
        setattr(cohort, name, fields[name])
    cohort.save(update_fields=changed) if changed else None
    changed += _save_sessions(cohort, row, sessions) + _save_instructors(cohort, row)
    if not changed:
        return "unchanged"
    record(act="cohort.save", by=by, at=at, subject=cohort, detail={"changed": changed})
    return "created" if created else "updated"


def plan_row(row: CohortRow, course: Course, holidays: set[date]) -> list[Planned]:
    """Return the sessions of a row: its own list, or its pattern laid over the calendar."""
    zone = ZoneInfo(row.time_zone)
    try:
        if row.meetings:
            return [instants(meeting, zone) for meeting in row.meetings]
        return plan(
            pattern=row.pattern,
            starts_on=row.starts_on,
            minutes=course.contact_hours * 60,
            holidays=holidays,
            time_zone=row.time_zone,
        )[0]
    except UnusableTimetable as error:
        raise ValidationError(f"cohort {row.code}: weekly_pattern: {error.messages[0]}", code="pattern") from None


def _fields(row: CohortRow, course: Course, sessions: list[Planned]) -> dict[str, Any]:
    weekdays = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    pattern = [
        {"weekday": weekdays[slot.weekday], "start": f"{slot.start:%H:%M}", "end": f"{slot.end:%H:%M}"}
        for slot in row.pattern
    ]
    return {
        "course": course,
        "city": row.city,
        "mode": row.mode,
        "venue": row.venue,
        "room": row.room,
        "time_zone": row.time_zone,
        "starts_on": row.starts_on,
        "ends_on": sessions[-1].date,
        "weekly_pattern": pattern,
        "capacity": row.capacity,
        "waitlist_limit": row.waitlist_limit,
    }


def _save_sessions(cohort: Cohort, row: CohortRow, sessions: list[Planned]) -> list[str]:
    standing = list(cohort.sessions.order_by("number").values_list("starts_at", "ends_at"))
    if standing == [(session.starts_at, session.ends_at) for session in sessions]:
        return []
    if cohort.sessions.filter(Q(records__isnull=False) | Q(carried__isnull=False)).exists():
        text = _("cohort %(code)s: sessions: it has marks already; move its sessions one by one")
        raise ValidationError(text % {"code": row.code}, code="has_marks")
    cohort.sessions.all().delete()
    topics = _topics(cohort.course, sessions)
    Session.objects.bulk_create(
        Session(
            cohort=cohort,
            number=number,
            date=each.date,
            start_time=each.start,
            end_time=each.end,
            starts_at=each.starts_at,
            ends_at=each.ends_at,
            minutes=each.minutes,
            mode=row.mode,
            venue=row.venue,
            room=row.room,
            topic=topic,
        )
        for number, (each, topic) in enumerate(zip(sessions, topics, strict=True), start=1)
    )
    enrolments = list(Enrolment.objects.filter(cohort=cohort).on_register())
    tallies.recompute(cohort=cohort, enrolments=enrolments)
    return ["sessions"]


def _topics(course: Course, sessions: list[Planned]) -> list[str]:
    """Name each session after the module whose hours it begins in."""
    modules = list(course.modules.order_by("number").values_list("title", "hours"))
    ends = list(accumulate(hours * 60 for _title, hours in modules))
    topics, passed = [], 0
    for session in sessions:
        position = min(bisect_right(ends, passed), len(modules) - 1)
        topics.append(modules[position][0] if modules else "")
        passed += session.minutes
    return topics


def _save_instructors(cohort: Cohort, row: CohortRow) -> list[str]:
    wanted = []
    for name, email in row.instructors:
        user = User.objects.filter(email=email).first() or User.objects.create_user(email, full_name=name)
        wanted.append(user.pk)
    if set(wanted) <= set(cohort.instructors.values_list("pk", flat=True)):
        return []
    cohort.instructors.add(*wanted)
    return ["instructors"]
