"""Closing and reopening a register, its lock time, late marks, people on no list (R5, R31)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from audit.models import AuditEntry
from cohorts.models import AttendanceChange, AttendanceRecord, Cohort, MeetingReport, WalkIn
from cohorts.rules.register import judge_time, locks_at
from cohorts.services.attendance import (
    Mark,
    RegisterClosed,
    RegisterLocked,
    close_due_registers,
    close_register,
    confirm_marks,
    mark_attendance,
    match_walk_in,
    note_walk_in,
    reopen_register,
)
from cohorts.services.attendance.closing import NothingMarked, RegisterOpen
from cohorts.services.attendance.walk_ins import AlreadyMatched
from courses.models import AttendancePolicy
from tests.factories import START, make_cohort, make_course, make_enrolment, make_office, make_user

pytestmark = pytest.mark.django_db
END = START + timedelta(hours=3)


@pytest.fixture
def cohort():
    made = make_cohort()
    for _ in range(3):
        make_enrolment(made)
    return made


@pytest.fixture
def session(cohort):
    return cohort.sessions.order_by("number")[0]


def mark(session, *marks, at=END, by=None, **options):
    return mark_attendance(session=session, marks=marks, version=None, by=by or make_user(), at=at, **options)


@pytest.mark.parametrize(
    ("claimed", "expected"),
    [
        (timedelta(hours=-11), (timedelta(hours=-11), False)),
        (timedelta(minutes=4), (timedelta(0), False)),
        (timedelta(days=-1), (timedelta(0), True)),
        (timedelta(days=1), (timedelta(0), True)),
        (timedelta(hours=-11, minutes=-30), (timedelta(0), True)),  # before the register could be open
    ],
)
def test_a_time_is_believed_within_reason(claimed, expected):
    moment, is_doubtful = judge_time(END + claimed, END, END - timedelta(hours=11))

    assert (moment - END, is_doubtful) == expected


def test_the_lock_counts_from_the_end_or_from_later_first_marks():
    assert locks_at(END, END - timedelta(hours=1), 48) == END + timedelta(hours=48)
    assert locks_at(END, END + timedelta(days=30), 48) == END + timedelta(days=32)


def test_closing_turns_unmarked_into_what_the_policy_names_as_automatic(session, cohort):
    first, second, third = cohort.enrolments.order_by("id")
    mark(session, Mark(first.pk, "late", 100))

    assert close_register(session=session, by=None, at=END) == 2

    statuses = dict(session.records.values_list("enrolment_id", "status"))
    assert statuses == {first.pk: "late", second.pk: "absent", third.pk: "absent"}
    assert set(AttendanceChange.objects.exclude(enrolment=first).values_list("channel", flat=True)) == {"automatic"}
    second.refresh_from_db()
    assert (second.sessions_absent, second.sessions_unmarked) == (1, 0)
    assert AuditEntry.objects.filter(act="register.close").count() == 1


def test_closing_marks_nobody_who_joined_after_the_session(session, cohort, client):
    """R11: the session is not one of theirs, and must not lower their rate."""
    first, *_others = cohort.enrolments.order_by("id")
    late = make_enrolment(cohort, at=END + timedelta(hours=20))
    mark(session, Mark(first.pk, "present"))
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/teach/sessions/{session.pk}/")

    assert close_register(session=session, by=None, at=END + timedelta(hours=48)) == 2

    assert page.context["closing"] == 2
    assert not AttendanceRecord.objects.filter(enrolment=late).exists()
    late.refresh_from_db()
    assert (late.sessions_absent, late.sessions_planned) == (0, cohort.sessions.count() - 1)


def test_closing_follows_another_policy():
    course = make_course()
    AttendancePolicy.objects.create(course=course, version=2, minimum_percent=75, unmarked_becomes="excused")
    cohort = make_cohort(course=course)
    first, second = make_enrolment(cohort), make_enrolment(cohort)
    session = cohort.sessions.first()
    mark(session, Mark(first.pk, "present"))

    close_register(session=session, by=None, at=END)

    assert AttendanceRecord.objects.get(enrolment=second).status == "excused"


def test_the_clock_closes_a_register_at_its_lock_time_and_not_before(session, cohort):
    """R5: by a named rule, recorded as automatic."""
    first = cohort.enrolments.order_by("id")[0]
    mark(session, Mark(first.pk, "present"))
    assert close_due_registers(at=END + timedelta(hours=48)) == 0

    assert close_due_registers(at=END + timedelta(hours=48, seconds=1)) == 1

    session.refresh_from_db()
    assert session.register_closed_at == END + timedelta(hours=48, seconds=1)
    ruled = AttendanceChange.objects.exclude(enrolment=first)
    assert set(ruled.values_list("new_status", "channel", "by", "reason")) == {
        ("absent", "automatic", None, "unmarked at the lock time")
    }
    assert close_due_registers(at=END + timedelta(hours=49)) == 0


def test_the_clock_leaves_what_waits_for_a_person(session, cohort):
    """No mark at all, a report nobody confirmed, a register just reopened, a closed cohort."""
    later = END + timedelta(days=9)
    first = cohort.enrolments.order_by("id")[0]
    assert close_due_registers(at=later) == 0
    mark(session, Mark(first.pk, "present"))
    report = MeetingReport.objects.create(session=session, created_at=END)
    assert close_due_registers(at=later) == 0
    report.delete()
    close_register(session=session, by=None, at=END)
    reopen_register(session=session, reason="marked the wrong group", by=None, at=later)
    assert close_due_registers(at=later + timedelta(hours=47)) == 0
    assert close_due_registers(at=later + timedelta(hours=49)) == 1
    reopen_register(session=session, reason="once more", by=None, at=later)
    Cohort.objects.filter(pk=cohort.pk).update(state="closed", closed_at=later)
    assert close_due_registers(at=later + timedelta(hours=49)) == 0


def test_a_reopened_register_can_be_corrected_without_the_right_to_correct(session, cohort):
    first = cohort.enrolments.order_by("id")[0]
    later = END + timedelta(days=9)
    mark(session, Mark(first.pk, "absent"))
    close_register(session=session, by=None, at=later)
    reopen_register(session=session, reason="the report came late", by=None, at=later)

    assert mark(session, Mark(first.pk, "present"), at=later + timedelta(hours=1)).changed == 1


def test_a_register_without_any_mark_is_not_closed(session):
    with pytest.raises(NothingMarked):
        close_register(session=session, by=None, at=END)


def test_a_closed_register_takes_no_marks_until_it_is_reopened(session, cohort):
    first = cohort.enrolments.order_by("id")[0]
    mark(session, Mark(first.pk, "present"))
    close_register(session=session, by=None, at=END)
    with pytest.raises(RegisterClosed):
        mark(session, Mark(first.pk, "late"))
    with pytest.raises(RegisterClosed):
        close_register(session=session, by=None, at=END)
    with pytest.raises(ValidationError):
        reopen_register(session=session, reason=" ", by=None, at=END)

    reopen_register(session=session, reason="marked the wrong group", by=None, at=END)

    assert mark(session, Mark(first.pk, "late")).changed == 1
    with pytest.raises(RegisterOpen):
        reopen_register(session=session, reason="again", by=None, at=END)


def test_after_the_lock_time_a_correction_needs_a_right_and_a_reason(session, cohort):
    first, second, _third = cohort.enrolments.order_by("id")
    mark(session, Mark(first.pk, "absent"))
    later = END + timedelta(hours=49)
    for options in ({}, {"reason": "doctor's letter"}, {"may_correct": True}):
        with pytest.raises(RegisterLocked):
            mark(session, Mark(first.pk, "excused"), at=later, **options)
    assert mark(session, Mark(second.pk, "present"), at=later).changed == 1  # not a correction: nothing stood

    mark(session, Mark(first.pk, "excused"), at=later, reason="doctor's letter", may_correct=True)

    assert AttendanceRecord.objects.get(enrolment=first).status == "excused"


@pytest.mark.parametrize("wrong", [timedelta(days=-1), timedelta(days=1)])
def test_a_mark_from_a_clock_a_day_wrong_keeps_the_servers_time_and_waits_for_a_person(session, cohort, wrong):
    """R31: late, to confirm."""
    enrolment, person = cohort.enrolments.first(), make_user()
    mark(session, Mark(enrolment.pk, "present", key="a", at=END + wrong))

    record, line = AttendanceRecord.objects.get(), AttendanceChange.objects.get()
    assert (record.status, record.marked_at, record.to_confirm) == ("present", END, True)
    assert (line.at, line.received_at, line.claimed_at) == (END, END, END + wrong)

    assert confirm_marks(session=session, enrolments=[enrolment.pk], by=person, at=END) == 1

    record.refresh_from_db()
    assert not record.to_confirm
    assert AttendanceChange.objects.latest("id").by == person
    assert confirm_marks(session=session, enrolments=[enrolment.pk], by=person, at=END) == 0


def test_an_offline_mark_keeps_its_own_time(session, cohort):
    mark(session, Mark(cohort.enrolments.first().pk, "present", at=END - timedelta(hours=2)), at=END)

    line = AttendanceChange.objects.get()
    assert (line.at, line.received_at, line.claimed_at) == (END - timedelta(hours=2), END, None)


def test_a_walk_in_is_noted_once_and_matched_later(session, cohort):
    noted = note_walk_in(session=session, name="  Hina   Malik ", by=None, at=END)
    assert note_walk_in(session=session, name="Hina Malik", by=None, at=END) == noted
    late_comer = make_enrolment(cohort)

    match_walk_in(walk_in=noted, enrolment=late_comer, by=None, at=END)

    assert AttendanceRecord.objects.get(enrolment=late_comer).status == "present"
    assert WalkIn.objects.get().enrolment == late_comer
    with pytest.raises(AlreadyMatched):
        match_walk_in(walk_in=noted, enrolment=late_comer, by=None, at=END)


def test_matching_a_walk_in_keeps_a_late_mark(session, cohort):
    enrolment = cohort.enrolments.first()
    mark(session, Mark(enrolment.pk, "late", 120))
    noted = note_walk_in(session=session, name="Hina", by=None, at=END)

    match_walk_in(walk_in=noted, enrolment=enrolment, by=None, at=END)

    assert AttendanceRecord.objects.get().status == "late"
