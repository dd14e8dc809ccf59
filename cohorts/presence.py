"""How long somebody was there: unions of intervals clipped to a session, in whole seconds (R28). No database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

Span = tuple[int, int]  # from, to: seconds of the epoch, the end not included


class Policy(Protocol):
    """What is read of `courses.models.AttendancePolicy`."""

    late_after_minutes: int
    minimum_share_percent: int


@dataclass(frozen=True)
class Stay:
    """A person's time in one session. `estimated`: the file gives totals, not moments, so that the part inside
    the session is the most it can have been."""

    spans: tuple[Span, ...] = ()
    seconds_union: int = 0
    seconds_in_session: int = 0
    first: int | None = None  # the first moment inside the session
    estimated: bool = False


def union(spans: Iterable[Span]) -> list[Span]:
    """Return the union as spans in order that neither overlap nor touch; an empty or reversed span is nothing."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def clip(spans: Iterable[Span], start: int, end: int) -> list[Span]:
    """Return the parts of the spans that lie between `start` and `end`."""
    return [(max(s, start), min(e, end)) for s, e in spans if min(e, end) > max(s, start)]


def length(spans: Iterable[Span]) -> int:
    """Return the seconds of spans that do not overlap."""
    return sum(end - start for start, end in spans)


def stay_of(spans: Iterable[Span], start: int, end: int, *, total: int | None = None) -> Stay:
    """Return the stay that spans make in a session. `total` is the file's own sum where the spans hide gaps
    (first joining to last leaving): what lies outside the session is taken off it."""
    whole = union(spans)
    inside = clip(whole, start, end)
    if total is None or total >= length(whole):
        return Stay(tuple(whole), length(whole), length(inside), inside[0][0] if inside else None)
    within = max(0, min(total - (length(whole) - length(inside)), length(inside)))
    return Stay(tuple(whole), total, within, inside[0][0] if inside else None, estimated=True)


def stay_of_total(seconds: int, start: int, end: int) -> Stay:
    """Return the stay of a person of whom only the sum is known."""
    return Stay((), seconds, min(seconds, end - start), None, estimated=True)


def add_stays(stays: Sequence[Stay], start: int, end: int) -> Stay:
    """Return the stay of one person seen under several labels or in several files: spans unite; sums without
    moments cannot be united, so the largest of them stands unless the spans make more (R28)."""
    if len(stays) == 1:
        return stays[0]
    exact = stay_of([span for each in stays if not each.estimated for span in each.spans], start, end)
    rough = [each for each in stays if each.estimated]
    if not rough:
        return exact
    most = max(rough, key=lambda each: each.seconds_in_session)
    best = exact if exact.seconds_in_session >= most.seconds_in_session else most
    spans = tuple(union(span for each in stays for span in each.spans))
    first = min((each.first for each in stays if each.first is not None), default=None)
    return Stay(spans, max(exact.seconds_union, most.seconds_union), best.seconds_in_session, first, estimated=True)


def decide_status(stay: Stay, policy: Policy, start: int, end: int) -> str:
    """Return present, late or absent: absent below the policy's minimum share, late after its cut-off (R19)."""
    if stay.seconds_in_session * 100 < policy.minimum_share_percent * (end - start) or not stay.seconds_in_session:
        return "absent"
    late = stay.first is not None and stay.first - start > policy.late_after_minutes * 60
    return "late" if late else "present"


def minutes_of(stay: Stay, minutes: int) -> int:
    """Return the whole minutes attended, to the nearest, never more than the session has."""
    return min(minutes, (stay.seconds_in_session + 30) // 60)
