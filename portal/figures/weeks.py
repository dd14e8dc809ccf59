"""The weeks: attendance so far, who will complete when, and the cohorts that are worst."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import FloatField, Max, Q, Sum, Value
from django.db.models.functions import Cast

from cohorts.models import City, Cohort, Holiday
from portal.figures.choice import NAMES, Choice
from portal.figures.refresh import WEEK_COUNTS, monday_of
from portal.models import CohortCell, CohortWeek, WeekTotal

WEEKS_SHOWN = 12
ROWS_SHOWN = 14
OWN = {name: name for name in NAMES}


@dataclass(frozen=True)
class Week:
    """The minutes of one week, and who finishes or should finish in it; `permille` is cut."""

    monday: date
    earned: int = 0
    possible: int = 0
    completed: int = 0
    expected: int = 0
    reachable: int = 0
    to_start: int = 0
    holidays: tuple[str, ...] = ()

    @property
    def permille(self) -> int | None:
        return self.earned * 1000 // self.possible if self.possible else None


@dataclass(frozen=True)
class HeatRow:
    """A cohort with its rate to date and a percentage per week shown; None where it had no session."""

    code: str
    course: str
    city: str
    is_closed: bool
    to_date: int
    cells: list[int | None] = field(default_factory=list)


def read_weeks(choice: Choice) -> list[Week]:
    """Return every week with sessions, or in which cohorts of the chosen end, in order. One query.

    Up to a month between two of them is filled with empty weeks, so that a break is seen as one.
    """
    found: Any = WeekTotal.objects.filter(**choice.lookups(OWN)).order_by().values_list("week")
    sums = found.annotate(**{f"n_{name}": Sum(name) for name in WEEK_COUNTS}, holiday=Value(""))
    holidays = Holiday.objects.order_by().values_list("date", *(Value(0) for _name in WEEK_COUNTS), "name")
    rows = sorted(sums.union(holidays, all=True))
    days: dict[date, list[str]] = {}
    for day, *_counts, name in rows:
        if name:
            days.setdefault(monday_of(day), []).append(name)
    weeks: list[Week] = []
    for row in (row[:-1] for row in rows if not row[-1]):
        while weeks and timedelta(weeks=1) < row[0] - weeks[-1].monday <= timedelta(weeks=5):
            empty = weeks[-1].monday + timedelta(weeks=1)
            weeks.append(Week(empty, holidays=_named(days, empty)))
        weeks.append(replace(Week(*row), holidays=_named(days, row[0])))
    return weeks


def _named(days: dict[date, list[str]], monday: date) -> tuple[str, ...]:
    return tuple(dict.fromkeys(days.get(monday, ())))


def worst_cohorts(choice: Choice, weeks: list[Week], titles: dict[str, str]) -> tuple[list[date], list[HeatRow]]:
    """Return the last weeks with sessions and the running cohorts, the worst rate to date first. Two queries.

    Where fewer run than are shown, those follow that were closed in these weeks.
    """
    mondays = [week.monday for week in weeks if week.possible][-WEEKS_SHOWN:]
    if not mondays:
        return [], []
    ended = Q(state=Cohort.State.CLOSED, cohort__ends_on__gte=mondays[0])
    cohorts = CohortCell.objects.filter(Q(state=Cohort.State.RUNNING) | ended, **choice.lookups(OWN))
    # Grouped by the number alone: grouping by its words as well sorts a hundred thousand texts.
    words: Any = {"code_": Max("cohort__code"), **{f"{name}_": Max(name) for name in ("course", "city", "state")}}
    sums: Any = cohorts.order_by().values_list("cohort_id").annotate(**words, minutes=Sum("earned"), of=Sum("possible"))
    sums = sums.filter(of__gt=0)
    worst = sums.annotate(rate=Cast("minutes", FloatField()) / Cast("of", FloatField()))
    listed = list(worst.order_by("-state_", "rate", "cohort_id")[:ROWS_SHOWN])
    cells: dict[Any, dict[date, int]] = {row[0]: {} for row in listed}
    shown = CohortWeek.objects.filter(cohort__in=list(cells), week__in=mondays, **choice.lookups(OWN))
    by_week = shown.order_by().values_list("cohort_id", "week").annotate(minutes=Sum("earned"), of=Sum("possible"))
    for cohort, week, earned, possible in by_week:
        if possible:
            cells[cohort][week] = earned * 100 // possible
    cities = dict(City.choices)
    rows = [
        HeatRow(
            code=code,
            course=titles.get(course, course),
            city=str(cities.get(city, city)),
            is_closed=state == Cohort.State.CLOSED,
            to_date=earned * 100 // possible,
            cells=[cells[pk].get(monday) for monday in mondays],
        )
        for pk, code, course, city, state, earned, possible, _rate in listed
    ]
    return mondays, rows
