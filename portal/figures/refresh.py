"""Making the summaries anew for the cohorts that changed, and knowing which did.

Triggers note a cohort as stale in the very transaction that changes an enrolment, a certificate or what a
trainee is split by. The dashboard counts stale cohorts from the enrolments themselves, so its numbers are
right at every moment; the sweep only keeps it fast.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncWeek

from certificates.models import Certificate
from cohorts.models import AttendanceRecord, Cohort, Enrolment, MarkStatus
from courses.models import Programme
from portal.models import CohortCell, CohortWeek, SplitTotal, StaleCohort

Status, Standing = Enrolment.Status, Enrolment.Standing
SPLIT = {"province": "trainee__province", "gender": "trainee__gender", "category": "trainee__category"}
COUNTS = (
    *("waiting", "offered", "enrolled", "at_risk", "cannot_reach", "completed", "not_completed", "left"),
    *("certified", "disagree", "due", "earned", "possible"),
)
PART = 500
LIVE_CERTIFICATE = (Certificate.State.PENDING, Certificate.State.FAILED, Certificate.State.ISSUED)


def count_cells(enrolments: QuerySet[Enrolment], *keys: str) -> QuerySet[Enrolment, dict[str, Any]]:
    """Count enrolments by `keys` and the three splits, with the columns of `CohortCell`. One query."""
    own = Certificate.objects.filter(enrolment=OuterRef("pk"))
    valid = Exists(own.filter(state=Certificate.State.ISSUED))
    renamed = Exists(own.filter(state=Certificate.State.ISSUED).exclude(name=OuterRef("trainee__full_name")))
    registered = Q(status__in=Enrolment.ON_REGISTER)
    by_status: dict[str, Any] = {
        "waiting": Q(status=Status.WAITLISTED),
        "offered": Q(status=Status.OFFERED),
        "enrolled": Q(status=Status.ENROLLED),
        "at_risk": Q(status=Status.ENROLLED, standing=Standing.AT_RISK),
        "cannot_reach": Q(status=Status.ENROLLED, standing=Standing.CANNOT_REACH),
        "completed": Q(status=Status.COMPLETED),
        "not_completed": Q(status=Status.NOT_COMPLETED),
        "left": Q(status__in=Enrolment.LEFT),
        "certified": valid,
        "disagree": Q(valid) & (~Q(status=Status.COMPLETED) | Q(renamed)),
        "due": Q(status=Status.COMPLETED) & ~Exists(own),
    }
    minutes = {
        "earned": Sum("minutes_present", filter=registered, default=0)
        + Sum("minutes_late", filter=registered, default=0),
        "possible": Sum("minutes_present_scheduled", filter=registered, default=0)
        + Sum("minutes_late_scheduled", filter=registered, default=0)
        + Sum("minutes_absent", filter=registered, default=0),
    }
    counts = {name: Count("id", filter=condition) for name, condition in by_status.items()}
    return enrolments.order_by().values(*keys, *SPLIT.values()).annotate(**counts, **minutes)


def refresh_figures(*, limit: int | None = None) -> int:
    """Make the summaries of stale cohorts anew and return how many. Four statements per 500 cohorts, and one."""
    stale = list(StaleCohort.objects.order_by("id").values_list("id", "cohort_id")[:limit])
    cohorts = sorted({cohort for _pk, cohort in stale})
    for start in range(0, len(cohorts), PART):
        part = cohorts[start : start + PART]
        rows = [pk for pk, cohort in stale if cohort in set(part)] if len(cohorts) > PART else [pk for pk, _c in stale]
        _refresh(part, rows)
    return len(cohorts)


@transaction.atomic
def _refresh(cohorts: list[int], stale: list[int]) -> None:
    """Two sweeps at once wait for each other at the programme's row: both may touch one total."""
    list(Programme.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    found = Cohort.objects.filter(pk__in=cohorts).values_list("pk", "course__code", "city", "state")
    known = {pk: {"course": course, "city": city, "state": state} for pk, course, city, state in found}
    old = CohortCell.objects.filter(cohort__in=cohorts)
    touched = {(words["course"], words["city"]) for words in known.values()} | set(old.values_list("course", "city"))
    old.delete()
    CohortCell.objects.bulk_create(list(_cells(known)), batch_size=500)
    _total(touched)
    CohortWeek.objects.filter(cohort__in=cohorts).delete()
    CohortWeek.objects.bulk_create(list(_weeks(list(known))), batch_size=500)
    for start in range(0, len(stale), PART):
        StaleCohort.objects.filter(pk__in=stale[start : start + PART]).delete()


def _total(pairs: set[tuple[str, str]]) -> None:
    """Sum the cells of each course and city anew."""
    words = ("course", "city", "state", *SPLIT)
    for course, city in sorted(pairs):
        SplitTotal.objects.filter(course=course, city=city).delete()
        cells = CohortCell.objects.filter(course=course, city=city).order_by().values_list(*words)
        sums = cells.annotate(**{f"n_{name}": Sum(name) for name in COUNTS})
        rows = [SplitTotal(**dict(zip((*words, *COUNTS), row, strict=True))) for row in sums]
        SplitTotal.objects.bulk_create(rows, batch_size=500)


def _cells(cohorts: dict[int, dict[str, str]]) -> Iterable[CohortCell]:
    for row in count_cells(Enrolment.objects.filter(cohort__in=cohorts), "cohort_id"):
        split = {name: row[lookup] for name, lookup in SPLIT.items()}
        words = cohorts[row["cohort_id"]]
        yield CohortCell(cohort_id=row["cohort_id"], **words, **split, **{name: row[name] for name in COUNTS})


def _weeks(cohorts: list[int]) -> Iterable[CohortWeek]:
    found = (
        AttendanceRecord.objects.filter(session__cohort__in=cohorts, enrolment__status__in=Enrolment.ON_REGISTER)
        .exclude(status=MarkStatus.EXCUSED)
        .exclude(session__state="cancelled")
        .order_by()
        .annotate(week=TruncWeek("session__date"))
        .values("session__cohort_id", "week")
        .annotate(earned=Sum("minutes"), possible=Sum("session__minutes"))
    )
    for row in found:
        yield CohortWeek(
            cohort_id=row["session__cohort_id"], week=row["week"], earned=row["earned"], possible=row["possible"]
        )


WATCHED = {
    # table: (events, expression for the cohort ids of OLD or NEW)
    "cohorts_enrolment": "SELECT {row}.cohort_id",
    "certificates_certificate": "SELECT cohort_id FROM cohorts_enrolment WHERE id = {row}.enrolment_id",
}
TRAINEE = "SELECT cohort_id FROM cohorts_enrolment WHERE trainee_id = NEW.id"
SPLIT_CHANGED = " OR ".join(f"OLD.{name} <> NEW.{name}" for name in (*SPLIT, "full_name"))
COHORT_CHANGED = " OR ".join(f"OLD.{name} <> NEW.{name}" for name in ("state", "city", "course_id"))
INSERT = "INSERT INTO portal_stalecohort (cohort_id) "


def watch_changes(**kwargs: Any) -> None:
    """Put the triggers in place; runs after each `migrate`, because SQLite drops them when it rebuilds a table.

    Where one was missing, everything is stale.
    """
    tables = set(connection.introspection.table_names())
    if not {"portal_stalecohort", "trainees_trainee", *WATCHED} <= tables:
        return
    with connection.cursor() as cursor:
        missing = _existing(cursor) < set(_names())
        for statement in _statements():
            cursor.execute(statement)
        if missing:
            cursor.execute("INSERT INTO portal_stalecohort (cohort_id) SELECT id FROM cohorts_cohort")


def _names() -> list[str]:
    acts = ("insert", "update", "delete")
    return [*(f"stale_{table}_{act}" for table in WATCHED for act in acts), "stale_cohort", "stale_trainee"]


def _existing(cursor: Any) -> set[str]:
    if connection.vendor == "sqlite":
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'stale_%'")
    else:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'stale_%'")
    return {row[0] for row in cursor.fetchall()}


def _statements() -> Iterable[str]:
    for table, source in WATCHED.items():
        for act, rows in (("insert", ["NEW"]), ("update", ["NEW"]), ("delete", ["OLD"])):
            writes = [INSERT + source.format(row=row) for row in rows]
            yield from _trigger(f"stale_{table}_{act}", act, table, "", writes)
    yield from _trigger("stale_cohort", "update", "cohorts_cohort", COHORT_CHANGED, [INSERT + "SELECT NEW.id"])
    yield from _trigger("stale_trainee", "update", "trainees_trainee", SPLIT_CHANGED, [INSERT + TRAINEE])


def _trigger(name: str, act: str, table: str, condition: str, writes: list[str]) -> Iterable[str]:
    body, when = "; ".join(writes), f"WHEN ({condition}) " if condition else ""
    head = f"AFTER {act.upper()} ON {table} FOR EACH ROW {when}"
    if connection.vendor == "sqlite":
        yield f"DROP TRIGGER IF EXISTS {name}"
        yield f"CREATE TRIGGER {name} {head}BEGIN {body}; END"
        return
    yield (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$"
    )
    yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
    yield f"CREATE TRIGGER {name} {head}EXECUTE FUNCTION {name}()"
