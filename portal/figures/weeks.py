"""Attendance by week, and the cohorts that are worst this week."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, FloatField, Sum
from django.db.models.functions import Cast

from cohorts.models import Cohort
from portal.figures.choice import Choice
from portal.figures.programme import COHORT
from portal.models import CohortWeek

WEEKS_SHOWN = 10  # as many as stand in a screen of 1280
ROWS_SHOWN = 14


@dataclass(frozen=True)
class Week:
    """The minutes of one week; `permille` is cut."""

    monday: date
    earned: int
    possible: int

    @property
    def permille(self) -> int | None:
        return self.earned * 1000 // self.possible if self.possible else None


@dataclass(frozen=True)
class HeatRow:
    """A running cohort with a percentage for each of the weeks shown, None where it had no session."""

    code: str
    course: str
    city: str
    cells: list[int | None]


def attendance_by_week(choice: Choice) -> list[Week]:
    """Return every week with sessions of cohorts that are chosen by course and city, in order. One query."""
    found = CohortWeek.objects.filter(**choice.lookups(COHORT)).order_by("week").values_list("week")
    sums = found.annotate(earned=Sum("earned"), possible=Sum("possible"))
    return [Week(*row) for row in sums]


def worst_cohorts(choice: Choice, weeks: list[Week]) -> tuple[list[date], list[HeatRow]]:
    """Return the last weeks with sessions and the running cohorts, worst in the newest week first. Two queries."""
    if not weeks:
        return [], []
    mondays = [week.monday for week in weeks[-WEEKS_SHOWN:]]
    running = CohortWeek.objects.filter(
        cohort__state=Cohort.State.RUNNING, week__gte=mondays[0], **choice.lookups(COHORT)
    )
    rate = Cast("earned", FloatField()) / F("possible")
    worst = running.filter(possible__gt=0).annotate(rate=rate).order_by("-week", "rate", "cohort_id")
    newest = worst.values_list("cohort_id", flat=True)[: ROWS_SHOWN * WEEKS_SHOWN]
    codes = list(dict.fromkeys(newest))[:ROWS_SHOWN]
    cells: dict[int, dict[str, Any]] = {pk: {"weeks": {}} for pk in codes}
    found = CohortWeek.objects.filter(cohort__in=codes, week__gte=mondays[0]).select_related("cohort__course")
    for row in found:
        cells[row.cohort_id]["cohort"] = row.cohort
        cells[row.cohort_id]["weeks"][row.week] = row.earned * 100 // row.possible if row.possible else None
    rows = [
        HeatRow(
            code=cell["cohort"].code,
            course=cell["cohort"].course.title,
            city=cell["cohort"].get_city_display(),
            cells=[cell["weeks"].get(monday) for monday in mondays],
        )
        for cell in cells.values()
    ]
    return mondays, rows
