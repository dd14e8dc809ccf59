"""What the set-up pages write, and what a save would do: a preview is the save itself, taken back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.services import compare, record
from cohorts.imports.cohorts_file import CohortRow
from cohorts.models import Cohort, Room, Session
from cohorts.services.enrolment import lock_cohort
from cohorts.services.instructors import Given, give_sessions
from cohorts.services.schedule import Clash, clashes_of, import_cohorts
from courses.imports import CourseRow
from courses.models import Course, Programme
from courses.services import describe_course, save_course
from trainees.models import User

Changed = dict[str, list[Any]]


@dataclass(frozen=True)
class CohortPreview:
    """What saving a cohort makes: its sessions, what clashes, the places against the target and the room."""

    sessions: list[Session]
    minutes: int
    hours: int  # of the course
    clashes: Sequence[Clash]
    places: int  # of all cohorts that are offered, with this one
    target: int
    capacity: int
    opens: str  # on the clock of the cohort; empty: at once
    room: Room | None

    @property
    def last(self) -> Session:
        return self.sessions[-1]

    @property
    def is_too_large(self) -> bool:
        return self.room is not None and self.room.seats is not None and self.capacity > self.room.seats


class CodeTaken(ValidationError):
    def __init__(self, field: str, text: str) -> None:
        super().__init__({field: ValidationError(text, code="code_taken")})


@transaction.atomic
def save_programme(*, programme: Programme | None, values: dict[str, Any], by: User | None, at: datetime) -> Changed:
    """Make a programme, or change its words and numbers; return what changed. Raises CodeTaken. Four queries."""
    if programme is None and Programme.objects.filter(code=values["code"]).exists():
        raise CodeTaken("code", _("There is a programme %s already.") % values["code"])
    kept = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk) if programme else Programme()
    changed = compare({name: getattr(kept, name) for name in values} if programme else {}, values)
    for name in changed:
        setattr(kept, name, values[name])
    if changed:
        kept.save()
        record(act="programme.save", by=by, at=at, subject=kept, detail={"changed": changed})
    return changed


def preview_programme(**wanted: Any) -> Changed:
    """Return what `save_programme` would change, without doing it. Raises as it."""
    with transaction.atomic():
        changed = save_programme(**wanted)
        transaction.set_rollback(True)
    return changed


def preview_course(*, programme: Programme, row: CourseRow, at: datetime) -> Changed:
    """Return what saving would change, without doing it; nothing for a course that stands as typed."""
    before = Course.objects.filter(code=row.code).first()
    stood = describe_course(before) if before else {}
    with transaction.atomic():
        save_course(programme=programme, row=row, by=None, at=at, whole=True)
        changed = compare(stood, describe_course(Course.objects.get(code=row.code)))
        transaction.set_rollback(True)
    return changed


def preview_cohort(*, row: CohortRow, window: Mapping[str, Any], at: datetime) -> CohortPreview:
    """Make the cohort, look at it, and take it back. Raises CodeTaken, and as `import_cohorts`."""
    with transaction.atomic():
        cohort = _make(row, window, None, at)
        sessions = list(cohort.sessions.order_by("number"))
        programme = cohort.course.programme
        standing = Cohort.objects.offered().filter(course__programme=programme)
        preview = CohortPreview(
            sessions=sessions,
            minutes=sum(session.minutes for session in sessions),
            hours=cohort.course.contact_hours,
            clashes=clashes_of(cohort, at),
            places=standing.aggregate(n=Sum("capacity"))["n"] or 0,
            target=programme.seat_target,
            capacity=cohort.capacity,
            opens=_wall_clock(window["registration_opens_at"]),
            room=cohort.held_in,
        )
        transaction.set_rollback(True)
    return preview


@transaction.atomic
def create_cohort(*, row: CohortRow, window: Mapping[str, Any], by: User | None, at: datetime) -> Cohort:
    """Make a cohort with its sessions, and tell its instructors. Raises as the preview."""
    return _make(row, window, by, at)


def _wall_clock(moment: datetime | None) -> str:
    return date_format(moment.replace(tzinfo=None), "j F Y, H:i") if moment else ""


def _make(row: CohortRow, window: Mapping[str, Any], by: User | None, at: datetime) -> Cohort:
    if Cohort.objects.filter(code=row.code).exists():
        raise CodeTaken("code", _("There is a cohort %s already.") % row.code)
    import_cohorts(rows=[row], by=by, at=at)
    cohort = Cohort.objects.select_related("course__programme", "held_in__venue").get(code=row.code)
    change_cohort(cohort=cohort, values=window, by=by, at=at)
    return cohort


@transaction.atomic
def change_cohort(*, cohort: Cohort, values: Mapping[str, Any], by: User | None, at: datetime) -> Changed:
    """Change when one may register for a cohort and how long its line is; return what changed. Three queries."""
    locked = lock_cohort(cohort)
    changed = compare(describe_window(locked, values), values)
    for name in changed:
        setattr(locked, name, values[name])
    if changed:
        locked.save(update_fields=list(changed))
        record(act="cohort.save", by=by, at=at, subject=locked, detail={"changed": changed})
    return changed


def describe_window(cohort: Cohort, names: Iterable[str]) -> dict[str, Any]:
    """Return these values of a cohort, moments in its own zone. No query."""
    found = {name: getattr(cohort, name) for name in names}
    zone = ZoneInfo(cohort.time_zone)
    return {name: value.astimezone(zone) if isinstance(value, datetime) else value for name, value in found.items()}


def preview_holders(
    *, cohort: Cohort, holders: Mapping[int, Sequence[int]], at: datetime
) -> tuple[list[Given], list[Clash]]:
    """Return who would hold which session, and what would clash then; nothing is kept. Raises as `give_sessions`."""
    with transaction.atomic():
        given = give_sessions(cohort=cohort, holders=holders, by=None, at=at)
        clashes = [each for each in clashes_of(cohort, at) if each.kind == "instructor"]
        transaction.set_rollback(True)
    return given, clashes
