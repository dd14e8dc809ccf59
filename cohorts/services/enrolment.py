"""Places: the one path by which anybody gets, gives back or moves a place (R32).

The cohort's row is the lock for its places: it is taken first, then places are counted, then a row is
written, all in one transaction. On SQLite the write transaction itself is the lock (settings).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from audit.services import record
from cohorts import messages
from cohorts.models import Cohort, Enrolment
from cohorts.services import tallies
from cohorts.services.errors import (
    AlreadyEnrolled,
    CapacityBelowTaken,
    CohortClosed,
    CohortFull,
    NotOpen,
    RegistrationClosed,
)
from trainees.models import Trainee, User
from trainees.services.people import create_trainee, hash_password


def register(
    *, cohort: Cohort, person: Mapping[str, Any], password: str, consent_version: str, at: datetime
) -> Enrolment:
    """Register a new person online: account, trainee, consent, and a place or a place in the line.

    All or nothing. The password is hashed before the transaction begins, so that the cohort's lock is
    held only for statements. Raises what `create_trainee` and `enrol` raise, and RegistrationClosed.
    """
    password_hash = hash_password(password)
    with transaction.atomic():
        trainee = create_trainee(
            person=person,
            number_prefix=cohort.course.programme.number_prefix,
            by=None,
            at=at,
            password_hash=password_hash,
            consent_version=consent_version,
        )
        return register_again(trainee=trainee, cohort=cohort, by=trainee.user, at=at)


def register_again(*, trainee: Trainee, cohort: Cohort, by: User | None, at: datetime) -> Enrolment:
    """Register a known trainee for a cohort through the public door. Raises RegistrationClosed, and as `enrol`."""
    if not registration_is_open(cohort, at):
        raise RegistrationClosed(cohort)
    return enrol(trainee=trainee, cohort=cohort, by=by, at=at)


def registration_is_open(cohort: Cohort, at: datetime) -> bool:
    """Tell whether the public may register at this moment: inside the cohort's window and not closed."""
    opened = cohort.registration_opens_at is None or cohort.registration_opens_at <= at
    ended = cohort.registration_closes_at is not None and cohort.registration_closes_at <= at
    return opened and not ended and cohort.state != Cohort.State.CLOSED


@transaction.atomic
def enrol(*, trainee: Trainee, cohort: Cohort, by: User | None, at: datetime, notify: bool = True) -> Enrolment:
    """Give `trainee` a place in `cohort`, or the last place in its line.

    Nobody overtakes those who wait (R36). The same person asking again for the same cohort is refused.
    Raises CohortClosed, AlreadyEnrolled, CohortFull. At most 9 queries and a mail row.
    """
    locked = lock_cohort(cohort)
    if locked.state == Cohort.State.CLOSED:
        raise CohortClosed(locked)
    _refuse_second(trainee, locked)
    taken, waiting = count_places(locked)
    if taken < locked.capacity and not waiting:
        enrolment = Enrolment(trainee=trainee, cohort=locked, status=Enrolment.Status.ENROLLED, enrolled_at=at)
        tallies.set_first_tallies(enrolment, cohort=locked)
    elif waiting < locked.waitlist_limit:
        enrolment = Enrolment(trainee=trainee, cohort=locked, status=Enrolment.Status.WAITLISTED, waitlisted_at=at)
    else:
        raise CohortFull(locked)
    enrolment.save(force_insert=True)
    record(act="enrolment.create", by=by, at=at, subject=enrolment, detail={"status": enrolment.status})
    if notify:
        messages.tell_enrolled(enrolment=enrolment, position=waiting + 1, at=at)
    return enrolment


@transaction.atomic
def withdraw(
    *, enrolment: Enrolment, by: User | None, at: datetime, reason: str = "", notify: bool = True
) -> Enrolment:
    """Give a place (or a place in the line) back; it goes to the next in line at once (R35).

    Raises NotOpen when the enrolment is over.
    """
    cohort = lock_cohort(enrolment.cohort)
    enrolment = _withdraw_locked(enrolment, by, at, reason, notify)
    promote_from_waitlist(cohort=cohort, by=by, at=at)
    return enrolment


@transaction.atomic
def transfer(*, enrolment: Enrolment, cohort: Cohort, by: User | None, at: datetime) -> Enrolment:
    """Move a trainee to another cohort: a second enrolment, linked to the first, which keeps its marks.

    Both cohorts are locked in the order of their ids. A place is never given up for a place in a line:
    raises CohortFull when `cohort` has none left, and otherwise as `enrol` does, and NotOpen.
    """
    for each in sorted([enrolment.cohort, cohort], key=lambda one: one.pk):
        lock_cohort(each)
    left = _withdraw_locked(enrolment, by, at, reason=f"transfer to {cohort.code}")
    moved = enrol(trainee=enrolment.trainee, cohort=cohort, by=by, at=at)
    if moved.status != Enrolment.Status.ENROLLED:
        raise CohortFull(cohort)
    moved.transferred_from = left
    moved.save(update_fields=["transferred_from"])
    promote_from_waitlist(cohort=left.cohort, by=by, at=at)
    return moved


@transaction.atomic
def set_capacity(*, cohort: Cohort, capacity: int, by: User | None, at: datetime) -> Cohort:
    """Change how many places a cohort has; more places go to the line at once (R37).

    Raises CapacityBelowTaken rather than dropping anybody (R38).
    """
    locked = lock_cohort(cohort)
    taken, _ = count_places(locked)
    if capacity < max(taken, 1):
        raise CapacityBelowTaken(capacity, taken)
    before, locked.capacity = locked.capacity, capacity
    locked.save(update_fields=["capacity"])
    record(act="cohort.capacity", by=by, at=at, subject=locked, detail={"from": before, "to": capacity})
    promote_from_waitlist(cohort=locked, by=by, at=at)
    return locked


def promote_from_waitlist(*, cohort: Cohort, by: User | None, at: datetime) -> list[Enrolment]:
    """Give free places to the next in line; the caller holds the cohort's lock. Two queries when nobody waits."""
    if cohort.state == Cohort.State.CLOSED:
        return []
    taken, waiting = count_places(cohort)
    free = min(cohort.capacity - taken, waiting)
    promoted = list(cohort.enrolments.next_in_line().select_related("trainee", "cohort")[: max(0, free)])
    for enrolment in promoted:
        enrolment.status, enrolment.enrolled_at = Enrolment.Status.ENROLLED, at
        enrolment.save(update_fields=["status", "enrolled_at"])
        record(act="enrolment.promote", by=by, at=at, subject=enrolment)
        messages.tell_promoted(enrolment=enrolment, at=at)
    if promoted:
        tallies.recompute(cohort=cohort, enrolments=promoted)
    return promoted


def lock_cohort(cohort: Cohort) -> Cohort:
    """Read the cohort again under its row lock; a weaker lock than FOR UPDATE, so other inserts may refer to it."""
    locked = Cohort.objects.select_for_update(no_key=True, of=("self",))
    return locked.select_related("course", "policy").get(pk=cohort.pk)


def count_places(cohort: Cohort) -> tuple[int, int]:
    """Return the places taken and the people waiting. One query."""
    counts = cohort.enrolments.aggregate(
        taken=Count("id", filter=Q(status__in=Enrolment.TAKING_A_PLACE)),
        waiting=Count("id", filter=Q(status=Enrolment.Status.WAITLISTED)),
    )
    return counts["taken"], counts["waiting"]


def _refuse_second(trainee: Trainee, cohort: Cohort) -> None:
    live = Q(cohort=cohort, status__in=Enrolment.LIVE) | Q(status__in=Enrolment.OPEN)
    held = trainee.enrolments.filter(live).select_related("cohort").first()
    if held is not None:
        raise AlreadyEnrolled(held.cohort)


def _withdraw_locked(
    enrolment: Enrolment, by: User | None, at: datetime, reason: str, notify: bool = True
) -> Enrolment:
    current = Enrolment.objects.select_related("trainee", "cohort").get(pk=enrolment.pk)
    if current.status not in Enrolment.OPEN:
        raise NotOpen
    current.status, current.withdrawn_at, current.withdrawal_reason = Enrolment.Status.WITHDRAWN, at, reason[:200]
    current.save(update_fields=["status", "withdrawn_at", "withdrawal_reason"])
    if current.enrolled_at is not None:  # what comes after leaving does not count (R11)
        tallies.recompute(cohort=current.cohort, enrolments=[current])
    record(act="enrolment.withdraw", by=by, at=at, subject=current, detail={"reason": reason[:200]})
    if notify:
        messages.tell_withdrawn(enrolment=current, at=at)
    return current
