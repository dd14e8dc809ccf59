"""Acts of the office on its pages."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cohorts.models import Cohort, Enrolment, Session
from tests.factories import make_cohort, make_enrolment, make_office, make_trainee

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_name_is_put_right_from_the_dry_run(office):
    trainee = make_trainee(full_name="Zahra Bat0ol")
    cohort = make_cohort()

    answer = office.post(
        reverse("trainee_name", args=[trainee.number]), {"full_name": " zahra batool ", "cohort": cohort.code}
    )

    trainee.refresh_from_db()
    assert trainee.full_name == "Zahra Batool"
    assert answer["Location"] == reverse("certificates_issue", args=[cohort.code])

    office.post(reverse("trainee_name", args=[trainee.number]), {"full_name": "\x00"})
    trainee.refresh_from_db()
    assert trainee.full_name == "Zahra Batool"


def test_the_overview_costs_at_most_fifteen_statements_beside_the_session(office, django_assert_max_num_queries):
    make_enrolment(make_cohort())

    with django_assert_max_num_queries(18):  # session, user and groups' rights are three of them
        page = office.get("/manage/").content.decode()

    assert page.count("hn-stats") == 1


def test_withdrawing_and_moving_by_the_office(office):
    enrolment, other = make_enrolment(make_cohort()), make_cohort()

    office.post(reverse("enrolment_transfer", args=[enrolment.pk]), {"cohort": "NOPE"})
    office.post(reverse("enrolment_transfer", args=[enrolment.pk]), {"cohort": other.code})
    moved = Enrolment.objects.get(cohort=other)
    office.post(reverse("enrolment_withdraw", args=[moved.pk]), {"reason": "moved abroad"})

    moved.refresh_from_db()
    assert (moved.status, moved.withdrawal_reason, moved.transferred_from) == ("withdrawn", "moved abroad", enrolment)


def test_capacity_by_the_office(office):
    cohort = make_cohort(capacity=3)

    office.post(reverse("cohort_capacity", args=[cohort.code]), {"capacity": "5"})
    office.post(reverse("cohort_capacity", args=[cohort.code]), {"capacity": "x"})

    cohort.refresh_from_db()
    assert cohort.capacity == 5


def test_a_corrected_name_is_found_by_its_new_spelling(office):
    enrolment = make_enrolment(make_cohort(), make_trainee(full_name="Sana Bilal"))
    office.post(reverse("trainee_name", args=[enrolment.trainee.number]), {"full_name": "Zahra Batool"})

    found = office.get("/manage/trainees/", {"search": "زہرا"}).context["object_list"]

    assert list(found) == [enrolment]


def test_a_cohort_with_a_cancelled_session_is_not_over_before_its_last():
    cohort = make_cohort(sessions=3)
    first, _second, last = cohort.sessions.order_by("number")
    Session.objects.filter(pk=first.pk).update(state="cancelled", cancel_reason="rain")
    Cohort.objects.update(state="running", policy=cohort.course.policies.get())

    assert not Cohort.objects.over(last.starts_at).exists()
    assert Cohort.objects.over(last.ends_at + timedelta(minutes=1)).get() == cohort
