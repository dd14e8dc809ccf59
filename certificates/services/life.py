"""After the issue: revoke, replace, try the failed again."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from certificates.models import Batch, Certificate
from certificates.services.issue import create_certificates, ring_batch, unprintable_name
from cohorts.services.errors import Conflict
from trainees.models import User


class NotIssued(Conflict):
    """Only an issued certificate can be revoked or replaced."""

    def __init__(self) -> None:
        super().__init__(_("This certificate is not valid now; there is nothing to revoke."), code="not_issued")


@transaction.atomic
def revoke_certificate(
    *, certificate: Certificate, reason: str, note: str, by: User | None, at: datetime
) -> Certificate:
    """Revoke with a public reason from the list and a private note; row, serial and file stay (R54).

    Raises NotIssued, and ValidationError for a reason that is not on the list.
    """
    if reason not in Certificate.Reason.values:
        raise ValidationError({"reason": ValidationError(_("Choose a reason from the list."), code="reason")})
    return _end(certificate, Certificate.State.REVOKED, reason, note, by, at)


@transaction.atomic
def replace_certificate(*, certificate: Certificate, note: str, by: User | None, at: datetime) -> Certificate:
    """Make a new certificate with the facts as they stand now; the old one says replaced and leads to it (R56).

    Also the way to a new one after a revocation. Raises NotIssued, and ValidationError for a name that
    cannot be printed.
    """
    current = Certificate.objects.select_for_update(no_key=True, of=("self",)).get(pk=certificate.pk)
    enrolment = current.enrolment
    if problem := unprintable_name(enrolment):
        raise ValidationError(_("The name cannot be printed: %s.") % problem.reason, code="unprintable")
    if current.state == Certificate.State.ISSUED:
        _end(current, Certificate.State.REPLACED, Certificate.Reason.NAME, note, by, at)
    elif current.state != Certificate.State.REVOKED or hasattr(current, "replaced_by"):
        raise NotIssued
    batch = Batch.objects.create(cohort=enrolment.cohort, by=by, total=1, started_at=at)
    [made] = create_certificates(batch=batch, enrolments=[enrolment], at=at, replaces=current)
    record(act="certificate.replace", by=by, at=at, subject=made, detail={"replaces": current.serial})
    transaction.on_commit(lambda: ring_batch(batch.pk), robust=True)
    return made


@transaction.atomic
def retry_batch(*, batch: Batch, by: User | None, at: datetime) -> int:
    """Let the failed certificates of a batch wait again, and only them. Return how many."""
    failed = Certificate.objects.filter(batch=batch, state=Certificate.State.FAILED)
    count = failed.update(state=Certificate.State.PENDING, attempts=0, failure="", claimed_until=None, rung_at=at)
    if count:
        record(act="certificates.retry", by=by, at=at, subject=batch, detail={"count": count})
        transaction.on_commit(lambda: ring_batch(batch.pk), robust=True)
    return count


def _end(certificate: Certificate, state: str, reason: str, note: str, by: User | None, at: datetime) -> Certificate:
    ended = Certificate.objects.filter(pk=certificate.pk, state=Certificate.State.ISSUED).update(
        state=state, revocation_reason=reason, revocation_note=note[:300], revoked_at=at, revoked_by=by
    )
    if not ended:
        raise NotIssued
    act = "certificate.revoke" if state == Certificate.State.REVOKED else "certificate.end"
    record(act=act, by=by, at=at, subject=certificate, detail={"reason": reason, "state": state})
    certificate.refresh_from_db()
    return certificate
