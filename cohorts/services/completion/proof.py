"""Whether outcomes follow from the records: from their history, and decided again from marks, scores, exceptions."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from cohorts import rules
from cohorts.models import Cohort, Enrolment, OutcomeChange
from cohorts.services.completion.evidence import collect_evidence
from cohorts.services.tallies import policy_of

OUTCOMES = (Enrolment.Status.COMPLETED, Enrolment.Status.NOT_COMPLETED)


def compare_outcomes(
    cohort: Cohort, enrolments: Sequence[Enrolment], expected: Mapping[int, Mapping[str, Any]]
) -> list[str]:
    """Return a line for each outcome of a cohort that its history or its records do not tell.

    `expected`: the tallies that follow from the ledger. A roster made elsewhere has outcomes without history: nothing
    here made them, so nothing is said of them. One query; six more where the cohort is closed.
    """
    history = OutcomeChange.objects.filter(enrolment__cohort=cohort).order_by("id")
    last = {line.enrolment_id: line for line in history}
    wrong, agreeing = [], []
    for each in enrolments:
        lines = _differ(each, last[each.pk]) if each.pk in last else []
        wrong += lines
        if not lines and each.pk in last and each.status in OUTCOMES:
            agreeing.append(each)
    if cohort.state == Cohort.State.CLOSED and agreeing:
        wrong += _decide_again(cohort, agreeing, expected)
    return wrong


def _differ(enrolment: Enrolment, line: OutcomeChange) -> list[str]:
    if line.new_status != enrolment.status:
        is_outcome = {line.new_status, enrolment.status} & set(OUTCOMES)
        return [f"enrolment {enrolment.pk}: {enrolment.status}, history {line.new_status}"] if is_outcome else []
    if enrolment.status not in OUTCOMES:
        return []
    names = [name for name in ("reasons", "completed_on") if getattr(enrolment, name) != getattr(line, name)]
    return [f"enrolment {enrolment.pk}: {name} of the outcome, history differs" for name in names]


def _decide_again(
    cohort: Cohort, enrolments: Sequence[Enrolment], expected: Mapping[int, Mapping[str, Any]]
) -> list[str]:
    """Compare what decided each outcome; what a reason quotes may be older than a mark that was corrected since."""
    policy = policy_of(cohort)
    evidence = collect_evidence(cohort=cohort, policy=policy, enrolments=enrolments)
    wrong = []
    for each in enrolments:
        counted = copy(each)
        for column, value in expected[each.pk].items():
            setattr(counted, column, value)
        outcome = rules.decide_completion(counted, policy, evidence[each.pk])
        status = Enrolment.Status.COMPLETED if outcome.completed else Enrolment.Status.NOT_COMPLETED
        said, follows = _codes(each.reasons), _codes(outcome.reasons)
        if (each.status, said) != (status, follows):
            wrong.append(f"enrolment {each.pk}: {each.status} ({said}), its records say {status} ({follows})")
    return wrong


def _codes(reasons: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(each["code"] for each in reasons)
