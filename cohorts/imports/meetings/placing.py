"""Which sessions a file is of, and what each of its people stayed or was marked there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cohorts.imports.meetings.assumptions import Assumption, choose_order, choose_zone, column_day, days_spoken_of
from cohorts.imports.meetings.clock import days_of
from cohorts.imports.meetings.given import ORDERS
from cohorts.imports.meetings.instants import (
    NEARBY,
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

SAMPLE = 300  # people whose last moments tell when a meeting ended


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
    ordered = choose_order(reading, slots, zone, preferred, order)
    zoned = choose_zone(reading, slots, zone, preferred, ordered.value, given_zone)
    placed = Placed(ordered, zoned, days=tuple(sorted(days_spoken_of(reading, ordered.value))))
    if reading.kind == "register":
        _place_register(placed, reading, slots, ordered.value, preferred)
    elif reading.kind in ("checkin", "names"):
        _place_presence(placed, reading, slots, preferred)
    else:
        _place_times(placed, reading, slots, preferred)
    return placed


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
    days = [column_day(column.day, order, slots) if column.day else "" for column in reading.mark_columns]
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
