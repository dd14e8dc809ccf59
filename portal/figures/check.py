"""Comparing every tally, standing and figure with the ledger; nothing is mended here."""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db.models import Sum

from cohorts.models import Cohort, Enrolment
from cohorts.services import tallies
from portal.figures.refresh import COUNTS, SPLIT, count_cells
from portal.models import CohortCell, FigureCheck, SplitTotal, StaleCohort

EXAMPLES = 10


def check_figures(*, started: datetime, clock: Callable[[], datetime]) -> FigureCheck:
    """Compare all and keep what was found. Seven queries per cohort; differences are counted, not mended."""
    compared, differences = 0, 0
    examples: list[str] = []
    cohorts = Cohort.objects.select_related("course", "policy").prefetch_related("course__policies")
    for cohort in cohorts.order_by("id").iterator(chunk_size=200):
        enrolments = list(cohort.enrolments.exclude(enrolled_at=None))
        compared += len(enrolments)
        found = [*_tallies(cohort, enrolments), *_cells(cohort)]
        differences += len(found)
        examples = [*examples, *found][:EXAMPLES]
    totals = list(_totals())
    differences, examples = differences + len(totals), [*examples, *totals][:EXAMPLES]
    return FigureCheck.objects.create(
        started_at=started,
        finished_at=clock(),
        enrolments=compared,
        differences=differences,
        examples=examples,
    )


def _tallies(cohort: Cohort, enrolments: list[Enrolment]) -> Iterator[str]:
    expected = tallies.compute(cohort=cohort, enrolments=enrolments)
    for each in enrolments:
        wrong = [name for name, value in expected[each.pk].items() if getattr(each, name) != value]
        if wrong:
            yield f"{cohort.code} enrolment {each.pk}: {', '.join(wrong)}"


def _cells(cohort: Cohort) -> Iterator[str]:
    """A cohort noted as stale is counted from its enrolments: its summary is not shown, and not compared."""
    if StaleCohort.objects.filter(cohort_id=cohort.pk).exists():
        return
    kept = CohortCell.objects.filter(cohort=cohort).values_list(*SPLIT, *COUNTS)
    counted = count_cells(cohort.enrolments.all()).values_list(*SPLIT.values(), *COUNTS)
    if sorted(kept) != sorted(counted):
        yield f"{cohort.code}: summary"


def _totals() -> Iterator[str]:
    """Compare the totals with the sums of the cells. Two queries."""
    words = ("course", "city", "state", *SPLIT)
    cells = CohortCell.objects.order_by().values_list(*words).annotate(**{f"n_{name}": Sum(name) for name in COUNTS})
    kept = {row[:6]: row[6:] for row in SplitTotal.objects.values_list(*words, *COUNTS)}
    summed = {row[:6]: row[6:] for row in cells}
    for key in sorted(kept.keys() | summed.keys()):
        if kept.get(key) != summed.get(key):
            yield f"total of {' '.join(key)}"
