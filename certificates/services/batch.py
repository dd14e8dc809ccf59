"""A batch in work: hold the rest, go on, try the failed again."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from certificates.models import Batch, Certificate
from certificates.services.issue import ring, ring_batch
from trainees.models import User

AGAIN = {"state": Certificate.State.PENDING, "attempts": 0, "failure": "", "claimed_until": None}


class NotFailed(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("It has not failed."), code="not_failed")


@transaction.atomic
def pause_batch(*, batch: Batch, by: User | None, at: datetime) -> bool:
    """Hold what waits; what is in hand is finished. Return whether anything changed."""
    is_new = Batch.objects.filter(pk=batch.pk, paused_at__isnull=True).update(paused_at=at) == 1
    if is_new:
        record(act="batch.pause", by=by, at=at, subject=batch)
    return is_new


@transaction.atomic
def resume_batch(*, batch: Batch, by: User | None, at: datetime) -> bool:
    """Go on with what waits. Return whether anything changed."""
    was_held = Batch.objects.filter(pk=batch.pk, paused_at__isnull=False).update(paused_at=None) == 1
    if was_held:
        Certificate.objects.filter(batch=batch, state=Certificate.State.PENDING).update(rung_at=at)
        record(act="batch.resume", by=by, at=at, subject=batch)
        transaction.on_commit(lambda: ring_batch(batch.pk), robust=True)
    return was_held


@transaction.atomic
def retry_batch(*, batch: Batch, by: User | None, at: datetime) -> int:
    """Let the failed certificates of a batch wait again, and only them (R67). Return how many."""
    failed = Certificate.objects.filter(batch=batch, state=Certificate.State.FAILED)
    count = failed.update(**AGAIN, rung_at=at)
    if count:
        Batch.objects.filter(pk=batch.pk).update(told_at=None)  # its end is told again
        record(act="certificates.retry", by=by, at=at, subject=batch, detail={"count": count})
        transaction.on_commit(lambda: ring_batch(batch.pk), robust=True)
    return count


@transaction.atomic
def retry_certificate(*, certificate: Certificate, by: User | None, at: datetime) -> None:
    """Let one failed certificate wait again (R67). Raises NotFailed. Two queries."""
    failed = Certificate.objects.filter(pk=certificate.pk, state=Certificate.State.FAILED)
    if not failed.update(**AGAIN, rung_at=at):
        raise NotFailed
    record(act="certificates.retry", by=by, at=at, subject=certificate)
    transaction.on_commit(lambda: ring([certificate.pk]), robust=True)
