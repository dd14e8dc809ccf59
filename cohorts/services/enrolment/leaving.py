"""Giving places back: withdrawal, no-show, and what runs out."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from audit.services import record
from cohorts import messages
from cohorts.models import Cohort, Enrolment
from cohorts.rules.places import may_be_no_show
from cohorts.services import tallies
from cohorts.services.enrolment import places
from cohorts.services.errors import CameAlready, NotOpen
from trainees.models import User

Status = Enrolment.Status
HOLD_RAN_OUT = "not confirmed in time"
OFFER_RAN_OUT = "offer not answered in time"


@transaction.atomic
def withdraw(
    *, enrolment: Enrolment, by: User | None, at: datetime, reason: str = "", notify: bool = True
) -> Enrolment:
    """Give a place, an offer or a place in the line back; it goes to the next in line at once (R35).

    The person is told, and the office when it was the person's own act (R42). Raises NotOpen when the
    enrolment is over.
    """
    cohort = places.lock_cohort(enrolment.cohort)
    left = read_open(enrolment)
    leave(left, by=by, at=at, reason=reason)
    if notify:
        messages.tell_withdrawn(enrolment=left, at=at)
        if by is not None and by.pk == left.trainee.user_id:
            messages.tell_office_withdrawn(enrolment=left, at=at)
    places.promote_from_waitlist(cohort=cohort, by=by, at=at)
    return left


@transaction.atomic
def mark_no_show(*, enrolment: Enrolment, by: User | None, at: datetime) -> Enrolment:
    """Free the place of somebody who has missed the first sessions altogether; the marks stay (R39).

    Raises NotOpen, and CameAlready when the person was there or too few sessions were held.
    """
    cohort = places.lock_cohort(enrolment.cohort)
    gone = read_open(enrolment)
    if gone.status != Status.ENROLLED:
        raise NotOpen
    if not may_be_no_show(gone):
        raise CameAlready(gone.trainee.full_name)
    gone.status, gone.withdrawn_at, gone.hold_expires_at = Status.NO_SHOW, at, None
    gone.save(update_fields=["status", "withdrawn_at", "hold_expires_at"])
    _stop_counting(gone)
    record(act="enrolment.no_show", by=by, at=at, subject=gone)
    messages.tell_no_show(enrolment=gone, at=at)
    places.promote_from_waitlist(cohort=cohort, by=by, at=at)
    return gone


def due_cohorts(*, at: datetime) -> list[Cohort]:
    """Return the cohorts in which a hold or an offer has run out. One query."""
    return list(Cohort.objects.filter(enrolments__in=Enrolment.objects.filter(_ran_out(at))).distinct().order_by("id"))


@transaction.atomic
def release_expired(*, cohort: Cohort, at: datetime) -> list[Enrolment]:
    """Withdraw what ran out in one cohort, tell the people, and ask the next in line (R35). May run twice."""
    locked = places.lock_cohort(cohort)
    gone = list(
        locked.enrolments.filter(_ran_out(at))
        .select_related("trainee__user", "cohort__course__programme")
        .order_by("id")
    )
    for enrolment in gone:
        was_offer = enrolment.status == Status.OFFERED
        leave(enrolment, by=None, at=at, reason=OFFER_RAN_OUT if was_offer else HOLD_RAN_OUT)
        messages.tell_lapsed(enrolment=enrolment, was_offer=was_offer, at=at)
    if gone:
        places.promote_from_waitlist(cohort=locked, by=None, at=at)
    return gone


def _ran_out(at: datetime) -> Q:
    holding = Q(status__in=[Status.WAITLISTED, Status.ENROLLED], hold_expires_at__lte=at)
    return holding | Q(status=Status.OFFERED, offer_expires_at__lte=at)


def read_open(enrolment: Enrolment, statuses: Iterable[str] = Enrolment.OPEN) -> Enrolment:
    """Read an enrolment again under its cohort's lock. Raises NotOpen unless it stands in one of `statuses`."""
    current = Enrolment.objects.select_related("trainee__user", "cohort__course__programme").get(pk=enrolment.pk)
    if current.status not in statuses:
        raise NotOpen
    return current


def leave(enrolment: Enrolment, *, by: User | None, at: datetime, reason: str) -> None:
    """Write a withdrawal; the caller holds the lock, tells the person and promotes."""
    enrolment.status, enrolment.withdrawn_at = Status.WITHDRAWN, at
    enrolment.withdrawal_reason, enrolment.hold_expires_at = reason[:200], None
    enrolment.save(update_fields=["status", "withdrawn_at", "withdrawal_reason", "hold_expires_at"])
    _stop_counting(enrolment)
    record(act="enrolment.withdraw", by=by, at=at, subject=enrolment, detail={"reason": reason[:200]})


def _stop_counting(enrolment: Enrolment) -> None:
    """What comes after leaving does not count (R11)."""
    if enrolment.enrolled_at is not None:
        tallies.recompute(cohort=enrolment.cohort, enrolments=[enrolment])
