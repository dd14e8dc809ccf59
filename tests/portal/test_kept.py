"""The registers of the last days: which sessions, whose marks and how many, and as many as the overview says."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cohorts.models import Session
from cohorts.services.attendance import Mark, close_register, mark_attendance, reopen_register
from tests.factories import LATER, make_cohort, make_enrolment, make_instructor, make_office
from trainees.models import User

pytestmark = pytest.mark.django_db
ADDRESS = "/manage/done/registers/"


@pytest.fixture(autouse=True)
def _noon():
    """Today is a whole day, whenever the test runs."""
    with time_machine.travel(LATER + timedelta(hours=7), tick=False):
        yield


def keep(session, people, *, by, at, status="present"):
    marks = [Mark(each.pk, status) for each in people]
    mark_attendance(session=session, marks=marks, version=None, by=by, at=at)


@pytest.fixture
def kept():
    """Three sessions of one cohort: marked today by two people, yesterday, and eight days ago."""
    now = timezone.now()
    cohort = make_cohort("AI-KHI-01", starts_at=now - timedelta(days=20))
    people = [make_enrolment(cohort, at=now - timedelta(days=30)) for _ in range(3)]
    one, other = make_instructor(cohort), make_office()
    User.objects.filter(pk=one.pk).update(full_name="Babar Butt")
    User.objects.filter(pk=other.pk).update(full_name="Amna Rauf")
    sessions = list(cohort.sessions.order_by("number"))
    keep(sessions[0], people, by=one, at=now - timedelta(days=8))
    keep(sessions[1], people, by=one, at=now - timedelta(days=1))
    keep(sessions[2], people[:2], by=one, at=now)
    keep(sessions[2], people[2:], by=other, at=now)
    return sessions


def shown(page):
    return [(row.number, row.marks, row.people) for row in page.context["object_list"]]


def test_a_register_stands_there_with_its_marks_and_who_made_them(kept, office):
    page = office.get(ADDRESS)

    assert shown(page) == [(3, 3, "Babar Butt (2), Amna Rauf (1)"), (2, 3, "Babar Butt")]
    assert f'href="/teach/sessions/{kept[2].pk}/">AI-KHI-01, 3</a>' in page.content.decode()
    assert ADDRESS in office.get("/manage/done/").content.decode()


def test_the_overview_says_how_many_of_today_and_opens_that_list(kept, office):
    keep(kept[3], kept[3].cohort.enrolments.all(), by=None, at=timezone.now())

    page = office.get("/manage/")

    done = page.context["done"]
    assert done["kept"] == 2
    assert f'href="{done["kept_url"]}" data-number="2"' in page.content.decode()
    found = office.get(done["kept_url"])
    assert found.context["paginator"].count == 2
    assert shown(found)[0] == (4, 3, "nobody by hand")
    assert office.get(f"{done['kept_url']}&cohort=none").context["paginator"].count == 0


def test_a_register_that_is_opened_again_stands_on_that_day(kept, office):
    at = timezone.now()
    close_register(session=kept[0], by=None, at=at)
    assert office.get("/manage/").context["done"]["kept"] == 1
    reopen_register(session=kept[0], reason="a list was found", by=make_office(), at=at)

    page = office.get("/manage/")

    assert page.context["done"]["kept"] == 2
    assert "opened again today: 2" in page.content.decode()


def test_a_day_on_which_no_register_was_kept_says_nothing(kept, office):
    Session.objects.filter(pk=kept[2].pk).update(marked_at=timezone.now() - timedelta(days=2))

    assert "kept_url" in office.get("/manage/").context["done"]
    assert "Registers begun" not in office.get("/manage/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(office, django_assert_num_queries, count):
    for _ in range(count):
        cohort = make_cohort(starts_at=timezone.now() - timedelta(days=20))
        people = [make_enrolment(cohort, at=timezone.now()) for _ in range(count)]
        keep(cohort.sessions.first(), people, by=make_office(), at=timezone.now())
    office.get(ADDRESS)

    with django_assert_num_queries(10):  # with session, account, two of rights, and the side bar
        office.get(ADDRESS)
