"""The numbers in the side bar of the office: each is the length of the list that its link opens."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, F, QuerySet, Sum, Value

from admissions.filters import named
from admissions.models import Application
from certificates.models import Certificate
from cohorts.models import Cohort, Enrolment
from cohorts.permissions import can_manage
from portal.models import CohortCell, SplitTotal, StaleCohort

EVERYBODY = F("waiting") + F("offered") + F("enrolled") + F("completed") + F("not_completed") + F("left")
NONE = (0, 0)
RIGHTS = {
    # number: who sees the whole list behind it
    "to_review": "admissions.view_application",
    "cohorts": "cohorts.view_cohort",
    "trainees": "cohorts.view_enrolment",
    "certified": "certificates.view_certificate",
}


def count_side(user: Any) -> dict[str, int]:
    """Return what stands in the side bar for this person. One query: summaries, and stale cohorts from their people."""
    if not can_manage(user):
        return {}
    stale = StaleCohort.objects.values("cohort_id")
    valid = Certificate.objects.filter(state=Certificate.State.ISSUED, enrolment__cohort__in=stale)
    rows = _sum_up(SplitTotal.objects.all(), "kept").union(
        _sum_up(CohortCell.objects.filter(cohort__in=stale), "outdated"),
        _count(Enrolment.objects.filter(cohort__in=stale), "trainees"),
        _count(valid, "certified"),
        _count(Application.objects.filter(named({"stage": "in_review"})), "to_review"),
        _count(Cohort.objects.all(), "cohorts"),
        all=True,
    )
    sums = {kind: (people, certified) for kind, people, certified in rows}
    numbers = {name: sums.get(name, NONE)[0] for name in RIGHTS}
    for n, name in enumerate(("trainees", "certified")):
        numbers[name] += sums.get("kept", NONE)[n] - sums.get("outdated", NONE)[n]
    return show_allowed(user, numbers)


def sum_side(programme: Any, counts: Mapping[str, int]) -> dict[str, int]:
    """Return the same from what the overview has counted of everybody."""
    trainees = sum(counts[name] for name in ("waiting", "placed", "left"))
    others = {name: counts[name] for name in ("to_review", "certified")}
    return {**others, "cohorts": programme.n_cohorts, "trainees": trainees}


def show_allowed(user: Any, numbers: Mapping[str, int]) -> dict[str, int]:
    """Return those numbers whose lists hold the same for this person."""
    return {name: n for name, n in numbers.items() if user.has_perm(RIGHTS[name])}


def _count(rows: QuerySet[Any], kind: str) -> QuerySet[Any, Any]:
    return rows.order_by().annotate(kind=Value(kind)).values_list("kind").annotate(n=Count("*"), m=Value(0))


def _sum_up(rows: QuerySet[Any], kind: str) -> QuerySet[Any, Any]:
    sums = {"n": Sum(EVERYBODY, default=0), "m": Sum("certified", default=0)}
    return rows.order_by().annotate(kind=Value(kind)).values_list("kind").annotate(**sums)
