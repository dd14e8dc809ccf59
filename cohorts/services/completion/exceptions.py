"""Exceptions: letting somebody complete although a condition is not met (R46)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import Cohort, CompletionException, Enrolment
from cohorts.services.completion.reopening import ReasonMissing
from cohorts.services.enrolment import lock_cohort
from cohorts.services.errors import CohortClosed, Conflict, NotOpen
from trainees.models import User
from trainees.rules import clean_text


class ExceptionStands(Conflict):
    def __init__(self) -> None:
        super().__init__(_("An exception stands already; lift it first."), code="exception_stands")


class ExceptionLifted(Conflict):
    def __init__(self) -> None:
        super().__init__(_("This exception was lifted before."), code="exception_lifted")


@transaction.atomic
def grant_exception(*, enrolment: Enrolment, reason: str, by: User | None, at: datetime) -> CompletionException:
    """Let an enrolment complete when its cohort is closed, whatever its conditions say.

    Raises ReasonMissing, CohortClosed (reopen it first), NotOpen and ExceptionStands. Five queries.
    """
    reason = _require_open(enrolment, reason)
    current = Enrolment.objects.get(pk=enrolment.pk)
    if current.status not in Enrolment.ON_REGISTER:
        raise NotOpen
    if current.exceptions.filter(lifted_at__isnull=True).exists():
        raise ExceptionStands
    granted = CompletionException.objects.create(enrolment=current, reason=reason, by=by, at=at)
    record(act="exception.grant", by=by, at=at, subject=current, detail={"reason": reason})
    return granted


@transaction.atomic
def lift_exception(*, exception: CompletionException, reason: str, by: User | None, at: datetime) -> None:
    """Take an exception back; it stays in the history. Raises ReasonMissing, CohortClosed, ExceptionLifted."""
    reason = _require_open(exception.enrolment, reason)
    changed = CompletionException.objects.filter(pk=exception.pk, lifted_at__isnull=True).update(
        lifted_at=at, lifted_by=by, lifted_reason=reason
    )
    if not changed:
        raise ExceptionLifted
    record(act="exception.lift", by=by, at=at, subject=exception.enrolment, detail={"reason": reason})


def _require_open(enrolment: Enrolment, reason: str) -> str:
    reason = clean_text(reason, 300)
    if not reason:
        raise ReasonMissing
    locked = lock_cohort(enrolment.cohort)
    if locked.state == Cohort.State.CLOSED:
        raise CohortClosed(locked)
    return reason
