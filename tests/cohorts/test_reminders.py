"""Reminders: once for each session and time, to whom they concern, by a fixed number of queries (R66, R73)."""

from datetime import date, time, timedelta

import pytest

from cohorts.models import Cohort, Session
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.enrolment import withdraw
from cohorts.services.reminders import remind_instructors, remind_trainees
from cohorts.services.schedule import MoveSession, Place, change_timetable
from tests.factories import BEFORE, START, make_cohort, make_enrolment, make_instructor
from trainees.models import Message
from trainees.services.calendar import set_reminders

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_day_before_each_session_once_however_often_the_sweep_runs():
    cohort = make_cohort(sessions=2)
    enrolment = make_enrolment(cohort)
    Session.objects.filter(cohort=cohort, number=1).update(mode="classroom", venue="Arfa Tower", room="4")

    written = [remind_trainees(at=START - DAY - HOUR)]
    written += [remind_trainees(at=START - DAY + n * HOUR) for n in range(4)]

    assert written == [0, 1, 0, 0, 0]
    mail = Message.objects.get()
    assert (mail.kind, mail.to, mail.about) == ("reminder", enrolment.trainee.email, cohort.code)
    assert mail.subject == "Your session on Mon 4 May at 10:00"
    assert "Monday 4 May 2020, 10:00–13:00\n4, Arfa Tower" in mail.text


def test_a_moved_session_has_a_new_reminder_and_the_old_one_is_taken_back():
    cohort = make_cohort(sessions=1)
    make_enrolment(cohort)
    session = cohort.sessions.get()
    remind_trainees(at=START - DAY)

    wish = MoveSession(session.pk, date(2020, 5, 6), time(15), time(18), Place("online", link="https://meet.example/x"))
    change_timetable(cohort=cohort, wish=wish, by=None, at=START - DAY)
    remind_trainees(at=START + DAY + 6 * HOUR)

    states = dict(Message.objects.filter(kind="reminder").values_list("subject", "state"))
    assert states == {"Your session on Mon 4 May at 10:00": "cancelled", "Your session on Wed 6 May at 15:00": "queued"}
    assert "https://meet.example/x" in Message.objects.get(kind="reminder", state="queued").text


def test_in_urdu_for_who_reads_urdu_and_not_at_all_for_who_wants_none():
    cohort = make_cohort(sessions=1)
    urdu, quiet, gone = (make_enrolment(cohort) for _ in range(3))
    urdu.trainee.user.language = "ur"
    urdu.trainee.user.save()
    set_reminders(user=quiet.trainee.user, wanted=False, at=BEFORE)
    withdraw(enrolment=gone, by=None, at=BEFORE, notify=False)

    remind_trainees(at=START - HOUR)

    mail = Message.objects.get(kind="reminder")
    assert (mail.to, mail.language) == (urdu.trainee.email, "ur")
    assert 'dir="rtl"' in mail.html


def test_a_cancelled_session_and_a_waiting_person_get_no_reminder():
    cohort = make_cohort(sessions=1, capacity=1)
    make_enrolment(cohort), make_enrolment(cohort)
    Session.objects.update(state="cancelled", cancel_reason="x")

    assert remind_trainees(at=START - HOUR) == 0
    Session.objects.update(state="planned")
    assert remind_trainees(at=START - HOUR) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_sweep_costs_the_same_for_one_person_and_for_three(django_assert_num_queries, count):
    for _ in range(count):
        cohort = make_cohort(sessions=1)
        make_instructor(cohort)
        for _ in range(count):
            make_enrolment(cohort)

    with django_assert_num_queries(6):  # a savepoint and its release are two
        assert remind_trainees(at=START - HOUR) == count * count
    with django_assert_num_queries(7):
        assert remind_instructors(at=START + DAY) == count
    with django_assert_num_queries(4):
        assert remind_instructors(at=START + DAY) == 0


def test_an_instructor_is_asked_once_for_a_register_nobody_marked():
    cohort = make_cohort(sessions=2)
    teacher, enrolment = make_instructor(cohort), make_enrolment(cohort)
    first = cohort.sessions.get(number=1)
    mark_attendance(session=first, marks=[Mark(enrolment.pk, "present")], version=None, by=None, at=START)

    written = [remind_instructors(at=START + DAY + n * HOUR) for n in (4, 5, 6, 30)]

    assert written == [0, 1, 0, 0]  # it ends after three hours, two more pass
    mail = Message.objects.get()
    assert (mail.kind, mail.to) == ("unmarked", teacher.email)
    assert f"/teach/sessions/{cohort.sessions.get(number=2).pk}/" in mail.text


def test_nobody_is_asked_for_the_registers_of_a_closed_cohort():
    cohort = make_cohort(sessions=1)
    make_instructor(cohort)
    Cohort.objects.update(state="closed", closed_at=START, policy=cohort.course.policies.get())

    assert remind_instructors(at=START + DAY) == 0
