"""Another weekly pattern, city or place for a cohort: what is ahead follows, what was held stays."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from audit.models import AuditEntry
from cohorts.models import Holiday, TimetableChange, Venue
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
from cohorts.services.errors import CohortClosed
from cohorts.services.schedule import (
    CohortPlan,
    MoveSession,
    NothingToChange,
    Place,
    change_plan,
    change_timetable,
    preview_plan,
)
from cohorts.services.venues import VenueRetired, save_venue
from tests.factories import BEFORE, LATER, START, make_cohort, make_enrolment, make_instructor
from trainees.models import Message

pytestmark = pytest.mark.django_db
DAILY = [{"weekday": day, "start": "10:00", "end": "13:00"} for day in ("MO", "TU", "WE", "TH")]
SATURDAYS = ({"weekday": "SA", "start": "14:00", "end": "17:00"},)
AFTER_FIRST = START + timedelta(hours=4)
FIRST_DAY = START.date()


def make_room(city, name="Centre", room="Lab 1"):
    values = {"city": city, "name": name, "address": "", "map_url": ""}
    return save_venue(venue=None, values=values, rooms={room: 24}, by=None, at=BEFORE).rooms.get(name=room)


def as_it_stands(cohort, **fields):
    stands = {"mode": cohort.mode, "city": cohort.city, "room": cohort.held_in, "weekly": tuple(cohort.weekly_pattern)}
    return CohortPlan(**{**stands, **fields})


def replan(cohort, *, from_date=FIRST_DAY, at=AFTER_FIRST, reason="", **fields):
    return change_plan(
        cohort=cohort, plan=as_it_stands(cohort, **fields), from_date=from_date, by=None, at=at, reason=reason
    )


def hold_in(cohort, room):
    place = {"mode": "classroom", "venue": room.venue.name, "room": room.name, "held_in": room}
    type(cohort).objects.filter(pk=cohort.pk).update(**place)
    cohort.sessions.update(**place)
    cohort.refresh_from_db()


def times(cohort):
    return [(each.date, f"{each.start_time:%H:%M}", each.state) for each in cohort.sessions.order_by("number")]


@pytest.fixture
def cohort():
    """Four mornings from a Monday on; the first is held and marked, two trainees and an instructor."""
    cohort = make_cohort(city="LHE", weekly_pattern=DAILY)
    people = [make_enrolment(cohort) for _ in range(2)]
    make_instructor(cohort)
    marks = [Mark(each.pk, "present") for each in people]
    first = cohort.sessions.get(number=1)
    mark_attendance(session=first, marks=marks, version=None, by=None, at=first.ends_at)
    return cohort


def test_sessions_ahead_are_laid_on_the_new_pattern_and_held_ones_stay(cohort):
    first = cohort.sessions.get(number=1)

    told = replan(cohort, weekly=SATURDAYS, reason="the hall is taken")

    saturdays = [(date(2020, 5, 9) + timedelta(weeks=n), "14:00", "planned") for n in range(3)]
    assert times(cohort) == [(date(2020, 5, 4), "10:00", "held"), *saturdays]
    now = cohort.sessions.get(number=1)
    assert (now.starts_at, now.sequence, now.records.count()) == (first.starts_at, first.sequence, 2)
    cohort.refresh_from_db()
    assert (cohort.ends_on, cohort.weekly_pattern) == (date(2020, 5, 23), list(SATURDAYS))
    assert sum(each.minutes for each in cohort.sessions.all()) == 720
    assert told == Message.objects.filter(kind="timetable").count() == 3
    change = TimetableChange.objects.get()
    assert (change.kind, change.edition, change.reason, len(change.lines)) == ("plan", 1, "the hall is taken", 3)
    entry = AuditEntry.objects.get(act="cohort.save")
    assert entry.detail["changed"]["weekly_pattern"][1] == ["SA 14:00-17:00"]
    assert "starts_on" not in entry.detail["changed"]


def test_what_has_begun_without_a_mark_never_moves(cohort):
    at = cohort.sessions.get(number=2).starts_at + timedelta(minutes=1)

    replan(cohort, weekly=SATURDAYS, at=at)

    assert [day for day, _start, _state in times(cohort)] == [
        date(2020, 5, 4),
        date(2020, 5, 5),
        date(2020, 5, 9),
        date(2020, 5, 16),
    ]


def test_sessions_before_the_date_stay(cohort):
    replan(cohort, weekly=SATURDAYS, from_date=date(2020, 5, 7))

    assert [day.day for day, _start, _state in times(cohort)] == [4, 5, 6, 9]


def test_holidays_are_passed_over(cohort):
    Holiday.objects.create(date=date(2020, 5, 9), name="Eid")

    replan(cohort, weekly=SATURDAYS)

    assert [day.day for day, _start, _state in times(cohort)] == [4, 16, 23, 30]


def test_fewer_longer_sessions_strike_what_is_left_over(cohort):
    replan(cohort, weekly=({"weekday": "FR", "start": "10:00", "end": "16:00"},))

    standing = [each for each in times(cohort) if each[2] != "cancelled"]
    assert standing == [
        (date(2020, 5, 4), "10:00", "held"),
        (date(2020, 5, 8), "10:00", "planned"),
        (date(2020, 5, 15), "10:00", "planned"),
    ]
    struck = cohort.sessions.get(state="cancelled")
    assert struck.cancel_reason == "Its minutes are held in other sessions of the new weekly pattern."
    assert sum(each.minutes for each in cohort.sessions.countable()) == 720


def test_another_city_takes_the_sessions_ahead_and_leaves_the_past_where_it_was(cohort):
    here, there = make_room("LHE"), make_room("KHI", name="Harbour")
    hold_in(cohort, here)

    replan(cohort, city="KHI", room=there)

    sessions = list(cohort.sessions.order_by("number"))
    assert [each.held_in for each in sessions] == [here, there, there, there]
    assert [each.venue for each in sessions] == ["Centre", "Harbour", "Harbour", "Harbour"]
    assert set(Venue.objects.values_list("city", "name")) == {("LHE", "Centre"), ("KHI", "Harbour")}
    cohort.refresh_from_db()
    assert (cohort.city, cohort.venue, cohort.room, cohort.held_in) == ("KHI", "Harbour", "Lab 1", there)


def test_going_online_keeps_the_links_or_takes_one(cohort):
    hold_in(cohort, make_room("LHE"))
    cohort.sessions.filter(number=3).update(link="https://meet.example.org/own")

    replan(cohort, mode="online", room=None)
    assert list(cohort.sessions.order_by("number").values_list("mode", "link")) == [
        ("classroom", ""),
        ("online", ""),
        ("online", "https://meet.example.org/own"),
        ("online", ""),
    ]

    cohort.refresh_from_db()
    replan(cohort, link="https://meet.example.org/all")
    assert set(cohort.sessions.filter(number__gt=1).values_list("link", flat=True)) == {"https://meet.example.org/all"}


def test_another_pattern_leaves_a_session_in_the_place_to_which_it_was_moved(cohort):
    third = cohort.sessions.get(number=3)
    place = Place("classroom", "Museum", "Hall")
    wish = MoveSession(third.pk, third.date, third.start_time, third.end_time, place)
    change_timetable(cohort=cohort, wish=wish, by=None, at=AFTER_FIRST)

    replan(cohort, weekly=SATURDAYS)

    third.refresh_from_db()
    assert (third.date, third.venue, third.room, third.held_in.venue.name) == (
        date(2020, 5, 16),
        "Museum",
        "Hall",
        "Museum",
    )


def test_a_city_alone_writes_to_nobody(cohort):
    assert replan(cohort, city="KHI") == 0

    assert not Message.objects.exists()
    assert not TimetableChange.objects.exists()
    assert AuditEntry.objects.get(act="cohort.save").detail == {"changed": {"city": ["Lahore", "Karachi"]}}


def test_the_start_follows_the_first_session_of_a_cohort_that_has_not_begun():
    cohort = make_cohort(weekly_pattern=DAILY)

    changed, outlook = preview_plan(
        cohort=make_cohort(weekly_pattern=DAILY),
        plan=as_it_stands(cohort, weekly=SATURDAYS),
        from_date=FIRST_DAY,
        at=BEFORE,
    )
    replan(cohort, weekly=SATURDAYS, at=BEFORE)

    cohort.refresh_from_db()
    assert cohort.starts_on == date(2020, 5, 9)
    assert changed["starts_on"] == ["2020-05-04", "2020-05-09"]
    assert len(outlook.lines) == 4


def test_nothing_is_changed_twice(cohort):
    replan(cohort, weekly=SATURDAYS)
    cohort.refresh_from_db()

    with pytest.raises(NothingToChange):
        replan(cohort, weekly=SATURDAYS)

    assert TimetableChange.objects.count() == 1


def test_a_pattern_that_meets_a_session_held_on_purpose_is_refused_and_nothing_is_kept(cohort):
    fourth = cohort.sessions.get(number=4)
    marks = [Mark(each.pk, "present") for each in cohort.enrolments.all()]
    wish = MoveSession(fourth.pk, date(2020, 5, 9), fourth.start_time, datetime(2020, 1, 1, 20).time(), Place("online"))
    change_timetable(cohort=cohort, wish=wish, by=None, at=AFTER_FIRST)
    fourth.refresh_from_db()
    mark_attendance(session=fourth, marks=marks, version=None, by=None, at=fourth.starts_at)
    before = times(cohort)

    with pytest.raises(ValidationError, match="two sessions at the same time"):
        replan(cohort, weekly=SATURDAYS, city="KHI")

    cohort.refresh_from_db()
    assert (times(cohort), cohort.city, cohort.weekly_pattern) == (before, "LHE", DAILY)


def test_a_closed_cohort_and_a_room_that_was_retired_are_refused(cohort):
    room = make_room("LHE")
    room.venue.retired_at = BEFORE
    room.venue.save()
    with pytest.raises(VenueRetired):
        replan(cohort, mode="classroom", room=room)

    marks = [Mark(each.pk, "present") for each in cohort.enrolments.all()]
    for session in cohort.sessions.all():
        mark_attendance(session=session, marks=marks, version=None, by=None, at=LATER)
    close_cohort(cohort=cohort, by=None, at=LATER)
    with pytest.raises(CohortClosed):
        replan(cohort, city="KHI", at=LATER)
