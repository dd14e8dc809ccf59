"""Sessions that were not held."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import Cohort, Session
from cohorts.services import tallies
from cohorts.services.attendance.marks import SessionCancelled
from cohorts.services.attendance.register import open_register
from cohorts.services.errors import CohortClosed
from trainees.models import User


@transaction.atomic
def cancel_session(*, session: Session, reason: str, by: User | None, at: datetime) -> Session:
    """Say that a session was not held, and why. Its marks stay in the ledger and no longer count (R6)."""
    if not reason.strip():
        raise ValidationError({"reason": ValidationError(_("Say why the session is not held."), code="required")})
    locked = open_register(session).session
    if locked.cohort.state == Cohort.State.CLOSED:
        raise CohortClosed(locked.cohort)
    if locked.state == Session.State.CANCELLED:
        raise SessionCancelled(locked)
    locked.state, locked.cancel_reason = Session.State.CANCELLED, reason.strip()[:200]
    locked.version += 1
    locked.save(update_fields=["state", "cancel_reason", "version"])
    record(act="session.cancel", by=by, at=at, subject=locked, detail={"reason": locked.cancel_reason})
    tallies.recompute(cohort=locked.cohort, enrolments=list(locked.cohort.enrolments.on_register()))
    return locked
