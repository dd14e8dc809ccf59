"""Setting up cohorts: made new or cloned, changed, given to instructors; what is shown first is what is done."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from cohorts.models import Cohort, Holiday
from cohorts.services.venues import save_venue
from courses.models import Course
from tests.factories import BEFORE, make_cohort, make_course, make_instructor, make_office
from tests.portal.test_setup import COHORT, confirm, errors
from trainees.models import Message, User

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def office(client):
    client.force_login(make_office("Programme office"), backend=BACKEND)
    make_course("AI")
    return client


@pytest.fixture
def room():
    values = {"city": "LHE", "name": "Centre", "address": "", "map_url": ""}
    return save_venue(venue=None, values=values, rooms={"Lab 1": 24}, by=None, at=BEFORE).rooms.get(name="Lab 1")


def test_a_cohort_is_previewed_then_made_with_sessions_and_an_invitation(office, room):
    Holiday.objects.create(date="2030-01-10", name="Day off")
    typed = {**COHORT, "place": str(room.pk)}

    page = office.post(reverse("setup_cohort_new"), typed)
    preview = page.context["cohort_preview"]
    assert (len(preview.sessions), preview.minutes, preview.is_too_large) == (4, 720, True)
    assert "30 places, but the room has 24 seats." in page.content.decode()
    assert not Cohort.objects.exists()
    assert not User.objects.filter(email="new@example.org").exists()

    confirm(office, reverse("setup_cohort_new"), typed)

    cohort = Cohort.objects.get(code="AI-LHE-77")
    assert "2030-01-10" not in [session.date.isoformat() for session in cohort.sessions.all()]
    assert (cohort.held_in, cohort.venue, cohort.room) == (room, "Centre", "Lab 1")
    assert cohort.registration_opens_at == datetime(2029, 12, 1, 4, tzinfo=UTC)  # nine in Karachi
    assert Message.objects.get(to="new@example.org").key == "invited:new@example.org"
    again = office.post(reverse("setup_cohort_new"), typed)
    assert (again.status_code, errors(again)) == (422, {"code": ["There is a cohort AI-LHE-77 already."]})


def test_what_was_changed_after_the_preview_is_shown_again_first(office):
    digest = office.post(reverse("setup_cohort_new"), COHORT).context["digest"]

    page = office.post(reverse("setup_cohort_new"), {**COHORT, "capacity": "300", "confirm": digest})

    assert page.context["cohort_preview"].places == 300
    assert not Cohort.objects.exists()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"code": "AI LHE"}, "code"),
        ({"code": "new"}, "code"),
        ({"course": "XX"}, "course"),
        ({"city": "KHI"}, "place"),
        ({"mode": "online"}, "place"),
        ({"place": "999"}, "place"),
        ({"time_zone": "Lahore"}, "time_zone"),
        ({"time_zone": "../etc"}, "time_zone"),
        ({"starts_on": "9999-12-31"}, "starts_on"),
        ({"starts_on": "soon"}, "starts_on"),
        ({"capacity": "0"}, "capacity"),
        ({"capacity": "9" * 30}, "capacity"),
        ({"pattern": ""}, "pattern"),
        ({"pattern": "Monday morning"}, "pattern"),
        ({"pattern": "XX 10:00-13:00"}, "pattern"),
        ({"pattern": "MO 25:00-26:00"}, "pattern"),
        ({"pattern": "MO 10:00-10:00"}, "pattern"),
        ({"pattern": "MO 10:00-13:00\nMO 12:00-14:00"}, "__all__"),
        ({"pattern": "MO 10:00-13:00\nMO 10:00-13:00"}, "__all__"),
        ({"instructors": "Hira Latif"}, "instructors"),
        ({"registration_closes_at": "2029-11-01T09:00"}, "registration_closes_at"),
        ({"registration_opens_at": "never"}, "registration_opens_at"),
    ],
)
def test_what_is_wrong_with_a_cohort_is_said_where_it_was_typed(office, room, typed, field):
    page = office.post(reverse("setup_cohort_new"), {**COHORT, "place": str(room.pk), **typed})

    assert (page.status_code, set(errors(page))) == (422, {field})
    assert not Cohort.objects.exists()


def test_a_course_that_no_pattern_reaches_is_refused(office):
    make_course("LONG", contact_hours=9000)

    page = office.post(reverse("setup_cohort_new"), {**COHORT, "course": "LONG"})

    assert page.status_code == 422
    assert "does not reach the course" in page.content.decode()


def test_a_clash_of_rooms_is_shown_before_saving(office, room):
    typed = {**COHORT, "place": str(room.pk)}
    confirm(office, reverse("setup_cohort_new"), typed)

    page = office.post(reverse("setup_cohort_new"), {**typed, "code": "AI-LHE-78", "instructors": ""})

    assert {clash.kind for clash in page.context["cohort_preview"].clashes} == {"room"}


def test_a_clone_brings_pattern_place_and_instructors_but_neither_code_nor_start(office, room):
    model = make_cohort(
        weekly_pattern=[{"weekday": "MO", "start": "10:00", "end": "13:00"}], city="LHE", mode="classroom", held_in=room
    )
    teacher, gone = make_instructor(model), make_instructor(model)
    User.objects.filter(pk=gone.pk).update(retired_at=BEFORE)

    page = office.get(reverse("setup_cohort_new"), {"from": model.code})
    form = page.context["form"]

    assert (form["pattern"].value(), form["city"].value(), form["place"].value()) == (
        "MO 10:00-13:00",
        "LHE",
        str(room.pk),
    )
    assert form["teachers"].value() == [teacher.email]
    assert form.fields["teachers"].choices[0][0] == teacher.email
    assert (form["code"].value(), form["starts_on"].value()) == (None, None)
    assert page.context["left_behind"] == ["Retired as instructors: Some Body."]


def test_a_clone_of_what_is_retired_chooses_nothing_else_silently(office, room):
    model = make_cohort(city="LHE", mode="classroom", held_in=room, course=make_course("OLD"))
    Course.objects.filter(code="OLD").update(retired_at=BEFORE)
    room.venue.retired_at = BEFORE
    room.venue.save()

    page = office.get(reverse("setup_cohort_new"), {"from": model.code})

    assert [each[0] for each in page.context["form"].fields["course"].choices] == ["", "AI"]
    assert page.context["left_behind"] == [
        "The course is retired: choose another.",
        "Its room is retired: choose another.",
        "Its sessions were listed one by one: type a weekly pattern.",
    ]
    assert set(errors(office.post(reverse("setup_cohort_new"), {**COHORT, "course": ""}))) == {"course"}


def test_registration_and_line_of_a_cohort_are_changed_in_its_own_zone(office):
    cohort = make_cohort(time_zone="Europe/London")
    page = reverse("setup_cohort", args=[cohort.code])
    typed = {"waitlist_limit": "7", "registration_opens_at": "2020-04-01T09:00", "registration_closes_at": ""}

    confirm(office, page, typed)

    cohort.refresh_from_db()
    assert (cohort.registration_opens_at, cohort.waitlist_limit) == (datetime(2020, 4, 1, 8, tzinfo=UTC), 7)
    shown = office.get(page).context["form"]
    assert 'value="2020-04-01T09:00"' in str(shown["registration_opens_at"])
    wrong = office.post(page, {**typed, "registration_closes_at": "2020-03-01T09:00"})
    assert set(errors(wrong)) == {"registration_closes_at"}
