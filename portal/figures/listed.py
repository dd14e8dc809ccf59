"""How long a list is, where the summaries know it: the number on the overview and the length of its list are one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Sum

from admissions.filters import ApplicationFilter, named
from admissions.models import Application
from certificates.filters import CertificateFilter
from certificates.models import Certificate
from cohorts.models import Enrolment
from portal.figures.choice import NAMES, Choice
from portal.figures.programme import COHORT, SHOWN, Count_, stages_of
from portal.figures.refresh import COUNTS, SPLIT, count_by
from portal.models import CohortCell, SplitTotal, StaleCohort

OWN = {name: name for name in NAMES}
LONGEST_CODE = 12  # of a course
STANDINGS = COUNTS[: COUNTS.index("certified")]
EVERYBODY = ("waiting", "placed", "left")


def count_enrolments(user: Any, filters: Mapping[str, str]) -> int | None:
    """Return how many enrolments a choice and a stage make; None for other filters, or who sees but some.

    Three queries over some thousand rows: counting 200,000 with their people takes a quarter of a second.
    """
    if not _is_choice(filters, "stage") or not user.has_perm("cohorts.view_enrolment"):
        return None
    counts = count_people(filters, STANDINGS)
    stage = filters.get("stage", "")
    return counts[stage] if stage else sum(counts[name] for name in EVERYBODY)


def count_certificates(user: Any, filters: Mapping[str, str]) -> int | None:
    """Return how many certificates of the programme a choice and a state make; None for other filters.

    A summary knows the valid ones, in three queries; an index holds the others, which are few, in one more.
    """
    choice = {name: value for name, value in filters.items() if name not in ("state", "placed")}
    in_programme = bool(choice) or filters.get("placed") == "true"
    if not in_programme or filters.get("placed", "true") != "true" or not _is_choice(choice):
        return None
    if not user.has_perm("certificates.view_certificate"):
        return None
    state = filters.get("state", "")
    valid = count_people(choice, ("certified",))["certified"] if state in ("", Certificate.State.ISSUED) else 0
    if state == Certificate.State.ISSUED:
        return valid
    others = Certificate.objects.filter(state__in=[each for each in Certificate.State if each != "issued"])
    return valid + int(CertificateFilter(filters, queryset=others).qs.count())


def count_applications(user: Any, filters: Mapping[str, str]) -> int | None:
    """Return how many applications there are by all filters but a search: an index holds them. One query."""
    if "search" in filters:
        return None
    found = ApplicationFilter(filters, queryset=Application.objects.visible_to(user)).qs
    return int((found.filter(named(filters)) if filters else found).count())


def _is_choice(filters: Mapping[str, str], *more: str) -> bool:
    """Tell whether these are filters that the summaries are split by. A choice cuts a longer word."""
    return filters.keys() <= {*NAMES, *more} and len(filters.get("course", "")) <= LONGEST_CODE


def count_people(filters: Mapping[str, str], names: Sequence[str]) -> Count_:
    """Count the people of a choice by these columns of the summaries, and by the stages they make. Three queries."""
    choice = Choice.read(filters)
    own = choice.lookups(OWN)
    stale = StaleCohort.objects.values("cohort_id")
    counts: Count_ = Counter()

    def add_up(sign: int, state: str, numbers: Sequence[int]) -> None:
        row = {**dict.fromkeys(SHOWN, 0), **{name: sign * n for name, n in zip(names, numbers, strict=True)}}
        counts.update(stages_of({**row, "state": state, "gender": ""}))

    for sign, found in ((1, SplitTotal.objects.all()), (-1, CohortCell.objects.filter(cohort__in=stale))):
        by_state: Any = found.filter(**own).order_by().values_list("state")
        for state, *numbers in by_state.annotate(**{f"n_{name}": Sum(name) for name in names}):
            add_up(sign, state, numbers)
    changed = Enrolment.objects.filter(cohort__in=stale).filter(**choice.lookups({**COHORT, **SPLIT}))
    for state, *numbers in count_by(changed, "cohort__state", names=names).values_list("cohort__state", *names):
        add_up(1, state, numbers)
    return counts
