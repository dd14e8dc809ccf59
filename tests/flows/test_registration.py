"""Registering over HTTP, page and API alike: what is answered, what is kept, what is refused."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cohorts.models import Enrolment
from cohorts.services.enrolment import withdraw
from tests.factories import make_cohort, make_course, make_enrolment, make_registered
from tests.flows.doors import PASSWORD, by_api, by_page, link_in, shape_of
from trainees.models import Message, Trainee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unslowed")]


def test_the_page_leads_from_the_form_to_a_confirmed_place(client, soon):
    cohort = make_cohort(starts_at=soon)

    done = by_page(client, cohort, email="zainab@example.org")
    next_page = client.get(done["Location"]).content.decode()

    assert (done.status_code, done["Location"]) == (302, f"/cohorts/{cohort.code}/registered/")
    assert "_auth_user_id" not in client.session  # nobody is signed in by registering
    assert "zainab@example.org" in next_page
    assert "A place is held for you" in next_page
    link = link_in(Message.objects.get())
    opened = client.get(link)
    assert (opened.status_code, Trainee.objects.get().email_confirmed_at) == (200, None)  # a scanner confirms nothing
    confirmed = client.post(link, follow=True).content.decode()
    assert "Your address is confirmed" in confirmed
    assert f"Your place in <bdi>{cohort.code}</bdi> is yours" in confirmed
    assert client.login(username="zainab@example.org", password=PASSWORD)
    assert "Confirm your address" not in client.get("/me/").content.decode()


def test_a_known_and_an_unknown_address_get_the_same_answer(client, soon):
    cohort = make_cohort(starts_at=soon)
    make_registered(cohort, email="known@example.org", at=timezone.now())

    pages = []
    with time_machine.travel(timezone.now(), tick=False):  # a page names the minute until which the place is held
        for name in ("known", "unknown"):
            client.session.flush()
            done = by_page(client, cohort, email=f"{name}@example.org")
            pages.append((done.status_code, done["Location"], shape_of(client.get(done["Location"]))))
        first, second = (by_api(client, cohort, email=f"{name}@example.org") for name in ("known", "another"))

    assert pages[0] == pages[1]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json().keys() == second.json().keys()
    assert first.json()["enrolment"].keys() == second.json()["enrolment"].keys()
    assert first.json()["enrolment"]["status"] == second.json()["enrolment"]["status"] == "enrolled"


def test_before_confirming_one_may_sign_in_and_sees_what_to_do_and_until_when(client, soon):
    enrolment = make_registered(make_cohort(starts_at=soon), email="zainab@example.org", at=timezone.now())
    client.force_login(enrolment.trainee.user)

    page = client.get("/me/").content.decode()
    again = client.post("/me/confirm-again/", follow=True).content.decode()

    assert "Confirm your address" in page
    assert "after that your place goes to the next person" in page
    assert "The mail is on its way" in again


@pytest.mark.parametrize(("door", "status"), [(by_page, 422), (by_api, 409)])
def test_a_known_cnic_is_refused_at_its_field(client, soon, door, status):
    cohort = make_cohort(starts_at=soon)
    make_registered(cohort, cnic="3520212345678", at=timezone.now())

    answer = door(client, cohort, cnic="35202-1234567-8")

    assert answer.status_code == status
    assert "registered already" in answer.content.decode()
    assert Trainee.objects.count() == 1
    if door is by_api:
        assert (answer.json()["code"], list(answer.json()["fields"])) == ("cnic_registered", ["cnic"])


def test_the_api_names_each_refusal(client, soon):
    now = timezone.now()
    ahead = make_cohort(starts_at=soon, registration_opens_at=now + timedelta(days=1))
    over = make_cohort(starts_at=soon, registration_closes_at=now - timedelta(days=1))
    closed = make_cohort(state="closed", closed_at=now, policy=make_course().policies.get())
    strict = make_cohort(starts_at=soon, course=make_course("CC", minimum_age=60, categories=["professional"]))
    full = make_cohort(starts_at=soon, capacity=1, waitlist_limit=0)
    make_enrolment(full)

    answers = [by_api(client, each) for each in (ahead, over, closed, strict, full)]

    assert [each.status_code for each in answers] == [409] * 5
    codes = [each.json()["code"] for each in answers]
    assert codes == ["registration_closed", "registration_closed", "closed", "not_eligible", "full"]
    assert answers[0].json()["opens_at"].startswith(ahead.registration_opens_at.strftime("%Y-%m-%d"))
    assert set(answers[3].json()["fields"]) == {"category", "date_of_birth"}
    assert not Trainee.objects.filter(email__startswith="zainab").exists()


def test_a_signed_in_person_needs_one_button_and_is_told_what_forbids_it(client, soon):
    first, second = make_cohort(starts_at=soon), make_cohort(starts_at=soon)
    strict = make_cohort(starts_at=soon, course=make_course("CC", categories=["professional"]))
    enrolment = make_registered(first, at=timezone.now())
    client.force_login(enrolment.trainee.user)
    assert "is already registered for" in client.get(f"/cohorts/{first.code}/register/").content.decode()
    assert "one cohort at a time" in client.get(f"/cohorts/{second.code}/register/").content.decode()

    withdraw(enrolment=enrolment, by=None, at=timezone.now())
    page = client.get(f"/cohorts/{second.code}/register/").content.decode()
    refused = client.get(f"/cohorts/{strict.code}/register/").content.decode()
    done = client.post(f"/cohorts/{second.code}/register/", {"person": enrolment.trainee.number})

    assert 'name="cnic"' not in page
    assert "working professionals only" in refused
    assert done["Location"] == "/me/"
    assert Enrolment.objects.get(cohort=second).status == "enrolled"
