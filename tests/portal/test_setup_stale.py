"""What was shown is what is done, also when somebody else has changed something between a preview and its button."""

import pytest
from django.urls import reverse

from cohorts.models import Cohort, Holiday, Room, Venue
from courses.models import Course, Programme
from tests.factories import make_cohort, make_course, make_office
from tests.portal.test_setup import BACKEND, COHORT, COURSE, PROGRAMME, confirm, errors
from trainees.models import User

pytestmark = pytest.mark.django_db
SAID = "This is no longer what was shown."


@pytest.fixture
def lead(client):
    client.force_login(make_office("Programme office", "Programme lead"), backend=BACKEND)
    make_course("AI")
    return client


def confirm_late(client, url, typed, meanwhile):
    """Look at a preview, let somebody else act, then press the button that it showed."""
    digest = client.post(url, typed).context["digest"]
    meanwhile()
    page = client.post(url, {**typed, "confirm": digest}, follow=True)
    assert SAID in page.content.decode()
    return page


def shown(page):
    return [(each.name, each.old, each.new) for each in page.context["changes"]]


def test_a_programme_saved_in_another_tab_is_not_written_over(lead):
    confirm(lead, reverse("setup_programme_new"), PROGRAMME)
    page = reverse("setup_programme", args=["training-2030"])

    late = confirm_late(
        lead,
        page,
        {**PROGRAMME, "title": "Training again"},
        lambda: confirm(lead, page, {**PROGRAMME, "seat_target": "1500"}),
    )

    assert ("Places in all", "1500", "2500") in shown(late)
    kept = Programme.objects.get(code="training-2030")
    assert (kept.title, kept.seat_target) == ("Training", 1500)


def test_a_course_saved_in_another_tab_is_not_written_over(lead):
    confirm(lead, reverse("setup_course_new"), COURSE)
    page = reverse("setup_course", args=["ML"])

    late = confirm_late(
        lead, page, {**COURSE, "title": "ML"}, lambda: confirm(lead, page, {**COURSE, "minimum_percent": "80"})
    )

    assert ("Minimum, %", "80", "75") in shown(late)
    course = Course.objects.get(code="ML")
    assert (course.title, course.policies.latest("version").minimum_percent) == ("Machine Learning", 80)


def test_a_venue_saved_in_another_tab_is_not_written_over(lead):
    typed = {"city": "LHE", "name": "Centre", "address": "1 Mall Road", "rooms": "24 Lab 1"}
    confirm(lead, reverse("setup_venue_new"), typed)
    page = reverse("setup_venue", args=[Venue.objects.get().pk])

    confirm_late(
        lead,
        page,
        {**typed, "address": "2 Mall Road"},
        lambda: confirm(lead, page, {**typed, "rooms": "24 Lab 1\n12 Lab 2"}),
    )

    assert Room.objects.get(name="Lab 2").retired_at is None
    assert Venue.objects.get().address == "1 Mall Road"


def test_a_cohort_is_not_made_on_other_dates_than_were_shown(lead):
    confirm_late(
        lead, reverse("setup_cohort_new"), COHORT, lambda: Holiday.objects.create(date="2030-01-10", name="Day off")
    )

    assert not Cohort.objects.exists()


def test_the_line_of_a_cohort_changed_in_another_tab_is_not_set_back(lead):
    cohort = make_cohort("AI-1")
    page = reverse("setup_cohort", args=["AI-1"])
    closing = {"waitlist_limit": "5", "registration_closes_at": "2030-01-01T09:00"}

    confirm_late(lead, page, closing, lambda: confirm(lead, page, {"waitlist_limit": "9"}))

    cohort.refresh_from_db()
    assert (cohort.waitlist_limit, cohort.registration_closes_at) == (9, None)


def test_groups_taken_away_in_another_tab_do_not_come_back(client):
    boss = make_office()
    User.objects.filter(pk=boss.pk).update(is_superuser=True)
    client.force_login(User.objects.get(pk=boss.pk), backend=BACKEND)
    page = reverse("setup_staff")
    person = {"email": "somebody@example.org", "name": "Somebody New"}
    confirm(client, page, {**person, "groups": ["Programme office"]})

    more = {**person, "groups": ["Programme office", "Issuer"]}
    confirm_late(client, page, more, lambda: confirm(client, page, {**person, "groups": ["Auditor"]}))

    groups = User.objects.get(email="somebody@example.org").groups
    assert list(groups.values_list("name", flat=True)) == ["Auditor"]


@pytest.mark.parametrize(
    ("name", "typed", "field"),
    [
        ("setup_programme_new", PROGRAMME, "title"),
        ("setup_course_new", COURSE, "title"),
        ("setup_venue_new", {"city": "LHE", "name": "Centre"}, "name"),
    ],
)
def test_signs_that_nobody_sees_do_not_come_into_titles(lead, name, typed, field):
    page = lead.post(reverse(name), {**typed, field: "\u202eA \u200btitle\x0b\u2066"})

    assert "A title" in [each.new for each in page.context["changes"]]
    assert set(errors(lead.post(reverse(name), {**typed, field: "\u202e\u200b"}))) == {field}


def test_a_room_with_less_than_no_seats_is_no_room(lead):
    page = lead.post(reverse("setup_venue_new"), {"city": "LHE", "name": "Centre", "rooms": "30 Lab 1\n-3 Lab 2"})

    assert errors(page) == {"rooms": ["Line 2: give the seats, then the name, as “30 Lab 1”."]}
