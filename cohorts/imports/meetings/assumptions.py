"""Order of day and month, and time zone: what a file leaves open is settled by the sessions that it must fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from cohorts.imports.meetings.clock import days_of
from cohorts.imports.meetings.given import ORDERS
from cohorts.imports.meetings.instants import COMMON_ZONES, NOMINAL, Slot, instant, read_day, spans_of
from cohorts.imports.meetings.people import Met
from cohorts.imports.meetings.reading import Reading

FEW = 5  # people, too few to tell an hour's shift from habits


@dataclass(frozen=True)
class Assumption:
    """Something settled for a file: what, how it is known, and whether that is sure."""

    value: str
    source: str  # file, day over 12, session, given, unused, assumed
    sure: bool = True


def choose_order(reading: Reading, slots: Sequence[Slot], zone: str, preferred: set[int], given: str) -> Assumption:
    """Return the order of day, month and year in the file's dates: `given`, else what they leave possible, of that
    what puts most of the file into sessions of `slots`, read in `zone`; those in `preferred` count most."""
    if given:
        return Assumption(given, "given")
    tokens = [token.partition("|")[0] for token in _tokens(reading)]
    unclear = [token for token in tokens if "/" in token and not token.endswith(("//", "/named"))]
    if not unclear:
        return Assumption("ymd", "file")
    possible = [order for order in ORDERS if all(days_of(token, order) or token.endswith("/") for token in unclear)]
    possible = [o for o in possible if o != "ymd" or all(len(token.split("/")[2]) == 2 for token in unclear)]
    if not possible:
        return Assumption("dmy", "assumed", sure=False)
    people = _sample(reading)
    scores = {order: _order_score(reading, slots, zone, order, preferred, people) for order in possible}
    best = max(possible, key=lambda order: scores[order])
    rivals = [order for order in possible if order != best and scores[order] >= scores[best]]
    if rivals or not any(scores[best]):
        best = "mdy" if "mdy" in possible and reading.maker in ("zoom", "teams", "form") else possible[0]
        return Assumption(best, "day over 12" if len(possible) == 1 else "assumed", sure=len(possible) == 1)
    whole = [token for token in unclear if not token.endswith("/")]
    if whole and all(days_of(token, other) == days_of(token, best) for token in whole for other in possible):
        return Assumption(best, "file")
    return Assumption(best, "day over 12" if possible in ([best], [best, "ymd"]) else "session")


def choose_zone(
    reading: Reading, slots: Sequence[Slot], zone: str, preferred: set[int], order: str, given: str
) -> Assumption:
    """Return the time zone of the file's clocks: `given`, else what the file says, else the cohort's `zone` unless
    a common one puts clearly more of the file into sessions."""
    if given:
        return Assumption(given, "given")
    if not any(met.spans or met.moment for met in reading.people):
        return Assumption(zone, "unused")  # marks and sums have no clock
    if any("|" in token for token in _tokens(reading)):
        return Assumption("UTC", "file")
    if reading.zone and _exists(reading.zone):
        return Assumption(reading.zone, "file")
    people = _sample(reading)
    home = _overlap(reading, slots, zone, order, preferred, people)
    others = {name: _overlap(reading, slots, name, order, preferred, people) for name in COMMON_ZONES}
    most = max(others.values(), default=0)
    # One hour off leaves two thirds of a session; a few people who came early or late may do the same.
    if home * 5 >= most * 4 or (home * 2 >= most and len(reading.people) < FEW):
        return Assumption(zone, "assumed", sure=False)
    best = next(name for name in COMMON_ZONES if others[name] * 100 >= most * 97)
    return Assumption(best, "session", sure=False)


def days_spoken_of(reading: Reading, order: str) -> set[str]:
    """Return the ISO days of the rows, else those of the file's name and text."""
    found = {read_day(token, order)[0] for token in _tokens(reading) if not token.endswith(("/", "/named"))}
    if not found - {""}:
        found = {read_day(day, order)[0] for day in (*reading.days_in_name, *reading.days_in_text)}
    return found - {""}


def column_day(token: str, order: str, slots: Sequence[Slot]) -> str:
    """Return the day of a column of marks; a missing month or year is that of the session it meets."""
    written = token.partition("|")[0]
    if not written.endswith(("/", "/named")):
        return days_of(written, order)
    first, second, _rest = written.split("/")
    for slot in slots:
        year, month, day = (int(part) for part in slot.day.split("-"))
        if not second and day == int(first):
            return slot.day
        pair = (day, month) if order != "mdy" or written.endswith("named") else (month, day)
        if second and (int(first), int(second)) == pair:
            return f"{year:04d}-{month:02d}-{day:02d}"
    return ""


def _sample(reading: Reading) -> Sequence[Met]:
    """Return everybody of a small file, 60 to 120 from all over a large one: enough to compare orders and zones."""
    return reading.people[:: max(1, len(reading.people) // 60)]


def _tokens(reading: Reading) -> set[str]:
    """Return every day as written in the rows of people and in the columns of marks."""
    found = {day for met in reading.people for pair in met.spans for day in pair}
    found |= {met.moment[0] for met in reading.people if met.moment}
    found |= {column.day for column in reading.mark_columns}
    return found - {""} or {day for day, _second in reading.moments}


def _order_score(
    reading: Reading, slots: Sequence[Slot], zone: str, order: str, preferred: set[int], people: Sequence[Met]
) -> tuple[int, int, int]:
    """Compare orders by seconds inside sessions, then by days that are sessions', then by the file's name."""
    seconds = _overlap(reading, slots, zone, order, preferred, people)
    days = {day for token in _tokens(reading) if (day := column_day(token, order, slots))}
    meant = {slot.day for slot in slots if slot.id in preferred}
    held = {slot.day for slot in slots}
    named = {read_day(day, order)[0] for day in (*reading.days_in_name, *reading.days_in_text) if "/" not in day}
    near = {day for day in days if _around(day) & held}
    return seconds, 4 * len({d for d in days if _around(d) & meant}) + len(near), len(days & named)


def _around(day: str) -> set[str]:
    middle = date.fromisoformat(day)
    return {(middle + timedelta(days=shift)).isoformat() for shift in (-1, 0, 1)}


def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _overlap(
    reading: Reading, slots: Sequence[Slot], zone: str, order: str, preferred: set[int], people: Sequence[Met]
) -> int:
    """Return how many seconds of the file lie inside sessions; those meant by the person count four times."""
    total, spans = 0, []
    for met in people:
        spans += spans_of(met, order, zone, 0)[:20]
        if met.moment and (day := read_day(met.moment[0], order))[0]:
            at = instant(day[0], met.moment[1], zone, day[1])
            spans.append((at, at + NOMINAL))
    if not spans and len(reading.moments) >= 2:
        days = [(instant(d, second, zone), d) for day, second in reading.moments if (d := read_day(day, order)[0])]
        spans = [(min(days)[0], max(days)[0])] if days else []
    low, high = min((s for s, _e in spans), default=0), max((e for _s, e in spans), default=0)
    for slot in slots:
        if slot.start < high and slot.end > low:
            seconds = sum(max(0, min(e, slot.end) - max(s, slot.start)) for s, e in spans)
            total += seconds * (4 if slot.id in preferred else 1)
    return total
