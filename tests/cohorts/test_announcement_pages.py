"""The pages on which the office and instructors write to people."""

from datetime import timedelta

import pytest
import time_machine

from cohorts.models import Announcement
from cohorts.services.announcements import due_announcements, write_announcement
from tests.factories import BEFORE, make_cohort, make_enrolment, make_instructor, make_office, make_trainee
from trainees.models import Message

pytestmark = pytest.mark.django_db
TEXT = {"subject": "Bring a laptop", "body": "Dear {name},\nsee you in {cohort}."}


@pytest.fixture(autouse=True)
def _before():
    with time_machine.travel(BEFORE, tick=False):
        yield


def sign_in(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


def test_the_office_sees_three_real_readings_then_sends(client):
    sign_in(client, make_office())
    cohort = make_cohort("A-1")
    for name in ("Ali Khan", "Zainab Noor Malik", "Sara Gul"):
        make_enrolment(cohort, make_trainee(full_name=name))

    page = client.post("/manage/announcements/new/", TEXT | {"cohort": "A-1"}).content.decode()
    assert "Dear Ali Khan,<br>see you in A-1." in page
    assert "Dear Zainab Noor Malik," in page
    assert "Send it to 3 people" in page
    assert not Announcement.objects.exists()

    answer = client.post("/manage/announcements/new/", TEXT | {"cohort": "A-1", "act": "yes"})
    write_announcement(announcement_id=due_announcements(at=BEFORE)[0], at=BEFORE)
    shown = client.get(answer.url)
    assert shown.context["mails"] == {"queued": 3, "sent": 0, "failed": 0, "cancelled": 0}
    assert "Bring a laptop" in client.get("/manage/announcements/").content.decode()


def test_the_list_is_named_by_its_filters_each_taken_off_by_a_link(client):
    sign_in(client, make_office())
    for city in ("LHE", "LHE", "KHI"):
        make_enrolment(make_cohort(city=city))

    page = client.get("/manage/announcements/new/?city=LHE&stage=placed")

    shown = {str(each["label"]): (str(each["value"]), each["link"]) for each in page.context["set_filters"]}
    assert shown["City"] == ("Lahore", "?stage=placed")
    assert shown["Status"] == ("Enrolled", "")  # holds unless another is chosen
    people = client.get(f"/manage/trainees/?{page.context['list_query']}").context["paginator"].count
    assert people == page.context["people_count"] == 2


def test_a_text_needs_its_subject_and_neither_is_called_optional(client):
    """English or Urdu is enough, so no field of the two must be filled in; a mail without a subject is refused."""
    sign_in(client, make_office())
    make_enrolment(make_cohort())

    page = client.get("/manage/announcements/new/").content.decode()
    answer = client.post("/manage/announcements/new/", {"subject": " ", "body": TEXT["body"], "act": "yes"})

    assert page.count(">(optional)<") == 1
    assert page.index(">(optional)<") > page.index('for="id_send_after"')
    assert answer.context["form"].errors == {
        "subject": ["Give a subject and a text, in English or in Urdu or in both."]
    }
    assert not Announcement.objects.exists()


def test_an_unknown_placeholder_stands_beside_its_field(client):
    sign_in(client, make_office())
    make_enrolment(make_cohort())

    answer = client.post("/manage/announcements/new/", {"subject": "S", "body": "{cnic}", "act": "yes"})

    assert "{cnic} cannot be filled in" in answer.context["form"].errors["body"][0]
    assert not Announcement.objects.exists()


def test_it_is_scheduled_and_taken_back_and_its_text_used_again(client):
    sign_in(client, make_office())
    make_enrolment(make_cohort())
    later = (BEFORE + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")

    answer = client.post("/manage/announcements/new/", TEXT | {"send_after": later, "act": "yes"})
    assert "Waits until" in client.get(answer.url).content.decode()
    client.post(answer.url + "cancel/")

    made = Announcement.objects.get()
    assert made.state == "cancelled"
    again = client.get(f"/manage/announcements/new/?again={made.pk}").content.decode()
    assert "see you in {cohort}." in again
    assert not Message.objects.exists()


def test_an_instructor_writes_to_an_own_cohort_only(client):
    own, other = make_cohort("A-1"), make_cohort("B-1")
    make_enrolment(own), make_enrolment(other)
    sign_in(client, make_instructor(own))

    assert client.get("/teach/cohorts/B-1/write/").status_code == 404
    assert client.get("/manage/announcements/new/").status_code == 403
    client.post("/teach/cohorts/A-1/write/", TEXT | {"act": "yes"})

    assert Announcement.objects.get().cohort == own


@pytest.mark.parametrize("wrong", [{"subject": "x" * 500}, {"send_after": "soon"}, {"body": "x" * 20_000}])
def test_nonsense_is_named(client, wrong):
    sign_in(client, make_office())
    make_enrolment(make_cohort())

    answer = client.post("/manage/announcements/new/", TEXT | wrong | {"act": "yes"})

    assert list(answer.context["form"].errors) == list(wrong)
    assert not Announcement.objects.exists()
