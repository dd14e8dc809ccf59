"""Who completes a course, and every reason for it (R17, R45, R46).

A condition is met, open or lost: lost when even the best that is still reachable is not enough. An outcome is
the conditions at the end, when nothing is open; an exception of the office stands beside them, never over them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import lcm
from typing import Any

from cohorts.rules.attendance import Policy, Rate, Tallies, compute_rates

MET, OPEN, LOST = "met", "open", "lost"
WHILE_OPEN = ("state", "best", "may_miss", "spare_minutes")  # said along the way, not of an outcome


@dataclass(frozen=True)
class Work:
    """One assessment with what a trainee scored in it, in hundredths of a point; None is no score yet."""

    name: str
    weight: int
    points: int
    required: bool
    scored: int | None


@dataclass(frozen=True)
class Granted:
    """What a person stated beside the conditions, an exception above all: why, by whom and when (R46)."""

    reason: str
    by: str
    on: date


@dataclass(frozen=True)
class Evidence:
    """What is judged beside attendance.

    `assessed`: scores are kept in this cohort at all; `unassessed`: who said why they are not.
    """

    missed: Sequence[date] = ()
    works: Sequence[Work] = ()
    assessed: bool = False
    unassessed: Granted | None = None
    exception: Granted | None = None


@dataclass(frozen=True)
class Outcome:
    """The decision on one enrolment and every reason for it, as `describe` reads them."""

    completed: bool
    reasons: list[dict[str, Any]]


NOTHING_ELSE = Evidence()


def decide_completion(tallies: Tallies, policy: Policy, evidence: Evidence = NOTHING_ELSE) -> Outcome:
    """Decide at the end of a cohort. Every condition must be met, or an exception granted; no rate, no completion."""
    conditions = explain_progress(tallies, policy, evidence)
    passed = all(each["met"] for each in conditions)
    reasons = [{key: value for key, value in each.items() if key not in WHILE_OPEN} for each in conditions]
    return Outcome(passed or evidence.exception is not None, reasons)


def explain_progress(tallies: Tallies, policy: Policy, evidence: Evidence = NOTHING_ELSE) -> list[dict[str, Any]]:
    """Return each condition with its state, the figures it rests on, and the best that is still reachable."""
    conditions = [_judge_attendance(tallies, policy, evidence.missed)]
    judged = _judge_scores(policy, evidence.works)
    if evidence.assessed or all(each["met"] for each in judged):
        conditions += judged
    else:  # nothing was assessed although it should have been: attendance decides, and the outcome says so
        stated = _state(evidence.unassessed) if evidence.unassessed else {}
        conditions.append({"code": "not_assessed", "met": True, "state": OPEN, **stated})
    if evidence.exception is not None:
        conditions.append({"code": "exception", "met": True, "state": MET, **_state(evidence.exception)})
    return conditions


def _state(granted: Granted) -> dict[str, str]:
    return {"reason": granted.reason, "by": granted.by, "on": granted.on.isoformat()}


def rate_scores(works: Sequence[Work]) -> tuple[Rate, Rate]:
    """Return the weighted score so far and the best still reachable, as exact fractions of all weights."""
    scale = lcm(*(work.points for work in works)) if works else 1
    possible = sum(work.weight for work in works) * 100 * scale
    earned = sum(work.weight * (work.scored or 0) * (scale // work.points) for work in works)
    still = sum(work.weight * 100 * scale for work in works if work.scored is None)
    return Rate(earned, possible), Rate(earned + still, possible)


def _judge_attendance(tallies: Tallies, policy: Policy, missed: Sequence[date]) -> dict[str, Any]:
    rates = compute_rates(tallies, policy)
    rate, best = rates.to_date, rates.best_reachable
    if rate is None:
        return {"code": "no_attendance", "met": False, "state": OPEN}
    met = rate.reaches(policy)
    secured = rates.of_planned is not None and rates.of_planned.reaches(policy)
    reachable = best is not None and best.reaches(policy)
    return {
        "code": "attendance_reached" if met else "attendance_below_minimum",
        "met": met,
        "state": MET if secured else OPEN if reachable else LOST,
        "percent": rate.percent,
        "needed": policy.minimum_percent,
        "inclusive": policy.inclusive,
        "possible": rate.possible if policy.counted_by == "minutes" else rate.possible // 100,
        "counted_by": policy.counted_by,
        "missed": [day.isoformat() for day in missed],
        "best": best.percent if best is not None else None,
        "may_miss": rates.can_still_miss,
        "spare_minutes": rates.spare_minutes,
    }


def _judge_scores(policy: Policy, works: Sequence[Work]) -> list[dict[str, Any]]:
    conditions = []
    if any(work.weight for work in works) and policy.pass_mark_percent is not None:
        conditions.append(_judge_mark(policy.pass_mark_percent, works))
    for work in works:
        if work.required:
            met = bool(work.scored)  # handed in: a score of more than nothing
            code = "work_done" if met else "work_missing"
            conditions.append({"code": code, "met": met, "state": MET if met else OPEN, "name": work.name})
    return conditions


def _judge_mark(pass_mark: int, works: Sequence[Work]) -> dict[str, Any]:
    so_far, best = rate_scores(works)
    met = so_far.earned * 100 >= pass_mark * so_far.possible
    reachable = best.earned * 100 >= pass_mark * best.possible
    return {
        "code": "score_reached" if met else "score_below_pass_mark",
        "met": met,
        "state": MET if met else OPEN if reachable else LOST,
        "percent": so_far.percent,
        "needed": pass_mark,
        "unscored": [work.name for work in works if work.scored is None],
        "best": best.percent,
    }
