"""Dates without classes: what falls away is held after the end, by the pattern, with its minutes and topics."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from cohorts.models import Holiday
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.schedule import (
    AddSession,
    SkipDates,
)
from tests.cohorts.schedule.changes import ONLINE, change, cohort_of, dates, move
from tests.factories import START, make_cohort, make_enrolment

pytestmark = pytest.mark.django_db


def test_dates_without_classes_go_on_with_the_pattern_after_the_end():
    cohort = cohort_of(sessions=4)
    Holiday.objects.create(date=date(2020, 5, 11), name="Founder's day")
    ids = list(cohort.sessions.order_by("number").values_list("pk", flat=True))
    for number in range(1, 5):
        cohort.sessions.filter(number=number).update(topic=f"Topic {number}")

    done = change(cohort, SkipDates((date(2020, 5, 5), date(2020, 5, 6))))

    assert dates(cohort) == [4, 7, 12, 13]
    ordered = cohort.sessions.order_by("number")
    assert list(ordered.values_list("pk", flat=True)) == [ids[0], ids[3], ids[1], ids[2]]
    assert list(ordered.values_list("topic", flat=True)) == [f"Topic {number}" for number in range(1, 5)]
    assert len(done.lines) == 2


def test_the_minutes_stay_when_the_last_session_was_cut_short():
    cohort = cohort_of(sessions=4)
    last = cohort.sessions.get(number=4)
    cohort.sessions.filter(pk=last.pk).update(
        end_time=time(11), ends_at=last.starts_at + timedelta(hours=1), minutes=60
    )

    change(cohort, SkipDates((date(2020, 5, 5),)))

    assert list(cohort.sessions.order_by("number").values_list("date", "end_time", "minutes")) == [
        (date(2020, 5, 4), time(13), 180),
        (date(2020, 5, 6), time(13), 180),
        (date(2020, 5, 7), time(13), 180),
        (date(2020, 5, 11), time(11), 60),
    ]


def test_a_long_day_becomes_as_many_shorter_ones_as_its_minutes_need():
    pattern = [
        {"weekday": "SA", "start": "10:00", "end": "15:00"},
        {"weekday": "MO", "start": "18:00", "end": "20:00"},
    ]
    cohort = make_cohort(sessions=0, weekly_pattern=pattern, starts_at=datetime(2020, 5, 2, 5, tzinfo=UTC))
    for day, start, end in ((2, 10, 15), (4, 18, 20), (9, 10, 15)):
        change(cohort, AddSession(date(2020, 5, day), time(start), time(end), ONLINE))

    change(cohort, SkipDates((date(2020, 5, 2), date(2020, 5, 16))))

    assert list(cohort.sessions.order_by("number").values_list("date", "minutes")) == [
        (date(2020, 5, 4), 120),
        (date(2020, 5, 9), 300),
        (date(2020, 5, 11), 120),
        (date(2020, 5, 18), 120),
        (date(2020, 5, 23), 60),
    ]


def test_marked_sessions_stay_when_their_date_is_taken_out():
    cohort = cohort_of()
    enrolment = make_enrolment(cohort)
    mark_attendance(
        session=cohort.sessions.get(number=1), marks=[Mark(enrolment.pk, "present")], version=None, by=None, at=START
    )

    change(cohort, SkipDates((date(2020, 5, 4), date(2020, 5, 5))))

    assert dates(cohort) == [4, 6, 7, 11]


def test_two_sessions_can_change_places():
    cohort = cohort_of()
    change(cohort, SkipDates((date(2020, 5, 4),)))

    change(cohort, move(cohort.sessions.get(date=date(2020, 5, 11)), date(2020, 5, 4)))

    assert dates(cohort) == [4, 5, 6, 7]
    assert [each.number for each in cohort.sessions.order_by("starts_at")] == [1, 2, 3, 4]
