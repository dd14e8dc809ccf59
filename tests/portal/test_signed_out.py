"""Who was signed out while working: where they go on, and what a page says instead of nothing."""

import pytest
from django.test import Client

from cohorts.models import Enrolment
from tests.factories import make_cohort, make_enrolment, make_office

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
BROWSER = {"headers": {"accept": "text/html,application/xhtml+xml"}}


def test_the_filters_of_a_list_outlive_signing_in_again(client):
    answer = client.get("/manage/trainees/?city=LHE&search=ali+raza")

    assert answer.url == "/accounts/login/?next=/manage/trainees/%3Fcity%3DLHE%26search%3Dali%2Braza"


@pytest.mark.parametrize(
    ("referer", "goes_on"),
    [
        ("http://testserver/manage/reports/?state=ready", "/manage/reports/%3Fstate%3Dready"),
        ("http://evil.example/manage/", "/manage/"),
        ("", "/manage/"),
    ],
)
def test_after_a_form_one_goes_on_at_the_page_it_stood_on(client, referer, goes_on):
    answer = client.post("/manage/reports/ask/", headers={"referer": referer})

    assert answer.url == f"/accounts/login/?next={goes_on}"


def test_a_form_sent_without_being_signed_in_says_so_and_saves_nothing(client):
    enrolment = make_enrolment(make_cohort())

    answer = client.post(f"/manage/enrolments/{enrolment.pk}/withdraw/", {"reason": "x"})

    assert answer.status_code == 403
    assert "You are not signed in" in answer.content.decode()
    assert Enrolment.objects.get().status == "enrolled"


def test_an_address_that_only_takes_a_form_is_a_page_in_a_browser(client):
    client.force_login(make_office(), backend=BACKEND)

    page, plain = client.get("/manage/reports/ask/", **BROWSER), client.get("/manage/reports/ask/")

    assert (page.status_code, page.headers["Allow"]) == (405, "POST")
    assert "only takes a form" in page.content.decode()
    assert (plain.status_code, plain.content) == (405, b"")


def test_a_form_of_an_earlier_session_is_refused_in_words():
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_office(), backend=BACKEND)

    answer = client.post("/manage/reports/ask/", {"csrfmiddlewaretoken": "x" * 64})

    assert answer.status_code == 403
    assert "This form is out of date" in answer.content.decode()


def test_a_form_may_have_a_field_for_each_of_many_people(client):
    client.force_login(make_office(), backend=BACKEND)
    cohort = make_cohort()

    answer = client.post(f"/teach/cohorts/{cohort.code}/scores/", {f"s-{n}-1": "" for n in range(3_000)})

    assert answer.status_code == 302
