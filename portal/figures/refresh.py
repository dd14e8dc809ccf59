"""Making the summaries anew for the cohorts that changed, and knowing which did.

Triggers note a cohort as stale in the very transaction that changes an enrolment, a certificate or what a
trainee is split by. The dashboard counts stale cohorts from the enrolments themselves, so its numbers are
right at every moment; the sweep only keeps it fast.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Concat

from certificates.models import Certificate
from certificates.rules import PLAIN_NAME, PLAIN_NAME_UR
from cohorts.models import AttendanceRecord, Cohort, Enrolment, MarkStatus
from courses.models import Programme
from portal.models import CohortCell, CohortWeek, SplitTotal, StaleCohort, StaleWeeks, WeekTotal


def _number(*conditions: Q, **lookups: Any) -> Count:
    return Count("id", filter=Q(*conditions, **lookups))


def _minutes(minutes: Any) -> Sum:
    return Sum(minutes, filter=Q(status__in=Enrolment.ON_REGISTER), default=0)


Status, Standing = Enrolment.Status, Enrolment.Standing
SPLIT = {"province": "trainee__province", "gender": "trainee__gender", "category": "trainee__category"}
WEEK_COUNTS = ("earned", "possible", "completed", "expected", "reachable", "to_start")
PART = 25
NOTES = 5_000  # deleted by one statement; databases bound its parameters
PLACE = Concat("course__code", Value(" "), "city")
Words = dict[str, Any]
DOUBTFUL = ~Q(trainee__full_name__regex=PLAIN_NAME) | ~Q(trainee__full_name_ur__regex=PLAIN_NAME_UR)
IS_CERTIFIED = Q(valid__isnull=False)
HAD_CERTIFICATE = Q(Exists(Certificate.objects.filter(enrolment=OuterRef("pk"))))
COUNTED: dict[str, Any] = {
    # column: what it counts of the enrolments, `valid` being the certificate that counts
    "waiting": _number(status=Status.WAITLISTED),
    "offered": _number(status=Status.OFFERED),
    "enrolled": _number(status=Status.ENROLLED),
    "at_risk": _number(status=Status.ENROLLED, standing=Standing.AT_RISK),
    "cannot_reach": _number(status=Status.ENROLLED, standing=Standing.CANNOT_REACH),
    "completed": _number(status=Status.COMPLETED),
    "not_completed": _number(status=Status.NOT_COMPLETED),
    "left": _number(status__in=Enrolment.LEFT),
    "certified": _number(IS_CERTIFIED),
    "disagree": _number(IS_CERTIFIED & (~Q(status=Status.COMPLETED) | ~Q(valid__name=F("trainee__full_name")))),
    "due": _number(Q(status=Status.COMPLETED, valid=None) & ~HAD_CERTIFICATE),
    "doubtful": _number(Q(status=Status.COMPLETED, valid=None) & DOUBTFUL & ~HAD_CERTIFICATE),
    "earned": _minutes(F("minutes_present") + F("minutes_late")),
    "possible": _minutes(F("minutes_present_scheduled") + F("minutes_late_scheduled") + F("minutes_absent")),
}
COUNTS = tuple(COUNTED)


def count_by(
    enrolments: QuerySet[Enrolment], *keys: str, names: Sequence[str] = COUNTS
) -> QuerySet[Enrolment, dict[str, Any]]:
    """Count enrolments by `keys`, with these columns of a summary. One query.

    An enrolment has one valid certificate at most, so joining that multiplies nobody; asking for it person by person
    costs twice the time. What is not named is not joined.
    """
    valid = FilteredRelation("certificates", condition=Q(certificates__state=Certificate.State.ISSUED))
    found = enrolments.order_by().annotate(valid=valid).values(*keys)
    return found.annotate(**{name: COUNTED[name] for name in names})


def count_cells(enrolments: QuerySet[Enrolment], *keys: str) -> QuerySet[Enrolment, dict[str, Any]]:
    """Count enrolments by `keys` and the three splits, with the columns of `CohortCell`. One query."""
    return count_by(enrolments, *keys, *SPLIT.values())


def refresh_figures(*, weeks: int | None = None) -> int:
    """Make the cells of all stale cohorts anew, then the weeks of at most so many; return the number of the first.

    Cells come first, since pages count a stale cohort from its enrolments; they take a tenth of the time. Per 25
    cohorts a dozen statements, and three for each course and city that they touch.
    """
    cohorts = _take_in_parts(StaleCohort, _refresh_cells, None)
    _take_in_parts(StaleWeeks, _refresh_weeks, weeks)
    return cohorts


def _take_in_parts(notes: Any, refresh: Callable[[list[int]], None], limit: int | None) -> int:
    """Take the noted cohorts, at most `limit`, in parts; return how many.

    Those of one course and city are taken together, so that their totals are summed seldom; a part is small, so that
    nobody who writes meanwhile waits long.
    """
    noted = list(notes.objects.order_by().values_list("cohort_id", flat=True).distinct()[:limit])
    places = dict(Cohort.objects.filter(pk__in=noted).annotate(place=PLACE).values_list("pk", "place"))
    cohorts = sorted(noted, key=lambda pk: (places.get(pk, ""), pk))
    for start in range(0, len(cohorts), PART):
        refresh(cohorts[start : start + PART])
    return len(cohorts)


def _refresh_cells(cohorts: list[int]) -> None:
    """Make the cells of some cohorts anew, and note that their weeks are to follow."""
    read = _read_notes(StaleCohort, cohorts)
    known = read_words(Cohort.objects.filter(pk__in=cohorts))
    cells = list(_cells(known))

    def replace() -> None:
        old = CohortCell.objects.filter(cohort__in=cohorts)
        places = _places(known) | set(old.values_list("course", "city"))
        old.delete()
        CohortCell.objects.bulk_create(cells, batch_size=500)
        _total(places)
        StaleWeeks.objects.bulk_create(StaleWeeks(cohort_id=pk) for pk in cohorts)

    _write(StaleCohort, cohorts, read, replace)


def _refresh_weeks(cohorts: list[int]) -> None:
    """Make the weeks of some cohorts anew."""
    read = _read_notes(StaleWeeks, cohorts)
    known = read_words(Cohort.objects.filter(pk__in=cohorts))
    weeks = [CohortWeek(**row) for row in count_weeks(known)]

    def replace() -> None:
        old = CohortWeek.objects.filter(cohort__in=cohorts)
        places = _places(known) | set(old.values_list("course", "city"))
        mondays = set(old.values_list("week", flat=True).distinct()) | {row.week for row in weeks}
        old.delete()
        CohortWeek.objects.bulk_create(weeks, batch_size=500)
        _total_weeks(places, mondays)

    _write(StaleWeeks, cohorts, read, replace)


def _read_notes(notes: Any, cohorts: list[int]) -> set[int]:
    return set(notes.objects.filter(cohort_id__in=cohorts).values_list("pk", flat=True))


@transaction.atomic
def _write(notes: Any, cohorts: list[int], read: set[int], replace: Callable[[], None]) -> None:
    """Write what was counted, and take the notes away that were read before it was.

    Counting comes before the transaction, so that on SQLite nobody who writes waits for it. A change that comes
    meanwhile leaves a note of its own, and the cohort stays stale. Where a note that was read is gone, another sweep
    has written newer counts than these.
    """
    # Two sweeps at once wait for each other here: both may touch one total.
    list(Programme.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    if not read <= _read_notes(notes, cohorts):
        return
    replace()
    taken = sorted(read)
    for start in range(0, len(taken), NOTES):
        notes.objects.filter(pk__in=taken[start : start + NOTES]).delete()


def _places(known: Mapping[int, Words]) -> set[tuple[str, str]]:
    return {(words["course"], words["city"]) for words in known.values()}


def read_words(cohorts: QuerySet[Cohort]) -> dict[int, Words]:
    """Return course, city, state, last day and wave of each cohort. One query."""
    names = ("course__code", "city", "state", "starts_on")
    found = cohorts.order_by().annotate(last=Coalesce("ends_on", "starts_on")).values_list("pk", *names, "last")
    return {
        pk: {"course": course, "city": city, "state": state, "wave": monday_of(first), "last": last}
        for pk, course, city, state, first, last in found
    }


def _total(pairs: set[tuple[str, str]]) -> None:
    """Sum the cells of each course and city anew."""
    words = ("course", "city", "state", *SPLIT)
    for course, city in sorted(pairs):
        SplitTotal.objects.filter(course=course, city=city).delete()
        cells = CohortCell.objects.filter(course=course, city=city).order_by().values_list(*words)
        sums = cells.annotate(**{f"n_{name}": Sum(name) for name in COUNTS})
        rows = [SplitTotal(**dict(zip((*words, *COUNTS), row, strict=True))) for row in sums]
        SplitTotal.objects.bulk_create(rows, batch_size=500)


def _total_weeks(pairs: set[tuple[str, str]], weeks: set[date]) -> None:
    """Sum the weeks of each course and city anew."""
    words = ("course", "city", "week", "wave", *SPLIT)
    for course, city in sorted(pairs):
        here = {"course": course, "city": city, "week__in": weeks}
        WeekTotal.objects.filter(**here).delete()
        rows = CohortWeek.objects.filter(**here).order_by().values_list(*words)
        sums = rows.annotate(**{f"n_{name}": Sum(name) for name in WEEK_COUNTS})
        totals = [WeekTotal(**dict(zip((*words, *WEEK_COUNTS), row, strict=True))) for row in sums]
        WeekTotal.objects.bulk_create(totals, batch_size=500)


def _cells(cohorts: dict[int, Words]) -> Iterable[CohortCell]:
    for row in count_cells(Enrolment.objects.filter(cohort__in=list(cohorts)), "cohort_id"):
        split = {name: row[lookup] for name, lookup in SPLIT.items()}
        words = {name: cohorts[row["cohort_id"]][name] for name in ("course", "city", "state")}
        yield CohortCell(cohort_id=row["cohort_id"], **words, **split, **{name: row[name] for name in COUNTS})


def count_weeks(cohorts: Mapping[int, Words]) -> Iterable[dict[str, Any]]:
    """Yield the fields of every `CohortWeek` of these cohorts, counted from marks and enrolments. Two queries."""
    found: dict[tuple[Any, ...], Counter[str]] = {}
    split = [f"enrolment__{lookup}" for lookup in SPLIT.values()]
    records = (
        AttendanceRecord.objects.filter(session__cohort__in=list(cohorts), enrolment__status__in=Enrolment.ON_REGISTER)
        .exclude(status=MarkStatus.EXCUSED)
        .exclude(session__state="cancelled")
        .order_by()
        .values_list("session__cohort_id", "session__date", *split)
        .annotate(earned=Sum("minutes"), possible=Sum("session__minutes"))
    )
    for cohort, day, *who, earned, possible in records:
        row = found.setdefault((cohort, monday_of(day), *who), Counter())
        row.update(earned=earned, possible=possible)
    for cell in count_cells(Enrolment.objects.filter(cohort__in=list(cohorts)), "cohort_id"):
        words = cohorts[cell["cohort_id"]]
        key = (cell["cohort_id"], monday_of(words["last"]), *(cell[lookup] for lookup in SPLIT.values()))
        if finishing := _finishing(cell, words["state"]):
            found.setdefault(key, Counter()).update(finishing)
    for (cohort, week, *who), counts in found.items():
        words = {"cohort_id": cohort, **{name: cohorts[cohort][name] for name in ("course", "city", "wave")}}
        counted = {name: counts[name] for name in WEEK_COUNTS}
        yield {**words, "week": week, **dict(zip(SPLIT, who, strict=True)), **counted}


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def _finishing(cell: dict[str, Any], state: str) -> dict[str, int]:
    """Return who of a cohort completed, is expected to, may still, or has to start; only what is not zero."""
    enrolled = cell["enrolled"]
    if state == Cohort.State.PLANNED:
        counts = {"to_start": cell["offered"] + enrolled}
    else:
        on_track = enrolled - cell["at_risk"] - cell["cannot_reach"]
        counts = {"expected": on_track, "reachable": cell["at_risk"], "to_start": cell["offered"]}
    return {name: n for name, n in {**counts, "completed": cell["completed"]}.items() if n}
