"""Leave: asked for with evidence, decided, filled into registers, and given back (R12)."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import AttendanceChange, Cohort, Enrolment, LeaveRequest, MarkStatus, Session
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.errors import CohortClosed, Conflict
from trainees.models import User

LONGEST = 60  # days
LARGEST = 5 * 1024 * 1024
KINDS = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}
CHANNEL = "leave"


class LeaveOverlaps(Conflict):
    def __init__(self, other: LeaveRequest) -> None:
        text = _("You asked for leave from %(start)s to %(end)s already; withdraw that first.")
        super().__init__(text % {"start": other.starts_on, "end": other.ends_on}, code="leave_overlaps")


class LeaveDecided(Conflict):
    def __init__(self) -> None:
        super().__init__(_("This request was decided or withdrawn already."), code="leave_decided")


def source_of(leave_id: int) -> str:
    """Return how the ledger names a leave."""
    return f"leave {leave_id}"


@transaction.atomic
def request_leave(
    *,
    enrolment: Enrolment,
    starts_on: date,
    ends_on: date,
    reason: str,
    evidence: UploadedFile | None,
    by: User | None,
    at: datetime,
) -> LeaveRequest:
    """Ask for leave on these days, both included. Raises LeaveOverlaps, ValidationError by field. Four queries."""
    _check_days(starts_on, ends_on)
    if not reason.strip():
        raise ValidationError({"reason": ValidationError(_("Say why you cannot come."), code="required")})
    Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
    live = enrolment.leave_requests.filter(status__in=LeaveRequest.LIVE)
    if other := live.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).first():
        raise LeaveOverlaps(other)
    leave = LeaveRequest(
        enrolment=enrolment, starts_on=starts_on, ends_on=ends_on, reason=reason.strip()[:300], requested_at=at
    )
    if evidence is not None:
        leave.evidence.save(f"{get_random_string(32)}.{_kind_of(evidence)}", evidence, save=False)
    leave.save()
    record(act="leave.request", by=by, at=at, subject=leave)
    return leave


def _check_days(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise ValidationError({"ends_on": ValidationError(_("The last day is before the first."), code="order")})
    if (ends_on - starts_on).days >= LONGEST:
        text = _("Ask for %(n)d days at most.") % {"n": LONGEST}
        raise ValidationError({"ends_on": ValidationError(text, code="too_long")})


def _kind_of(evidence: UploadedFile) -> str:
    """Return what a file is by its first bytes, whatever its name says."""
    if (evidence.size or 0) > LARGEST:
        text = _("The file has more than %(n)d MB. Send a smaller scan or photo.") % {"n": LARGEST >> 20}
        raise ValidationError({"evidence": ValidationError(text, code="too_large")})
    evidence.seek(0)
    head = evidence.read(8)
    evidence.seek(0)
    for start, kind in KINDS.items():
        if head.startswith(start):
            return kind
    text = _("Send a PDF, or a photo as JPEG or PNG.")
    raise ValidationError({"evidence": ValidationError(text, code="type")})


@transaction.atomic
def decide_leave(*, leave: LeaveRequest, approve: bool, note: str, by: User | None, at: datetime) -> int:
    """Approve or refuse. Approval excuses the unmarked and absent of sessions held in the days; a session still to
    come is filled with its first marks. Never a present or late mark (R12). Returns how many were filled.

    Raises LeaveDecided, CohortClosed. A save per session held.
    """
    locked = _lock(leave)
    if locked.status != LeaveRequest.Status.REQUESTED:
        raise LeaveDecided
    if locked.enrolment.cohort.state == Cohort.State.CLOSED:
        raise CohortClosed(locked.enrolment.cohort)
    locked.status = LeaveRequest.Status.APPROVED if approve else LeaveRequest.Status.REFUSED
    locked.decided_by, locked.decided_at, locked.note = by, at, note.strip()[:200]
    locked.save(update_fields=["status", "decided_by", "decided_at", "note"])
    record(act=f"leave.{locked.status}", by=by, at=at, subject=locked)
    return sum(_fill(session, locked, by, at) for session in _held(locked)) if approve else 0


@transaction.atomic
def withdraw_leave(*, leave: LeaveRequest, by: User | None, at: datetime) -> int:
    """Withdraw a request. Marks that an approved one made go back to what stood before, by the ledger; a mark that
    a person changed since is kept (R12). Returns how many went back. Raises LeaveDecided, CohortClosed.
    """
    locked = _lock(leave)
    was_approved = locked.status == LeaveRequest.Status.APPROVED
    if locked.status not in LeaveRequest.LIVE:
        raise LeaveDecided
    if was_approved and locked.enrolment.cohort.state == Cohort.State.CLOSED:
        raise CohortClosed(locked.enrolment.cohort)
    locked.status = LeaveRequest.Status.WITHDRAWN
    locked.save(update_fields=["status"])
    record(act="leave.withdraw", by=by, at=at, subject=locked)
    return sum(_give_back(session, locked, by, at) for session in _held(locked)) if was_approved else 0


def _lock(leave: LeaveRequest) -> LeaveRequest:
    rows = LeaveRequest.objects.select_for_update(no_key=True, of=("self",)).select_related("enrolment__cohort")
    locked: LeaveRequest = rows.get(pk=leave.pk)
    return locked


def _held(leave: LeaveRequest) -> list[Session]:
    sessions = leave.enrolment.cohort.sessions.filter(state=Session.State.HELD)
    return list(sessions.filter(date__range=(leave.starts_on, leave.ends_on)).order_by("number"))


def _fill(session: Session, leave: LeaveRequest, by: User | None, at: datetime) -> int:
    standing = session.records.filter(enrolment=leave.enrolment_id).values_list("status", flat=True).first()
    if standing not in (None, MarkStatus.ABSENT):
        return 0
    mark = Mark(leave.enrolment_id, MarkStatus.EXCUSED)
    return _mark(session, leave, mark, "leave approved", by, at)


def _give_back(session: Session, leave: LeaveRequest, by: User | None, at: datetime) -> int:
    """Undo what the leave wrote if it is still the last line of the ledger for this mark."""
    lines = AttendanceChange.objects.filter(session=session, enrolment=leave.enrolment_id)
    last = lines.order_by("-id").first()
    if last is None or last.source != source_of(leave.pk) or last.new_status != MarkStatus.EXCUSED:
        return 0
    mark = Mark(leave.enrolment_id, last.old_status or None, last.old_minutes)
    return _mark(session, leave, mark, "leave withdrawn", by, at)


def _mark(session: Session, leave: LeaveRequest, mark: Mark, reason: str, by: User | None, at: datetime) -> int:
    saved = mark_attendance(
        session=session,
        marks=[mark],
        version=None,
        by=by,
        at=at,
        channel=CHANNEL,
        reason=reason,
        source=source_of(leave.pk),
        may_correct=True,
    )
    return saved.changed
