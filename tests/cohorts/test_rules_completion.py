"""Conditions of completion and their words, as pure functions (R17, R46)."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from cohorts import rules
from cohorts.rules.points import format_points, read_points
from cohorts.rules.words import join_dates
from tests.cohorts.test_rules import policy, tallies


def work(scored, *, weight=50, points=20, required=False, name="Quiz"):
    return rules.Work(name, weight, points, required, scored)


def judge(*works, marks=None, pass_mark=60, assessed=True, **fields):
    rule = policy(pass_mark_percent=pass_mark, **fields)
    return rules.explain_progress(marks or tallies(present=4), rule, rules.Evidence(works=works, assessed=assessed))


@pytest.mark.parametrize(
    ("marks", "met", "state"),
    [
        (tallies(present=1, to_come=3), True, "open"),  # all so far, yet it can still be lost
        (tallies(present=3, to_come=1), True, "met"),
        (tallies(absent=1, to_come=3), False, "open"),
        (tallies(absent=2, to_come=2), False, "lost"),
        (tallies(present=2, unmarked=2), False, "open"),  # unmarked can still be marked
    ],
)
def test_attendance_is_met_only_when_it_cannot_be_lost(marks, met, state):
    (condition,) = judge(marks=marks)

    assert (condition["met"], condition["state"]) == (met, state)


@pytest.mark.parametrize(
    ("scored", "met", "state", "percent", "best"),
    [
        ((1200, None), False, "open", "30.0", "80.0"),
        ((0, None), False, "lost", "0.0", "50.0"),  # nought is a score: it is not to come
        ((400, None), False, "open", "10.0", "60.0"),  # exactly the pass mark is still enough
        ((400, 2000), True, "met", "60.0", "60.0"),
        ((399, 2000), False, "lost", "59.9", "59.9"),
    ],
)
def test_the_pass_mark_is_of_all_weights_and_says_what_can_be_reached(scored, met, state, percent, best):
    _attendance, mark = judge(*(work(each) for each in scored))

    assert (mark["met"], mark["state"], mark["percent"], mark["best"]) == (met, state, percent, best)


def test_works_of_different_points_weigh_what_they_weigh():
    """30 of 100 for 7 of 20 points and 70 of 100 for 33 of 50: 10.5 and 46.2 percent."""
    so_far, best = rules.rate_scores([work(700, weight=30), work(3300, weight=70, points=50)])

    assert so_far == best
    assert so_far.earned * 1000 == 567 * so_far.possible


@pytest.mark.parametrize("scored", [None, 0])
def test_a_required_work_is_missing_without_points(scored):
    _attendance, _mark, project = judge(work(2000), work(scored, required=True, name="Project"))

    assert (project["code"], project["state"]) == ("work_missing", "open")
    assert rules.describe(project) == "Project is required and has no score."
    assert not rules.decide_completion(
        tallies(present=4),
        policy(pass_mark_percent=0),
        rules.Evidence(works=[work(2000), work(scored, required=True)], assessed=True),
    ).completed


def test_a_required_work_is_done_with_any_points():
    _attendance, _mark, project = judge(work(2000), work(1, required=True, name="Project"))

    assert (project["code"], project["state"], rules.describe(project)) == ("work_done", "met", "Project handed in.")


def test_every_reason_is_a_sentence():
    marks = tallies(present=3, absent=1)
    evidence = rules.Evidence(missed=[date(2020, 5, 14)], works=[work(1000), work(None, name="Project")], assessed=True)
    exception = rules.Granted("in hospital", "Aisha Khan", date(2020, 6, 2))
    rule = policy(pass_mark_percent=60, inclusive=False, counted_by="minutes")

    outcome = rules.decide_completion(marks, rule, evidence)
    granted = rules.decide_completion(marks, rule, rules.Evidence(exception=exception))

    assert not outcome.completed
    assert [rules.describe(each) for each in outcome.reasons] == [
        "Attended 75.0 % of 720 minutes, more than 75 % needed; missed 14 May.",
        "Scored 25.0 % of all assessments, 60 % needed. No score yet: Project.",
    ]
    assert granted.completed
    assert rules.describe(granted.reasons[-1]) == "Exception by Aisha Khan on 2 June 2020: in hospital"


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ([date(2020, 5, 21), date(2020, 5, 14), date(2020, 5, 14)], "14, 21 May"),
        ([date(2020, 6, 2), date(2020, 5, 14)], "14 May, 2 June"),
        ([date(2020, 12, 30), date(2021, 1, 4)], "30 December 2020, 4 January 2021"),
        ([], ""),
    ],
)
def test_dates_stand_in_order_with_each_month_once(days, said):
    assert join_dates(days) == said


@pytest.mark.parametrize(
    ("typed", "hundredths"),
    [
        ("20", 2000),
        ("0", 0),
        (" 12.5 ", 1250),
        ("12,5", 1250),
        ("+5", 500),
        ("87.5 %", 1750),
        ("100%", 2000),
        ("12.50", 1250),
        ("", None),
        ("-", None),
        ("–", None),
    ],
)
def test_points_are_read_exactly(typed, hundredths):
    assert read_points(typed, 20) == hundredths


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("20.01", "points_range"),
        ("-1", "points_range"),
        ("101%", "points_range"),
        ("12.555", "points_decimals"),
        ("1,000", "points_comma"),
        *((each, "points") for each in ("x", "1e1", "1_0", "NaN", "Infinity", "12/20", "=1", "1.2.3", "%", "9" * 40)),
    ],
)
def test_what_is_no_number_of_points_says_why(typed, code):
    with pytest.raises(ValidationError) as refusal:
        read_points(typed, 20)

    assert refusal.value.code == code


@pytest.mark.parametrize(("hundredths", "said"), [(None, ""), (0, "0"), (1750, "17.5"), (1705, "17.05"), (2000, "20")])
def test_points_are_shown_as_a_person_writes_them(hundredths, said):
    assert format_points(hundredths) == said
