"""Two people at one register, two registers of one cohort, fifty scans: at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.models import QuerySet

from cohorts.models import AttendanceChange, AttendanceRecord, CheckIn, Enrolment
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.attendance import save as saving
from cohorts.services.check_in import check_in
from cohorts.services.ledger import find_differences
from tests.factories import START, make_cohort, make_enrolment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]  # one race at a time


def at_once(acts):
    def run(act):
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [each.result() for each in [pool.submit(run, act) for act in acts]]


def save(session, marks, version):
    return lambda: mark_attendance(session=session, marks=marks, version=version, by=None, at=session.ends_at)


def test_two_people_at_one_register_lose_nothing(capsys):
    cohort = make_cohort(capacity=40)
    ids = [make_enrolment(cohort).pk for _ in range(20)]
    session = cohort.sessions.order_by("number")[0]

    first, second = at_once(
        [
            save(session, [Mark(pk, "present") for pk in ids[:12]], 0),
            save(session, [Mark(pk, "absent") for pk in ids[8:]], 0),
        ]
    )

    assert AttendanceRecord.objects.count() == AttendanceChange.objects.count() == 20
    assert sorted((len(first.differences), len(second.differences))) == [0, 4]
    call_command("check_tallies")
    assert "differences=0" in capsys.readouterr().out


def test_two_registers_of_one_cohort_leave_true_tallies(capsys):
    """Both write the same tallies; without the cohort's lock the second writes what it read before the first."""
    cohort = make_cohort(capacity=40)
    ids = [make_enrolment(cohort).pk for _ in range(20)]
    sessions = list(cohort.sessions.all())

    at_once([save(each, [Mark(pk, "present") for pk in ids], 0) for each in sessions])

    call_command("check_tallies")
    assert "differences=0" in capsys.readouterr().out
    assert set(Enrolment.objects.values_list("sessions_present", flat=True)) == {4}


def test_without_the_lock_the_same_two_registers_leave_false_tallies(monkeypatch):
    """PostgreSQL then forgets marks in the tallies; SQLite, whose lock is the IMMEDIATE transaction, breaks off."""
    cohort = make_cohort(capacity=40)
    ids = [make_enrolment(cohort).pk for _ in range(20)]
    sessions = list(cohort.sessions.all())[:2]
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_kinds: self)
    monkeypatch.delitem(connection.settings_dict["OPTIONS"], "transaction_mode", raising=False)
    both_have_read, read = Barrier(2, timeout=60), saving.open_register
    monkeypatch.setattr(saving, "open_register", lambda session: (read(session), both_have_read.wait())[0])

    def attempt(session):
        try:
            save(session, [Mark(pk, "present") for pk in ids], 0)()
        except OperationalError as error:
            return [str(error)]
        return []

    failed = at_once([lambda each=each: attempt(each) for each in sessions])

    assert [*failed[0], *failed[1]] + find_differences(cohort)[1] != []


def test_a_class_that_scans_at_once_is_marked_once_each():
    cohort = make_cohort(capacity=40)
    people = [make_enrolment(cohort).trainee for _ in range(10)]
    session = cohort.sessions.order_by("number")[0]

    def scan(trainee):
        return lambda: check_in(session=session, trainee=trainee, device="d", address="a", by=trainee.user, at=START)

    at_once([scan(each) for each in people * 2])

    assert CheckIn.objects.count() == AttendanceChange.objects.count() == 10
