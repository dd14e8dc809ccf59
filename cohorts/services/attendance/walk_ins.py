"""People who came and stood on no list: noted by name, matched later."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import Enrolment, Session, WalkIn
from cohorts.services.attendance.marks import Mark
from cohorts.services.attendance.save import mark_attendance
from cohorts.services.errors import Conflict
from trainees.models import User


class AlreadyMatched(Conflict):
    def __init__(self) -> None:
        super().__init__(_("This name is matched already."), code="already_matched")


@transaction.atomic
def note_walk_in(*, session: Session, name: str, by: User | None, at: datetime) -> WalkIn:
    """Note somebody on no list by name. The same name twice in one session is one person. Three queries."""
    name = " ".join(name.split())[:120]
    if not name:
        raise ValidationError({"name": ValidationError(_("Write the name."), code="required")})
    noted, is_new = WalkIn.objects.get_or_create(
        session=session, name=name, enrolment=None, defaults={"noted_by": by, "noted_at": at}
    )
    if is_new:
        record(act="walk_in.note", by=by, at=at, subject=noted)
    return noted


@transaction.atomic
def match_walk_in(
    *, walk_in: WalkIn, enrolment: Enrolment, by: User | None, at: datetime, may_correct: bool = False
) -> WalkIn:
    """Say who a walk-in was: that enrolment of the cohort is marked present, as whoever noted the name saw it.

    Raises AlreadyMatched and what `mark_attendance` raises; a mark that stands as present or late is kept.
    """
    locked = WalkIn.objects.select_for_update(no_key=True, of=("self",)).select_related("session").get(pk=walk_in.pk)
    if locked.enrolment_id is not None:
        raise AlreadyMatched
    standing = locked.session.records.filter(enrolment=enrolment, status__in=["present", "late"])
    if not standing.exists():
        mark_attendance(
            session=locked.session,
            marks=[Mark(enrolment.pk, "present")],
            version=None,
            by=by,
            at=at,
            reason="walk-in matched by name",
            source=f"walk-in {locked.pk}",
            may_correct=may_correct,
        )
    locked.enrolment, locked.matched_by, locked.matched_at = enrolment, by, at
    locked.save(update_fields=["enrolment", "matched_by", "matched_at"])
    record(act="walk_in.match", by=by, at=at, subject=locked, detail={"enrolment": enrolment.pk})
    return locked
