"""Taking the closing of a cohort back, so that marks, scores or exceptions can be put right (R45)."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import Cohort, Enrolment, OutcomeChange
from cohorts.services.completion.closing import describe_change
from cohorts.services.enrolment import lock_cohort
from cohorts.services.errors import Conflict
from trainees.models import User
from trainees.rules import clean_text


class CohortNotClosed(Conflict):
    def __init__(self, cohort: Cohort) -> None:
        super().__init__(_("%s is not closed.") % cohort.code, code="not_closed")


class ReasonMissing(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("Give a reason; it is kept."), code="reason_missing")


@dataclass(frozen=True)
class Reopening:
    """Who is open again, and who kept an outcome because of an open place in another cohort."""

    cohort: Cohort
    reopened: int
    kept: list[Enrolment]


@transaction.atomic
def reopen_cohort(*, cohort: Cohort, reason: str, by: User | None, at: datetime) -> Reopening:
    """Make a closed cohort running again; outcomes are open until it is closed once more.

    The first date of completion and each former outcome stay in the history, certificates stay as they
    are. Who holds an open place elsewhere keeps the outcome; it is decided again at the next closing. Who
    waited is not put back in the line. Raises CohortNotClosed and ReasonMissing. At most 8 queries.
    """
    locked = lock_cohort(cohort)
    if locked.state != Cohort.State.CLOSED:
        raise CohortNotClosed(locked)
    reason = clean_text(reason, 300)
    if not reason:
        raise ReasonMissing
    opened, kept = _open_enrolments(locked, reason, by, at)
    locked.state, locked.closed_at = Cohort.State.RUNNING, None
    locked.save(update_fields=["state", "closed_at"])
    detail = {"reason": reason, "reopened": opened, "kept": len(kept)}
    record(act="cohort.reopen", by=by, at=at, subject=locked, detail=detail)
    return Reopening(locked, opened, kept)


def _open_enrolments(cohort: Cohort, reason: str, by: User | None, at: datetime) -> tuple[int, list[Enrolment]]:
    enrolments = list(cohort.enrolments.on_register().select_related("trainee").order_by("id"))
    elsewhere = Enrolment.objects.filter(
        trainee__in=[each.trainee_id for each in enrolments], status__in=Enrolment.OPEN
    ).exclude(cohort=cohort)
    busy = set(elsewhere.values_list("trainee_id", flat=True))
    opened = [each for each in enrolments if each.trainee_id not in busy]
    history = []
    for enrolment in opened:
        before, enrolment.status = enrolment.status, Enrolment.Status.ENROLLED
        history.append(describe_change(enrolment, before, by, at, why=reason))
        enrolment.reasons, enrolment.closed_at = [], None
    OutcomeChange.objects.bulk_create(history)
    Enrolment.objects.bulk_update(opened, ["status", "reasons", "closed_at"], batch_size=200)
    return len(opened), [each for each in enrolments if each.trainee_id in busy]
