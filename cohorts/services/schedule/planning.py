"""From a weekly pattern to dates and instants; pure arithmetic on the calendar."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cohorts.imports.cohorts_file import WEEKDAYS, Meeting, Slot

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
    *,
    pattern: Iterable[Slot],
    starts_on: date,
    minutes: int,
    holidays: Iterable[date],
    time_zone: str,
    after: datetime | None = None,
) -> tuple[list[Planned], list[date]]:
    """Lay a weekly pattern over the calendar until `minutes` are reached exactly.

    No session starts on a holiday; those days are returned beside the sessions. Slots that do not begin
    later than `after` are passed over. The last session is shortened when it would exceed the minutes.
    Raises UnusableTimetable for a pattern without end.
    """
    off, zone, slots = set(holidays), ZoneInfo(time_zone), list(pattern)
    planned: list[Planned] = []
    skipped: list[date] = []
    left = minutes
    for day in _days(starts_on):
        for slot in (slot for slot in slots if slot.weekday == day.weekday() and left > 0):
            session = instants(Meeting(day, slot.start, slot.end), zone)
            if after is not None and session.starts_at <= after:
                continue
            if day in off:
                skipped.append(day)
                continue
            session = session if session.minutes <= left else shorten(session, left, zone)
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


def without_overlaps(sessions: Iterable[Planned]) -> list[Planned]:
    """Return sessions in the order of time. Raises UnusableTimetable when two are held at the same time."""
    ordered = sorted(sessions, key=lambda each: each.starts_at)
    for one, other in pairwise(ordered):
        if other.starts_at < one.ends_at:
            text = _("Two sessions would be held at the same time on %s.") % other.date
            raise UnusableTimetable(text, code="pattern")
    return ordered


def shorten(session: Planned, minutes: int, zone: ZoneInfo) -> Planned:
    """Return the session cut, or drawn out, to `minutes`."""
    ends_at = session.starts_at + timedelta(minutes=minutes)
    return Planned(session.date, session.start, ends_at.astimezone(zone).time(), session.starts_at, ends_at)


def pattern_of(weekly: Iterable[Mapping[str, str]], sessions: Iterable[Planned]) -> list[Slot]:
    """Return the slots of a stored weekly pattern; without one, those that the sessions themselves follow."""
    stored = [
        Slot(WEEKDAYS.index(each["weekday"]), time.fromisoformat(each["start"]), time.fromisoformat(each["end"]))
        for each in weekly
    ]
    found = stored or list({Slot(each.date.weekday(), each.start, each.end) for each in sessions})
    return sorted(found, key=lambda slot: (slot.weekday, slot.start))


def _days(first: date) -> Iterator[date]:
    day = first
    while day - first < LONGEST_RUN:
        yield day
        day += timedelta(days=1)
