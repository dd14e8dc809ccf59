"""Counting and giving places under the cohort's lock.

The cohort's row is the lock for its places: it is taken first, then places are counted, then a row is
written, all in one transaction. On SQLite the write transaction itself is the lock (settings).
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Q

from audit.services import record
from cohorts import messages
from cohorts.models import Cohort, Enrolment
from cohorts.rules.places import offer_deadline
from cohorts.services import tallies
from cohorts.services.errors import AlreadyEnrolled, CapacityBelowTaken, CohortClosed, CohortFull, CohortRetired
from trainees.models import Trainee, User

Status = Enrolment.Status


@dataclass(frozen=True)
class Places:
    """What a cohort's places look like: taken, people waiting, and those of them to whom a place may go."""

    taken: int
    waiting: int
    eligible: int


@transaction.atomic
def enrol(*, trainee: Trainee, cohort: Cohort, by: User | None, at: datetime, notify: bool = True) -> Enrolment:
    """Give `trainee` a place in `cohort`, or the last place in its line.

    Nobody overtakes those who wait (R36). The same person asking again for the same cohort is refused.
    Raises CohortClosed, CohortRetired, AlreadyEnrolled, CohortFull. At most 7 queries and a mail row.
    """
    enrolment, position = give_place(trainee=trainee, cohort=lock_cohort(cohort), by=by, at=at)
    if notify:
        messages.tell_enrolled(enrolment=enrolment, position=position, at=at)
    return enrolment


def give_place(
    *, trainee: Trainee, cohort: Cohort, by: User | None, at: datetime, hold_until: datetime | None = None
) -> tuple[Enrolment, int]:
    """Write the enrolment of `trainee` in the locked `cohort` and return it with its place in the line.

    With `hold_until` the place is only held: the address is to be confirmed first. Such a one passes
    nobody in the line; who is confirmed passes those who are not (R36). Raises as `enrol`. Four queries.
    """
    if cohort.state == Cohort.State.CLOSED:
        raise CohortClosed(cohort)
    if cohort.is_retired:
        raise CohortRetired(cohort)
    places = _count_for(trainee, cohort)
    ahead = places.waiting if hold_until else places.eligible
    enrolment = Enrolment(trainee=trainee, cohort=cohort, hold_expires_at=hold_until)
    if places.taken < cohort.capacity and not ahead:
        enrolment.status, enrolment.enrolled_at = Status.ENROLLED, at
        tallies.set_first_tallies(enrolment, cohort=cohort)
    elif places.waiting < cohort.waitlist_limit:
        enrolment.status, enrolment.waitlisted_at = Status.WAITLISTED, at
    else:
        raise CohortFull(cohort)
    try:
        enrolment.save(force_insert=True)
    except IntegrityError as error:  # another cohort's lock does not hold this one: the constraint decides the race
        if "trainee" not in str(error):
            raise
        raise AlreadyEnrolled(None) from None
    record(act="enrolment.create", by=by, at=at, subject=enrolment, detail={"status": enrolment.status})
    return enrolment, places.waiting + 1


def promote_from_waitlist(*, cohort: Cohort, by: User | None, at: datetime) -> list[Enrolment]:
    """Offer free places to the next in line; the caller holds the cohort's lock. One query when nobody waits.

    Where the cohort promotes automatically and has not begun, they are enrolled instead. Who has not
    confirmed the address is passed over and stays in line.
    """
    if cohort.state == Cohort.State.CLOSED:
        return []
    places = count_places(cohort)
    free = min(cohort.capacity - places.taken, places.eligible)
    if free <= 0:
        return []
    line = cohort.enrolments.next_in_line().eligible().select_related("trainee__user", "cohort__course__programme")
    promoted = list(line[:free])
    first = _first_start(cohort)
    if cohort.auto_promote and _is_ahead(first, at):
        _enrol_next(promoted, cohort, by, at)
    else:
        _offer_next(promoted, by, at, offer_deadline(at, settings.OFFER_HOURS, first))
    return promoted


def _enrol_next(promoted: list[Enrolment], cohort: Cohort, by: User | None, at: datetime) -> None:
    for enrolment in promoted:
        enrolment.status, enrolment.enrolled_at = Status.ENROLLED, at
        enrolment.save(update_fields=["status", "enrolled_at"])
        record(act="enrolment.promote", by=by, at=at, subject=enrolment)
        messages.tell_promoted(enrolment=enrolment, at=at)
    tallies.recompute(cohort=cohort, enrolments=promoted)


def _offer_next(promoted: list[Enrolment], by: User | None, at: datetime, deadline: datetime) -> None:
    for enrolment in promoted:
        enrolment.status, enrolment.offered_at, enrolment.offer_expires_at = Status.OFFERED, at, deadline
        enrolment.save(update_fields=["status", "offered_at", "offer_expires_at"])
        record(act="enrolment.offer", by=by, at=at, subject=enrolment, detail={"until": deadline.isoformat()})
        messages.tell_offered(enrolment=enrolment, at=at)


@transaction.atomic
def set_capacity(*, cohort: Cohort, capacity: int, by: User | None, at: datetime) -> Cohort:
    """Change how many places a cohort has; more places go to the line at once (R37).

    Raises CapacityBelowTaken, which names who holds a place, rather than dropping anybody (R38).
    """
    locked = lock_cohort(cohort)
    taken = count_places(locked).taken
    if capacity < max(taken, 1):
        holders = locked.enrolments.taking_a_place().select_related("trainee").order_by("trainee__full_name", "id")
        raise CapacityBelowTaken(capacity, [each.trainee.full_name for each in holders])
    before, locked.capacity = locked.capacity, capacity
    locked.save(update_fields=["capacity"])
    record(act="cohort.capacity", by=by, at=at, subject=locked, detail={"from": before, "to": capacity})
    promote_from_waitlist(cohort=locked, by=by, at=at)
    return locked


@dataclass(frozen=True)
class CapacityPreview:
    """What another number of places would do: who of the line moves, and whether they are enrolled or asked."""

    taken: int
    waiting: int
    next: list[Enrolment]
    enrols: bool
    is_too_low: bool


def preview_capacity(*, cohort: Cohort, capacity: int, at: datetime) -> CapacityPreview:
    """Return what `set_capacity` would do now; writes nothing. Three queries."""
    places = count_places(cohort)
    is_closed = cohort.state == Cohort.State.CLOSED
    free = 0 if is_closed else max(0, min(capacity - places.taken, places.eligible))
    line = cohort.enrolments.next_in_line().eligible().select_related("trainee").defer("trainee__cnic")
    enrols = cohort.auto_promote and _is_ahead(_first_start(cohort), at)
    return CapacityPreview(places.taken, places.waiting, list(line[:free]), enrols, capacity < max(places.taken, 1))


def _first_start(cohort: Cohort) -> datetime | None:
    return cohort.sessions.countable().order_by("starts_at").values_list("starts_at", flat=True).first()


def _is_ahead(first: datetime | None, at: datetime) -> bool:
    return first is None or at < first


@transaction.atomic
def set_auto_promote(*, cohort: Cohort, auto_promote: bool, by: User | None, at: datetime) -> Cohort:
    """Choose whether a free place before the start is given or offered to the next in line."""
    locked = lock_cohort(cohort)
    locked.auto_promote = auto_promote
    locked.save(update_fields=["auto_promote"])
    record(act="cohort.auto_promote", by=by, at=at, subject=locked, detail={"to": auto_promote})
    return locked


def lock_cohort(cohort: Cohort) -> Cohort:
    """Read the cohort again under its row lock; a weaker lock than FOR UPDATE, so other inserts may refer to it."""
    locked = Cohort.objects.select_for_update(no_key=True, of=("self",))
    return locked.select_related("course__programme", "policy").get(pk=cohort.pk)


COUNTS = {
    "taken": Q(status__in=Enrolment.TAKING_A_PLACE),
    "waiting": Q(status=Status.WAITLISTED),
    "eligible": Q(status=Status.WAITLISTED, hold_expires_at__isnull=True),
}


def count_places(cohort: Cohort) -> Places:
    """Return the places taken (enrolled, held and offered: R33) and the people waiting. One query."""
    return Places(**cohort.enrolments.aggregate(**{name: Count("id", filter=each) for name, each in COUNTS.items()}))


def _count_for(trainee: Trainee, cohort: Cohort) -> Places:
    """Count, and refuse who has a place here or an open enrolment anywhere. One query."""
    here = Q(cohort=cohort)
    live = Q(trainee=trainee) & (Q(status__in=Enrolment.OPEN) | here & Q(status__in=Enrolment.LIVE))
    counts = Enrolment.objects.filter(here | Q(trainee=trainee)).aggregate(
        held=Max("id", filter=live), **{name: Count("id", filter=here & each) for name, each in COUNTS.items()}
    )
    if held := counts.pop("held"):
        raise AlreadyEnrolled(Cohort.objects.get(enrolments=held))
    return Places(**counts)
