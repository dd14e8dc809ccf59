"""Eligibility, deadlines, no-show and carrying over, as pure functions."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from cohorts.rules.places import (
    age_on,
    carry_over,
    describe_left,
    describe_requirements,
    may_be_no_show,
    offer_deadline,
    why_not_eligible,
)

AT = datetime(2020, 5, 1, 9, tzinfo=UTC)


def course(**fields):
    return SimpleNamespace(**{"categories": [], "earliest_graduation_year": None, "minimum_age": None, **fields})


def person(**fields):
    born = date(1997, 8, 14)
    return SimpleNamespace(**{"category": "graduate", "graduation_year": 2019, "date_of_birth": born, **fields})


def test_every_reason_is_named_at_its_field():
    strict = course(categories=["professional"], earliest_graduation_year=2020, minimum_age=25)

    reasons = why_not_eligible(person(), strict, starts_on=date(2020, 5, 4))

    assert list(reasons) == ["category", "graduation_year", "date_of_birth"]
    assert "working professionals" in reasons["category"]
    assert "2020 or later; you gave 2019" in reasons["graduation_year"]
    assert "25 years" in reasons["date_of_birth"]


def test_who_may_register_is_said_before_anybody_fills_the_form():
    strict = course(categories=["graduate"], earliest_graduation_year=2019, minimum_age=18)

    said = describe_requirements(strict)

    assert said == ["fresh graduates", "graduated in 2019 or later", "at least 18 years old at the start"]
    assert describe_requirements(course()) == []


def test_nothing_speaks_against_who_fits_or_is_not_known():
    strict = course(categories=["graduate"], earliest_graduation_year=2019, minimum_age=22)
    unknown = person(category="", graduation_year=None, date_of_birth=None)

    assert why_not_eligible(person(), strict, starts_on=date(2020, 5, 4)) == {}
    assert why_not_eligible(unknown, strict, starts_on=date(2020, 5, 4)) == {}
    assert why_not_eligible(person(), course(), starts_on=date(2020, 5, 4)) == {}


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(2000, 5, 4), date(2018, 5, 3), 17),
        (date(2000, 5, 4), date(2018, 5, 4), 18),
        (date(2000, 2, 29), date(2018, 2, 28), 17),
        (date(2000, 2, 29), date(2018, 3, 1), 18),
    ],
)
def test_age_turns_on_the_birthday(born, day, years):
    assert age_on(born, day) == years


@pytest.mark.parametrize(
    ("first_session", "hours"),
    [
        (None, 48),
        (AT + timedelta(days=9), 48),
        (AT + timedelta(hours=5), 5),  # never later than the start
        (AT - timedelta(days=3), 48),  # it has begun already
    ],
)
def test_an_offer_stands_two_days_but_not_past_the_start(first_session, hours):
    assert offer_deadline(AT, 48, first_session) == AT + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("present", "excused", "absent", "unmarked", "expected"),
    [
        (0, 0, 2, 0, True),
        (0, 0, 1, 1, True),
        (0, 0, 1, 0, False),  # one session is not enough
        (1, 0, 5, 0, False),
        (0, 1, 5, 0, False),
    ],
)
def test_a_no_show_missed_the_first_sessions_altogether(present, excused, absent, unmarked, expected):
    tallies = SimpleNamespace(
        sessions_present=present,
        sessions_late=0,
        sessions_excused=excused,
        sessions_absent=absent,
        sessions_unmarked=unmarked,
    )

    assert may_be_no_show(tallies) is expected


def test_attended_sessions_are_carried_by_number_and_never_longer():
    old = [SimpleNamespace(pk=n, number=n, minutes=180) for n in range(1, 5)]
    new = [SimpleNamespace(pk=10 + n, number=n, minutes=120) for n in range(1, 4)]
    attended = [(old[0], "present", 180), (old[1], "absent", 0), (old[2], "late", 100), (old[3], "present", 180)]
    attended.append((old[1], "excused", 0))

    carried = carry_over(attended, new)

    assert [(each.attended.pk, each.session.pk, each.status, each.minutes) for each in carried] == [
        (1, 11, "present", 120),
        (3, 13, "late", 100),
    ]


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=2, hours=3, minutes=59), "2 days 3 hours left"),
        (timedelta(days=1), "1 day left"),
        (timedelta(days=1, minutes=5), "1 day left"),
        (timedelta(hours=5, minutes=20), "5 hours 20 minutes left"),
        (timedelta(minutes=1, seconds=59), "1 minute left"),
        (timedelta(seconds=30), "0 minutes left"),
        (timedelta(seconds=-30), "0 minutes left"),
    ],
)
def test_the_time_left_is_said_in_words_and_never_rounded_up(left, words):
    assert describe_left(left) == words
