"""The marks of a session whose time changed after marking: kept, or late marks derived again, by a person (R8)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import AttendanceRecord, MarkStatus, Session
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.enrolment import lock_cohort
from cohorts.services.errors import Conflict
from cohorts.services.schedule.drafts import Line
from cohorts.services.schedule.planning import Planned
from cohorts.services.tallies import policy_of
from trainees.models import User


class NotChangedAfterMarking(Conflict):
    def __init__(self) -> None:
        super().__init__(_("The marks of this session have been looked at already."), code="not_changed")


@dataclass(frozen=True)
class Derived:
    """A late mark as it stands, and as the new time of the session makes it."""

    record: AttendanceRecord
    arrived_at: datetime
    status: str
    minutes: int

    @property
    def differs(self) -> bool:
        return (self.record.status, self.record.minutes) != (self.status, self.minutes)


def derive_late_marks(*, session: Session) -> list[Derived]:
    """Return what each late mark of a session would be under its new time; nothing is stored. Three queries.

    Who came late arrived as many minutes after the old start as the mark lacks. All other marks stay.
    """
    old = _time_when_marked(session)
    late = AttendanceRecord.objects.filter(session=session, status=MarkStatus.LATE).select_related("enrolment__trainee")
    grace = policy_of(session.cohort).late_after_minutes
    return [_derive(each, old, session, grace) for each in late.order_by("enrolment__trainee__full_name", "id")]


@transaction.atomic
def settle_marks(*, session: Session, derive: bool, by: User | None, at: datetime) -> int:
    """Take the flag off a session whose time changed after marking; with `derive` the late marks follow it.

    Raises NotChangedAfterMarking, and what `mark_attendance` raises. Returns how many marks changed.
    """
    lock_cohort(session.cohort)  # first, as everywhere: the marks are saved under it too
    flagged = Session.objects.select_for_update(no_key=True, of=("self",)).select_related("cohort__course")
    locked = flagged.filter(pk=session.pk, changed_after_marking_at__isnull=False).first()
    if locked is None:
        raise NotChangedAfterMarking
    changed = 0
    if derive:
        marks = [
            Mark(each.record.enrolment_id, each.status, each.minutes) for each in derive_late_marks(session=locked)
        ]
        said = _("derived again after the session's time changed")
        saved = mark_attendance(
            session=locked, marks=marks, version=None, by=by, at=at, channel="timetable", reason=said
        )
        changed = saved.changed
    Session.objects.filter(pk=locked.pk).update(changed_after_marking_at=None)
    record(act="session.marks_settled", by=by, at=at, subject=locked, detail={"derived": derive, "changed": changed})
    return changed


def _time_when_marked(session: Session) -> Planned:
    """Return the time that the session had before the first change after marking. One query."""
    changes = session.cohort.timetable_changes.filter(done_at=session.changed_after_marking_at).order_by("-edition")
    zone = ZoneInfo(session.cohort.time_zone)
    for change in changes:
        for line in map(Line.from_json, change.lines):
            if line.session_id == session.pk and line.before is not None:
                return line.before.slot(zone)
    raise NotChangedAfterMarking


def _derive(record: AttendanceRecord, old: Planned, session: Session, grace: int) -> Derived:
    arrived = old.starts_at + timedelta(minutes=max(0, old.minutes - record.minutes))
    missed = int((arrived - session.starts_at).total_seconds() // 60)
    if missed <= grace:
        return Derived(record, arrived, MarkStatus.PRESENT, session.minutes)
    if missed >= session.minutes:
        return Derived(record, arrived, MarkStatus.ABSENT, 0)
    return Derived(record, arrived, MarkStatus.LATE, session.minutes - missed)
