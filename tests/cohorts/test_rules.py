"""Arithmetic of attendance, by hand and by property (R13-R20)."""

from itertools import combinations
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts import rules


def policy(**fields):
    defaults = {"counted_by": "sessions", "late_weight_percent": 50, "excused": "out", "minimum_percent": 75}
    return SimpleNamespace(**{**defaults, "inclusive": True, **fields})


def tallies(present=0, late=0, excused=0, absent=0, unmarked=0, to_come=0, minutes=180):
    held = present + late + excused + absent + unmarked
    return SimpleNamespace(
        sessions_present=present,
        sessions_late=late,
        sessions_excused=excused,
        sessions_absent=absent,
        sessions_unmarked=unmarked,
        sessions_planned=held + to_come,
        minutes_present=present * minutes,
        minutes_late=late * minutes // 2,
        minutes_present_scheduled=present * minutes,
        minutes_late_scheduled=late * minutes,
        minutes_excused=excused * minutes,
        minutes_absent=absent * minutes,
        minutes_unmarked=unmarked * minutes,
        minutes_planned=(held + to_come) * minutes,
        open_lengths=rules.write_lengths([minutes] * (unmarked + to_come)),
    )


def test_no_session_held_is_no_rate_and_not_nought():
    rates = rules.compute_rates(tallies(to_come=12), policy())

    assert rates.to_date is None
    assert rates.best_reachable.percent == "100.0"


def test_late_counts_its_weight_and_excused_leaves_the_denominator():
    rates = rules.compute_rates(tallies(present=7, late=2, excused=1, absent=2), policy())

    assert (rates.to_date.earned, rates.to_date.possible) == (800, 1100)
    assert rates.to_date.percent == "72.7"


@pytest.mark.parametrize(("weight", "earned"), [(0, 700), (25, 750), (100, 900)])
def test_late_counts_what_the_policy_says(weight, earned):
    late = tallies(present=7, late=2, absent=1)

    assert rules.compute_rates(late, policy(late_weight_percent=weight)).to_date == rules.Rate(earned, 1000)
    assert rules.compute_rates(late, policy(late_weight_percent=weight, counted_by="minutes")).to_date.earned == 8 * 180


@pytest.mark.parametrize(
    ("excused", "earned", "possible"), [("out", 900, 1100), ("present", 1000, 1200), ("absent", 900, 1200)]
)
def test_excused_is_a_choice_of_three(excused, earned, possible):
    rate = rules.compute_rates(tallies(present=9, excused=1, absent=2), policy(excused=excused)).to_date

    assert (rate.earned, rate.possible) == (earned, possible)


def test_exactly_the_minimum_completes_only_when_inclusive():
    nine_of_twelve = tallies(present=9, absent=3)

    assert rules.decide_completion(nine_of_twelve, policy(inclusive=True)).completed
    assert not rules.decide_completion(nine_of_twelve, policy(inclusive=False)).completed


def test_exactly_the_minimum_may_be_missed_down_to_only_when_inclusive():
    half_way = tallies(present=2, to_come=2)

    assert rules.compute_rates(half_way, policy(inclusive=True)).can_still_miss == 1
    assert rules.compute_rates(half_way, policy(inclusive=False)).can_still_miss == 0


def test_percentages_are_cut_and_fractions_compared():
    almost = tallies(present=7499, absent=2501)

    outcome = rules.decide_completion(almost, policy())

    assert not outcome.completed
    assert outcome.reasons[0]["percent"] == "74.9"
    assert rules.describe(outcome.reasons[0]) == "Attended 74.9 % of 10,000 sessions, 75 % needed."


def test_who_may_miss_three_is_at_risk_but_not_when_none_else_is_left():
    assert rules.decide_standing(tallies(present=16, absent=3, to_come=5), policy(minimum_percent=80)) == "at_risk"
    assert rules.decide_standing(tallies(present=20, to_come=2), policy()) == "on_track"
    assert rules.decide_standing(tallies(present=2, absent=8, to_come=2), policy()) == "cannot_reach"


def test_an_excused_session_is_no_longer_open():
    """Who can miss all that is left is not at risk, whatever was excused before."""
    assert rules.decide_standing(tallies(present=8, excused=2, to_come=2), policy(excused="present")) == "on_track"
    assert rules.sessions_open(tallies(present=1, late=1, excused=1, absent=1, unmarked=1, to_come=1)) == 2


counts = st.integers(0, 30)
any_policy = st.fixed_dictionaries(
    {
        "excused": st.sampled_from(["out", "present", "absent"]),
        "minimum_percent": st.integers(0, 100),
        "inclusive": st.booleans(),
    }
)


@given(counts, counts, counts, counts, counts, counts, any_policy)
def test_sessions_of_one_length_say_the_same_by_minutes(p, late, e, a, u, come, fields):
    """A late session attended half is worth half a session; so both ways of counting agree exactly."""
    marks = tallies(p, late, e, a, u, come)
    by_sessions = rules.compute_rates(marks, policy(counted_by="sessions", **fields))
    by_minutes = rules.compute_rates(marks, policy(counted_by="minutes", **fields))

    for name in ("to_date", "of_planned", "best_reachable"):
        one, other = getattr(by_sessions, name), getattr(by_minutes, name)
        assert (one is None) == (other is None)
        if one is not None:
            assert (other.earned * 100, other.possible * 100) == (one.earned * 180, one.possible * 180)
    assert by_sessions.can_still_miss == by_minutes.can_still_miss


@given(counts, counts, counts, counts, counts, counts, st.sampled_from(["minutes", "sessions"]))
def test_best_reachable_is_never_below_what_the_rest_attended_would_give(p, late, e, a, u, come, counted_by):
    rule = policy(counted_by=counted_by)
    now = rules.compute_rates(tallies(p, late, e, a, u, come), rule)
    finished = rules.compute_rates(tallies(p + u + come, late, e, a), rule)

    if finished.to_date is not None:
        assert (
            now.best_reachable.earned * finished.to_date.possible
            >= finished.to_date.earned * now.best_reachable.possible
        )
    assert now.can_still_miss >= 0


@given(counts, counts, counts, counts, st.integers(1, 30), st.integers(1, 100), st.booleans())
def test_missing_as_many_as_promised_still_reaches_and_one_more_does_not(p, late, e, a, come, minimum, inclusive):
    rule = policy(minimum_percent=minimum, inclusive=inclusive)
    now = rules.compute_rates(tallies(p, late, e, a, 0, come), rule)
    if not now.best_reachable.reaches(rule):
        assert now.can_still_miss == 0
        return

    missed = now.can_still_miss
    assert missed <= come
    then = rules.compute_rates(tallies(p + come - missed, late, e, a + missed), rule)

    assert then.to_date.reaches(rule)
    if missed < come:
        more = missed + 1
        assert not rules.compute_rates(tallies(p + come - more, late, e, a + more), rule).to_date.reaches(rule)


def uneven(lengths, **fields):
    """Three sessions of 100 minutes attended, and sessions of `lengths` minutes to come."""
    now = tallies(present=3, to_come=len(lengths), minutes=100)
    now.minutes_planned = 300 + sum(lengths)
    now.open_lengths = rules.write_lengths(lengths)
    return rules.compute_rates(now, policy(counted_by="minutes", **fields))


def test_a_promise_holds_for_the_longest_sessions_and_says_the_minutes():
    """700 minutes, so 280 to spare at 60 %: the session of 240, or two of the others, but not 240 and 80."""
    rates = uneven([80, 240, 80], minimum_percent=60)

    assert (rates.can_still_miss, rates.spare_minutes) == (1, 280)
    assert uneven([80, 240, 80], minimum_percent=70).can_still_miss == 0
    assert uneven([80, 240, 80], minimum_percent=70).spare_minutes == 210


def test_minutes_are_said_only_where_they_say_more_than_the_number():
    assert uneven([80, 80, 80], minimum_percent=60).spare_minutes is None
    assert uneven([80, 240], minimum_percent=10).spare_minutes is None  # all may be missed
    assert rules.compute_rates(tallies(present=3, to_come=2), policy()).spare_minutes is None


@given(
    st.lists(st.integers(1, 300), min_size=1, max_size=6),
    st.integers(0, 4),
    st.integers(0, 4),
    st.integers(1, 100),
    st.booleans(),
    st.sampled_from(["out", "present", "absent"]),
)
def test_any_so_many_may_be_missed_and_some_one_more_not(lengths, present, absent, minimum, inclusive, excused):
    rule = policy(counted_by="minutes", minimum_percent=minimum, inclusive=inclusive, excused=excused)
    now = tallies(present=present, absent=absent, excused=1, minutes=100)
    now.sessions_planned += len(lengths)
    now.minutes_planned += sum(lengths)
    now.open_lengths = rules.write_lengths(lengths)
    rates = rules.compute_rates(now, rule)

    def reaches(missed):
        then = tallies(present=present, absent=absent, excused=1, minutes=100)
        attended = sum(lengths) - sum(missed)
        then.minutes_present, then.minutes_present_scheduled = present * 100 + attended, present * 100 + attended
        then.minutes_absent += sum(missed)
        then.minutes_planned += sum(lengths)
        return rules.compute_rates(then, rule).to_date.reaches(rule)

    n = rates.can_still_miss
    if not rates.best_reachable.reaches(rule):
        assert n == 0
        return
    assert all(reaches(missed) for missed in combinations(lengths, n))
    if n < len(lengths):
        assert not all(reaches(missed) for missed in combinations(lengths, n + 1))
    if rates.spare_minutes is not None:
        each = [missed for size in range(len(lengths) + 1) for missed in combinations(lengths, size)]
        assert all(reaches(missed) == (sum(missed) <= rates.spare_minutes) for missed in each)
