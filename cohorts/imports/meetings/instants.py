"""Days and seconds as a file has them -> instants, once the order of day and month and the time zone are settled."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cohorts.imports.meetings.clock import days_of
from cohorts.imports.meetings.people import OPEN, Met
from cohorts.presence import Span, clip, length

# Offsets equal on the day cannot be told apart: the first wins.
COMMON_ZONES = (
    "UTC", "Asia/Karachi", "Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Asia/Dubai",
    "Asia/Riyadh", "America/Chicago", "America/Denver", "Asia/Kolkata", "Asia/Dhaka", "Asia/Kabul", "Asia/Singapore",
    "Asia/Bangkok", "Asia/Tokyo", "Asia/Tehran", "Asia/Kathmandu", "America/Halifax", "America/Sao_Paulo",
    "Australia/Sydney", "Australia/Adelaide", "Pacific/Auckland", "America/Anchorage", "Pacific/Honolulu",
)  # fmt: skip
STILL_THERE = 120  # who has not left when a list is saved: it is saved two minutes after the end at the latest
NEARBY = 3 * 3600  # a time this far from a session may still belong to it
NOMINAL = 600  # seconds that a moment counts when orders and zones are compared


@dataclass(frozen=True)
class Slot:
    """A session as the readers see it."""

    id: int
    number: int
    day: str  # ISO, local
    start: int  # seconds of the epoch
    end: int


@lru_cache(maxsize=512)
def _midnight(day: str, zone: str) -> tuple[int, bool]:
    """Return the first second of a local day, and whether its clock runs evenly (no summer time begins)."""
    tz, first = ZoneInfo(zone), date.fromisoformat(day)
    at = datetime(first.year, first.month, first.day, tzinfo=tz)
    after = first + timedelta(days=1)
    end = datetime(after.year, after.month, after.day, tzinfo=tz)
    return int(at.timestamp()), int(end.timestamp()) - int(at.timestamp()) == 86400


def instant(day: str, second: int, zone: str, offset: int | None = None) -> int:
    """Return the instant of a second on a local day (R22, R23)."""
    if offset is not None:
        return _midnight(day, "UTC")[0] + second - offset * 60
    start, even = _midnight(day, zone)
    if even or second >= 86400:
        return start + second
    first = date.fromisoformat(day)
    hour, minute = second // 3600, second // 60 % 60
    wall = datetime(first.year, first.month, first.day, hour, minute, second % 60, tzinfo=ZoneInfo(zone))
    return int(wall.timestamp())


def read_day(day: str, order: str) -> tuple[str, int | None]:
    """Return the ISO day and the offset of a day as the readers keep it."""
    written, _bar, offset = day.partition("|")
    return days_of(written, order), int(offset) if offset else None


def spans_of(met: Met, order: str, zone: str, until: int, near: Slot | None = None) -> list[Span]:
    """Return a person's spans as instants. `until` ends what is open; `near` gives clocks without a day theirs."""
    found: list[Span] = []
    for (first, last), spans in met.spans.items():
        day, offset = read_day(first, order)
        end_day, end_offset = read_day(last, order)
        for start, end in spans:
            if not first:
                found += [_nearest(start, end, near, zone)] if near else []
                continue
            if not day:
                continue
            begun = instant(day, start, zone, offset)
            if end == OPEN:
                found += _open(begun, until, near)
            elif end >= 86400 and first == last:
                found.append((begun, begun + end - start))
            elif end_day:
                found.append((begun, instant(end_day, end, zone, end_offset)))
    return found


def _open(begun: int, until: int, near: Slot | None) -> list[Span]:
    """End what was open when the file was made: with the session it belongs to, and with no other."""
    if near is None:
        return [(begun, begun + NOMINAL)]
    return [(begun, until)] if near.start - NEARBY <= begun < until else []


def _nearest(start: int, end: int, slot: Slot, zone: str) -> Span:
    """Put clocks without a day on the day that fits a session best: the evening before, the day, the morning after."""
    base = date.fromisoformat(slot.day)
    tries = []
    for shift in (0, 1, -1):
        day = (base + timedelta(days=shift)).isoformat()
        begun = instant(day, start, zone)
        span = (begun, begun + (end - start) if end != OPEN else max(slot.end + STILL_THERE, begun))
        away = min(abs(span[0] - slot.start), abs(span[1] - slot.end))
        tries.append((-length(clip([span], slot.start, slot.end)), away, span))
    return min(tries)[2]
