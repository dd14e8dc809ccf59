"""Registers are saved while the timetable changes: nobody breaks off, editions have no gap, tallies are right."""

from datetime import date, timedelta

import pytest

from cohorts.models import TimetableChange
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.schedule import SkipDates, change_timetable
from cohorts.services.tallies import compute
from tests.factories import LATER, START, make_cohort, make_enrolment
from tests.races.test_places import run_together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]  # one race at a time


def test_marks_and_changes_at_once_lose_nothing():
    pattern = [{"weekday": day, "start": "10:00", "end": "13:00"} for day in ("MO", "TU", "WE", "TH", "FR", "SA", "SU")]
    cohort = make_cohort(sessions=16, weekly_pattern=pattern)
    people = [make_enrolment(cohort) for _ in range(3)]
    sessions = list(cohort.sessions.order_by("number"))

    def mark(session):
        marks = [Mark(each.pk, "present") for each in people]
        return mark_attendance(session=session, marks=marks, version=None, by=None, at=LATER).changed

    def skip(day):
        wish = SkipDates((START.date() + timedelta(days=day),))
        return change_timetable(cohort=cohort, wish=wish, by=None, at=LATER).edition

    acts = [lambda each=each: mark(each) for each in sessions[:8]] + [lambda day=day: skip(day) for day in range(8, 14)]
    results = run_together(acts)

    assert results[:8] == [3] * 8
    assert sorted(results[8:]) == [1, 2, 3, 4, 5, 6]
    assert sorted(TimetableChange.objects.values_list("edition", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert list(cohort.sessions.order_by("starts_at").values_list("number", flat=True)) == list(range(1, 17))
    assert cohort.sessions.filter(date__range=(date(2020, 5, 12), date(2020, 5, 17))).count() == 0
    expected = compute(cohort=cohort, enrolments=people)
    for each in people:
        each.refresh_from_db()
        assert {name: getattr(each, name) for name in expected[each.pk]} == expected[each.pk]
