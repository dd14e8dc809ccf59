"""Rescheduling one cohort: one act, one transaction, everybody told once (R22-R24)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.timezone import localtime
from icalendar import Calendar

from audit.models import AuditEntry
from cohorts.models import Cohort, Holiday, TimetableChange
from cohorts.services.enrolment import set_capacity
from cohorts.services.schedule import (
    AddSession,
    NothingToChange,
    OnHoliday,
    Place,
    ReasonMissing,
    SessionsOverlap,
    SkipDates,
    SwitchPlace,
    change_timetable,
    preview_change,
)
from tests.cohorts.schedule.changes import change, cohort_of, dates, move
from tests.factories import BEFORE, START, make_enrolment, make_instructor
from trainees.models import Message

pytestmark = pytest.mark.django_db


def test_a_moved_session_keeps_its_row_and_takes_its_number_by_time():
    cohort = cohort_of()
    second = cohort.sessions.get(number=2)
    cohort.sessions.filter(number=2).update(topic="Two")
    cohort.sessions.filter(number=3).update(topic="Three")

    change(cohort, move(second, date(2020, 5, 11), time(22), time(1)))

    second.refresh_from_db()
    assert (second.number, second.sequence, second.minutes) == (4, 1, 180)
    assert second.starts_at == datetime(2020, 5, 11, 17, tzinfo=UTC)
    assert second.ends_at == datetime(2020, 5, 11, 20, tzinfo=UTC)
    assert dates(cohort) == [4, 6, 7, 11]
    assert list(cohort.sessions.order_by("number").values_list("topic", flat=True))[1:3] == ["Two", "Three"]
    assert Cohort.objects.get().ends_on == date(2020, 5, 11)


def test_everybody_is_told_once_with_the_sessions_for_their_calendar():
    cohort = cohort_of()
    enrolment, instructor = make_enrolment(cohort), make_instructor(cohort)
    enrolment.trainee.user.language = "ur"
    enrolment.trainee.user.save()
    second = cohort.sessions.get(number=2)

    done = change(cohort, move(second, date(2020, 5, 11)), reason="The hall is closed")

    mails = {each.to: each for each in Message.objects.all()}
    assert set(mails) == {enrolment.trainee.email, instructor.email}
    assert (done.edition, done.told) == (1, 2)
    mail = mails[instructor.email]
    assert (mail.kind, mail.about, mail.key) == ("timetable", cohort.code, f"timetable-{cohort.pk}-1-i{instructor.pk}")
    assert "Tue 5 May 2020, 10:00–13:00 → Mon 11 May 2020, 10:00–13:00" in mail.text
    assert "The hall is closed" in mail.text
    assert 'dir="rtl"' in mails[enrolment.trainee.email].html
    (event,) = Calendar.from_ical(mail.attachments[0]["content"]).walk("VEVENT")
    assert (event["uid"], event["sequence"]) == (f"session-{second.pk}@testserver", 1)
    assert event.decoded("dtstart").isoformat() == "2020-05-11T10:00:00+05:00"
    assert AuditEntry.objects.get(act="timetable.change").detail["edition"] == 1


def test_a_second_change_is_a_second_edition_and_a_second_mail():
    cohort = cohort_of()
    make_enrolment(cohort)
    second = cohort.sessions.get(number=2)

    change(cohort, move(second, date(2020, 5, 11)))
    change(cohort, move(second, date(2020, 5, 12)))

    second.refresh_from_db()
    assert second.sequence == 2
    assert [each.edition for each in TimetableChange.objects.order_by("id")] == [1, 2]
    assert Message.objects.count() == 2


def test_who_has_an_open_offer_is_told_and_who_waits_is_not():
    """An offer is accepted or declined by its dates (R35); the line was told of none."""
    cohort = cohort_of(capacity=1)
    placed, offered, waiting = (make_enrolment(cohort) for _ in range(3))
    set_capacity(cohort=cohort, capacity=2, by=None, at=BEFORE)
    offered.refresh_from_db(), waiting.refresh_from_db()
    assert (offered.status, waiting.status) == ("offered", "waitlisted")
    second = cohort.sessions.get(number=2)
    wish = move(second, date(2020, 5, 11))
    foreseen = preview_change(cohort=cohort, wish=wish, at=BEFORE).people

    done = change(cohort, wish)

    mails = {each.to: each for each in Message.objects.filter(kind="timetable")}
    assert set(mails) == {placed.trainee.email, offered.trainee.email}
    assert done.told == foreseen == 2
    mail = mails[offered.trainee.email]
    until = date_format(localtime(offered.offer_expires_at), "l j F Y, H:i")
    assert f"The place that is offered to you is kept until {until}" in mail.text
    assert "calendar" not in mail.text + mail.html
    assert not mail.attachments
    assert "kept until" not in mails[placed.trainee.email].text


def test_nobody_is_told_when_only_the_past_is_put_right():
    cohort = cohort_of()
    make_enrolment(cohort)
    wish = move(cohort.sessions.get(number=2), date(2020, 5, 5), time(10), time(12))

    done = change_timetable(cohort=cohort, wish=wish, by=None, at=START + timedelta(days=90))

    assert done.told == 0
    assert not Message.objects.exists()


def test_two_sessions_of_a_cohort_never_meet():
    cohort = cohort_of()
    wish = move(cohort.sessions.get(number=2), date(2020, 5, 4), time(12), time(15))

    with pytest.raises(SessionsOverlap):
        change(cohort, wish)

    assert dates(cohort) == [4, 5, 6, 7]
    assert not TimetableChange.objects.exists()


def test_a_holiday_is_refused_unless_forced_with_a_reason():
    cohort = cohort_of()
    Holiday.objects.create(date=date(2020, 5, 12), name="Founder's day")
    wish = move(cohort.sessions.get(number=1), date(2020, 5, 12))

    with pytest.raises(OnHoliday, match="2020-05-12 \\(Founder's day\\)"):
        change(cohort, wish)
    with pytest.raises(ReasonMissing):
        change(cohort, wish, forced=True)
    assert change(cohort, wish, forced=True, reason="everybody agreed").forced


def test_a_closed_cohort_and_an_unchanged_wish_are_refused():
    cohort = cohort_of()
    session = cohort.sessions.get(number=1)
    with pytest.raises(NothingToChange):
        change(cohort, move(session, session.date))
    Cohort.objects.update(state="closed", closed_at=START, policy=cohort.course.policies.get())

    with pytest.raises(ValidationError, match="is closed"):
        change(cohort, move(session, date(2020, 6, 1)))


def test_a_date_far_away_is_refused():
    cohort = cohort_of()

    with pytest.raises(ValidationError, match="too far"):
        change(cohort, move(cohort.sessions.get(number=1), date(2031, 1, 1)))


def test_an_added_session_counts_for_everybody():
    cohort = cohort_of()
    enrolment = make_enrolment(cohort)

    change(cohort, AddSession(date(2020, 5, 9), time(9), time(11), Place("classroom", "Hall", "3")))

    enrolment.refresh_from_db()
    assert (enrolment.sessions_planned, enrolment.minutes_planned) == (5, 4 * 180 + 120)
    assert enrolment.open_lengths == "180:4 120:1"
    assert cohort.sessions.get(number=5).room == "3"
    assert "Sat 9 May 2020, 09:00–11:00: 3, Hall" in Message.objects.get().text


def test_all_sessions_from_a_date_on_go_online_in_one_act():
    cohort = cohort_of(mode="classroom")
    cohort.sessions.update(mode="classroom", venue="Arfa Tower", room="4")
    make_enrolment(cohort)

    change(cohort, SwitchPlace(date(2020, 5, 6), Place("online", link="https://meet.example.org/x")))

    modes = list(cohort.sessions.order_by("number").values_list("mode", "venue", "link"))
    assert modes == [("classroom", "Arfa Tower", "")] * 2 + [("online", "", "https://meet.example.org/x")] * 2
    assert "Wed 6 May 2020, 10:00–13:00: https://meet.example.org/x" in Message.objects.get().text


def test_the_preview_says_everything_and_stores_nothing():
    cohort = cohort_of()
    make_enrolment(cohort), make_enrolment(cohort), make_instructor(cohort)

    seen = preview_change(cohort=cohort, wish=SkipDates((date(2020, 5, 5),)), at=BEFORE)

    assert (seen.ends_before, seen.ends_after) == (date(2020, 5, 7), date(2020, 5, 11))
    assert (seen.minutes_before, seen.minutes_after) == (720, 720)
    assert (seen.trainees, seen.instructors, seen.people) == (2, 1, 3)
    assert [(line.before.date.day, line.after.date.day) for line in seen.lines] == [(5, 11)]
    assert dates(cohort) == [4, 5, 6, 7]
    assert not Message.objects.exists()


@pytest.mark.parametrize("people", [1, 3])
def test_the_cost_does_not_depend_on_the_people(django_assert_num_queries, people):
    cohort = cohort_of()
    for _ in range(people):
        make_enrolment(cohort)

    with django_assert_num_queries(32):
        change(cohort, SkipDates((date(2020, 5, 5),)))

    assert Message.objects.count() == people
