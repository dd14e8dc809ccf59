"""How long a list is, where the summaries know it: the number on the overview and the length of its list are one."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.db.models import Sum

from admissions.filters import ApplicationFilter
from admissions.models import Application
from cohorts.models import Enrolment
from portal.figures.choice import NAMES, Choice
from portal.figures.programme import COHORT, Count_, stages_of
from portal.figures.refresh import COUNTS, SPLIT, count_cells
from portal.models import CohortCell, SplitTotal, StaleCohort

OWN = {name: name for name in NAMES}
FIRST_TIME = [each for each in Application.Verdict if each != Application.Verdict.DUPLICATE]
LONGEST_CODE = 12  # of a course
EVERYBODY = ("waiting", "placed", "left")


def count_enrolments(user: Any, filters: Mapping[str, str]) -> int | None:
    """Return how many enrolments a choice and a stage make; None for other filters, or who sees but some.

    Three queries over some thousand rows: counting 200,000 with their people takes a quarter of a second.
    """
    if not _is_choice(filters, "stage") or not user.has_perm("cohorts.view_enrolment"):
        return None
    counts = _count(filters)
    stage = filters.get("stage", "")
    return counts[stage] if stage else sum(counts[name] for name in EVERYBODY)


def count_certificates(user: Any, filters: Mapping[str, str]) -> int | None:
    """Return how many valid certificates of the programme a choice makes; None for other filters. Three queries."""
    kept = {**filters}
    issued = kept.pop("state", "") == "issued" and kept.pop("placed", "") == "true"
    if not issued or not _is_choice(kept) or not user.has_perm("certificates.view_certificate"):
        return None
    return _count(kept)["certified"]


def count_applications(user: Any, filters: Mapping[str, str]) -> int | None:
    """Return how many applications there are by all filters but a search: an index holds them. One query.

    Who applied is asked for by every verdict but one: a condition that is turned round is not looked up.
    """
    if "search" in filters:
        return None
    applied = filters.get("stage") == "applied"
    rest = {name: value for name, value in filters.items() if not (applied and name == "stage")}
    found = ApplicationFilter(rest, queryset=Application.objects.visible_to(user)).qs
    return int((found.filter(verdict__in=FIRST_TIME) if applied else found).count())


def _is_choice(filters: Mapping[str, str], *more: str) -> bool:
    """Tell whether these are filters that the summaries are split by. A choice cuts a longer word."""
    return filters.keys() <= {*NAMES, *more} and len(filters.get("course", "")) <= LONGEST_CODE


def _count(filters: Mapping[str, str]) -> Count_:
    choice = Choice.read(filters)
    own = choice.lookups(OWN)
    stale = StaleCohort.objects.values("cohort_id")
    counts: Count_ = Counter()
    for sign, found in ((1, SplitTotal.objects.all()), (-1, CohortCell.objects.filter(cohort__in=stale))):
        by_state = found.filter(**own).order_by().values_list("state")
        for state, *values in by_state.annotate(**{f"n_{name}": Sum(name) for name in COUNTS}):
            row = {name: sign * value for name, value in zip(COUNTS, values, strict=True)}
            counts.update(stages_of({**row, "state": state, "gender": ""}))
    changed = Enrolment.objects.filter(cohort__in=stale).filter(**choice.lookups({**COHORT, **SPLIT}))
    for cell in count_cells(changed, "cohort__state"):
        counts.update(stages_of({**cell, "state": cell["cohort__state"], "gender": ""}))
    return counts
