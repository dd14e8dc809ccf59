"""After the issue: revoke, replace, renew."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from certificates.messages import tell_revoked
from certificates.models import Batch, Certificate
from certificates.rules import needs_evidence
from certificates.services.elsewhere import HolderNames, create_from_printed, printed_names, refuse_names
from certificates.services.issue import create_certificates, ring_batch, unprintable_name
from certificates.services.status import mark_ended
from cohorts.models import Enrolment
from cohorts.services.enrolment import lock_cohort
from cohorts.services.errors import Conflict
from trainees.models import User
from trainees.rules import clean_text


class NotIssued(Conflict):
    """Only an issued certificate can be revoked or replaced."""

    def __init__(self) -> None:
        super().__init__(_("This certificate is not valid now; there is nothing to revoke."), code="not_issued")


class NotCompleted(Conflict):
    """Whose outcome is not completed gets no new certificate, whatever they had before (R48)."""

    def __init__(self, enrolment: Enrolment) -> None:
        text = _("%(name)s has not completed %(code)s as it stands now: put the outcome right first, or revoke.")
        values = {"name": enrolment.trainee.full_name, "code": enrolment.cohort.code}
        super().__init__(text % values, code="not_completed")


@dataclass(frozen=True)
class Names:
    """What is printed, and what would be printed now."""

    printed: str
    printed_ur: str
    now: str
    now_ur: str
    needs_evidence: bool

    @property
    def differ(self) -> bool:
        return (self.printed, self.printed_ur) != (self.now, self.now_ur)


def compare_names(certificate: Certificate) -> Names | None:
    """Return the name on a certificate beside the holder's name as it stands; None without an enrolment.

    No query on a row read with `enrolment__trainee` and `replaces`.
    """
    if certificate.enrolment is None:
        return None
    trainee = certificate.enrolment.trainee
    now = HolderNames(clean_text(trainee.full_name, 120), clean_text(trainee.full_name_ur, 120))
    return _compare(certificate, now)


def _compare(certificate: Certificate, now: HolderNames) -> Names:
    old, printed = certificate.replaces, printed_names(certificate)
    corrected_before = old is not None and old.revocation_reason == Certificate.Reason.NAME
    evidence = needs_evidence(printed.name, now.name, corrected_before)
    return Names(printed.name, printed.name_ur, now.name, now.name_ur, evidence)


@transaction.atomic
def revoke_certificate(
    *, certificate: Certificate, reason: str, note: str, by: User | None, at: datetime
) -> Certificate:
    """Revoke with a public reason from the list and a private note; row, serial and file stay (R54).

    The holder is told. Raises NotIssued, and ValidationError for a reason that is not on the list. Six queries.
    """
    if reason not in Certificate.OF_REVOCATION:
        raise ValidationError({"reason": ValidationError(_("Choose a reason from the list."), code="reason")})
    ended = _end(certificate, Certificate.State.REVOKED, reason, note, by, at)
    tell_revoked(certificate=ended, at=at)
    return ended


@transaction.atomic
def replace_certificate(
    *,
    certificate: Certificate,
    note: str,
    by: User | None,
    at: datetime,
    reason: str = Certificate.Reason.NAME,
    names: HolderNames | None = None,
) -> Certificate:
    """Make a new certificate with the facts as they stand now; the old one says replaced and leads to it (R56).

    Also the way to a new one after a revocation, and to a later date of expiry (R60). Of an imported one the printed
    facts are taken over, with `names` if given; with an enrolment the names are the trainee's, and the outcome is
    looked at again under the cohort's lock. Raises NotIssued, NotCompleted, UnprintableFact, and ValidationError for
    a name that cannot be printed, for a renewal of what never expires, and for a correction of more than two letters,
    or a second one, without its evidence in the note (R57).
    """
    if certificate.enrolment:
        lock_cohort(certificate.enrolment.cohort)
    current = Certificate.objects.select_for_update(no_key=True, of=("self",)).get(pk=certificate.pk)
    if current.enrolment and current.enrolment.status != Enrolment.Status.COMPLETED:
        raise NotCompleted(current.enrolment)
    names = names or printed_names(current)
    _check_replacement(current, names, reason, note)
    if current.state == Certificate.State.ISSUED:
        _end(current, Certificate.State.REPLACED, reason, note, by, at)
    elif current.state != Certificate.State.REVOKED or hasattr(current, "replaced_by"):
        raise NotIssued
    cohort = current.enrolment.cohort if current.enrolment else None
    batch = Batch.objects.create(cohort=cohort, by=by, total=1, started_at=at, told_at=at)
    if current.enrolment:
        [made] = create_certificates(batch=batch, enrolments=[current.enrolment], at=at, replaces=current)
    else:
        made = create_from_printed(old=current, names=names, reason=reason, batch=batch, at=at)
    record(act="certificate.replace", by=by, at=at, subject=made, detail={"replaces": current.serial})
    transaction.on_commit(lambda: ring_batch(batch.pk), robust=True)
    return made


def _check_replacement(current: Certificate, names: HolderNames, reason: str, note: str) -> None:
    if reason not in Certificate.OF_REPLACEMENT:
        raise ValidationError({"reason": ValidationError(_("Choose a reason from the list."), code="reason")})
    if reason == Certificate.Reason.RENEWAL and current.expires_on is None:
        raise ValidationError(_("This certificate never expires; there is nothing to renew."), code="no_expiry")
    if current.enrolment is None:
        refuse_names(names)
    elif problem := unprintable_name(current.enrolment):
        raise ValidationError(_("The name cannot be printed: %s.") % problem.reason, code="unprintable")
    compared = compare_names(current) or _compare(current, names)
    if compared.needs_evidence and not note.strip():
        text = _("More than two letters change, or the name was corrected before: write down what proves it.")
        raise ValidationError({"note": ValidationError(text, code="evidence")})


def _end(certificate: Certificate, state: str, reason: str, note: str, by: User | None, at: datetime) -> Certificate:
    ended = Certificate.objects.filter(pk=certificate.pk, state=Certificate.State.ISSUED).update(
        state=state, revocation_reason=reason, revocation_note=note[:300], revoked_at=at, revoked_by=by
    )
    if not ended:
        raise NotIssued
    mark_ended(certificate=certificate)
    act = "certificate.revoke" if state == Certificate.State.REVOKED else "certificate.end"
    record(act=act, by=by, at=at, subject=certificate, detail={"reason": reason, "state": state})
    certificate.refresh_from_db()
    return certificate
