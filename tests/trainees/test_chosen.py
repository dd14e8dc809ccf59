"""One account, several people: siblings who share an address."""

import json

import pytest

from cohorts.models import Enrolment
from tests.factories import make_cohort, make_enrolment, make_trainee

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def siblings(client):
    """Return two people of one account, signed in."""
    elder = make_trainee(full_name="Amna Noor")
    younger = make_trainee(full_name="Bilal Noor")
    younger.user = elder.user
    younger.save()
    client.force_login(elder.user, backend=BACKEND)
    return elder, younger


def test_the_page_is_about_the_person_who_was_chosen_and_remembers(client, siblings):
    elder, younger = siblings

    newest = client.get("/me/").content.decode()
    chosen = client.get(f"/me/?person={elder.number}").content.decode()
    remembered = client.get("/me/").content.decode()

    assert "Assalam-o-alaikum, Bilal" in newest
    assert "Assalam-o-alaikum, Amna" in chosen
    assert "Assalam-o-alaikum, Amna" in remembered
    assert f"?person={younger.number}" in remembered


def test_another_accounts_number_is_passed_over(client, siblings):
    stranger = make_trainee(full_name="Somebody Else")

    page = client.get(f"/me/?person={stranger.number}").content.decode()

    assert "Bilal Noor" in page
    assert "Somebody Else" not in page


def test_a_form_names_its_person(client, siblings):
    elder, younger = siblings
    cohort = make_cohort()
    client.get(f"/me/?person={younger.number}")

    client.post(f"/cohorts/{cohort.code}/register/", {"person": elder.number})

    assert Enrolment.objects.get().trainee == elder


def test_the_api_enrols_and_lists_each_of_the_account_and_nobody_elses(client, siblings):
    elder, _younger = siblings
    cohort, stranger = make_cohort(), make_trainee()
    make_enrolment(cohort, stranger)

    def enrol(number):
        body = json.dumps({"cohort": cohort.code, "trainee": number})
        return client.post("/api/v1/enrolments/", body, content_type="application/json")

    assert enrol(elder.number).json()["trainee"] == elder.number
    assert enrol(stranger.number).status_code == 403
    assert [each["trainee"] for each in client.get("/api/v1/enrolments/").json()["results"]] == [elder.number]
    assert client.get("/api/v1/trainees/").json()["count"] == 2
