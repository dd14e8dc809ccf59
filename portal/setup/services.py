"""What the set-up pages write, and what a save would do: a preview is the save itself, taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.imports.cohorts_file import CohortRow
from cohorts.models import Cohort, Session
from cohorts.services.schedule import clashes_of, import_cohorts
from courses.imports import CourseRow
from courses.models import Programme
from courses.services import save_course
from trainees.models import User
from trainees.services.messages import queue_message


@dataclass(frozen=True)
class CohortPreview:
    """What saving a cohort makes: its sessions, what clashes, and the places against the target."""

    sessions: list[Session]
    minutes: int
    clashes: Sequence[Any]
    places: int  # of all cohorts, with this one
    target: int


class CodeTaken(ValidationError):
    def __init__(self, code: str) -> None:
        super().__init__(_("There is a cohort %s already.") % code, code="code_taken")


@transaction.atomic
def save_programme(*, programme: Programme, values: dict[str, Any], by: User | None, at: datetime) -> list[str]:
    """Change the programme's own words and numbers; return the fields that changed. Two queries."""
    changed = [name for name, value in values.items() if getattr(programme, name) != value]
    for name in changed:
        setattr(programme, name, values[name])
    if changed:
        programme.save(update_fields=changed)
        record(act="programme.save", by=by, at=at, subject=programme, detail={"changed": changed})
    return changed


def preview_course(*, programme: Programme, row: CourseRow, at: datetime) -> str:
    """Return what saving would do (created, updated, unchanged), without doing it."""
    with transaction.atomic():
        verdict = save_course(programme=programme, row=row, by=None, at=at)
        transaction.set_rollback(True)
    return verdict


def preview_cohort(*, row: CohortRow, at: datetime) -> CohortPreview:
    """Make the cohort, look at it, and take it back. Raises CodeTaken, and as `import_cohorts`."""
    with transaction.atomic():
        cohort = _make(row, None, at)
        sessions = list(cohort.sessions.order_by("number"))
        programme = cohort.course.programme
        places = Cohort.objects.filter(course__programme=programme).aggregate(n=Sum("capacity"))["n"]
        preview = CohortPreview(
            sessions=sessions,
            minutes=sum(session.minutes for session in sessions),
            clashes=clashes_of(cohort, at),
            places=places,
            target=programme.seat_target,
        )
        transaction.set_rollback(True)
    return preview


@transaction.atomic
def create_cohort(*, row: CohortRow, by: User | None, at: datetime) -> Cohort:
    """Make a cohort with its sessions, and invite instructors who have no account. Raises as the preview."""
    emails = [email for _name, email in row.instructors]
    known = set(User.objects.filter(email__in=emails).values_list("email", flat=True))
    cohort = _make(row, by, at)
    for name, email in row.instructors:
        if email not in known:
            _invite(email, name, cohort.code, at)
    return cohort


def _make(row: CohortRow, by: User | None, at: datetime) -> Cohort:
    if Cohort.objects.filter(code=row.code).exists():
        raise CodeTaken(row.code)
    import_cohorts(rows=[row], by=by, at=at)
    return Cohort.objects.select_related("course__programme").get(code=row.code)


def _invite(email: str, name: str, cohort: str, at: datetime) -> None:
    words = {"name": name or email, "cohort": cohort, "site": settings.SITE_URL}
    queue_message(
        at=at,
        key=f"invited:{email}",
        to=email,
        kind="invited",
        subject=_("You teach %s") % cohort,
        text=render_to_string("emails/invited.txt", words),
        html=render_to_string("emails/invited.html", words),
    )
