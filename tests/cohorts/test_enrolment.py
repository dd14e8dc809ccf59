"""Places, the line, and moving (R32-R40)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from cohorts.forms import RegistrationForm
from cohorts.models import Enrolment
from cohorts.services.enrolment import enrol, register, set_capacity, transfer, withdraw
from cohorts.services.errors import AlreadyEnrolled, CapacityBelowTaken, CohortFull, RegistrationClosed
from tests.factories import BEFORE, make_cohort, make_enrolment, make_office, make_registration, make_trainee
from trainees.models import Consent, Message, Trainee

pytestmark = pytest.mark.django_db


def statuses(cohort):
    return list(cohort.enrolments.order_by("id").values_list("status", flat=True))


def test_places_then_the_line_then_full():
    cohort = make_cohort(capacity=2, waitlist_limit=1)

    for _ in range(3):
        make_enrolment(cohort)

    assert statuses(cohort) == ["enrolled", "enrolled", "waitlisted"]
    with pytest.raises(CohortFull):
        make_enrolment(cohort)


def test_a_place_that_is_given_back_goes_to_the_first_in_line_who_is_told():
    cohort = make_cohort(capacity=1, waitlist_limit=3, auto_promote=True)
    first, second, third = (make_enrolment(cohort) for _ in range(3))

    withdraw(enrolment=first, by=None, at=BEFORE)

    assert statuses(cohort) == ["withdrawn", "enrolled", "waitlisted"]
    assert Message.objects.filter(key=f"enrolment-{second.pk}-promoted", to=second.trainee.email).exists()
    assert not Message.objects.filter(key=f"enrolment-{third.pk}-promoted").exists()


def test_nobody_overtakes_the_line():
    cohort = make_cohort(capacity=1, waitlist_limit=3)
    make_enrolment(cohort), make_enrolment(cohort)
    cohort.capacity = 2
    cohort.save()

    assert make_enrolment(cohort).status == "waitlisted"


def test_more_capacity_is_offered_to_the_line_and_less_than_taken_is_refused_with_the_names():
    """R37, R38; an offer is a taken place (R33)."""
    cohort = make_cohort(capacity=1, waitlist_limit=3)
    first, second, _third = (make_enrolment(cohort) for _ in range(3))

    set_capacity(cohort=cohort, capacity=2, by=None, at=BEFORE)

    assert statuses(cohort) == ["enrolled", "offered", "waitlisted"]
    with pytest.raises(CapacityBelowTaken) as refused:
        set_capacity(cohort=cohort, capacity=1, by=None, at=BEFORE)
    assert first.trainee.full_name in str(refused.value)
    assert second.trainee.full_name in str(refused.value)


def test_one_open_enrolment_per_person_by_service_and_by_database():
    cohort, other = make_cohort(), make_cohort()
    enrolment = make_enrolment(cohort)

    with pytest.raises(AlreadyEnrolled):
        enrol(trainee=enrolment.trainee, cohort=other, by=None, at=BEFORE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.create(trainee=enrolment.trainee, cohort=other, status="enrolled", enrolled_at=BEFORE)


def test_transfer_keeps_both_and_refuses_a_place_in_a_line():
    cohort, full = make_cohort(), make_cohort(capacity=1)
    make_enrolment(full)
    enrolment = make_enrolment(cohort)

    with pytest.raises(CohortFull), transaction.atomic():
        transfer(enrolment=enrolment, cohort=full, by=None, at=BEFORE)
    moved = transfer(enrolment=enrolment, cohort=make_cohort(), by=None, at=BEFORE)

    enrolment.refresh_from_db()
    assert (enrolment.status, moved.status, moved.transferred_from) == ("withdrawn", "enrolled", enrolment)


def test_transfer_to_the_same_cohort_is_refused_and_changes_nothing():
    enrolment = make_enrolment(make_cohort())

    with pytest.raises(AlreadyEnrolled):
        transfer(enrolment=enrolment, cohort=enrolment.cohort, by=None, at=BEFORE, carry=True)

    assert statuses(enrolment.cohort) == ["enrolled"]


def test_registering_makes_person_account_consent_place_and_mail():
    cohort = make_cohort()
    form = RegistrationForm(make_registration(cnic="۳۵۲۰۲-۱۲۳۴۵۶۷-۸", email=" Zainab@Example.org "))
    assert form.is_valid(), form.errors

    enrolment = register(cohort=cohort, person=form.person, password="three-words-x", consent_version="1", at=BEFORE)

    trainee = Trainee.objects.get()
    assert (trainee.cnic, trainee.email, trainee.mobile) == ("3520212345678", "zainab@example.org", "+923641234567")
    assert trainee.user.check_password("three-words-x")
    assert Consent.objects.get().trainee == trainee
    assert enrolment.status == "enrolled"
    assert enrolment.hold_expires_at == BEFORE + timedelta(hours=48)
    assert Message.objects.get().subject == f"Confirm your address for {cohort.code}"


def test_a_known_cnic_is_refused_and_nothing_kept():
    cohort = make_cohort()
    known = make_trainee()
    form = RegistrationForm(make_registration(cnic=known.cnic))
    assert form.is_valid()

    with pytest.raises(ValidationError):
        register(cohort=cohort, person=form.person, password="three-words-x", consent_version="1", at=BEFORE)

    assert Trainee.objects.count() == 1
    assert not Message.objects.exists()


def test_outside_its_window_a_cohort_takes_no_registration():
    cohort = make_cohort(registration_closes_at=BEFORE)
    form = RegistrationForm(make_registration())
    assert form.is_valid()

    with pytest.raises(RegistrationClosed):
        register(cohort=cohort, person=form.person, password="three-words-x", consent_version="1", at=BEFORE)


def test_the_office_hears_of_who_leaves_by_themselves_and_only_then():
    office, cohort = make_office(), make_cohort(capacity=5)
    make_office("Auditor")
    leaving, moved_out = (make_enrolment(cohort) for _ in range(2))

    withdraw(enrolment=leaving, by=leaving.trainee.user, at=BEFORE, reason="found work")
    withdraw(enrolment=moved_out, by=office, at=BEFORE, reason="asked by phone")

    told = Message.objects.get(kind="somebody_left")
    assert (told.to, told.about) == (office.email, cohort.code)
    assert leaving.trainee.number in told.subject
    assert "found work" in told.text
    assert Message.objects.filter(kind="withdrawn").count() == 2
