"""Make-up: a missed session counts as attended, once, for another one attended instead."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import AttendanceRecord, Cohort, Enrolment, MakeUp, MarkStatus, Session
from cohorts.services import tallies
from cohorts.services.errors import CohortClosed, Conflict
from trainees.models import User


class AlreadyMadeUp(Conflict):
    def __init__(self) -> None:
        text = _("This session was made up for already, or the other one was used for that already.")
        super().__init__(text, code="already_made_up")


class NotMissed(Conflict):
    def __init__(self, session: Session) -> None:
        super().__init__(_("Session %d is not marked absent.") % session.number, code="not_missed")


@transaction.atomic
def credit_make_up(
    *,
    enrolment: Enrolment,
    missed: Session,
    attended: Session | None,
    on: date,
    note: str,
    by: User | None,
    at: datetime,
) -> MakeUp:
    """Credit one missed session for a session attended in another cohort of the course, or for what `note` names.

    The mark stays absent in the ledger; the tallies count it as attended whole. Raises NotMissed,
    AlreadyMadeUp, CohortClosed, ValidationError. About eight queries.
    """
    cohort = _lock_open(enrolment)
    absent = AttendanceRecord.objects.filter(session=missed, enrolment=enrolment, status=MarkStatus.ABSENT)
    if missed.cohort_id != cohort.pk or not absent.exists():
        raise NotMissed(missed)
    _check_attended(cohort, attended, note)
    made = MakeUp(enrolment=enrolment, missed=missed, attended=attended, on=on, note=note.strip()[:200])
    made.credited_by, made.credited_at = by, at
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyMadeUp from error
    record(act="make_up.credit", by=by, at=at, subject=made, detail={"missed": missed.number})
    tallies.recompute(cohort=cohort, enrolments=[enrolment])
    return made


@transaction.atomic
def take_back_make_up(*, made: MakeUp, by: User | None, at: datetime) -> None:
    """Take a credit back; the session counts as missed again. Raises CohortClosed."""
    cohort = _lock_open(made.enrolment)
    record(act="make_up.take_back", by=by, at=at, subject=made, detail={"missed": made.missed.number})
    made.delete()
    tallies.recompute(cohort=cohort, enrolments=[made.enrolment])


def _lock_open(enrolment: Enrolment) -> Cohort:
    rows = Cohort.objects.select_for_update(no_key=True, of=("self",)).select_related("policy")
    cohort = rows.get(pk=enrolment.cohort_id)
    if cohort.state == Cohort.State.CLOSED:
        raise CohortClosed(cohort)
    return cohort


def _check_attended(cohort: Cohort, attended: Session | None, note: str) -> None:
    if attended is None:
        if not note.strip():
            text = _("Say what was attended instead, or choose the session.")
            raise ValidationError({"note": ValidationError(text, code="required")})
        return
    is_other = attended.cohort_id != cohort.pk and attended.cohort.course_id == cohort.course_id
    if not is_other or attended.state != Session.State.HELD:
        text = _("Choose a session that was held in another cohort of the same course.")
        raise ValidationError({"attended": ValidationError(text, code="not_elsewhere")})
