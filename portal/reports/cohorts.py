"""The cohorts of a report, each with the numbers of the overview: what is listed adds up to what is shown."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from cohorts.models import Cohort, Enrolment, Session
from portal.figures.programme import SHOWN, SplitRow, stages_of
from portal.figures.refresh import count_by

PART = 500  # cohorts read at a time
LISTED = 200  # are named one by one on paper, which is five pages; of more, the worst
WORST = 20
COLUMNS = tuple(name for name in SHOWN if name not in ("disagree", "due"))
Count_ = Counter[str]


@dataclass
class Line(SplitRow):
    """A cohort: `value` is its code."""

    course: str
    city: str
    starts_on: date
    ends_on: date | None
    state: str
    state_name: str
    capacity: int
    held: int
    planned: int
    policy: str


@dataclass
class Listing:
    """What is kept of the cohorts while they go by, however many: the first, the worst, sums by course and city."""

    number: int = 0
    first: list[Line] = field(default_factory=list)
    worst: list[Line] = field(default_factory=list)
    _sums: dict[str, dict[str, Count_]] = field(default_factory=dict)

    def keep(self, lines: Iterator[Line]) -> Iterator[Line]:
        """Yield the lines again, and keep what paper shows of them."""
        for line in lines:
            self.number += 1
            counts = line.counts + Counter({line.state: 1, "cohorts": 1, "capacity": line.capacity})
            self._sums.setdefault(line.course, {}).setdefault(line.city, Counter()).update(counts)
            if len(self.first) <= LISTED:
                self.first.append(line)
            if line.state == Cohort.State.RUNNING and line.attended is not None:
                self.worst = sorted([*self.worst, line], key=_rate)[:WORST]
            yield line

    @property
    def is_short(self) -> bool:
        return self.number <= LISTED

    @property
    def places(self) -> list[tuple[SplitRow, list[SplitRow]]]:
        """Return each course with its sums, and its cities with theirs."""
        return [
            (_sum(course, cities), [SplitRow(city, counts) for city, counts in sorted(cities.items())])
            for course, cities in sorted(self._sums.items())
        ]

    @property
    def total(self) -> SplitRow:
        """Return the sums of all cohorts."""
        return _sum("", {course.value: course.counts for course, _cities in self.places})


def _rate(line: Line) -> tuple[float, str]:
    return line.counts["earned"] / line.counts["possible"], line.value


def _sum(name: str, parts: dict[str, Count_]) -> SplitRow:
    counts: Count_ = Counter()
    for each in parts.values():
        counts.update(each)
    return SplitRow(name, counts)


def read_lines() -> Iterator[Line]:
    """Yield every cohort, the earliest start first. Three queries for each 500: memory stays flat."""
    found = list(Cohort.objects.order_by("starts_on", "code").values_list("pk", flat=True))
    for start in range(0, len(found), PART):
        part = found[start : start + PART]
        cohorts = Cohort.objects.select_related("course", "policy").in_bulk(part)
        counts, sessions = _count_people(part), _count_sessions(part)
        for pk in part:
            yield _line(cohorts[pk], counts.get(pk, Counter()), *sessions.get(pk, (0, 0)))


def _line(cohort: Cohort, counts: Count_, held: int, planned: int) -> Line:
    policy = cohort.policy
    return Line(
        value=cohort.code,
        counts=counts,
        course=cohort.course.title,
        city=str(cohort.get_city_display()),
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
        state=cohort.state,
        state_name=str(cohort.get_state_display()),
        capacity=cohort.capacity,
        held=held,
        planned=planned,
        policy=f"v{policy.version}, {policy.minimum_percent} %" if policy else "",
    )


def _count_people(cohorts: list[int]) -> dict[int, Count_]:
    """Count as the overview does: by the same columns, made into the same stages."""
    keys = ("cohort_id", "cohort__state")
    people = Enrolment.objects.filter(cohort__in=cohorts)
    rows: Any = count_by(people, *keys, names=COLUMNS).values_list(*keys, *COLUMNS)
    empty = {**dict.fromkeys(SHOWN, 0), "gender": ""}
    return {
        pk: stages_of({**empty, **dict(zip(COLUMNS, numbers, strict=True)), "state": state})
        for pk, state, *numbers in rows
    }


def _count_sessions(cohorts: list[int]) -> dict[int, tuple[int, int]]:
    """Count the sessions held, and those that count at all."""
    countable = Session.objects.countable().filter(cohort__in=cohorts).order_by().values_list("cohort_id")
    found = countable.annotate(held=Count("id", filter=Q(state=Session.State.HELD)), planned=Count("id"))
    return {pk: (held, planned) for pk, held, planned in found}


def head_of_sheet() -> list[str]:
    """Return what the columns of the workbook are called."""
    return [
        *(_("Cohort"), _("Course"), _("City"), _("Starts"), _("Ends"), _("State"), _("Places"), _("Placed")),
        *(_("Waiting"), _("Sessions held"), _("Sessions planned"), _("To start"), _("Attending"), _("At risk")),
        *(_("Completed"), _("Not completed"), _("Certified"), _("Minutes attended"), _("Minutes possible")),
        *(_("Attendance %"), _("Policy")),
    ]


def row_of_sheet(line: Line) -> list[Any]:
    """Return one cohort as a row of the workbook."""
    counts = line.counts
    stages = ("to_start", "attending", "at_risk", "completed", "not_completed", "certified", "earned", "possible")
    return [
        *(line.value, line.course, line.city, line.starts_on, line.ends_on, line.state_name, line.capacity),
        *(counts["placed"], counts["waiting"], line.held, line.planned, *(counts[name] for name in stages)),
        *(line.attended, line.policy),
    ]
