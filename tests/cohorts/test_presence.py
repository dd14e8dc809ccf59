"""Unions and clips in whole seconds (R28), lateness and the minimum share (R19)."""

import itertools
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts.presence import Stay, add_stays, clip, decide_status, length, minutes_of, stay_of, stay_of_total, union

SPANS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=12)
START, END = 36_000, 46_800  # ten to one


@dataclass
class Policy:
    late_after_minutes: int = 15
    minimum_share_percent: int = 10


def seconds(spans):
    return {second for start, end in spans for second in range(start, end)}


@given(SPANS)
def test_a_union_holds_exactly_the_seconds_of_its_spans(spans):
    merged = union(spans)

    assert seconds(merged) == seconds(spans)
    assert length(merged) == len(seconds(spans))
    assert all(first[1] < second[0] for first, second in itertools.pairwise(merged))


@given(SPANS, SPANS)
def test_a_union_does_not_depend_on_order_or_repetition(spans, more):
    assert union([*spans, *more]) == union([*more, *spans, *spans])


@given(SPANS, st.integers(0, 300), st.integers(0, 300))
def test_a_clip_holds_the_seconds_inside_and_no_other(spans, start, end):
    merged = union(spans)

    assert seconds(clip(merged, start, end)) == seconds(merged) & set(range(start, end))


@given(SPANS, SPANS)
def test_two_files_never_make_more_than_their_sum_nor_less_than_either(first, second):
    one, two = stay_of(first, 50, 250), stay_of(second, 50, 250)

    both = add_stays([one, two], 50, 250)

    assert max(one.seconds_in_session, two.seconds_in_session) <= both.seconds_in_session
    assert both.seconds_in_session <= min(200, one.seconds_in_session + two.seconds_in_session)


def test_overlapping_devices_count_once_and_time_outside_is_not_counted():
    stay = stay_of([(START - 600, START + 3600), (START + 1800, START + 5400), (END - 60, END + 600)], START, END)

    assert (stay.seconds_union, stay.seconds_in_session, stay.first) == (6000 + 660, 5460, START)


def test_a_sum_shorter_than_from_first_to_last_takes_the_gaps_off():
    stay = stay_of([(START - 300, END + 300)], START, END, total=7200)

    assert (stay.seconds_union, stay.seconds_in_session, stay.estimated) == (7200, 6600, True)


def test_a_sum_alone_is_at_most_the_session():
    assert stay_of_total(14_000, START, END) == Stay((), 14_000, 10_800, None, estimated=True)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(START, END)], "present"),
        ([(START + 900, END)], "present"),
        ([(START + 901, END)], "late"),
        ([(START, START + 1079)], "absent"),
        ([(START, START + 1080)], "present"),
        ([], "absent"),
    ],
)
def test_status_follows_the_cut_off_and_the_minimum_share(spans, expected):
    assert decide_status(stay_of(spans, START, END), Policy(), START, END) == expected


def test_nobody_is_late_by_a_sum_without_moments():
    assert decide_status(stay_of_total(9000, START, END), Policy(), START, END) == "present"


@pytest.mark.parametrize(("inside", "minutes"), [(0, 0), (29, 0), (30, 1), (10_799, 180), (10_800, 180)])
def test_minutes_are_the_nearest_and_never_more_than_the_session(inside, minutes):
    assert minutes_of(Stay(seconds_in_session=inside), 180) == minutes
