"""Attendance arithmetic and decisions: exact integers, no database, no clock.

Definitions (R13-R21). A session counts for an enrolment when it is not cancelled and lies inside the
enrolment's time. *Possible* is what such sessions are worth, *earned* what the trainee's marks are worth;
both in minutes or in hundredths of a session, as the policy says. An unmarked session that was held is
possible and earns nothing yet; until the cohort is closed it can still be marked, so it stays reachable.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

AT_RISK_MAY_MISS = 3


class Policy(Protocol):
    """What the rules read of `courses.models.AttendancePolicy`."""

    counted_by: str
    late_weight_percent: int
    excused: str
    minimum_percent: int
    inclusive: bool
    pass_mark_percent: int | None


class Tallies(Protocol):
    """What the rules read of `cohorts.models.Enrolment`."""

    sessions_present: int
    sessions_late: int
    sessions_excused: int
    sessions_absent: int
    sessions_unmarked: int
    sessions_planned: int
    minutes_present: int
    minutes_late: int
    minutes_present_scheduled: int
    minutes_late_scheduled: int
    minutes_excused: int
    minutes_absent: int
    minutes_unmarked: int
    minutes_planned: int
    open_lengths: str  # as `write_lengths` says them


@dataclass(frozen=True)
class Rate:
    """An exact fraction; `percent` is cut to one decimal, never rounded (R17)."""

    earned: int
    possible: int

    @property
    def permille(self) -> int:
        return self.earned * 1000 // self.possible

    @property
    def percent(self) -> str:
        return f"{self.permille // 10}.{self.permille % 10}"

    def reaches(self, policy: Policy) -> bool:
        """Compare with the policy's minimum as fractions."""
        left, right = self.earned * 100, policy.minimum_percent * self.possible
        return left >= right if policy.inclusive else left > right


@dataclass(frozen=True)
class Rates:
    """The three rates of R13; `None` where there is nothing to divide by (R16).

    `can_still_miss`: that many of the sessions still open, whichever they are. `spare_minutes`: the minutes that may
    be missed in all, where minutes count, the open sessions differ in length and not all of them may be missed.
    """

    to_date: Rate | None
    of_planned: Rate | None
    best_reachable: Rate | None
    can_still_miss: int
    spare_minutes: int | None


def compute_rates(tallies: Tallies, policy: Policy) -> Rates:
    """Return the three rates and how many more sessions may be missed."""
    earned, possible, planned = _weigh(tallies, policy)
    open_units = planned - possible + _unmarked(tallies, policy)
    lengths = _lengths_open(tallies, policy)
    spare = max(0, earned + open_units - _least(planned, policy))
    missable = _count_missable(lengths, spare)
    in_minutes = len(lengths) > 1 and missable < sessions_open(tallies)
    return Rates(
        to_date=Rate(earned, possible) if possible else None,
        of_planned=Rate(earned, planned) if planned else None,
        best_reachable=Rate(earned + open_units, planned) if planned else None,
        can_still_miss=missable,
        spare_minutes=spare if in_minutes else None,
    )


def units_missing(rate: Rate, policy: Policy) -> int:
    """Return how many of the policy's units (minutes, hundredths of sessions) a rate is short of the minimum."""
    return max(0, _least(rate.possible, policy) - rate.earned)


def _least(possible: int, policy: Policy) -> int:
    """Return the fewest units of `possible` that reach the minimum."""
    wanted = policy.minimum_percent * possible
    return -(-wanted // 100) if policy.inclusive else wanted // 100 + 1


def write_lengths(lengths: Iterable[int]) -> str:
    """Return the minutes of sessions as an enrolment keeps them, longest first, each with how many: `240:1 180:11`."""
    return " ".join(f"{minutes}:{n}" for minutes, n in sorted(Counter(lengths).items(), reverse=True))


def sessions_open(tallies: Tallies) -> int:
    """Sessions that can still be attended or marked."""
    marked = tallies.sessions_present + tallies.sessions_late + tallies.sessions_excused + tallies.sessions_absent
    return tallies.sessions_planned - marked


def decide_standing(tallies: Tallies, policy: Policy) -> str:
    """Return `no_rate`, `on_track`, `at_risk` or `cannot_reach` (the values of Enrolment.Standing).

    At risk is who can reach the minimum but may miss three sessions or fewer, and not all that are left.
    """
    rates = compute_rates(tallies, policy)
    if rates.to_date is None or rates.best_reachable is None:
        return "no_rate"
    if not rates.best_reachable.reaches(policy):
        return "cannot_reach"
    if rates.can_still_miss <= AT_RISK_MAY_MISS and rates.can_still_miss < sessions_open(tallies):
        return "at_risk"
    return "on_track"


def _weigh(tallies: Tallies, policy: Policy) -> tuple[int, int, int]:
    """Return earned, possible to date and planned, in the policy's unit (minutes, or hundredths of sessions)."""
    if policy.counted_by == "minutes":
        earned = tallies.minutes_present + tallies.minutes_late
        marked = tallies.minutes_present_scheduled + tallies.minutes_late_scheduled + tallies.minutes_absent
        excused, unmarked, planned = tallies.minutes_excused, tallies.minutes_unmarked, tallies.minutes_planned
    else:
        earned = tallies.sessions_present * 100 + tallies.sessions_late * policy.late_weight_percent
        marked = (tallies.sessions_present + tallies.sessions_late + tallies.sessions_absent) * 100
        excused, unmarked = tallies.sessions_excused * 100, tallies.sessions_unmarked * 100
        planned = tallies.sessions_planned * 100
    if policy.excused == "out":
        return earned, marked + unmarked, planned - excused
    credit = excused if policy.excused == "present" else 0
    return earned + credit, marked + unmarked + excused, planned


def _unmarked(tallies: Tallies, policy: Policy) -> int:
    return tallies.minutes_unmarked if policy.counted_by == "minutes" else tallies.sessions_unmarked * 100


def _lengths_open(tallies: Tallies, policy: Policy) -> list[tuple[int, int]]:
    """Return what sessions that are open are worth, longest first, each with how many of them are."""
    if policy.counted_by == "sessions":
        return [(100, sessions_open(tallies))]
    pairs = (each.split(":") for each in tallies.open_lengths.split())
    return [(int(minutes), int(n)) for minutes, n in pairs]


def _count_missable(lengths: list[tuple[int, int]], spare: int) -> int:
    """Return how many sessions may be missed for `spare` units, whichever they are: so the longest first."""
    missable = 0
    for length, n in lengths:
        fitting = min(n, spare // length)
        missable, spare = missable + fitting, spare - fitting * length
        if fitting < n:
            break
    return missable
