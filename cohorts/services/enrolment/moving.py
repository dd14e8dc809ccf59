"""Moving to another cohort: a second enrolment, linked to the first, which keeps its marks."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from audit.services import record
from cohorts import messages
from cohorts.models import AttendanceRecord, CarriedSession, Cohort, Enrolment, Session
from cohorts.rules.places import Carried, carry_over
from cohorts.services import tallies
from cohorts.services.enrolment import places
from cohorts.services.enrolment.leaving import leave, read_open
from cohorts.services.errors import AlreadyEnrolled, CohortFull
from trainees.models import User


@transaction.atomic
def transfer(*, enrolment: Enrolment, cohort: Cohort, by: User | None, at: datetime, carry: bool = False) -> Enrolment:
    """Move a trainee to another cohort; with `carry` the sessions attended there count here too, by name.

    Both cohorts are locked in the order of their ids. A place is never given up for a place in a line:
    raises CohortFull when `cohort` has none left, AlreadyEnrolled when it is the same cohort, and otherwise as
    `enrol` does, and NotOpen.
    """
    if enrolment.cohort_id == cohort.pk:
        raise AlreadyEnrolled(cohort)
    locked = {each.pk: places.lock_cohort(each) for each in sorted([enrolment.cohort, cohort], key=lambda one: one.pk)}
    left = read_open(enrolment)
    hold_until = left.hold_expires_at
    leave(left, by=by, at=at, reason=f"transfer to {cohort.code}")
    moved, _position = places.give_place(
        trainee=left.trainee, cohort=locked[cohort.pk], by=by, at=at, hold_until=hold_until
    )
    if moved.status != Enrolment.Status.ENROLLED:
        raise CohortFull(cohort)
    moved.transferred_from = left
    moved.save(update_fields=["transferred_from"])
    carried = preview_carried(enrolment=left, cohort=cohort) if carry else []
    _carry(moved, carried, locked[cohort.pk], by, at)
    messages.tell_transferred(enrolment=moved, left=left, carried=carried, at=at)
    places.promote_from_waitlist(cohort=locked[left.cohort_id], by=by, at=at)
    return moved


def preview_carried(*, enrolment: Enrolment, cohort: Cohort) -> list[Carried]:
    """Return the attended sessions that `cohort` would take over; none when it is of another course. Three queries."""
    return preview_each(enrolment=enrolment, cohorts=[cohort])[cohort.pk]


def preview_each(*, enrolment: Enrolment, cohorts: Sequence[Cohort]) -> dict[int, list[Carried]]:
    """Return what each of several cohorts would take over, by its id. Three queries, however many they are."""
    alike = [each.pk for each in cohorts if each.course_id == enrolment.cohort.course_id]
    attended = _attended(enrolment) if alike else []
    sessions: dict[int, list[Session]] = {pk: [] for pk in alike}
    if attended:
        for session in Session.objects.countable().filter(cohort__in=alike).order_by("number"):
            sessions[session.cohort_id].append(session)
    return {each.pk: carry_over(attended, sessions.get(each.pk, [])) for each in cohorts}


def _attended(enrolment: Enrolment) -> list[tuple[Session, str, int]]:
    """Return the sessions attended, here or carried from elsewhere, with status and minutes. Two queries."""
    records = AttendanceRecord.objects.filter(enrolment=enrolment, session__in=enrolment.cohort.sessions.countable())
    attended = [(each.session, each.status, each.minutes) for each in records.select_related("session")]
    attended += [
        (each.attended, each.status, each.minutes) for each in enrolment.carried.select_related("attended", "session")
    ]
    return sorted(attended, key=lambda each: each[0].number)


def _carry(moved: Enrolment, carried: list[Carried], cohort: Cohort, by: User | None, at: datetime) -> None:
    if not carried:
        return
    CarriedSession.objects.bulk_create(
        CarriedSession(
            enrolment=moved,
            session_id=each.session.pk,
            attended_id=each.attended.pk,
            status=each.status,
            minutes=each.minutes,
        )
        for each in carried
    )
    tallies.recompute(cohort=cohort, enrolments=[moved])
    numbers = [each.attended.number for each in carried]
    record(act="enrolment.carry", by=by, at=at, subject=moved, detail={"sessions": numbers})
