"""Setting up on pages: the readers of the files check, a preview writes nothing, and what is shown is what is done."""

from datetime import date

import pytest
from django.urls import reverse

from audit.models import AuditEntry
from cohorts.models import Cohort, Holiday
from cohorts.services.venues import save_venue
from courses.models import AttendancePolicy, Course, Programme
from tests.factories import (
    BEFORE,
    make_cohort,
    make_course,
    make_enrolment,
    make_office,
    make_programme,
)
from trainees.models import User

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
COURSE = {
    "code": "ML",
    "title": "Machine Learning",
    "contact_hours": "12",
    "session_minutes": "180",
    "language": "English",
    "modules": "4 Numbers\n8 Models",
    "counted_by": "minutes",
    "minimum_percent": "75",
    "inclusive": "on",
    "late_weight_percent": "50",
    "late_after_minutes": "15",
    "minimum_share_percent": "20",
    "excused": "out",
    "unmarked_becomes": "absent",
    "assessments": "40 Quiz (20 points)\n60 Project *",
    "pass_mark_percent": "60",
    "minimum_age": "18",
}
COHORT = {
    "code": "AI-LHE-77",
    "course": "AI",
    "city": "LHE",
    "mode": "classroom",
    "time_zone": "Asia/Karachi",
    "starts_on": "2030-01-07",
    "capacity": "30",
    "waitlist_limit": "5",
    "pattern": "MO 10:00-13:00\nTH 22:00-01:00",
    "instructors": "new@example.org Hira Latif",
    "registration_opens_at": "2029-12-01T09:00",
}
PROGRAMME = {
    "code": "training-2030",
    "title": "Training",
    "organisation": "Board",
    "number_prefix": "T-30",
    "seat_target": "2500",
    "starts_on": "2030-05-04",
}


@pytest.fixture
def office(client):
    client.force_login(make_office("Programme office"), backend="django.contrib.auth.backends.ModelBackend")
    make_course("AI")
    return client


@pytest.fixture
def room():
    values = {"city": "LHE", "name": "Centre", "address": "", "map_url": ""}
    return save_venue(venue=None, values=values, rooms={"Lab 1": 24}, by=None, at=BEFORE).rooms.get(name="Lab 1")


def confirm(client, url, typed):
    """Look at the preview, then confirm exactly that."""
    digest = client.post(url, typed).context["digest"]
    return client.post(url, {**typed, "confirm": digest})


def errors(page):
    return {name: list(found) for name, found in page.context["form"].errors.items()}


def test_a_course_is_previewed_then_saved_with_its_policy(office):
    page = office.post(reverse("setup_course_new"), COURSE)
    assert ("Contact hours", "–", "12") in [(each.name, each.old, each.new) for each in page.context["changes"]]
    assert not Course.objects.filter(code="ML").exists()

    confirm(office, reverse("setup_course_new"), COURSE)

    course = Course.objects.get(code="ML")
    policy = course.policies.get()
    assert list(course.modules.order_by("number").values_list("hours", "title")) == [(4, "Numbers"), (8, "Models")]
    works = policy.assessments.order_by("number").values_list("name", "weight", "points", "required")
    assert (policy.pass_mark_percent, policy.minimum_share_percent, course.minimum_age) == (60, 20, 18)
    assert list(works) == [("Quiz", 40, 20, False), ("Project", 60, 100, True)]


def test_saving_what_the_page_shows_changes_nothing_and_loses_nothing(office):
    confirm(office, reverse("setup_course_new"), COURSE)
    form = office.get(reverse("setup_course", args=["ML"])).context["form"]
    shown = {field.html_name: field.value() for field in form if field.value() not in (None, "", [])}

    page = office.post(reverse("setup_course", args=["ML"]), shown)

    assert page.context["changes"] == []
    assert form["assessments"].value() == "40 Quiz (20 points)\n60 Project *"


def test_a_limit_can_be_taken_away_on_the_page_but_a_file_that_is_silent_keeps_it(office):
    confirm(office, reverse("setup_course_new"), COURSE)

    confirm(office, reverse("setup_course", args=["ML"]), {**COURSE, "minimum_age": ""})

    assert Course.objects.get(code="ML").minimum_age is None
    change = AuditEntry.objects.filter(act="course.save").last().detail["changed"]
    assert change == {"minimum_age": [18, None]}


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"modules": "4 Numbers"}, "modules", "the modules have 4 hours, the contact hours are 12"),
        ({"modules": "Numbers"}, "modules", "Line 1: begin with the hours, then the title"),
        ({"modules": "12 " + "x" * 200}, "modules", "Line 1: a title has at most 160 characters."),
        ({"assessments": "Quiz 40"}, "assessments", "Line 1: begin with the weight, then the name"),
        ({"assessments": "40 Quiz\n40 quiz"}, "assessments", "give each assessment a name of its own"),
        ({"assessments": "0 Quiz"}, "assessments", "give at least one assessment a weight above 0"),
        ({"assessments": "40 Quiz (0 points)"}, "assessments", "must lie between 1 and 10000"),
        ({"code": "AI"}, "code", "There is a course AI already."),
        ({"code": "new"}, "code", "“new” cannot be a code."),
        ({"code": "a/b"}, "code", ""),
        ({"contact_hours": "0"}, "contact_hours", ""),
        ({"contact_hours": "12.5"}, "contact_hours", ""),
        ({"minimum_percent": "101"}, "minimum_percent", ""),
        ({"counted_by": "hours"}, "counted_by", ""),
        ({"title": "\x00"}, "title", ""),
        ({"title": ""}, "title", ""),
    ],
)
def test_what_is_wrong_with_a_course_is_said_where_it_was_typed(office, typed, field, said):
    page = office.post(reverse("setup_course_new"), {**COURSE, **typed, "confirm": "whatever"})

    found = errors(page)
    assert page.status_code == 422
    assert set(found) == {field}
    assert said in found[field][0]
    assert not Course.objects.filter(code="ML").exists()


def test_a_changed_minimum_is_a_new_version_and_stands_in_the_history_with_old_and_new(office):
    confirm(office, reverse("setup_course_new"), COURSE)
    confirm(office, reverse("setup_course", args=["ML"]), {**COURSE, "minimum_percent": "80"})

    versions = AttendancePolicy.objects.filter(course__code="ML").order_by("version")
    assert list(versions.values_list("version", "minimum_percent")) == [(1, 75), (2, 80)]
    history = office.get(reverse("setup_course", args=["ML"])).context["history"]
    assert [(each.name, each.old, each.new) for each in history[0].changes] == [("Minimum, %", "75", "80")]
    assert history[0].by == "Some Body"


def test_the_target_of_the_programme_is_previewed_changed_and_recorded(office):
    programme = make_programme()
    page = reverse("setup_programme", args=[programme.code])
    make_enrolment(make_cohort())
    values = {**PROGRAMME, "starts_on": "2020-05-04", "number_prefix": "T-20"}

    preview = office.post(page, values)
    assert [(each.name, each.old, each.new) for each in preview.context["changes"]] == [
        ("Places in all", "100", "2500")
    ]
    assert "1 cohorts and 1 people read its title" in preview.content.decode()
    confirm(office, page, values)

    programme.refresh_from_db()
    assert (programme.seat_target, programme.code) == (2500, "programme")
    assert AuditEntry.objects.get(act="programme.save").detail == {"changed": {"seat_target": [100, 2500]}}


def test_the_first_programme_and_course_need_no_file(client):
    client.force_login(make_office("Programme office"), backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(reverse("setup")).status_code == 200
    assert client.get(reverse("setup_course_new")).url == reverse("setup_programme_new")
    assert client.get(reverse("setup_cohort_new")).url == reverse("setup")
    confirm(client, reverse("setup_programme_new"), PROGRAMME)
    confirm(client, reverse("setup_course_new"), COURSE)

    assert Course.objects.get().programme == Programme.objects.get(code="training-2030")
    twice = client.post(reverse("setup_programme_new"), PROGRAMME)
    assert errors(twice) == {"code": ["There is a programme training-2030 already."]}
    second = client.post(reverse("setup_programme_new"), {**PROGRAMME, "code": "training-2031"})
    assert "counting the people of every programme together" in second.content.decode()


@pytest.mark.parametrize("prefix", ["T/30", "T 30", "-T", ""])
def test_a_trainee_number_stays_fit_for_an_address(office, prefix):
    page = office.post(reverse("setup_programme_new"), {**PROGRAMME, "number_prefix": prefix})

    assert set(errors(page)) == {"number_prefix"}


def test_a_venue_is_entered_changed_and_kept_in_the_history(office):
    typed = {"city": "LHE", "name": "Centre", "address": "1 Mall Road", "rooms": "24 Lab 1\nHall"}
    confirm(office, reverse("setup_venue_new"), typed)
    page = reverse("setup_venue", args=[Cohort.held_in.field.related_model.objects.get(name="Lab 1").venue_id])

    changes = office.post(page, {**typed, "rooms": "30 Lab 1"}).context["changes"]
    assert [(each.name, each.old, each.new) for each in changes] == [("Rooms", "Hall; 24 Lab 1", "30 Lab 1")]
    confirm(office, page, {**typed, "rooms": "30 Lab 1"})

    shown = office.get(page)
    assert shown.context["form"]["rooms"].value() == "30 Lab 1"
    assert shown.context["history"][0].changes[0].new == "30 Lab 1"
    twice = office.post(reverse("setup_venue_new"), {**typed, "name": "CENTRE"})
    assert set(errors(twice)) == {"name"}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"rooms": "0 Lab"}, "rooms"),
        ({"rooms": "Lab\nlab"}, "rooms"),
        ({"rooms": "x" * 90}, "rooms"),
        ({"map_url": "javascript:alert(1)"}, "map_url"),
        ({"city": "ONL"}, "city"),
        ({"name": " "}, "name"),
    ],
)
def test_what_is_wrong_with_a_venue_is_said_where_it_was_typed(office, typed, field):
    page = office.post(reverse("setup_venue_new"), {"city": "LHE", "name": "Centre", **typed})

    assert (page.status_code, set(errors(page))) == (422, {field})


def test_known_places_are_offered_where_a_session_moves_and_retired_ones_are_not(office, room):
    cohort = make_cohort(city="LHE")
    page = reverse("session_add", args=[cohort.code])
    assert '<option value="Lab 1">Centre (24)</option>' in office.get(page).content.decode()

    room.venue.retired_at = BEFORE
    room.venue.save()

    assert "Lab 1" not in office.get(page).content.decode()


def test_groups_are_not_deleted_behind_the_staff_page(client):
    client.force_login(User.objects.create_superuser("root@example.org", "x"), backend=BACKEND)

    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/auth/group/").status_code == 404


def test_the_holidays_show_their_history(office):
    office.post(reverse("holidays"), {"date": "2030-03-23", "name": "Pakistan Day"})
    holiday = Holiday.objects.get()
    office.post(reverse("holiday_rename", args=[holiday.pk]), {"name": "Resolution Day"})

    lines = office.get(reverse("holidays")).context["history"]

    assert [(each.act, each.about) for each in lines][1] == ("Entered", "2030-03-23: Pakistan Day")
    assert (lines[0].changes[0].old, lines[0].changes[0].new) == ("Pakistan Day", "Resolution Day")
    assert holiday.date == date(2030, 3, 23)


NONSENSE = ["\x00", "9" * 400, "😀\u202e<b>{{ 7 }}", "x" * 30_000]


@pytest.mark.parametrize(
    "name", ["programme", "course", "venue", "cohort", "change", "holders", "instructor", "holiday"]
)
def test_no_nonsense_in_any_field_is_an_error_of_ours(office, room, name):
    cohort = make_cohort()
    first = cohort.sessions.first()
    url, typed = {
        "programme": (reverse("setup_programme_new"), {**PROGRAMME, "title_ur": "", "certificate_valid_months": ""}),
        "course": (reverse("setup_course_new"), {**COURSE, "prerequisites": "", "categories": ""}),
        "venue": (reverse("setup_venue_new"), {"city": "LHE", "name": "A", "address": "", "map_url": "", "rooms": ""}),
        "cohort": (reverse("setup_cohort_new"), {**COHORT, "place": str(room.pk), "registration_closes_at": ""}),
        "change": (
            reverse("setup_cohort", args=[cohort.code]),
            {"waitlist_limit": "1", "registration_opens_at": "", "registration_closes_at": ""},
        ),
        "holders": (reverse("setup_holders", args=[cohort.code]), {f"shown-{first.pk}": "1", f"s-{first.pk}": ""}),
        "instructor": (reverse("setup_instructor_new"), {"email": "a@example.org", "name": "A"}),
        "holiday": (reverse("holidays"), {"date": "2030-01-01", "name": "A"}),
    }[name]

    answers = {
        (field, nonsense): office.post(url, {**typed, field: nonsense}).status_code
        for field in typed
        for nonsense in NONSENSE
    }

    assert {key: status for key, status in answers.items() if status not in (200, 302, 422)} == {}
