"""Decisions on self check-in: what an arrival stands for, and what somebody should look at. No database, no clock."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

OPENS = timedelta(minutes=30)  # before the session
SHARED_BY = 3  # people on one browser
ROOM = 5  # people on one address, before it is taken for the room's


@dataclass(frozen=True)
class Arrival:
    """What a scan at a certain time stands for: `status` is early, present, late or over (R19, R26)."""

    status: str
    minutes: int | None = None


def judge_arrival(at: datetime, starts_at: datetime, ends_at: datetime, late_after: int) -> Arrival:
    """Return what the policy makes of an arrival: up to `late_after` minutes past the start is present."""
    if at < starts_at - OPENS:
        return Arrival("early")
    if at >= ends_at:
        return Arrival("over")
    if at <= starts_at + timedelta(minutes=late_after):
        return Arrival("present")
    return Arrival("late", int((ends_at - at).total_seconds() // 60))


def find_shared(scans: Iterable[tuple[int, str]]) -> list[list[int]]:
    """Return the groups of people (trainee, device) who scanned with one browser, three or more (R27: a flag)."""
    return [group for group in _by_trace(scans) if len(group) >= SHARED_BY]


def find_distant(scans: Iterable[tuple[int, str]]) -> list[int]:
    """Return who scanned (trainee, address) from an address of one's own while the room shares one (R27: a hint).

    Only where three of four, and five at least, have one address: on mobile lines each phone has another,
    and that tells nothing.
    """
    groups = _by_trace(scans)
    room = max(map(len, groups), default=0)
    if room < ROOM or 4 * room < 3 * sum(map(len, groups)):
        return []
    return [group[0] for group in groups if len(group) == 1]


def _by_trace(scans: Iterable[tuple[int, str]]) -> list[list[int]]:
    people: dict[str, list[int]] = defaultdict(list)
    for trainee_id, trace in scans:
        people[trace].append(trainee_id)
    return list(people.values())
