"""The checks of the set-up: each fault is found once, named, and leads to where it is mended."""

import pytest
from django.urls import reverse

from cohorts.services.venues import save_venue
from courses.models import Module
from tests.factories import BEFORE, LATER, START, make_cohort, make_course, make_instructor, make_office, make_programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    client.force_login(make_office("Programme office"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def faults(client):
    page = client.get(reverse("setup_checks"))
    return {
        str(group["title"]): [f"{each.about}: {each.text}" for each in group["faults"]]
        for group in page.context["groups"]
    }


def fitting_cohort(code="A-1", **fields):
    course = make_course()
    if not course.modules.exists():
        Module.objects.create(course=course, number=1, title="All", hours=12)
    cohort = make_cohort(code, **fields)
    make_instructor(cohort)
    return cohort


def test_what_fits_is_said_to_fit(office):
    make_programme(seat_target=30)
    fitting_cohort()

    assert sum(map(len, faults(office).values())) == 0
    assert "Everything fits" in office.get(reverse("setup_checks")).content.decode()


def test_each_fault_is_named(office):
    make_programme(seat_target=50)
    values = {"city": "LHE", "name": "Centre", "address": "", "map_url": ""}
    venue = save_venue(venue=None, values=values, rooms={"Lab": 20}, by=None, at=BEFORE)
    fitting_cohort(mode="classroom", venue="Centre", room="Lab", held_in=venue.rooms.get(name="Lab"))
    short = make_cohort("A-2", sessions=3, mode="classroom", capacity=10)
    make_course("EMPTY")
    Module.objects.create(course=make_course("WRONG"), number=1, title="Part", hours=5)

    assert faults(office) == {
        "Hours of modules": [
            "EMPTY: it has no modules yet.",
            "WRONG: its modules have 5 hours, the course says 12.",
        ],
        "Hours of timetables": ["A-2: its sessions have 9 hours, the course asks for 12."],
        "Rooms": ["A-1: it has 30 places, Centre, Lab has 20 seats."],
        "Instructors and venues": [
            "A-2: nobody is named to teach it.",
            "A-2: it is held in a classroom, but no venue is named.",
        ],
        "Clashes": [],
        "Places": ["Training: its cohorts have 40 places, 10 fewer than its target of 50."],
    }
    short.retired_at = BEFORE
    short.save()
    assert faults(office)["Places"] == ["Training: its cohorts have 30 places, 20 fewer than its target of 50."]


def test_who_is_wanted_twice_is_named_with_both_cohorts(office):
    shift = (LATER - START) * 20
    one, other = make_cohort("A-1", starts_at=START + shift), make_cohort("B-1", starts_at=START + shift)
    other.instructors.add(make_instructor(one))

    assert len(faults(office)["Clashes"]) == 4
    assert faults(office)["Clashes"][0].startswith("Some Body: wanted by A-1 and B-1 on ")


@pytest.mark.parametrize("count", [1, 3])
def test_the_checks_cost_the_same_for_one_cohort_and_for_three(office, django_assert_num_queries, count):
    for n in range(count):
        fitting_cohort(f"A-{n}")

    with django_assert_num_queries(12):
        office.get(reverse("setup_checks"))
