"""What the overview says beside its counted lists: the map of weeks, rates, what waits since when (R16, R17)."""

from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
from django.db.models import F, Sum
from django.utils.timezone import make_aware

from admissions.models import Application
from certificates.models import Certificate
from cohorts.models import Cohort, Enrolment, Session
from cohorts.services.attendance import Mark, mark_attendance
from courses.models import AttendancePolicy
from portal.figures import Choice, SplitRow, Week, count_programme, read_weeks, worst_cohorts
from portal.figures.check import check_figures
from portal.figures.listed import count_certificates, count_enrolments
from portal.figures.needs import list_needs, read_programme
from portal.figures.refresh import refresh_figures
from portal.models import CohortCell, CohortWeek, FigureCheck, StaleCohort, WeekTotal
from tests.factories import LATER, START, cancel_session, make_instructor, make_office
from tests.portal.minutes import sum_minutes
from trainees.models import Trainee

pytestmark = pytest.mark.django_db
MONDAY = START.date() - timedelta(days=START.weekday())


def percent(**who):
    earned, possible = sum_minutes(**who)
    return earned * 100 // possible


@pytest.mark.parametrize("who", [{}, {"gender": "F"}])
def test_the_map_shows_running_cohorts_worst_first_then_those_just_closed(programme, who):
    last = programme[3].sessions.get(number=4)
    Session.objects.filter(pk=last.pk).update(date=last.date + timedelta(days=14))
    refresh_figures()
    people = {f"trainee__{name}": value for name, value in who.items()}

    mondays, rows = worst_cohorts(Choice(**who), read_weeks(Choice(**who)), {"AI": "Intelligence"})

    assert mondays == [MONDAY, MONDAY + timedelta(days=14)]
    running = sorted(["C-1", "C-3"], key=lambda code: percent(cohort__code=code, **people))
    assert [(row.code, row.is_closed) for row in rows] == [(code, False) for code in running] + [("C-2", True)]
    assert [row.course for row in rows if row.code == "C-2"] == ["Intelligence"]
    for row in rows:
        assert row.to_date == percent(cohort__code=row.code, **people)
    (moved,) = [row for row in rows if row.code == "C-3"]
    assert [cell.percent for cell in moved.cells] == [
        percent(cohort__code="C-3", session__number__lt=4, **people),
        percent(cohort__code="C-3", session__number=4, **people),
    ]
    assert [row.cells[1] for row in rows if row.code != "C-3"] == [None, None]


def test_who_closed_before_the_weeks_shown_is_not_on_the_map(programme):
    Cohort.objects.filter(code="C-2").update(ends_on=MONDAY - timedelta(days=1))
    refresh_figures()

    _mondays, rows = worst_cohorts(Choice(), read_weeks(Choice()), {})

    assert [row.code for row in rows if row.is_closed] == []


def needs_of(choice=Choice(), at=LATER):  # noqa: B008 - it cannot be changed
    found = list_needs(read_programme(choice), count_programme(choice).counts, at=at)
    return {need.kind: need for need in found}


def test_what_waits_says_since_when_and_where_most(programme):
    ends = [date(2020, 5, 20), date(2020, 5, 8)]
    for code, day in zip(("C-1", "C-3"), ends, strict=True):
        Cohort.objects.filter(code=code).update(ends_on=day)
    oldest = Application.objects.filter(status="in_review").latest("id")
    Application.objects.filter(pk=oldest.pk).update(submitted_at=START - timedelta(days=3))
    for n in (5, 2):
        FigureCheck.objects.create(started_at=LATER, finished_at=LATER, enrolments=9, differences=n, examples=["x"])

    needs = needs_of()

    assert (needs["registers"].n, needs["registers"].codes) == (6, ["C-0", "C-1"])  # four of the one, two of the other
    assert needs["registers"].since == programme[0].sessions.get(number=1).ends_at
    assert needs["close"].since == make_aware(datetime.combine(min(ends), time.max))
    assert needs["review"].since == START - timedelta(days=3)
    assert needs["differences"].n == 2  # of the newest check


def test_the_minimum_is_that_of_the_course_that_is_looked_at(programme):
    """DS has a newer policy, and one before it that no cohort was ever held to."""
    for version, minimum in ((2, 95), (3, 80)):
        values = {"counted_by": "minutes", "minimum_percent": minimum}
        AttendancePolicy.objects.create(course=programme[1].course, version=version, **values)

    everything, one, other = (read_programme(Choice(course=code)) for code in ("", "DS", "AI"))

    assert (everything.minimum, everything.highest_minimum) == (75, 80)
    assert (one.minimum, one.highest_minimum) == (75, 80)
    assert (other.minimum, other.highest_minimum) == (75, 75)
    Cohort.objects.filter(course__code="DS").update(policy=one_of(80))
    assert read_programme(Choice(course="DS")).minimum == 80


def one_of(minimum):
    return AttendancePolicy.objects.get(course__code="DS", minimum_percent=minimum)


def test_rates_of_a_split_are_cut_and_missing_where_nothing_was_possible():
    row = SplitRow("", Counter(earned=2999, possible=4000, women=2, placed=3))

    assert (row.attended, row.women_percent) == (74, 66)
    assert (SplitRow("", Counter()).attended, SplitRow("", Counter()).women_percent) == (None, 0)


def test_a_split_begins_with_the_largest(programme):
    splits = count_programme(Choice()).splits

    for rows in splits.values():
        assert [row.counts["placed"] for row in rows] == sorted((r.counts["placed"] for r in rows), reverse=True)
    women = {row.value: (row.counts["women"], row.women_percent) for row in splits["gender"]}
    assert women == {"F": (splits["gender"][0].counts["placed"], 100), "M": (0, 0)}


def test_lengths_are_known_only_for_who_sees_everybody_and_for_filters_of_the_overview(programme):
    office, instructor = make_office(), make_instructor(programme[3])
    issued = {"state": "issued", "placed": "true"}

    assert count_enrolments(office, {"city": "LHE"}) == Enrolment.objects.filter(cohort__city="LHE").count()
    assert count_certificates(office, issued) == Certificate.objects.filter(state="issued").count()
    assert count_enrolments(instructor, {}) is None
    assert count_certificates(instructor, issued) is None
    assert count_enrolments(office, {"course": "AI" + "X" * 11}) is None
    assert count_enrolments(office, {"search": "a"}) is None


def test_a_choice_takes_known_values_only():
    given = {"city": "LHE' OR 1=1", "gender": "X", "province": "PB", "course": "AI\x00" + "x" * 40, "page": "2"}

    assert Choice.read(given) == Choice(course="AI" + "x" * 9, province="PB")


def test_weeks_and_tallies_have_the_same_minutes_whatever_the_marks(programme):
    """Late, excused and a session cancelled after its register: both ways of counting leave out the same."""
    cohort = programme[3]
    people = list(cohort.enrolments.filter(status="enrolled")[:2])
    second, third = cohort.sessions.filter(number__in=(2, 3)).order_by("number")
    marks = [Mark(people[0].pk, "excused"), Mark(people[1].pk, "late", 95)]
    mark_attendance(session=third, marks=marks, version=None, by=None, at=LATER)
    cancel_session(second, "the hall was flooded")
    refresh_figures()

    week = CohortWeek.objects.filter(cohort=cohort).aggregate(earned=Sum("earned"), possible=Sum("possible"))
    cell = CohortCell.objects.filter(cohort=cohort).aggregate(earned=Sum("earned"), possible=Sum("possible"))
    own = cohort.enrolments.on_register().aggregate(
        earned=Sum(F("minutes_present") + F("minutes_late")),
        possible=Sum(F("minutes_present_scheduled") + F("minutes_late_scheduled") + F("minutes_absent")),
    )
    assert week == cell == own
    assert check_figures(started=LATER, clock=lambda: LATER).differences == 0


CHANGES = [
    (Cohort, {"city": "PEW"}),
    (Cohort, {"starts_on": date(2020, 4, 27)}),
    (Cohort, {"ends_on": date(2020, 7, 1)}),
    (Cohort, {"state": "planned"}),
    (Session, {"date": date(2020, 7, 1)}),
    (Session, {"minutes": 60}),
    (Session, {"state": "cancelled", "cancel_reason": "rain"}),
    (Trainee, {"province": "BA"}),
    (Trainee, {"gender": "O"}),
    (Trainee, {"category": ""}),
    (Trainee, {"full_name": "Somebody Else"}),
    (Enrolment, {"standing": "no_rate"}),
    (Certificate, {"state": "failed"}),
]


@pytest.mark.parametrize(("model", "values"), CHANGES)
def test_whatever_a_figure_rests_on_makes_its_cohort_stale(programme, model, values):
    refresh_figures()
    assert not StaleCohort.objects.exists()

    model.objects.filter(pk=model.objects.order_by("-pk").first().pk).update(**values)

    assert StaleCohort.objects.exists()
    before = count_programme(Choice()).counts
    refresh_figures()
    assert count_programme(Choice()).counts == before


def test_a_cohort_that_moves_to_another_city_leaves_nothing_behind(programme):
    refresh_figures()
    Cohort.objects.filter(code="C-3").update(city="PEW", ends_on=date(2020, 7, 1))
    refresh_figures()

    assert check_figures(started=LATER, clock=lambda: LATER).differences == 0
    assert {row.value for row in count_programme(Choice()).splits["city"]} == {"KHI", "LHE", "ISB", "PEW"}


def test_a_week_that_nothing_is_left_in_vanishes_from_the_totals_too(programme):
    refresh_figures()
    gone = START.date() - timedelta(weeks=2)
    later = Session.objects.filter(cohort__code="C-3", number=4)
    for day in (gone, START.date()):
        later.update(date=day)
        refresh_figures()
        weeks = set(CohortWeek.objects.values_list("week", flat=True))
        assert set(WeekTotal.objects.values_list("week", flat=True)) == weeks
        assert (MONDAY - timedelta(weeks=2) in weeks) == (day == gone)


def test_the_map_shows_the_last_twelve_weeks_with_sessions(programme):
    """What was closed before them is not on it."""
    refresh_figures()
    weeks = [Week(MONDAY + timedelta(weeks=n), earned=1, possible=int(n != 12)) for n in range(14)]

    mondays, rows = worst_cohorts(Choice(), weeks, {})

    assert mondays == [MONDAY + timedelta(weeks=n) for n in (*range(1, 12), 13)]
    assert {len(row.cells) for row in rows} == {12}
    assert {row.code for row in rows} == {"C-1", "C-3"}


def test_weeks_up_to_a_month_apart_are_joined_by_empty_ones():
    places = {"course": "AI", "city": "LHE", "province": "", "gender": "", "category": "", "wave": MONDAY}
    for weeks in (0, 2, 6, 11, 17):
        WeekTotal.objects.create(week=MONDAY + timedelta(weeks=weeks), earned=1, possible=1, **places)

    shown = [((week.monday - MONDAY).days // 7, week.possible) for week in read_weeks(Choice())]

    held = {0, 2, 6, 11, 17}
    assert shown == [(n, int(n in held)) for n in [*range(12), 17]]


def test_accepted_are_also_those_who_have_an_offer_or_a_place(programme):
    accepted = Application.objects.filter(status="accepted")
    before = accepted.count()
    for status in ("offered", "placed"):
        values = {"status": status, "enrolment": programme[0].enrolments.first() if status == "placed" else None}
        Application.objects.filter(pk=accepted.first().pk).update(**values)

    assert count_programme(Choice()).counts["accepted"] == before
