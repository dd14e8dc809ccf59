"""Closing a register, reopening it, and confirming marks that came late."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import AttendanceChange, AttendanceRecord, Cohort, MeetingReport, Session
from cohorts.services import tallies
from cohorts.services.attendance.marks import Mark, RegisterClosed, SessionCancelled
from cohorts.services.attendance.register import open_register
from cohorts.services.attendance.save import mark_attendance
from cohorts.services.errors import CohortClosed, Conflict
from trainees.models import User


class NothingMarked(Conflict):
    def __init__(self, session: Session) -> None:
        text = _("Nobody is marked in session %d yet. Mark somebody, or say that it was not held.")
        super().__init__(text % session.number, code="nothing_marked")


class RegisterOpen(Conflict):
    def __init__(self, session: Session) -> None:
        super().__init__(_("The register of session %d is open.") % session.number, code="register_open")


MANY = 100  # registers closed in one sweep


@transaction.atomic
def close_register(
    *,
    session: Session,
    by: User | None,
    at: datetime,
    reason: str = "unmarked when the register was closed",
) -> int:
    """Close the register: who is unmarked gets the status that the policy names, recorded as automatic (R5).

    Who joined after the session is passed over: it is none of theirs (R11). Returns how many were unmarked. Raises
    RegisterClosed, NothingMarked, SessionCancelled, CohortClosed.
    """
    register = open_register(session)
    locked = register.session
    if locked.state == Session.State.CANCELLED:
        raise SessionCancelled(locked)
    if locked.register_closed_at is not None:
        raise RegisterClosed(locked)
    if locked.state == Session.State.PLANNED:
        raise NothingMarked(locked)
    open_ones = [each for pk, each in register.enrolments.items() if register.standing(pk) is None]
    left = [each.pk for each in tallies.those_of(locked, open_ones, register.sessions)]
    marks = [Mark(pk, register.policy.unmarked_becomes) for pk in left]
    saved = mark_attendance(session=locked, marks=marks, version=None, by=by, at=at, channel="automatic", reason=reason)
    saved.session.register_closed_at = at
    saved.session.save(update_fields=["register_closed_at"])
    record(act="register.close", by=by, at=at, subject=locked, detail={"unmarked": len(left)})
    return len(left)


def close_due_registers(*, at: datetime) -> int:
    """Close the registers whose lock time has passed, each in a transaction of its own (R5). Returns how many.

    A session without any mark waits for its register, one with a meeting report that nobody confirmed for that.
    May run again, and beside a person who closes the same register.
    """
    closed = 0
    for session in due_registers(at=at)[:MANY]:
        try:
            close_register(session=session, by=None, at=at, reason="unmarked at the lock time")
        except Conflict:
            continue  # closed, cancelled or marked anew in the meantime
        closed += 1
    return closed


def due_registers(*, at: datetime) -> QuerySet[Session]:
    """Return the open registers whose lock time has passed, the oldest first."""
    locked = at - timedelta(hours=settings.REGISTER_LOCK_HOURS)
    held = Session.objects.filter(state=Session.State.HELD, cohort__state=Cohort.State.RUNNING)
    due = held.filter(register_closed_at__isnull=True, ends_at__lt=locked, marked_at__lt=locked)
    return due.exclude(meeting_report__state=MeetingReport.State.PROVISIONAL).order_by("ends_at", "id")


@transaction.atomic
def reopen_register(*, session: Session, reason: str, by: User | None, at: datetime) -> None:
    """Open a closed register again. Its marks stay, also the automatic ones, and its lock time counts anew.

    Raises RegisterOpen, CohortClosed.
    """
    if not reason.strip():
        raise ValidationError({"reason": ValidationError(_("Say why the register is reopened."), code="required")})
    locked = open_register(session).session
    if locked.cohort.state == Cohort.State.CLOSED:
        raise CohortClosed(locked.cohort)
    if locked.register_closed_at is None:
        raise RegisterOpen(locked)
    locked.register_closed_at, locked.marked_at = None, at
    locked.save(update_fields=["register_closed_at", "marked_at"])
    record(act="register.reopen", by=by, at=at, subject=locked, detail={"reason": reason.strip()[:200]})


@transaction.atomic
def confirm_marks(*, session: Session, enrolments: Iterable[int], by: User | None, at: datetime) -> int:
    """Take "late, to confirm" from marks as they stand; the ledger keeps who confirmed. Three queries."""
    locked = open_register(session).session
    doubtful = AttendanceRecord.objects.filter(session=locked, enrolment__in=list(enrolments), to_confirm=True)
    confirmed = list(doubtful)
    AttendanceChange.objects.bulk_create(
        AttendanceChange(
            session=locked,
            enrolment_id=each.enrolment_id,
            old_status=each.status,
            old_minutes=each.minutes,
            new_status=each.status,
            new_minutes=each.minutes,
            at=at,
            received_at=at,
            by=by,
            channel="register",
            reason="confirmed",
            version=locked.version,
        )
        for each in confirmed
    )
    doubtful.update(to_confirm=False)
    return len(confirmed)
