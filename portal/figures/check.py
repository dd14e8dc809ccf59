"""Comparing every mark, score, outcome, tally, standing and figure with the ledgers; nothing is mended here."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, Sum

from cohorts.models import Cohort, Enrolment, Session
from cohorts.services import tallies
from cohorts.services.completion import compare_outcomes
from cohorts.services.ledger import compare_records, compare_scores, replay
from cohorts.services.schedule import list_clashes
from portal.figures.clashes import refresh_clashes
from portal.figures.refresh import COUNTS, SPLIT, WEEK_COUNTS, count_cells, count_weeks, read_words
from portal.models import (
    Clash,
    CohortCell,
    CohortWeek,
    FigureCheck,
    SplitTotal,
    StaleCohort,
    StaleTimetable,
    StaleWeeks,
    WeekTotal,
)

EXAMPLES = 1000


def check_figures(*, started: datetime, clock: Callable[[], datetime]) -> FigureCheck:
    """Compare all and keep what was found. At most twenty queries per cohort; differences are counted, not mended."""
    compared, differences = 0, 0
    examples: list[str] = []
    cohorts = Cohort.objects.select_related("course", "policy").prefetch_related("course__policies")
    for cohort in cohorts.order_by("id").iterator(chunk_size=200):
        enrolments = list(cohort.enrolments.exclude(enrolled_at=None))
        compared += len(enrolments)
        found = [*_records(cohort, enrolments), *_summaries(cohort)]
        differences += len(found)
        examples = [*examples, *found][:EXAMPLES]
    totals = [*_totals(), *_week_totals(), *_timetables(clock())]
    differences, examples = differences + len(totals), [*examples, *totals][:EXAMPLES]
    return FigureCheck.objects.create(
        started_at=started,
        finished_at=clock(),
        enrolments=compared,
        differences=differences,
        examples=examples,
    )


def _records(cohort: Cohort, enrolments: list[Enrolment]) -> Iterator[str]:
    """Replay the ledgers of marks and scores: a record changed past them would make wrong figures look right."""
    marks = replay(cohort)
    own = {each.pk: marks[each.pk] for each in enrolments}
    expected = tallies.compute(cohort=cohort, enrolments=enrolments, marks=own)
    for each in enrolments:
        wrong = [name for name, value in expected[each.pk].items() if getattr(each, name) != value]
        if wrong:
            yield f"{cohort.code} enrolment {each.pk}: {', '.join(wrong)}"
    lines = [*compare_records(cohort, marks), *compare_scores(cohort), *compare_outcomes(cohort, enrolments, expected)]
    yield from (f"{cohort.code} {line}" for line in lines)


def _summaries(cohort: Cohort) -> Iterator[str]:
    """A cohort noted as stale is counted from its enrolments: its summary is not shown, and not compared."""
    if StaleCohort.objects.filter(cohort_id=cohort.pk).exists():
        return
    place = ("course", "city")
    words = (*place, "state", *SPLIT, *COUNTS)
    kept = CohortCell.objects.filter(cohort=cohort).values_list(*words)
    counted = count_cells(cohort.enrolments.all()).values_list(*SPLIT.values(), *COUNTS)
    own = (cohort.course.code, cohort.city, cohort.state)
    if sorted(kept) != sorted((*own, *row) for row in counted):
        yield f"{cohort.code}: summary"
    if StaleWeeks.objects.filter(cohort_id=cohort.pk).exists():
        return
    names = ("week", "wave", *place, *SPLIT, *WEEK_COUNTS)
    weeks = count_weeks(read_words(Cohort.objects.filter(pk=cohort.pk)))
    if sorted(CohortWeek.objects.filter(cohort=cohort).values_list(*names)) != sorted(
        tuple(row[name] for name in names) for row in weeks
    ):
        yield f"{cohort.code}: weeks"


def _totals() -> Iterator[str]:
    """Compare the totals with the sums of the cells. Two queries."""
    yield from _compare(SplitTotal, CohortCell, ("course", "city", "state", *SPLIT), COUNTS)


def _week_totals() -> Iterator[str]:
    """Compare the totals by week with the sums of the cohorts' weeks. Two queries."""
    yield from _compare(WeekTotal, CohortWeek, ("course", "city", "week", "wave", *SPLIT), WEEK_COUNTS)


def _timetables(at: datetime) -> Iterator[str]:
    """Compare hours and clashes with the sessions. Some ten queries.

    Clashes are not compared where a timetable changes meanwhile, nor those that are over soon, and may be forgotten.
    """
    held = Sum("sessions__minutes", filter=~Q(sessions__state=Session.State.CANCELLED), default=0)
    wrong = Cohort.objects.annotate(held=held).exclude(minutes=F("held")).order_by("code")
    yield from (f"{code}: hours of its timetable" for code in wrong.values_list("code", flat=True))
    refresh_clashes(at=at)
    soon = at + timedelta(minutes=5)
    kept = Clash.objects.filter(until__gt=soon).values_list("kind", "person", "place", "first_id", "second_id")
    found = {(*each.key, each.first.session_id, each.second.session_id) for each in list_clashes(since=soon)}
    if different := set(kept) ^ found:
        told = (f"clash of sessions {first} and {second}" for *_key, first, second in sorted(different))
        yield from () if StaleTimetable.objects.exists() else told


def _compare(total: Any, part: Any, words: tuple[str, ...], counts: tuple[str, ...]) -> Iterator[str]:
    sums = part.objects.order_by().values_list(*words).annotate(**{f"n_{name}": Sum(name) for name in counts})
    n = len(words)
    kept = {row[:n]: row[n:] for row in total.objects.values_list(*words, *counts)}
    summed = {row[:n]: row[n:] for row in sums}
    for key in sorted(kept.keys() | summed.keys()):
        if kept.get(key) != summed.get(key):
            yield f"total of {' '.join(map(str, key))}"
