"""Appeals: a trainee disputes a mark within a window; a person decides, and the ledger says why."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import Appeal, AttendanceChange, AttendanceRecord, Cohort, Enrolment, MarkStatus, Session
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.errors import CohortClosed, Conflict
from trainees.models import User


class AppealTooLate(Conflict):
    def __init__(self) -> None:
        text = _("A mark can be disputed within %(n)d days of its last change.") % {"n": settings.APPEAL_DAYS}
        super().__init__(text, code="appeal_too_late")


class AppealOpen(Conflict):
    def __init__(self) -> None:
        super().__init__(_("You disputed this mark already; wait for the decision."), code="appeal_open")


class AppealDecided(Conflict):
    def __init__(self) -> None:
        super().__init__(_("This was decided already."), code="appeal_decided")


def may_still_appeal(last_change: datetime, at: datetime) -> bool:
    """Tell whether a mark that was last changed then can be disputed now."""
    return at <= last_change + timedelta(days=settings.APPEAL_DAYS)


@transaction.atomic
def make_appeal(
    *, enrolment: Enrolment, session: Session, wanted: str, text: str, by: User | None, at: datetime
) -> Appeal:
    """Dispute a mark. Raises AppealTooLate, AppealOpen, CohortClosed, ValidationError. Six queries."""
    if enrolment.cohort.state == Cohort.State.CLOSED:
        raise CohortClosed(enrolment.cohort)
    standing = AttendanceRecord.objects.filter(enrolment=enrolment, session=session).first()
    if standing is None:
        raise ValidationError({"session": ValidationError(_("There is no mark to dispute."), code="no_mark")})
    if wanted not in MarkStatus.values or wanted == standing.status:
        raise ValidationError({"wanted": ValidationError(_("Say what the mark should be."), code="wanted")})
    if not text.strip():
        raise ValidationError({"text": ValidationError(_("Say why the mark is wrong."), code="required")})
    lines = AttendanceChange.objects.filter(enrolment=enrolment, session=session).order_by("-id")
    last = lines.first()
    if last is None or not may_still_appeal(last.received_at or last.at, at):
        raise AppealTooLate
    appeal = Appeal(enrolment=enrolment, session=session, disputed=standing.status, wanted=wanted, made_at=at)
    appeal.text = text.strip()[:500]
    try:
        with transaction.atomic():
            appeal.save(force_insert=True)
    except IntegrityError as error:
        raise AppealOpen from error
    record(act="appeal.make", by=by, at=at, subject=appeal, detail={"session": session.number})
    return appeal


@transaction.atomic
def decide_appeal(*, appeal: Appeal, accept: bool, note: str, by: User | None, at: datetime) -> None:
    """Decide; an accepted appeal becomes a mark, with the note as its reason. Raises AppealDecided, ValidationError."""
    if not note.strip():
        raise ValidationError({"note": ValidationError(_("Give a reason; it is kept."), code="required")})
    rows = Appeal.objects.select_for_update(no_key=True, of=("self",)).select_related("session")
    locked: Appeal = rows.get(pk=appeal.pk)
    if locked.status != Appeal.Status.OPEN:
        raise AppealDecided
    locked.status = Appeal.Status.ACCEPTED if accept else Appeal.Status.REFUSED
    locked.decided_by, locked.decided_at, locked.note = by, at, note.strip()[:200]
    locked.save(update_fields=["status", "decided_by", "decided_at", "note"])
    record(act=f"appeal.{locked.status}", by=by, at=at, subject=locked)
    if accept:
        mark_attendance(
            session=locked.session,
            marks=[Mark(locked.enrolment_id, locked.wanted)],
            version=None,
            by=by,
            at=at,
            channel="appeal",
            reason=locked.note,
            source=f"appeal {locked.pk}",
            may_correct=True,
        )
