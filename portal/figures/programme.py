"""The funnel and its splits: from summaries, and for cohorts that changed since from the enrolments themselves."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import add
from typing import Any

from django.db.models import BigIntegerField, Count, Sum, Value
from django.db.models.functions import Cast

from admissions.models import Application
from cohorts.models import Cohort, Enrolment
from portal.figures.choice import NAMES, Choice
from portal.figures.refresh import COUNTS, SPLIT, count_by
from portal.models import CohortCell, SplitTotal, StaleCohort

COHORT = {"course": "cohort__course__code", "city": "cohort__city"}
WORDS = ("course", "city", "state", *SPLIT)
SHOWN = tuple(name for name in COUNTS if name != "doubtful")  # that asks for each name: the page that issues does
ACCEPTED = {"accepted", "offered", "placed"}
Count_ = Counter[str]


@dataclass
class SplitRow:
    """One value of a split with its counts."""

    value: str
    counts: Count_

    @property
    def attended(self) -> int | None:
        """Percent of the minutes that were possible, cut; none while nothing was (R16)."""
        possible = self.counts["possible"]
        return self.counts["earned"] * 100 // possible if possible else None

    @property
    def women_percent(self) -> int:
        return self.counts["women"] * 100 // self.counts["placed"] if self.counts["placed"] else 0


@dataclass
class Programme:
    """What the dashboard shows; each number equals the length of the list that its link opens."""

    counts: Count_
    splits: dict[str, list[SplitRow]] = field(default_factory=dict)

    @property
    def total(self) -> SplitRow:
        return SplitRow("", self.counts)


def count_programme(choice: Choice) -> Programme:
    """Count enrolments and applications for a choice. Three queries."""
    splits: dict[str, dict[str, Count_]] = {name: {} for name in NAMES}
    for (name, value, state, gender), numbers in _sum_rows(_rows(choice)).items():
        row = {**dict(zip(SHOWN, numbers, strict=True)), "state": state, "gender": gender}
        splits[name].setdefault(value, Counter()).update(stages_of(row))
    total: Count_ = Counter()
    for counts in splits["city"].values():
        total.update(counts)
    total.update(_count_applications(choice))
    listed = {
        name: [SplitRow(value, counts) for value, counts in sorted(found.items(), key=_largest)]
        for name, found in splits.items()
    }
    return Programme(total, listed)


def _sum_rows(rows: Iterable[Sequence[Any]]) -> dict[tuple[str, str, str, str], list[int]]:
    """Sum the columns by each split's values, state and gender: plain lists, since there are some thousand rows."""
    sums: dict[tuple[str, str, str, str], list[int]] = {}
    for course, city, state, province, gender, category, *numbers in rows:
        for name, value in zip(NAMES, (course, city, province, gender, category), strict=True):
            key = (name, value, state, gender)
            sums[key] = list(map(add, sums[key], numbers)) if key in sums else numbers
    return sums


def _largest(item: tuple[str, Count_]) -> tuple[int, str]:
    return -item[1]["placed"], item[0]


def _rows(choice: Choice) -> Iterable[Sequence[Any]]:
    """Yield totals, less what stale cohorts had put into them, and what those hold now. Two queries."""
    stale = StaleCohort.objects.values("cohort_id")
    own = choice.lookups({name: name for name in NAMES})
    totals = SplitTotal.objects.filter(**own).order_by().values_list(*WORDS, *SHOWN)
    outdated: Any = CohortCell.objects.filter(cohort__in=stale, **own).order_by().values_list(*WORDS)
    # Summed by the database: a thousand cohorts have 25,000 cells.
    less = {f"less_{name}": Cast(Value(0) - Sum(name), BigIntegerField()) for name in SHOWN}
    yield from totals.union(outdated.annotate(**less), all=True)
    changed = Enrolment.objects.filter(cohort__in=stale).filter(**choice.lookups({**COHORT, **SPLIT}))
    keys = (*COHORT.values(), "cohort__state", *SPLIT.values())
    yield from count_by(changed, *keys, names=SHOWN).values_list(*keys, *SHOWN)


def stages_of(row: dict[str, Any]) -> Count_:
    """Turn columns into the numbers of `cohorts.stages`: who is enrolled attends once the cohort runs."""
    enrolled = row["enrolled"]
    starts = row["state"] == Cohort.State.PLANNED
    watched = row["at_risk"] + row["cannot_reach"]
    placed = row["offered"] + enrolled + row["completed"] + row["not_completed"]
    counts = Counter({name: row[name] for name in SHOWN if name not in ("enrolled", "offered")})
    counts["placed"] = placed
    counts["women"] = placed if row["gender"] == "F" else 0
    counts["to_start"] = row["offered"] + (enrolled if starts else 0)
    counts["attending"] = 0 if starts else enrolled
    counts["at_risk"] = 0 if starts else watched
    counts["cannot_reach"] = 0 if starts else row["cannot_reach"]
    counts["on_track"] = 0 if starts else enrolled - watched
    return counts


def _count_applications(choice: Choice) -> Count_:
    paths = {"course": "course_1__code", **{name: name for name in NAMES if name != "course"}}
    found = (
        Application.objects.filter(**choice.lookups(paths))
        .order_by()
        .values_list("verdict", "status")
        .annotate(n=Count("*"))
    )
    counts: Count_ = Counter()
    for verdict, status, number in found:
        counts["repeats" if verdict == Application.Verdict.DUPLICATE else "applied"] += number
        counts["accepted"] += number if status in ACCEPTED else 0
        counts["to_review"] += number if status == Application.Status.IN_REVIEW else 0
    return counts
