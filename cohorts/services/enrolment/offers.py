"""Answering an offer: it is used once, and what is declined goes on to the next (R35)."""

from datetime import datetime

from django.db import transaction

from audit.services import record
from cohorts import messages
from cohorts.models import Enrolment
from cohorts.services import tallies
from cohorts.services.enrolment import places
from cohorts.services.enrolment.leaving import leave, read_open
from cohorts.services.errors import OfferOver
from trainees.models import User

Status = Enrolment.Status
DECLINED = "offer declined"


@transaction.atomic
def accept_offer(*, enrolment: Enrolment, by: User | None, at: datetime) -> Enrolment:
    """Turn an offer into a place. Accepting twice is accepting once. Raises OfferOver, NotOpen."""
    cohort = places.lock_cohort(enrolment.cohort)
    current = read_open(enrolment)
    if current.status == Status.ENROLLED and current.offered_at:
        return current
    _refuse_over(current, at)
    current.status, current.enrolled_at = Status.ENROLLED, at
    current.save(update_fields=["status", "enrolled_at"])
    tallies.recompute(cohort=cohort, enrolments=[current])
    record(act="enrolment.accept", by=by, at=at, subject=current)
    messages.tell_enrolled(enrolment=current, at=at)
    return current


@transaction.atomic
def decline_offer(*, enrolment: Enrolment, by: User | None, at: datetime) -> Enrolment:
    """Give an offer up for good; the next in line is asked in the same transaction. Raises OfferOver, NotOpen."""
    cohort = places.lock_cohort(enrolment.cohort)
    current = read_open(enrolment)
    _refuse_over(current, at)
    leave(current, by=by, at=at, reason=DECLINED)
    places.promote_from_waitlist(cohort=cohort, by=by, at=at)
    return current


def _refuse_over(enrolment: Enrolment, at: datetime) -> None:
    expires = enrolment.offer_expires_at
    if enrolment.status != Status.OFFERED or expires is None or expires <= at:
        raise OfferOver
