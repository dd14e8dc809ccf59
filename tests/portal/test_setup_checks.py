"""The checks of the set-up: each fault is found once, named, and leads to where it is mended."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cohorts.services.venues import save_venue
from courses.models import Module
from portal.figures.clashes import refresh_clashes
from portal.setup import checks as pages
from tests.factories import (
    BEFORE,
    LATER,
    START,
    cancel_session,
    make_cohort,
    make_course,
    make_instructor,
    make_office,
    make_programme,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    client.force_login(make_office("Programme office"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def faults(client):
    page = client.get(reverse("setup_checks"))
    assert page.context["count"] == sum(group["count"] for group in page.context["groups"])
    return {
        str(group["check"].title): [f"{each.about}: {each.text}" for each in group["faults"]]
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
        "Instructors": ["A-2: nobody is named to teach it."],
        "Venues": ["A-2: it is held in a classroom, but no venue is named."],
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


def test_the_number_of_each_kind_is_the_length_of_its_list(office, monkeypatch):
    monkeypatch.setattr(pages, "SHOWN", 2)
    monkeypatch.setattr(pages, "PAGE", 2)
    make_programme(seat_target=50)
    values = {"city": "LHE", "name": "Centre", "address": "", "map_url": ""}
    venue = save_venue(venue=None, values=values, rooms={"Lab": 20}, by=None, at=BEFORE)
    for n in range(3):
        Module.objects.create(course=make_course(f"C{n}"), number=1, title="Part", hours=5)
        make_cohort(f"A-{n}", sessions=3, held_in=venue.rooms.get(name="Lab"))
        make_cohort(f"B-{n}", sessions=3, mode="classroom")
        make_cohort(f"R-{n}", mode="classroom", retired_at=BEFORE)
        make_cohort(f"E-{n}", mode="classroom", state="closed", closed_at=LATER, policy=make_course().policies.get())
    shift = (LATER - START) * 20
    make_cohort("S-0", starts_at=START + shift).instructors.add(
        make_instructor(make_cohort("S-1", starts_at=START + shift))
    )

    groups = {group["check"].key: group for group in office.get(reverse("setup_checks")).context["groups"]}

    counts = {key: group["count"] for key, group in groups.items()}
    expected = {"modules": 4, "timetables": 6, "rooms": 3, "instructors": 6, "venues": 3, "clashes": 4, "places": 1}
    assert counts == expected
    for key, count in counts.items():
        if key != "clashes":
            assert len(set(listed(office, key))) == len(listed(office, key)) == count
            assert listed(office, key)[:2] == groups[key]["faults"]
    assert office.get(groups["clashes"]["check"].address).context["paginator"].count == 4
    assert [office.get(f"/manage/setup/checks/{key}/").status_code for key in ("clashes", "x")] == [404, 404]


def listed(client, key):
    found, page = [], 1
    while page:
        answer = client.get(reverse("setup_check", args=[key]), {"page": page})
        found += answer.context["faults"]
        page = page + 1 if answer.context["page_obj"].has_next() else 0
    return found


def test_the_hours_of_a_cohort_follow_its_timetable(office):
    make_programme(seat_target=30)
    cohort = fitting_cohort()
    cancel_session(cohort.sessions.get(number=2), "rain")

    assert faults(office)["Hours of timetables"] == ["A-1: its sessions have 9 hours, the course asks for 12."]
    cohort.refresh_from_db()
    assert cohort.minutes == sum(each.minutes for each in cohort.sessions.countable()) == 540


@pytest.mark.parametrize("count", [1, 3])
def test_the_checks_cost_the_same_for_one_cohort_and_for_three(office, django_assert_num_queries, count):
    shift = (LATER - START) * 20
    for n in range(count):
        other = make_cohort(f"B-{n}", mode="classroom", sessions=3, starts_at=START + shift)
        other.instructors.add(make_instructor(make_cohort(f"A-{n}", starts_at=START + shift)))
        make_cohort(f"C-{n}", starts_at=START + shift)
    refresh_clashes(at=LATER)

    with django_assert_num_queries(21):  # one of them for the side bar
        office.get(reverse("setup_checks"))
    with django_assert_num_queries(7):
        office.get(reverse("setup_check", args=["timetables"]))


def test_no_timetable_is_gone_through(office):
    fitting_cohort()
    refresh_clashes(at=LATER)
    with CaptureQueriesContext(connection) as queries:
        office.get(reverse("setup_checks"))

    assert [
        each["sql"] for each in queries if re.search("JOIN .cohorts_session|FROM .cohorts_session", each["sql"])
    ] == []
