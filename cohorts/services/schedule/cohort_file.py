"""A file of cohorts, written into cohorts and sessions."""

from bisect import bisect_right
from collections import Counter
from datetime import date, datetime
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import compare, record
from cohorts.imports.cohorts_file import CohortRow
from cohorts.models import Cohort, CohortInstructor, Holiday, TimetableChange
from cohorts.services.enrolment import set_capacity
from cohorts.services.errors import CapacityBelowTaken
from cohorts.services.instructors import InstructorRetired, name_instructor, tell_named
from cohorts.services.locks import lock_in_order
from cohorts.services.schedule.drafts import Draft, Place, settle
from cohorts.services.schedule.outlook import draft_timetables
from cohorts.services.schedule.planning import Planned, UnusableTimetable, instants, plan, without_overlaps
from cohorts.services.schedule.storing import store_drafts
from cohorts.services.venues import VenueRetired, find_rooms, place_words
from courses.models import Course
from trainees.models import User

TIMETABLE_FIELDS = ("time_zone", "starts_on", "ends_on", "weekly_pattern", "mode", "venue", "room", "held_in_id")


@transaction.atomic
def import_cohorts(*, rows: list[CohortRow], by: User | None, at: datetime, notify: bool = True) -> Counter[str]:
    """Create or update cohorts with their sessions; all or nothing. Returns created, updated, unchanged.

    A cohort that has marks keeps its timetable: a file that differs from it is refused by name. One whose
    timetable was changed here since keeps that too; the rest of its row is read as ever. A new one of a
    retired course is refused. Standing cohorts are locked first, then the courses of the file. `notify`: who is newly
    named as an instructor is told, as on the page, unless the cohort is over.
    """
    lock_in_order(Cohort.objects.filter(code__in={row.code for row in rows}))
    lock_in_order(Course.objects.filter(code__in={row.course for row in rows}))
    courses = {course.code: course for course in Course.objects.select_related("programme")}
    holidays = set(Holiday.objects.values_list("date", flat=True))
    named: list[int] = []
    counts = Counter(_save_cohort(row, courses, holidays, by, at, named) for row in rows)
    _tell(named if notify else [], at)
    return counts


def _save_cohort(
    row: CohortRow, courses: dict[str, Course], holidays: set[date], by: User | None, at: datetime, named: list[int]
) -> str:
    if row.course not in courses:
        text = _("cohort %(code)s: course: there is no course %(course)s; import the courses first")
        raise ValidationError(text % {"code": row.code, "course": row.course}, code="no_course")
    course = courses[row.course]
    sessions = plan_row(row, course, holidays)
    cohort = Cohort.objects.filter(code=row.code).first()
    created = cohort is None
    if created and (course.retired_at or course.programme.retired_at):
        text = _("cohort %(code)s: course: %(course)s is retired: bring it back first, or name another")
        raise ValidationError(text % {"code": row.code, "course": row.course}, code="course_retired")
    fields = _fields(row, course, sessions) | _place(row, cohort, by, at)
    keeps = cohort is not None and cohort.timetable_changes.filter(state=TimetableChange.State.DONE).exists()
    for name in TIMETABLE_FIELDS if keeps else ():
        del fields[name]
    if cohort is None:
        cohort = Cohort.objects.create(code=row.code, **fields)
    before = {} if created else {name: getattr(cohort, name) for name in fields}
    changed = [name for name, value in fields.items() if getattr(cohort, name) != value]
    if "capacity" in changed:
        cohort = _change_capacity(cohort, row, by, at)
    for name in changed:
        setattr(cohort, name, fields[name])
    cohort.save(update_fields=changed) if changed else None
    changed += [] if keeps else _save_sessions(cohort, row, sessions, at)
    if newly := _save_instructors(cohort, row):
        changed.append("instructors")
        named += newly
    if not changed:
        return "unchanged"
    detail = {"new": True} if created else {"changed": _say_changes(before, fields, changed)}
    record(act="cohort.save", by=by, at=at, subject=cohort, detail=detail)
    return "created" if created else "updated"


def _say_changes(before: dict[str, Any], after: dict[str, Any], changed: list[str]) -> dict[str, list[Any]]:
    """Return the changes for the history: old and new, in words; of sessions and people only that they changed."""
    said = compare(before, {name: value for name, value in after.items() if name not in ("held_in_id", "course")})
    if "weekly_pattern" in said:
        said["weekly_pattern"] = [
            [_say_slot(slot) for slot in pattern or []]
            for pattern in (before["weekly_pattern"], after["weekly_pattern"])
        ]
    if before.get("course") != after.get("course") and before:
        said["course"] = [before["course"].code, after["course"].code]
    return said | {name: [None, True] for name in changed if name in ("sessions", "instructors")}


def _say_slot(slot: dict[str, str]) -> str:
    return f"{slot['weekday']} {slot['start']}-{slot['end']}"


def _change_capacity(cohort: Cohort, row: CohortRow, by: User | None, at: datetime) -> Cohort:
    """Change the places through their own door, so that the line moves up and nobody is dropped (R37, R38)."""
    try:
        return set_capacity(cohort=cohort, capacity=row.capacity, by=by, at=at)
    except CapacityBelowTaken as error:
        text = f"cohort {row.code}: capacity: {error.messages[0]}"
        raise ValidationError(text, code="capacity_below_taken") from None


def plan_row(row: CohortRow, course: Course, holidays: set[date]) -> list[Planned]:
    """Return the sessions of a row: its own list, or its pattern laid over the calendar."""
    zone = ZoneInfo(row.time_zone)
    try:
        if row.meetings:
            return without_overlaps(instants(meeting, zone) for meeting in row.meetings)
        planned, _skipped = plan(
            pattern=row.pattern,
            starts_on=row.starts_on,
            minutes=course.contact_hours * 60,
            holidays=holidays,
            time_zone=row.time_zone,
        )
        return without_overlaps(planned)
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
        "time_zone": row.time_zone,
        "starts_on": row.starts_on,
        "ends_on": sessions[-1].date,
        "weekly_pattern": pattern,
        "capacity": row.capacity,
        "waitlist_limit": row.waitlist_limit,
    }


def _place(row: CohortRow, cohort: Cohort | None, by: User | None, at: datetime) -> dict[str, Any]:
    """Return the words of the place and the room they mean. Raises ValidationError that names the cohort."""
    words = place_words(row.mode, row.venue, row.room)
    standing = [(cohort.venue, cohort.room)] if cohort else []
    try:
        found = find_rooms(city=row.city, places=words, standing=standing, by=by, at=at)
    except VenueRetired as error:
        raise ValidationError(f"cohort {row.code}: venue: {error.messages[0]}", code="venue_retired") from None
    if not words:
        return {"venue": row.venue, "room": row.room, "held_in_id": None}
    room = found[words[0]]
    return {"venue": room.venue.name, "room": room.name, "held_in_id": room.pk}


def _save_sessions(cohort: Cohort, row: CohortRow, sessions: list[Planned], at: datetime) -> list[str]:
    """Lay the sessions out; a session keeps its row, and so its entry in calendars, by its number."""
    drafts = draft_timetables([cohort])[cohort.pk]
    if [(each.slot.starts_at, each.slot.ends_at) for each in drafts] == [(s.starts_at, s.ends_at) for s in sessions]:
        return []
    if any(draft.marked for draft in drafts):
        text = _("cohort %(code)s: sessions: it has marks already; move its sessions one by one")
        raise ValidationError(text % {"code": row.code}, code="has_marks")
    cohort.sessions.filter(number__gt=len(sessions)).delete()
    place = Place(row.mode, row.venue, row.room)
    laid = [Draft(slot=slot, place=place) for slot in sessions]
    for draft, standing in zip(laid, drafts, strict=False):
        draft.session, draft.before = standing.session, standing.before
    store_drafts(cohort=cohort, drafts=settle(laid, _topics(cohort.course, sessions)), at=at)
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


def _save_instructors(cohort: Cohort, row: CohortRow) -> list[int]:
    """Name who is not named yet; return the rows that say so."""
    standing = set(cohort.instructors.values_list("email", flat=True))
    try:
        found = [name_instructor(email=email, name=name) for name, email in row.instructors if email not in standing]
    except InstructorRetired as error:
        raise ValidationError(f"cohort {row.code}: instructors: {error.messages[0]}", code=error.code) from None
    if not found:
        return []
    cohort.instructors.add(*found)
    newly = CohortInstructor.objects.filter(cohort=cohort, user__in=found).order_by("id")
    return list(newly.values_list("pk", flat=True))


def _tell(named: list[int], at: datetime) -> None:
    """Tell instructors of the cohorts they are named on; of one that is over nobody is told."""
    rows = CohortInstructor.objects.filter(pk__in=named).select_related("user", "cohort__course__programme")
    for row in rows.order_by("id"):
        cohort = row.cohort
        is_over = cohort.ends_on is not None and cohort.ends_on < at.astimezone(ZoneInfo(cohort.time_zone)).date()
        if not is_over and cohort.state != Cohort.State.CLOSED:
            tell_named(row=row, at=at)
