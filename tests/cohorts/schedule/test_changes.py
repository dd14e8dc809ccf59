"""Rescheduling one cohort: one act, one transaction, everybody told once (R6, R8, R22-R24)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from icalendar import Calendar

from audit.models import AuditEntry
from cohorts.models import AttendanceRecord, Cohort, Holiday, TimetableChange
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.schedule import (
    AddSession,
    CancelSession,
    MoveSession,
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
from cohorts.services.schedule.marks import derive_late_marks, settle_marks
from cohorts.services.tallies import compute
from tests.factories import BEFORE, START, make_cohort, make_enrolment, make_instructor, make_office
from trainees.models import Message

pytestmark = pytest.mark.django_db
ONLINE = Place("online")
MON_TO_THU = [{"weekday": day, "start": "10:00", "end": "13:00"} for day in ("MO", "TU", "WE", "TH")]


def cohort_of(sessions=4, **fields):
    """Sessions on Monday 4 May 2020 and the days after, 10 to 13 in Karachi."""
    return make_cohort(sessions=sessions, weekly_pattern=MON_TO_THU, **fields)


def dates(cohort):
    return [each.date.day for each in cohort.sessions.countable().order_by("number")]


def change(cohort, wish, **more):
    return change_timetable(cohort=cohort, wish=wish, by=None, at=BEFORE, **more)


def move(session, day, start=time(10), end=time(13), place=ONLINE):
    return MoveSession(session.pk, day, start, end, place)


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


def test_two_sessions_can_change_places():
    cohort = cohort_of()
    change(cohort, SkipDates((date(2020, 5, 4),)))

    change(cohort, move(cohort.sessions.get(date=date(2020, 5, 11)), date(2020, 5, 4)))

    assert dates(cohort) == [4, 5, 6, 7]
    assert [each.number for each in cohort.sessions.order_by("starts_at")] == [1, 2, 3, 4]


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


def test_a_cancelled_session_keeps_its_marks_and_leaves_the_tallies():
    cohort = cohort_of()
    enrolment = make_enrolment(cohort)
    session = cohort.sessions.get(number=1)
    mark_attendance(session=session, marks=[Mark(enrolment.pk, "absent")], version=None, by=None, at=START)

    with pytest.raises(ReasonMissing):
        change(cohort, CancelSession(session.pk, ""))
    change(cohort, CancelSession(session.pk, "power cut"), reason="power cut")

    session.refresh_from_db()
    enrolment.refresh_from_db()
    assert (session.state, session.cancel_reason, session.sequence) == ("cancelled", "power cut", 1)
    assert AttendanceRecord.objects.count() == 1
    assert (enrolment.sessions_absent, enrolment.sessions_planned) == (0, 3)
    with pytest.raises(ValidationError, match="is cancelled"):
        change(cohort, move(session, date(2020, 6, 1)))


def test_an_added_session_counts_for_everybody():
    cohort = cohort_of()
    enrolment = make_enrolment(cohort)

    change(cohort, AddSession(date(2020, 5, 9), time(9), time(11), Place("classroom", "Hall", "3")))

    enrolment.refresh_from_db()
    assert (enrolment.sessions_planned, enrolment.minutes_planned) == (5, 4 * 180 + 120)
    assert cohort.sessions.get(number=5).room == "3"
    assert "Sat 9 May 2020, 09:00–11:00: 3, Hall" in Message.objects.get().text


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
def test_the_cost_does_not_depend_on_the_people(django_assert_max_num_queries, people):
    cohort = cohort_of()
    for _ in range(people):
        make_enrolment(cohort)

    with django_assert_max_num_queries(34):
        change(cohort, SkipDates((date(2020, 5, 5),)))

    assert Message.objects.count() == people


def test_a_session_moved_after_marking_keeps_its_marks_and_is_flagged():
    cohort = cohort_of()
    late, present = make_enrolment(cohort), make_enrolment(cohort)
    session = cohort.sessions.get(number=1)
    marks = [Mark(late.pk, "late", 140), Mark(present.pk, "present")]  # forty minutes after ten
    mark_attendance(session=session, marks=marks, version=None, by=None, at=START + timedelta(hours=4))

    change(cohort, move(session, date(2020, 5, 4), time(10, 30), time(13)))

    session.refresh_from_db()
    assert session.changed_after_marking_at == BEFORE
    assert set(AttendanceRecord.objects.values_list("status", "minutes")) == {("late", 140), ("present", 180)}
    (derived,) = derive_late_marks(session=session)
    assert (derived.record.enrolment, derived.status, derived.minutes) == (late, "present", 150)

    office = make_office()
    assert settle_marks(session=session, derive=True, by=office, at=START + timedelta(days=1)) == 1
    session.refresh_from_db()
    late.refresh_from_db()
    assert session.changed_after_marking_at is None
    assert (late.sessions_late, late.sessions_present) == (0, 1)
    assert compute(cohort=cohort, enrolments=[late])[late.pk]["sessions_present"] == 1
    with pytest.raises(ValidationError, match="looked at already"):
        settle_marks(session=session, derive=False, by=office, at=START)


def test_late_marks_can_also_be_left_as_they_are():
    cohort = cohort_of()
    late = make_enrolment(cohort)
    session = cohort.sessions.get(number=1)
    mark_attendance(session=session, marks=[Mark(late.pk, "late", 140)], version=None, by=None, at=START)
    change(cohort, move(session, date(2020, 5, 4), time(9), time(13)))
    session.refresh_from_db()

    (derived,) = derive_late_marks(session=session)
    settle_marks(session=session, derive=False, by=None, at=START)

    assert (derived.status, derived.minutes) == ("late", 140)  # a hundred minutes after nine
    assert AttendanceRecord.objects.get().minutes == 140
