"""The weeks: attendance so far, who will complete when, and the cohorts that are worst."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.db.models import F, FloatField, Max, Q, Sum, Value
from django.db.models.functions import Cast

from cohorts.models import AttendanceRecord, City, Cohort, Enrolment, Holiday, MarkStatus
from portal.figures.choice import NAMES, Choice
from portal.figures.refresh import SPLIT, WEEK_COUNTS, monday_of
from portal.models import CohortCell, CohortWeek, WeekTotal

WEEKS_SHOWN = SESSIONS_SHOWN = 12
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
    waves: Mapping[date, tuple[int, int]] = field(default_factory=dict)  # minutes of each, by the Monday it starts

    @property
    def permille(self) -> int | None:
        return self.earned * 1000 // self.possible if self.possible else None

    @property
    def rates(self) -> dict[date, int]:
        """Return the permille of each wave that met, cut."""
        return {wave: earned * 1000 // possible for wave, (earned, possible) in self.waves.items()}


@dataclass(frozen=True)
class HeatCell:
    """What share of the minutes of a week, or of one session, was attended."""

    percent: int
    session: int = 0  # its id, where it is one
    number: int = 0
    day: date | None = None


@dataclass(frozen=True)
class HeatRow:
    """A cohort with its rate to date and a cell per week or session shown; None where it had none."""

    code: str
    course: str
    city: str
    is_closed: bool
    to_date: int
    cells: list[HeatCell | None] = field(default_factory=list)


def read_weeks(choice: Choice) -> list[Week]:
    """Return every week with sessions, or in which cohorts of the chosen end, in order. One query.

    Up to a month between two of them is filled with empty weeks, so that a break is seen as one.
    """
    found: Any = WeekTotal.objects.filter(**choice.lookups(OWN)).order_by().values_list("week", "wave")
    sums = found.annotate(**{f"n_{name}": Sum(name) for name in WEEK_COUNTS}, holiday=Value(""))
    nothing = (Value(0) for _name in WEEK_COUNTS)
    holidays = Holiday.objects.order_by().values_list("date", F("date"), *nothing, "name")
    rows = sorted(sums.union(holidays, all=True))
    days: dict[date, list[str]] = {}
    for day, *_numbers, name in rows:
        if name:
            days.setdefault(monday_of(day), []).append(name)
    weeks: list[Week] = []
    for monday, waves in groupby((row[:-1] for row in rows if not row[-1]), key=lambda row: row[0]):
        while weeks and timedelta(weeks=1) < monday - weeks[-1].monday <= timedelta(weeks=5):
            empty = weeks[-1].monday + timedelta(weeks=1)
            weeks.append(Week(empty, holidays=_named(days, empty)))
        weeks.append(_sum_waves(monday, list(waves), _named(days, monday)))
    return weeks


def _sum_waves(monday: date, rows: Sequence[Any], holidays: tuple[str, ...]) -> Week:
    """Return the week of these rows, one for each wave."""
    columns = zip(*(counts for _week, _wave, *counts in rows), strict=True)
    sums = dict(zip(WEEK_COUNTS, map(sum, columns), strict=True))
    waves = {wave: (earned, possible) for _week, wave, earned, possible, *_people in rows if possible}
    return Week(monday, **sums, holidays=holidays, waves=waves)


def _named(days: dict[date, list[str]], monday: date) -> tuple[str, ...]:
    return tuple(dict.fromkeys(days.get(monday, ())))


def worst_cohorts(
    choice: Choice, weeks: list[Week], titles: dict[str, str], *, by_session: bool = False
) -> tuple[list[date], list[HeatRow]]:
    """Return the last weeks with sessions and the running cohorts, the worst rate to date first. Two queries.

    Where fewer run than are shown, those follow that were closed in these weeks. `by_session` gives each cohort its
    own last sessions, the latest last, instead of the weeks.
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
    ids = [row[0] for row in listed]
    cells = _last_sessions(ids, choice) if by_session else _cells_by_week(ids, mondays, choice)
    cities = dict(City.choices)
    rows = [
        HeatRow(
            code=code,
            course=titles.get(course, course),
            city=str(cities.get(city, city)),
            is_closed=state == Cohort.State.CLOSED,
            to_date=earned * 100 // possible,
            cells=cells[pk],
        )
        for pk, code, course, city, state, earned, possible, _rate in listed
    ]
    return mondays, rows


def _cells_by_week(cohorts: list[Any], mondays: list[date], choice: Choice) -> dict[Any, list[HeatCell | None]]:
    """Return a cell per week of each cohort. One query."""
    found: dict[Any, dict[date, HeatCell]] = {pk: {} for pk in cohorts}
    shown = CohortWeek.objects.filter(cohort__in=cohorts, week__in=mondays, **choice.lookups(OWN))
    by_week = shown.order_by().values_list("cohort_id", "week").annotate(minutes=Sum("earned"), of=Sum("possible"))
    for cohort, week, earned, possible in by_week:
        if possible:
            found[cohort][week] = HeatCell(earned * 100 // possible)
    return {pk: [cells.get(monday) for monday in mondays] for pk, cells in found.items()}


def _last_sessions(cohorts: list[Any], choice: Choice) -> dict[Any, list[HeatCell | None]]:
    """Return a cell for each of the last sessions of these cohorts, counted from their marks. One query.

    As many marks as those cohorts have, some ten thousand, however many there are beside.
    """
    who = choice.lookups({name: f"enrolment__{lookup}" for name, lookup in SPLIT.items()})
    records = (
        AttendanceRecord.objects.filter(session__cohort__in=cohorts, enrolment__status__in=Enrolment.ON_REGISTER, **who)
        .exclude(status=MarkStatus.EXCUSED)
        .exclude(session__state="cancelled")
        .order_by()
        .values_list("session__cohort_id", "session__date", "session__number", "session_id")
        .annotate(earned=Sum("minutes"), possible=Sum("session__minutes"))
    )
    found: dict[Any, list[HeatCell | None]] = {pk: [] for pk in cohorts}
    for cohort, day, number, session, earned, possible in sorted(records):
        found[cohort].append(HeatCell(earned * 100 // possible, session, number, day))
    empty: list[HeatCell | None] = [None] * SESSIONS_SHOWN
    return {pk: [*empty, *cells][-SESSIONS_SHOWN:] for pk, cells in found.items()}
