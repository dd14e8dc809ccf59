"""The waves in the picture by week: cohorts that start in one week, from the summaries and beside the marks (R16)."""

import random
import re
from datetime import date, timedelta
from importlib import import_module

import pytest
from django.apps import apps

from cohorts.models import Cohort, Session
from portal.figures import Choice, Week, read_weeks
from portal.figures.check import check_figures
from portal.figures.refresh import monday_of, refresh_figures
from portal.models import CohortWeek, WeekTotal
from portal.overview import NARROW, WIDE
from portal.wave_lines import Box, box_of, walk
from portal.waves import MOST_DRAWN, choose_waves
from portal.week_chart import TITLE, UPPER, draw_weeks, forecast, show_past
from tests.factories import LATER, START
from tests.portal.minutes import sum_minutes

FIRST = monday_of(START.date())
WEEK = timedelta(weeks=1)
MAY, JUNE = FIRST, FIRST + 4 * WEEK


def week(n, **waves):
    """Return a week with the minutes of waves by their names, a to z: the n-th week of the programme's life."""
    minutes = {FIRST + (ord(name) - ord("a")) * WEEK: pair for name, pair in waves.items()}
    return Week(
        FIRST + n * WEEK,
        earned=sum(earned for earned, _of in minutes.values()),
        possible=sum(of for _earned, of in minutes.values()),
        waves=minutes,
    )


def names(waves):
    return "".join(chr(ord("a") + (wave.monday - FIRST).days // 7) for wave in waves.drawn)


def test_the_wave_that_fell_most_on_the_week_before_is_named_with_both_rates():
    weeks = [
        week(4, a=(90, 100), b=(900, 1000), c=(95, 100)),
        week(5),  # a break: nobody met
        week(6, a=(89, 100), b=(8555, 10_000), c=(99, 100)),
    ]

    waves = choose_waves(weeks)

    assert (waves.fallen.monday, waves.before, waves.after) == (FIRST + WEEK, 900, 855)
    assert waves.fallen in waves.drawn
    assert names(waves) == "abc"
    assert waves.drawn[0].rates == {FIRST + 4 * WEEK: 900, FIRST + 6 * WEEK: 890}


@pytest.mark.parametrize(
    "last", [{"a": (90, 100), "b": (95, 100)}, {"a": (92, 100)}, {"c": (10, 100)}], ids=["level", "risen", "new"]
)
def test_no_wave_fell_where_none_has_less_than_in_the_week_before(last):
    waves = choose_waves([week(4, a=(90, 100), b=(90, 100)), week(5, **last)])

    assert waves.fallen is None


def test_the_first_week_of_all_has_nothing_to_fall_from():
    assert choose_waves([week(4, a=(90, 100), b=(10, 100))]).fallen is None
    assert choose_waves([]).drawn == []


def test_one_wave_alone_is_the_programme_and_is_not_drawn():
    assert choose_waves([week(4, a=(90, 100)), week(5, a=(80, 100))]).drawn == []


def test_of_many_waves_those_are_drawn_that_fell_most_or_meet_still_the_largest_first():
    before = {"a": (9000, 9000), "b": (90, 100), "c": (300, 300), "d": (200, 200), "e": (10, 10), "f": (400, 400)}
    last = {"b": (80, 100), "c": (300, 300), "d": (200, 200), "e": (10, 10), "f": (400, 400)}

    waves = choose_waves([week(8, **before), week(9, **last)])

    assert names(waves) == "bcdf"  # a is over, e is the smallest; b fell
    assert (waves.left_out, len(waves.drawn)) == (2, MOST_DRAWN)


@pytest.fixture
def two_waves(programme):
    """Two of the four cohorts start four weeks later, in the middle of a week."""
    moved = Cohort.objects.filter(code__in=["C-1", "C-3"])
    moved.update(starts_on=JUNE + timedelta(days=2))
    for session in Session.objects.filter(cohort__in=moved):
        Session.objects.filter(pk=session.pk).update(date=session.date + 4 * WEEK)
    refresh_figures()
    return programme


def plain(wave, monday, **who):
    """Sum the marks one by one, of cohorts that start and sessions that are in the weeks of two Mondays."""
    who["cohort__starts_on__range"] = (wave, wave + timedelta(days=6))
    return sum_minutes(session__date__range=(monday, monday + timedelta(days=6)), **who)


CHOICES = [{}, {"city": "LHE"}, {"course": "DS"}, {"gender": "F"}, {"province": "PB", "category": "graduate"}]
PATHS = {"city": "cohort__city", "course": "cohort__course__code"}


@pytest.mark.django_db
@pytest.mark.parametrize("choice", CHOICES)
def test_the_minutes_of_a_wave_are_those_of_the_marks_of_its_cohorts_whatever_the_filter(two_waves, choice):
    Session.objects.filter(cohort=two_waves[3], number=4).update(date=MAY)  # one of June's meets beside those of May
    refresh_figures()
    weeks = [each for each in read_weeks(Choice(**choice)) if each.possible]

    who = {PATHS.get(name, f"trainee__{name}"): value for name, value in choice.items()}
    for each in weeks:
        expected = {wave: plain(wave, each.monday, **who) for wave in (MAY, JUNE)}
        assert each.waves == {wave: minutes for wave, minutes in expected.items() if minutes[1]}
        assert each.earned == sum(earned for earned, _of in each.waves.values())
        assert each.possible == sum(of for _earned, of in each.waves.values())
    assert [each.monday for each in weeks] == ([MAY, JUNE])
    assert check_figures(started=LATER, clock=lambda: LATER).differences == 0


@pytest.mark.django_db
def test_a_cohort_whose_first_day_moves_takes_its_weeks_to_another_wave(two_waves):
    Cohort.objects.filter(code="C-3").update(starts_on=JUNE + WEEK)
    assert check_figures(started=LATER, clock=lambda: LATER).differences == 0  # it is stale, so not compared
    refresh_figures()

    assert check_figures(started=LATER, clock=lambda: LATER).differences == 0
    assert set(CohortWeek.objects.filter(cohort__code="C-3").values_list("wave", flat=True)) == {JUNE + WEEK}
    assert set(WeekTotal.objects.values_list("wave", flat=True)) == {MAY, JUNE, JUNE + WEEK}


@pytest.mark.django_db
def test_weeks_from_before_there_were_waves_are_named_and_summed_by_the_migration(two_waves):
    CohortWeek.objects.update(wave=date(1, 1, 1))
    WeekTotal.objects.filter(city="LHE").delete()
    assert check_figures(started=LATER, clock=lambda: LATER).differences

    import_module("portal.migrations.0013_waves").read_waves(apps, None)

    assert check_figures(started=LATER, clock=lambda: LATER).differences == 0
    assert {wave for each in read_weeks(Choice()) for wave in each.waves} == {MAY, JUNE}


@pytest.mark.django_db
def test_the_page_draws_names_and_lists_the_waves(two_waves, office):
    Session.objects.filter(cohort=two_waves[2], number=4).update(date=JUNE)
    refresh_figures()
    answer = office.get("/manage/")

    page = answer.content.decode()
    assert [wave.monday for wave in answer.context["waves"].drawn] == [MAY, JUNE]
    assert page.count(">from 4 May<") == page.count(">from 1 Jun<") == 2  # once in each width
    assert "Wave of 4 May 2020 %" in page
    assert "Wave of 1 Jun 2020 %" in page
    rates_of = {point.week.monday: rates for point, rates in answer.context["points"]}
    earned, possible = plain(MAY, JUNE)
    was_earned, was_possible = plain(MAY, MAY)
    rates = was_earned * 1000 // was_possible, earned * 1000 // possible
    fallen = f"fell most: {rates[0] // 10}.{rates[0] % 10} → {rates[1] // 10}.{rates[1] % 10} %."
    assert (fallen in page) == (rates[1] < rates[0])
    assert rates_of[MAY] == [rates[0], None]
    assert rates_of[JUNE][0] == rates[1]


@pytest.mark.django_db
def test_where_a_filter_leaves_one_wave_there_is_none(two_waves, office):
    page = office.get("/manage/?city=LHE").content.decode()

    assert "hn-wave" not in page
    assert "Wave of" not in page
    assert "hn-line" in page


HOLIDAYS = {2: ("Eid-ul-Fitr (moved)",), 9: ("Independence Day",)}
TEXT = re.compile(r'<text class="hn-axis ([^"]*)" x="([\d.]+)" y="([\d.]+)"(?: text-anchor="\w+")?>([^<]+)<')


def picture(seed, *, size, coming):
    source = random.Random(seed)
    weeks = []
    for n in range(18):
        met = {name: (source.randrange(650, 990), 1000) for k, name in enumerate("aceg") if 2 * k <= n < 2 * k + 12}
        each = week(n, **met) if n not in HOLIDAYS or source.random() < 0.5 else week(n)
        weeks.append(Week(**{**vars(each), "holidays": HOLIDAYS.get(n, ())}))
    weeks += [Week(FIRST + (18 + n) * WEEK, expected=5) for n in range(coming)]
    points = forecast(weeks, today=FIRST + 17 * WEEK)
    waves = choose_waves([point.week for point in show_past(points)])
    return draw_weeks(points, minimum=75, target=2000, waves=waves.drawn, size=size)


@pytest.mark.parametrize("coming", [0, 6])
@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("seed", range(12))
def test_every_line_has_its_name_and_no_name_stands_on_other_words(seed, size, coming):
    found = TEXT.findall(picture(seed, size=size, coming=coming))
    named = [(words, box_of(words, float(x), float(y))) for kind, x, y, words in found if "hn-wavename" in kind]
    now = [box_of(words, float(x), float(y)) for kind, x, y, words in found if kind == "hn-axis-now" and "%" in words]

    assert [words for words, _box in named] == ["from 4 May", "from 18 May", "from 1 Jun", "from 15 Jun"]
    boxes = [*(box for _words, box in named), *now]
    assert not [1 for n, box in enumerate(boxes) for other in boxes[:n] if box.meets(other)]
    room = Box(size[1], TITLE - 6, size[0] - size[2], TITLE + UPPER)
    assert all(box.is_inside(room) for _words, box in named)


@pytest.mark.parametrize("seed", range(6))
def test_the_name_of_a_holiday_ends_below_the_lines_and_is_nobody_elses_place(seed):
    drawn = picture(seed, size=NARROW, coming=0)
    bands = [
        box_of(words, float(y), float(x)).turn()
        for x, y, words in re.findall(r'translate\(([\d.]+) ([\d.]+)\) rotate\(-90\)">([^<]*)<', drawn)
    ]
    named = [box_of(words, float(x), float(y)) for kind, x, y, words in TEXT.findall(drawn) if "wavename" in kind]
    paths = [
        re.findall(r'class="hn-line" d="([^"]+)"', drawn)[0],
        *re.findall(r'class="hn-wave [^"]*" d="([^"]+)"', drawn),
    ]
    runs = [
        [tuple(map(float, point.removesuffix("h0").split())) for point in run.split("L")]
        for path in paths
        for run in path.split("M")[1:]
    ]

    assert len(bands) == len(HOLIDAYS)
    assert len(paths) == 1 + MOST_DRAWN
    assert not [1 for band in bands for run in runs for place in walk(run) if band.holds(place)]
    assert not [1 for band in bands for name in named if band.meets(name)]


@pytest.mark.parametrize("rate", [700, 745, 750, 755, 800])
def test_the_value_at_the_edge_and_the_minimum_do_not_touch(rate):
    drawn = draw_weeks(forecast([Week(FIRST, earned=rate, possible=1000)], today=FIRST), minimum=75)

    places = {words: float(y) for _kind, _x, y, words in TEXT.findall(drawn)}
    assert abs(places[f"{rate / 10:.1f} %"] - places["min 75"]) >= 11


def test_a_line_breaks_where_its_wave_does_not_meet():
    weeks = [week(n, a=(90, 100), **({} if n == 2 else {"b": (80, 100)})) for n in range(5)]
    points = forecast(weeks, today=FIRST + 4 * WEEK)

    drawn = draw_weeks(points, minimum=75, waves=choose_waves(weeks).drawn, size=WIDE)

    (path,) = re.findall(r'class="hn-wave hn-wave2" d="([^"]+)"', drawn)
    assert (path.count("M"), path.count("L")) == (2, 2)
    assert "18 May 2020" not in re.findall(r"hn-wave2.*?<title>(.*?)</title>", drawn)[0]
