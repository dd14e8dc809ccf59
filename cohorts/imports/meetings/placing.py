"""Which day, which time zone, which sessions: what a file leaves open is settled by the sessions it must fit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from cohorts.imports.meetings.clock import days_of
from cohorts.imports.meetings.given import ORDERS
from cohorts.imports.meetings.instants import (
    COMMON_ZONES,
    NEARBY,
    NOMINAL,
    STILL_THERE,
    Slot,
    instant,
    read_day,
    spans_of,
)
from cohorts.imports.meetings.people import Met
from cohorts.imports.meetings.reading import Reading
from cohorts.imports.meetings.registers import MarkColumn
from cohorts.presence import Stay, clip, length, stay_of, stay_of_total, union

FEW = 5  # people, too few to tell an hour's shift from habits
SAMPLE = 300  # spans looked at when orders and zones are compared


@dataclass(frozen=True)
class Assumption:
    """Something settled for a file: what, how it is known, and whether that is sure."""

    value: str
    source: str  # file, day over 12, session, given, unused, assumed
    sure: bool = True


@dataclass
class Placed:
    """A file set into the timetable: stays (or statuses) by session and position in `reading.people`."""

    order: Assumption
    zone: Assumption
    stays: dict[int, dict[int, Stay]] = field(default_factory=dict)
    marks: dict[int, dict[int, str]] = field(default_factory=dict)  # of registers, forms, lists
    days: tuple[str, ...] = ()  # ISO days that the file speaks of
    unclear: set[int] = field(default_factory=set)  # sessions of a day that has fewer columns than sessions
    unplaced: bool = False  # nothing says which session it is


def place(
    reading: Reading,
    slots: Sequence[Slot],
    zone: str,
    *,
    wanted: Iterable[int] = (),
    order: str = "",
    given_zone: str = "",
) -> Placed:
    """Set a file into a cohort's sessions. `wanted` are the sessions meant by the person who brought it;
    `order` and `given_zone` are what a person has settled."""
    preferred = set(wanted)
    ordered = _choose_order(reading, slots, zone, preferred, order)
    zoned = _choose_zone(reading, slots, zone, preferred, ordered.value, given_zone)
    placed = Placed(ordered, zoned, days=tuple(sorted(_days(reading, ordered.value))))
    if reading.kind == "register":
        _place_register(placed, reading, slots, ordered.value, preferred)
    elif reading.kind in ("checkin", "names"):
        _place_presence(placed, reading, slots, preferred)
    else:
        _place_times(placed, reading, slots, preferred)
    return placed


def _tokens(reading: Reading) -> set[str]:
    """Return every day as written in the rows of people and in the columns of marks."""
    found = {day for met in reading.people for pair in met.spans for day in pair}
    found |= {met.moment[0] for met in reading.people if met.moment}
    found |= {column.day for column in reading.mark_columns}
    return found - {""} or {day for day, _second in reading.moments}


def _days(reading: Reading, order: str) -> set[str]:
    found = {read_day(token, order)[0] for token in _tokens(reading) if not token.endswith(("/", "/named"))}
    if not found - {""}:
        found = {read_day(day, order)[0] for day in (*reading.days_in_name, *reading.days_in_text)}
    return found - {""}


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


def _choose_order(reading: Reading, slots: Sequence[Slot], zone: str, preferred: set[int], given: str) -> Assumption:
    tokens = [token.partition("|")[0] for token in _tokens(reading)]
    if given:
        return Assumption(given, "given")
    unclear = [token for token in tokens if "/" in token and not token.endswith(("//", "/named"))]
    if not unclear:
        return Assumption("ymd", "file")
    possible = [order for order in ORDERS if all(days_of(token, order) or token.endswith("/") for token in unclear)]
    possible = [o for o in possible if o != "ymd" or all(len(token.split("/")[2]) == 2 for token in unclear)]
    if not possible:
        return Assumption("dmy", "assumed", sure=False)
    people = reading.people[:: max(1, len(reading.people) // 60)]
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


def _order_score(
    reading: Reading, slots: Sequence[Slot], zone: str, order: str, preferred: set[int], people: Sequence[Met]
) -> tuple[int, int, int]:
    """Compare orders by seconds inside sessions, then by days that are sessions', then by the file's name."""
    seconds = _overlap(reading, slots, zone, order, preferred, people)
    days = {day for token in _tokens(reading) if (day := _column_day(token, order, slots))}
    meant = {slot.day for slot in slots if slot.id in preferred}
    held = {slot.day for slot in slots}
    named = {read_day(day, order)[0] for day in (*reading.days_in_name, *reading.days_in_text) if "/" not in day}
    near = {day for day in days if _around(day) & held}
    return seconds, 4 * len({d for d in days if _around(d) & meant}) + len(near), len(days & named)


def _around(day: str) -> set[str]:
    middle = date.fromisoformat(day)
    return {(middle + timedelta(days=shift)).isoformat() for shift in (-1, 0, 1)}


def _choose_zone(
    reading: Reading, slots: Sequence[Slot], zone: str, preferred: set[int], order: str, given: str
) -> Assumption:
    if given:
        return Assumption(given, "given")
    if not any(met.spans or met.moment for met in reading.people):
        return Assumption(zone, "unused")  # marks and sums have no clock
    if any("|" in token for token in _tokens(reading)):
        return Assumption("UTC", "file")
    if reading.zone and _exists(reading.zone):
        return Assumption(reading.zone, "file")
    people = reading.people[:: max(1, len(reading.people) // 60)]
    home = _overlap(reading, slots, zone, order, preferred, people)
    others = {name: _overlap(reading, slots, name, order, preferred, people) for name in COMMON_ZONES}
    most = max(others.values(), default=0)
    # One hour off leaves two thirds of a session; a few people who came early or late may do the same.
    if home * 5 >= most * 4 or (home * 2 >= most and len(reading.people) < FEW):
        return Assumption(zone, "assumed", sure=False)
    best = next(name for name in COMMON_ZONES if others[name] * 100 >= most * 97)
    return Assumption(best, "session", sure=False)


def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _column_day(token: str, order: str, slots: Sequence[Slot]) -> str:
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


def _slots_by_hint(placed: Placed, reading: Reading, slots: Sequence[Slot], preferred: set[int]) -> list[Slot]:
    """Return the sessions that a file without moments is about: those meant, else those of its named day."""
    named = [read_day(day, placed.order.value)[0] for day in (*reading.days_in_name, *reading.days_in_text)]
    unclear = [day for day in (*reading.days_in_name, *reading.days_in_text) if "/" in day]
    named += [days_of(day, order) for day in unclear for order in ORDERS]
    meant = [slot for slot in slots if slot.id in preferred]
    dated = [slot for slot in slots if slot.day in named]
    if meant and named and not any(slot.day in named for slot in meant) and dated:
        return dated  # the name says another day than the one meant: noticed, not applied
    return meant or dated


def _place_times(placed: Placed, reading: Reading, slots: Sequence[Slot], preferred: set[int]) -> None:
    order, zone = placed.order.value, placed.zone.value
    hinted = _slots_by_hint(placed, reading, slots, preferred)
    dated = any(day for met in reading.people for pair in met.spans for day in pair)
    chosen: dict[int, dict[int, Stay]] = {}
    totals = not any(met.spans for met in reading.people)
    if totals:
        hinted = _of_block(reading, slots, zone, order) or (hinted if len(hinted) == 1 else [])
    for slot in slots if dated else hinted:
        last = _last_moment(reading, order, zone, slot)
        until = max(slot.end + STILL_THERE, last if last < slot.end + NEARBY else 0)
        stays = {}
        for position, met in enumerate(reading.people):
            stay = _stay(met, slot, order, zone, until)
            if stay is not None:
                stays[position] = stay
        if stays:
            chosen[slot.id] = stays
    weights = {key: sum(stay.seconds_in_session for stay in stays.values()) for key, stays in chosen.items()}
    most = max(weights.values(), default=0)
    placed.stays = {key: stays for key, stays in chosen.items() if weights[key] * 5 >= most and most}
    placed.unplaced = not dated and not chosen


def _of_block(reading: Reading, slots: Sequence[Slot], zone: str, order: str) -> list[Slot]:
    """Return the session that the meeting's own start and end meet best."""
    moments = [instant(d, second, zone) for day, second in reading.moments if (d := read_day(day, order)[0])]
    if len(moments) < 2:
        return []
    span = [(min(moments), max(moments))]
    best = max(slots, key=lambda slot: length(clip(span, slot.start, slot.end)), default=None)
    return [best] if best and clip(span, best.start, best.end) else []


def _last_moment(reading: Reading, order: str, zone: str, slot: Slot) -> int:
    ends = [e for met in reading.people[:SAMPLE] for _s, e in spans_of(met, order, zone, 0, slot)]
    return max((end for end in ends if end < slot.end + NEARBY), default=0)


def _stay(met: Met, slot: Slot, order: str, zone: str, until: int) -> Stay | None:
    if not met.spans:
        return stay_of_total(met.seconds, slot.start, slot.end) if met.seconds is not None else None
    spans = spans_of(met, order, zone, until, slot)
    near = [span for span in spans if span[0] < slot.end + NEARBY and span[1] > slot.start - NEARBY]
    if not near:
        return None
    near = [(s, min(e, until) if e > slot.end + NEARBY else e) for s, e in near]
    whole = length(union(near))
    gaps = met.rows == 1 and bool(met.seconds) and whole - (met.seconds or 0) > 90
    return stay_of(near, slot.start, slot.end, total=met.seconds if gaps else None)


def _place_register(placed: Placed, reading: Reading, slots: Sequence[Slot], order: str, preferred: set[int]) -> None:
    """Give each column of marks its session. Where a day has more sessions than columns nothing says which one
    is meant: only the session that the person chose gets the marks, and all of that day are named as unclear."""
    taken: set[int] = set()
    days = [_column_day(column.day, order, slots) if column.day else "" for column in reading.mark_columns]
    for column, day in zip(reading.mark_columns, days, strict=True):
        fitting = [s for s in slots if _is_of(column, day, s, preferred) and s.id not in taken]
        if day and column.start is not None:
            at = instant(day, column.start, placed.zone.value)
            fitting = [s for s in fitting if s.start == at] or fitting
        if day and len(fitting) > 1 and sum(s.day == day for s in slots) > days.count(day):
            placed.unclear |= {s.id for s in fitting}
            meant = [s for s in fitting if s.id in preferred]
            fitting = meant if len(meant) == 1 else []
        if not fitting:
            continue
        taken.add(fitting[0].id)
        placed.marks[fitting[0].id] = {n: met.marks.get(column.key, "") for n, met in enumerate(reading.people)}
    placed.unplaced = not placed.marks and not placed.days


def _is_of(column: MarkColumn, day: str, slot: Slot, preferred: set[int]) -> bool:
    if column.day or column.number:
        return slot.day == day if day else slot.number == column.number
    return slot.id in preferred


def _place_presence(placed: Placed, reading: Reading, slots: Sequence[Slot], preferred: set[int]) -> None:
    order, zone = placed.order.value, placed.zone.value
    hinted = _slots_by_hint(placed, reading, slots, preferred)
    for position, met in enumerate(reading.people):
        slot: Slot | None = hinted[0] if hinted else None
        if met.moment and (day := read_day(met.moment[0], order))[0]:
            at = instant(day[0], met.moment[1], zone, day[1])
            near = [s for s in slots if s.start - NEARBY <= at <= s.end + NEARBY]
            slot = min(near, key=lambda s: abs(at - s.start), default=None)
        if slot is not None:
            placed.marks.setdefault(slot.id, {})[position] = met.status or ("present" if met.present else "absent")
    most = max((len(marks) for marks in placed.marks.values()), default=0)
    placed.marks = {key: marks for key, marks in placed.marks.items() if len(marks) * 5 >= most}
    placed.unplaced = not placed.marks and not placed.days
