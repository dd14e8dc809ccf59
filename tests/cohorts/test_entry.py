"""The public door: windows, eligibility, holds, confirmation, shared addresses, re-sending."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cohorts.models import Enrolment
from cohorts.services.enrolment import register_again, withdraw
from cohorts.services.enrolment.entry import confirm_address, send_confirmation_again
from cohorts.services.enrolment.leaving import due_cohorts, release_expired
from cohorts.services.errors import CohortClosed, NothingToConfirm, RegistrationClosed
from tests.factories import BEFORE, LATER, make_cohort, make_course, make_enrolment, make_registered, make_trainee
from trainees.models import Message, Trainee, User
from trainees.services.confirmation import make_link_token, read_link_token

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def sweep(at):
    for cohort in due_cohorts(at=at):
        release_expired(cohort=cohort, at=at)


def status_of(enrolment):
    enrolment.refresh_from_db()
    return enrolment.status


def test_a_registration_takes_at_most_twelve_statements_in_its_transaction():
    cohort = make_cohort()
    make_registered(cohort)

    with CaptureQueriesContext(connection) as queries:
        make_registered(cohort)

    inside = [each["sql"] for each in queries if not each["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(inside) == 12
    assert len(queries) == 14  # the test itself is the outer transaction, so one savepoint is added and released


def test_a_place_is_held_for_two_days_and_is_kept_when_the_link_is_opened():
    enrolment = make_registered(make_cohort())
    assert (enrolment.status, enrolment.hold_expires_at) == ("enrolled", BEFORE + 2 * DAY)

    confirm_address(trainee=enrolment.trainee, at=BEFORE + DAY)
    sweep(BEFORE + 3 * DAY)

    enrolment.refresh_from_db()
    assert (enrolment.status, enrolment.hold_expires_at) == ("enrolled", None)
    assert Trainee.objects.get().email_confirmed_at == BEFORE + DAY
    assert Message.objects.filter(key=f"enrolment-{enrolment.pk}-enrolled").count() == 1


def test_confirming_twice_changes_nothing():
    enrolment = make_registered(make_cohort())
    confirm_address(trainee=enrolment.trainee, at=BEFORE + DAY)

    assert confirm_address(trainee=enrolment.trainee, at=BEFORE + 2 * DAY) is None
    assert Trainee.objects.get().email_confirmed_at == BEFORE + DAY


def test_an_unconfirmed_hold_goes_to_the_next_in_line_and_the_person_is_told():
    cohort = make_cohort(capacity=1)
    held = make_registered(cohort)
    waiting = make_enrolment(cohort)

    sweep(BEFORE + 2 * DAY - timedelta(seconds=1))
    assert status_of(held) == "enrolled"
    sweep(BEFORE + 2 * DAY)
    sweep(BEFORE + 2 * DAY)  # may run twice

    assert (status_of(held), held.withdrawal_reason) == ("withdrawn", "not confirmed in time")
    assert status_of(waiting) == "offered"
    assert Message.objects.filter(key=f"enrolment-{held.pk}-hold_lapsed", to=held.trainee.email).count() == 1
    assert Message.objects.filter(key=f"enrolment-{waiting.pk}-offered").count() == 1


def test_who_waits_unconfirmed_is_passed_over_keeps_the_place_in_line_and_is_asked_once_confirmed():
    """R37: a place goes only to those whose review is finished."""
    cohort = make_cohort(capacity=1)
    holder = make_enrolment(cohort)
    unconfirmed, confirmed = make_registered(cohort), make_enrolment(cohort)

    withdraw(enrolment=holder, by=None, at=BEFORE)
    assert (status_of(unconfirmed), status_of(confirmed)) == ("waitlisted", "offered")
    withdraw(enrolment=confirmed, by=None, at=BEFORE)
    assert status_of(unconfirmed) == "waitlisted"  # nobody eligible waits, the place stays free

    confirm_address(trainee=unconfirmed.trainee, at=BEFORE + DAY)

    assert status_of(unconfirmed) == "offered"


def test_who_waits_unconfirmed_leaves_the_line_when_the_time_runs_out():
    cohort = make_cohort(capacity=1)
    make_enrolment(cohort)
    unconfirmed = make_registered(cohort)

    sweep(BEFORE + 2 * DAY)

    assert status_of(unconfirmed) == "withdrawn"


def test_a_new_registration_passes_nobody_in_the_line_confirmed_or_not():
    """R36."""
    cohort = make_cohort(capacity=1)
    holder = make_enrolment(cohort)
    make_registered(cohort)
    withdraw(enrolment=holder, by=None, at=BEFORE)

    assert make_registered(cohort).status == "waitlisted"
    assert make_enrolment(cohort).status == "enrolled"  # whose address is known: nobody eligible waits


def test_a_known_address_makes_a_person_without_touching_the_account():
    cohort = make_cohort()
    first = make_registered(cohort, email="family@example.org", password="the-first-password")
    account = first.trainee.user
    confirm_address(trainee=first.trainee, at=BEFORE)

    second = make_registered(cohort, email="family@example.org", full_name="Bilal Noor", password="another-password")

    assert (second.status, second.trainee.user) == (first.status, None)
    assert User.objects.get() == account
    assert authenticate(username="family@example.org", password="the-first-password") == account
    mail = Message.objects.get(key=f"enrolment-{second.pk}-confirm")
    assert "Bilal Noor was registered" in mail.text
    assert "which has an account already" in mail.text


def test_opening_the_link_attaches_the_sibling_to_the_account():
    cohort = make_cohort()
    first = make_registered(cohort, email="family@example.org", password="the-first-password")
    confirm_address(trainee=first.trainee, at=BEFORE)
    second = make_registered(cohort, email="family@example.org")

    confirm_address(trainee=second.trainee, at=BEFORE)

    account = User.objects.get()
    assert set(account.trainees.values_list("id", flat=True)) == {first.trainee_id, second.trainee_id}
    assert account.check_password("the-first-password")


def test_nobody_prepares_an_account_for_anothers_address():
    """A stranger registers with the address first; its owner's link voids the stranger's password."""
    cohort = make_cohort()
    stranger = make_registered(cohort, email="owner@example.org", password="the-strangers-own")
    owner = make_registered(cohort, email="owner@example.org", password="the-owners-password")

    confirm_address(trainee=owner.trainee, at=BEFORE)

    account = User.objects.get()
    assert list(account.trainees.all()) == [owner.trainee]
    assert not account.has_usable_password()
    stranger.trainee.refresh_from_db()
    assert stranger.trainee.user is None


def test_the_link_fits_one_person_and_address_and_no_forgery():
    trainee = make_trainee()
    token = make_link_token(trainee)
    assert read_link_token(token) == trainee
    assert read_link_token(token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    assert read_link_token("nonsense") is None

    trainee.email = "new@example.org"
    trainee.save()

    assert read_link_token(token) is None


def test_a_known_cnic_is_refused_at_its_field_whatever_the_address():
    cohort = make_cohort()
    make_registered(cohort, cnic="3520212345678", email="one@example.org")

    with pytest.raises(ValidationError) as refused:
        make_registered(cohort, cnic="3520212345678", email="two@example.org")

    assert refused.value.error_dict["cnic"][0].code == "cnic_registered"
    assert Trainee.objects.count() == 1
    assert not User.objects.filter(email="two@example.org").exists()


def test_outside_its_window_a_cohort_says_when_it_opens_or_that_it_is_over():
    ahead = make_cohort(registration_opens_at=BEFORE + DAY)
    over = make_cohort(registration_closes_at=BEFORE)

    with pytest.raises(RegistrationClosed, match="opens on 25 April 2020, 10:00") as refused:
        make_registered(ahead)
    with pytest.raises(RegistrationClosed, match="is over"):
        make_registered(over)

    assert refused.value.extra == {"opens_at": BEFORE + DAY, "closes_at": None}
    assert not Trainee.objects.exists()


def test_a_closed_cohort_takes_nobody():
    with pytest.raises(CohortClosed):
        make_registered(make_cohort(state="closed", closed_at=LATER, policy=make_course().policies.get()))


def test_who_does_not_fit_is_told_every_reason_and_nothing_is_kept():
    cohort = make_cohort(course=make_course("CC", categories=["professional"], earliest_graduation_year=2020))

    with pytest.raises(ValidationError) as refused:
        make_registered(cohort)

    assert set(refused.value.error_dict) == {"category", "graduation_year"}
    assert {each.code for found in refused.value.error_dict.values() for each in found} == {"not_eligible"}
    assert not Trainee.objects.exists()


def test_a_confirmed_person_registers_again_without_a_hold_and_one_cohort_at_a_time():
    cohort, other = make_cohort(), make_cohort()
    enrolment = make_registered(cohort)
    confirm_address(trainee=enrolment.trainee, at=BEFORE)
    trainee = Trainee.objects.get()

    with pytest.raises(ValidationError, match="one cohort at a time"):
        register_again(trainee=trainee, cohort=other, by=trainee.user, at=BEFORE)
    withdraw(enrolment=enrolment, by=trainee.user, at=BEFORE)
    again = register_again(trainee=trainee, cohort=other, by=trainee.user, at=BEFORE)

    assert (again.status, again.hold_expires_at) == ("enrolled", None)


def test_the_mail_is_sent_again_at_most_once_in_ten_minutes():
    enrolment = make_registered(make_cohort())
    sent = Message.objects.filter(kind="confirm")
    assert sent.count() == 1

    for minutes in (1, 2, 9, 11):
        send_confirmation_again(trainee=enrolment.trainee, at=BEFORE + timedelta(minutes=minutes))

    assert sent.count() == 3
    confirm_address(trainee=enrolment.trainee, at=BEFORE + DAY)
    with pytest.raises(NothingToConfirm):
        send_confirmation_again(trainee=enrolment.trainee, at=BEFORE + DAY)


def test_the_position_counts_all_who_joined_before():
    cohort = make_cohort(capacity=1)
    make_enrolment(cohort)
    line = [make_enrolment(cohort), make_registered(cohort), make_enrolment(cohort)]

    places = Enrolment.objects.with_position().filter(cohort=cohort).order_by("id")

    assert [each.place_in_line for each in places] == [None, 1, 2, 3]
    withdraw(enrolment=line[0], by=None, at=BEFORE)
    assert [each.place_in_line for each in places.all() if each.status == "waitlisted"] == [1, 2]
