"""Setting up on pages: the readers of the files check, a preview writes nothing."""

import pytest
from django.urls import reverse

from audit.models import AuditEntry
from cohorts.models import Cohort, Holiday
from courses.models import AttendancePolicy, Course
from tests.factories import make_cohort, make_course, make_instructor, make_office, make_programme
from trainees.models import Message, User

pytestmark = pytest.mark.django_db
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
    "excused": "out",
    "assessments": "40 Quiz\n60 Project *",
    "pass_mark_percent": "60",
}
COHORT = {
    "code": "AI-LHE-77",
    "course": "AI",
    "city": "LHE",
    "mode": "classroom",
    "venue": "Centre",
    "room": "Lab 1",
    "time_zone": "Asia/Karachi",
    "starts_on": "2030-01-07",
    "capacity": "30",
    "waitlist_limit": "5",
    "pattern": "MO 10:00-13:00\nTH 22:00-01:00",
    "instructors": "new@example.org Hira Latif",
}


@pytest.fixture
def office(client):
    client.force_login(make_office("Programme office"), backend="django.contrib.auth.backends.ModelBackend")
    make_course("AI")
    return client


def test_a_course_is_previewed_then_saved_with_its_policy(office):
    page = office.post(reverse("setup_course_new"), COURSE)
    assert page.context["verdict"] == "created"
    assert not Course.objects.filter(code="ML").exists()

    office.post(reverse("setup_course_new"), {**COURSE, "confirm": "yes"})

    course = Course.objects.get(code="ML")
    policy = course.policies.get()
    assert list(course.modules.order_by("number").values_list("hours", "title")) == [(4, "Numbers"), (8, "Models")]
    works = policy.assessments.order_by("number").values_list("name", "weight", "required")
    assert (policy.pass_mark_percent, list(works)) == (60, [("Quiz", 40, False), ("Project", 60, True)])


def test_hours_that_do_not_add_up_are_named_and_nothing_is_written(office):
    page = office.post(reverse("setup_course_new"), {**COURSE, "modules": "4 Numbers", "confirm": "yes"})

    assert page.status_code == 422
    assert "the modules have 4 hours, contact_hours says 12" in page.content.decode()
    assert not Course.objects.filter(code="ML").exists()


def test_a_changed_minimum_is_a_new_version_and_stands_in_the_history(office):
    office.post(reverse("setup_course_new"), {**COURSE, "confirm": "yes"})
    office.post(reverse("setup_course", args=["ML"]), {**COURSE, "minimum_percent": "80", "confirm": "yes"})

    versions = AttendancePolicy.objects.filter(course__code="ML").order_by("version")
    assert list(versions.values_list("version", "minimum_percent")) == [(1, 75), (2, 80)]
    page = office.get(reverse("setup_course", args=["ML"])).content.decode()
    assert "60 Project *" in page
    assert page.count("course.save") == 2


def test_a_cohort_is_previewed_then_made_with_sessions_and_an_invitation(office):
    Holiday.objects.create(date="2030-01-10", name="Day off")

    page = office.post(reverse("setup_cohort"), COHORT)
    preview = page.context["cohort_preview"]
    assert (len(preview.sessions), preview.minutes) == (4, 720)
    assert not Cohort.objects.exists()
    assert not User.objects.filter(email="new@example.org").exists()

    office.post(reverse("setup_cohort"), {**COHORT, "confirm": "yes"})

    cohort = Cohort.objects.get(code="AI-LHE-77")
    assert "2030-01-10" not in [session.date.isoformat() for session in cohort.sessions.all()]
    assert Message.objects.get(to="new@example.org").key == "invited:new@example.org"
    again = office.post(reverse("setup_cohort"), {**COHORT, "confirm": "yes"})
    assert (again.status_code, "There is a cohort AI-LHE-77 already" in again.content.decode()) == (422, True)


def test_a_clash_of_rooms_is_shown_before_saving(office):
    office.post(reverse("setup_cohort"), {**COHORT, "confirm": "yes"})

    preview = office.post(reverse("setup_cohort"), {**COHORT, "code": "AI-LHE-78", "instructors": ""}).context[
        "cohort_preview"
    ]

    assert {clash.kind for clash in preview.clashes} == {"room"}


def test_a_clone_brings_pattern_and_instructors_but_neither_code_nor_start(office):
    model = make_cohort(weekly_pattern=[{"weekday": "MO", "start": "10:00", "end": "13:00"}], city="KHI")
    teacher = make_instructor(model)

    form = office.get(reverse("setup_cohort"), {"from": model.code}).context["form"]

    assert (form["pattern"].value(), form["city"].value()) == ("MO 10:00-13:00", "KHI")
    assert teacher.email in form["instructors"].value()
    assert (form["code"].value(), form["starts_on"].value()) == (None, None)


def test_the_target_of_the_programme_is_changed_and_recorded(office):
    programme = make_programme()
    values = {"title": "Training", "organisation": "Board", "seat_target": "2500", "starts_on": "2020-05-04"}

    office.post(reverse("setup_programme"), values)

    programme.refresh_from_db()
    assert programme.seat_target == 2500
    assert AuditEntry.objects.get(act="programme.save").detail == {"changed": ["seat_target"]}
