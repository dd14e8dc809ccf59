"""The public door: registering, confirming the address, and registering again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from audit.services import record
from cohorts import messages
from cohorts.models import Cohort, Enrolment
from cohorts.rules.places import why_not_eligible
from cohorts.services.enrolment import places
from cohorts.services.enrolment.moving import transfer
from cohorts.services.errors import CohortClosed, CohortRetired, NotEligible, NothingToConfirm, RegistrationClosed
from trainees.models import Trainee, User
from trainees.services.confirmation import prove_address
from trainees.services.people import CnicAlreadyRegistered, add_trainee, hash_password


def register(
    *, cohort: Cohort, person: Mapping[str, Any], password: str, consent_version: str, at: datetime
) -> Enrolment:
    """Register a new person online: account, trainee, consent, and a place or a place in the line.

    All or nothing, in at most 12 statements. The password is hashed before the transaction begins, so that
    the cohort's lock is held only for statements. An address that has an account already gets the same
    answer: the person is attached to that account when the link in the mail is opened. The place is held
    until then. Raises what `add_trainee` and `enrol` raise, RegistrationClosed and NotEligible.
    """
    password_hash = hash_password(password)
    _refuse_at_door(cohort, Trainee(**_judged(person)), at)
    try:
        with transaction.atomic():
            trainee = add_trainee(
                person=person,
                number_prefix=cohort.course.programme.number_prefix,
                by=None,
                at=at,
                password_hash=password_hash,
                consent_version=consent_version,
            )
            return _enter(trainee, cohort, trainee.user, at)
    except IntegrityError as error:  # the same person in the same instant under another programme's numbers
        if "cnic" not in str(error):
            raise
        raise CnicAlreadyRegistered from None


@transaction.atomic
def register_again(*, trainee: Trainee, cohort: Cohort, by: User | None, at: datetime) -> Enrolment:
    """Register a known trainee for a cohort through the public door.

    Raises RegistrationClosed, NotEligible, and as `enrol`. An address that was never confirmed is to be
    confirmed now.
    """
    _refuse_at_door(cohort, trainee, at)
    return _enter(trainee, cohort, by, at)


@transaction.atomic
def move_oneself(*, enrolment: Enrolment, cohort: Cohort, by: User | None, at: datetime) -> Enrolment:
    """Let a trainee move to another cohort through the public door, with the sessions attended so far.

    Raises RegistrationClosed, NotEligible, and as `transfer`.
    """
    _refuse_at_door(cohort, enrolment.trainee, at)
    return transfer(enrolment=enrolment, cohort=cohort, by=by, at=at, carry=True)


def find_moves(*, enrolment: Enrolment, at: datetime) -> list[Cohort]:
    """Return the cohorts of the same course that a trainee can move to now, the earliest first. One query."""
    course = enrolment.cohort.course_id
    others = Cohort.objects.offered().filter(course=course).exclude(pk=enrolment.cohort_id).with_places()
    found = others.select_related("course").order_by("starts_on", "id")
    return [each for each in found if each.places_left and registration_is_open(each, at)]


def _enter(trainee: Trainee, cohort: Cohort, by: User | None, at: datetime) -> Enrolment:
    confirmed = trainee.email_confirmed_at is not None
    hold_until = None if confirmed else at + timedelta(hours=settings.CONFIRM_HOURS)
    locked = places.lock_cohort(cohort)
    enrolment, position = places.give_place(trainee=trainee, cohort=locked, by=by, at=at, hold_until=hold_until)
    if confirmed:
        messages.tell_enrolled(enrolment=enrolment, position=position, at=at)
    else:
        messages.ask_to_confirm(enrolment=enrolment, position=position, at=at)
    return enrolment


def registration_is_open(cohort: Cohort, at: datetime) -> bool:
    """Tell whether the public may register at this moment: inside its window, not closed, not retired.

    A retired course or programme is left out by `Cohort.objects.offered()` and refused at the door.
    """
    opened = cohort.registration_opens_at is None or cohort.registration_opens_at <= at
    ended = cohort.registration_closes_at is not None and cohort.registration_closes_at <= at
    return opened and not ended and cohort.state != Cohort.State.CLOSED and cohort.retired_at is None


def _refuse_at_door(cohort: Cohort, person: Trainee, at: datetime) -> None:
    if cohort.state == Cohort.State.CLOSED:
        raise CohortClosed(cohort)
    if cohort.is_retired:
        raise CohortRetired(cohort)
    if not registration_is_open(cohort, at):
        raise RegistrationClosed(cohort, at)
    if reasons := why_not_eligible(person, cohort.course, starts_on=cohort.starts_on):
        raise NotEligible(cohort, reasons)


def _judged(person: Mapping[str, Any]) -> dict[str, Any]:
    return {name: person.get(name) for name in ("category", "graduation_year", "date_of_birth")}


@transaction.atomic
def confirm_address(*, trainee: Trainee, at: datetime) -> Enrolment | None:
    """Record that the link in the mail was opened: the held place becomes theirs, a waiting one can be offered one.

    Returns the open enrolment that waited for it, if there still is one. Opening it twice changes nothing.
    """
    held = trainee.enrolments.filter(status__in=Enrolment.OPEN, hold_expires_at__isnull=False)
    waiting = held.select_related("cohort").first()
    cohort = places.lock_cohort(waiting.cohort) if waiting else None
    proven = prove_address(trainee=trainee, at=at)
    enrolment = held.select_related("trainee__user", "cohort__course__programme").first()
    if cohort is None or enrolment is None:
        return None
    enrolment.hold_expires_at = None
    enrolment.save(update_fields=["hold_expires_at"])
    record(act="enrolment.confirm", by=proven.user, at=at, subject=enrolment)
    if enrolment.status == Enrolment.Status.ENROLLED:
        messages.tell_enrolled(enrolment=enrolment, at=at)
    places.promote_from_waitlist(cohort=cohort, by=proven.user, at=at)
    return enrolment


@transaction.atomic
def send_confirmation_again(*, trainee: Trainee, at: datetime) -> None:
    """Queue the mail with the link once more; at most one in ten minutes. Raises NothingToConfirm."""
    held = trainee.enrolments.with_position().filter(status__in=Enrolment.OPEN, hold_expires_at__gt=at)
    enrolment = held.select_related("trainee__user", "cohort__course__programme").first()
    if enrolment is None:
        raise NothingToConfirm
    edition = int(at.timestamp()) // 600
    messages.ask_to_confirm(enrolment=enrolment, position=enrolment.place_in_line or 0, at=at, edition=f"-{edition}")
