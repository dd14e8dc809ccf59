"""Clashes of an instructor, a room, a trainee: shown, found by a fixed number of queries."""

from datetime import date, time, timedelta

import pytest

from cohorts.models import Enrolment
from cohorts.services.schedule import MoveSession, Place, list_clashes, preview_change
from tests.factories import BEFORE, START, make_cohort, make_enrolment, make_instructor

pytestmark = pytest.mark.django_db


def clashes(since=BEFORE):
    return [
        (each.kind, each.name, each.first.code, each.second.code, each.second.number)
        for each in list_clashes(since=since)
    ]


def test_an_instructor_of_two_cohorts_clashes_where_the_times_meet():
    one, other = make_cohort("A-1", sessions=2), make_cohort("B-1", sessions=1, starts_at=START + timedelta(hours=1))
    make_cohort("C-1", sessions=2)
    teacher = make_instructor(one)
    other.instructors.add(teacher)

    assert clashes() == [("instructor", "Some Body", "A-1", "B-1", 1)]
    assert clashes(since=START + timedelta(days=30)) == []


def test_a_session_that_begins_when_the_other_ends_is_no_clash():
    one, other = make_cohort("A-1", sessions=1), make_cohort("B-1", sessions=1, starts_at=START + timedelta(hours=3))
    other.instructors.add(make_instructor(one))

    assert clashes() == []


def test_a_room_of_one_venue_clashes_but_not_the_same_number_elsewhere():
    for code, venue in (("A-1", "Arfa Tower"), ("B-1", "Arfa Tower"), ("C-1", "City Hall")):
        make_cohort(code, sessions=1).sessions.update(mode="classroom", venue=venue, room="4")

    assert clashes() == [("room", "Arfa Tower, 4", "A-1", "B-1", 1)]


def test_online_sessions_and_cancelled_ones_need_no_room():
    for code, mode, state in (
        ("A-1", "online", "planned"),
        ("B-1", "classroom", "cancelled"),
        ("C-1", "classroom", "held"),
    ):
        sessions = make_cohort(code, sessions=1).sessions
        sessions.update(mode=mode, venue="Hall", room="4", state=state, cancel_reason="x")

    assert clashes() == []


def test_a_trainee_of_two_cohorts_is_shown_by_name():
    one, other = make_cohort("A-1", sessions=1), make_cohort("B-1", sessions=1, starts_at=START + timedelta(hours=2))
    enrolment = make_enrolment(one)
    Enrolment.objects.update(status="not_completed", closed_at=START)
    make_enrolment(other, enrolment.trainee)

    assert clashes() == [("trainee", enrolment.trainee.full_name, "A-1", "B-1", 1)]


@pytest.mark.parametrize("count", [1, 3])
def test_clashes_cost_four_queries(django_assert_num_queries, count):
    for _ in range(count):
        one, other = make_cohort(sessions=2), make_cohort(sessions=2)
        other.instructors.add(make_instructor(one))

    with django_assert_num_queries(4):
        found = list_clashes(since=BEFORE)

    assert len(found) == 2 * count


def test_a_preview_shows_the_clash_that_it_would_make():
    one = make_cohort("A-1", sessions=1)
    other = make_cohort("B-1", sessions=1, starts_at=START + timedelta(days=3))
    other.instructors.add(make_instructor(one))
    wish = MoveSession(other.sessions.get().pk, date(2020, 5, 4), time(12), time(14), Place("online"))

    (clash,) = preview_change(cohort=other, wish=wish, at=BEFORE).clashes

    assert (clash.kind, clash.first.code, clash.second.code) == ("instructor", "A-1", "B-1")
    assert clashes() == []
