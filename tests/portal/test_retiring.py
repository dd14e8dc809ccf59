"""Retiring: offered to nobody new by any door, and everything goes on where it is used."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from cohorts.models import Cohort, Enrolment, Venue
from cohorts.services.enrolment import enrol, transfer
from cohorts.services.enrolment.entry import find_moves
from cohorts.services.errors import CohortRetired
from cohorts.services.venues import save_venue
from courses.models import Course, Programme
from tests.factories import (
    BEFORE,
    make_cohort,
    make_enrolment,
    make_instructor,
    make_office,
    make_registration,
    make_trainee,
)
from trainees.models import User

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def office(client):
    client.force_login(make_office("Programme office"), backend=BACKEND)
    return client


@pytest.fixture
def coming():
    return make_cohort("AI-1", starts_at=timezone.now() + timedelta(days=9))


def retire(client, kind, thing, act="retire"):
    return client.post(reverse("setup_retire", args=[kind, thing.pk]), {"act": act})


def retired_by(cohort, kind):
    return {"cohort": cohort, "course": cohort.course, "programme": cohort.course.programme}[kind]


@pytest.mark.parametrize("kind", ["cohort", "course", "programme"])
def test_a_retired_thing_is_offered_by_no_door(office, client, coming, kind):
    other = make_cohort("BI-1", starts_at=timezone.now() + timedelta(days=9))
    inside = make_enrolment(coming)
    retire(office, kind, retired_by(coming, kind))
    client.logout()

    assert client.get(reverse("cohort", args=["AI-1"])).status_code == 404
    assert client.get(reverse("cohort_register", args=["AI-1"])).status_code == 404
    assert "AI-1" not in client.get("/").content.decode()
    codes = [each["code"] for each in client.get("/api/v1/cohorts/").json()["results"]]
    assert "AI-1" not in codes
    assert client.get("/api/v1/cohorts/AI-1/").status_code == 404
    answer = client.post("/api/v1/registrations/", make_registration(cohort="AI-1", consent=True), "application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "retired")
    with pytest.raises(CohortRetired):
        enrol(trainee=make_trainee(), cohort=Cohort.objects.get(code="AI-1"), by=None, at=BEFORE)
    if kind == "cohort":
        moved = make_enrolment(other)
        assert find_moves(enrolment=moved, at=timezone.now()) == []
        with pytest.raises(CohortRetired):
            transfer(enrolment=moved, cohort=Cohort.objects.get(code="AI-1"), by=None, at=BEFORE)
    inside.refresh_from_db()
    assert inside.status == Enrolment.Status.ENROLLED


def test_who_is_inside_goes_on(office, client, coming):
    enrolment = make_enrolment(coming)
    teacher = make_instructor(coming)
    retire(office, "cohort", coming)

    for user in (enrolment.trainee.user, teacher):
        if user is not None:
            client.force_login(user, backend=BACKEND)
            assert client.get(reverse("cohort", args=["AI-1"])).status_code == 200
    client.force_login(teacher, backend=BACKEND)
    assert client.get(reverse("session_register", args=[coming.sessions.first().pk])).status_code == 200


def test_the_page_says_what_happens_and_a_second_post_changes_nothing(office, coming):
    make_enrolment(coming)
    page = office.get(reverse("setup_retire", args=["cohort", coming.pk])).content.decode()
    assert "1 cohort takes nobody new" in page
    assert "1 person inside goes on" in page

    retire(office, "cohort", coming), retire(office, "cohort", coming)
    assert AuditEntry.objects.filter(act="cohort.retire").count() == 1
    history = office.get(reverse("setup_cohort", args=["AI-1"])).context["history"]
    assert history[0].act == "Retired"
    retire(office, "cohort", coming, "restore")
    assert office.get(reverse("cohort", args=["AI-1"])).status_code == 200
    assert enrol(trainee=make_trainee(), cohort=coming, by=None, at=BEFORE).status == "enrolled"


def test_retired_things_are_no_choices(office, coming):
    values = {"city": "LHE", "name": "Centre", "address": "", "map_url": ""}
    venue = save_venue(venue=None, values=values, rooms={"Lab": 20}, by=None, at=BEFORE)
    teacher = make_instructor(coming)
    form = office.get(reverse("setup_cohort_new")).context["form"]
    assert (len(form.fields["place"].choices), len(form.fields["teachers"].choices)) == (2, 1)

    retire(office, "venue", venue), retire(office, "instructor", teacher)

    form = office.get(reverse("setup_cohort_new")).context["form"]
    assert len(form.fields["place"].choices) == 1
    assert "teachers" not in form.fields
    add = reverse("setup_instructor_add", args=[make_cohort("B-1").code])
    office.post(add, {"email": teacher.email, "name": ""})
    assert not Cohort.objects.get(code="B-1").instructors.exists()
    assert "retired" in office.get(reverse("setup_venues")).content.decode()
    retire(office, "course", coming.course)
    assert office.get(reverse("setup_cohort_new")).status_code == 302


def test_without_the_right_nothing_is_retired(client, coming):
    client.force_login(make_office("Auditor"), backend=BACKEND)

    assert retire(client, "cohort", coming).status_code == 403
    coming.refresh_from_db()
    assert coming.retired_at is None


def test_who_never_taught_cannot_be_retired_as_an_instructor(office, coming):
    someone = make_enrolment(coming).trainee.user

    assert retire(office, "instructor", someone).status_code == 404
    someone.refresh_from_db()
    assert someone.retired_at is None


@pytest.mark.parametrize("kind", ["nonsense", "user"])
def test_an_unknown_kind_is_not_found(office, kind):
    assert office.get(reverse("setup_retire", args=[kind, 1])).status_code == 404


@pytest.mark.parametrize("model", [Programme, Course, Cohort, Venue, User])
def test_what_is_in_use_cannot_be_deleted(coming, model):
    values = {"city": "LHE", "name": "Centre", "address": "", "map_url": ""}
    save_venue(venue=None, values=values, rooms={"Lab": 20}, by=None, at=BEFORE)
    make_instructor(coming)
    with pytest.raises((ProtectedError, ValidationError)):
        model.objects.all().delete()
    assert model.objects.exists()
