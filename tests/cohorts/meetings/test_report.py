"""A report from reading to marks: provisional, confirmed, never less than by hand."""

from datetime import timedelta

import pytest

from cohorts.models import AttendanceChange, MeetingReport, ReportPerson
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.meetings import (
    confirm_report,
    propose_report,
)
from tests.cohorts.meetings.files import NAMES, row
from tests.cohorts.meetings.reports import marks, upload
from tests.factories import LATER, START

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


def test_a_small_file_is_read_at_once_and_writes_nothing(cohort, teacher):
    added = upload(cohort, row("Sara Ahmed Khan"), row("iPhone"), by=teacher)

    assert added.file.state == "read"
    assert added.file.report.state == "provisional"
    assert {each.label: each.verdict for each in ReportPerson.objects.all()} == {
        "Sara Ahmed Khan": "match",
        "iPhone": "review",
    }
    assert marks() == {}


def test_confirming_writes_marks_by_the_policy_with_file_and_line(cohort, teacher):
    rows = [row("Sara Ahmed Khan"), row("bilal  RAZA", "10:20:00"), row("Hina Malik", "10:00:00", "10:05:00")]
    report = upload(cohort, *rows, by=teacher).file.report

    done = confirm_report(report=report, by=teacher, at=LATER)

    assert marks() == {
        "Sara Ahmed Khan": ("present", 180),
        "Bilal Raza": ("late", 160),
        "Hina Malik": ("absent", 0),  # five minutes are under the minimum share
        "Usman Butt": ("absent", 0),  # not met, and no label waits
    }
    assert (done.created, done.updated, done.unchanged, done.kept) == (4, 0, 0, 0)
    change = AttendanceChange.objects.get(enrolment__trainee__full_name="Bilal Raza")
    assert (change.channel, change.by) == ("import", teacher)
    assert change.source == "participants.csv, line 3 (1 row)"


def test_confirming_again_changes_nothing(cohort, teacher):
    report = upload(cohort, row("Sara Ahmed Khan"), by=teacher).file.report
    confirm_report(report=report, by=teacher, at=LATER)
    lines = AttendanceChange.objects.count()

    done = confirm_report(report=report, by=teacher, at=LATER + timedelta(hours=1))

    assert AttendanceChange.objects.count() == lines
    assert (done.created, done.updated, done.unchanged) == (0, 0, 4)


def test_who_may_be_waiting_in_the_queue_is_unmarked_and_not_absent(cohort, teacher):
    report = upload(cohort, row("Sara Ahmed Khan"), row("hina")).file.report

    confirm_report(report=report, by=teacher, at=LATER)

    assert set(marks()) == {"Sara Ahmed Khan", "Bilal Raza", "Usman Butt"}
    assert marks()["Bilal Raza"] == ("absent", 0)


def test_a_device_may_be_anybody_so_nobody_is_absent(cohort, teacher):
    report = upload(cohort, row("Sara Ahmed Khan"), row("Galaxy A51")).file.report

    confirm_report(report=report, by=teacher, at=LATER)

    assert set(marks()) == {"Sara Ahmed Khan"}


def test_a_mark_made_by_hand_stays_until_a_person_takes_the_files(cohort, teacher):
    session = cohort.sessions.get(number=1)
    sara = cohort.enrolments.get(trainee__full_name="Sara Ahmed Khan")
    mark_attendance(session=session, marks=[Mark(sara.pk, "present")], version=None, by=teacher, at=START)
    report = upload(cohort, row("Sara Ahmed Khan", "12:00:00")).file.report

    kept = confirm_report(report=report, by=teacher, at=START + timedelta(hours=5))
    proposal, _outcome, _files = propose_report(report)

    assert kept.kept == 1
    assert marks()["Sara Ahmed Khan"] == ("present", 180)
    assert [(each.stands, each.status, each.minutes) for each in proposal.kept] == [("present", "late", 60)]
    confirm_report(report=report, by=teacher, at=START + timedelta(hours=5), take=[sara.pk])
    assert marks()["Sara Ahmed Khan"] == ("late", 60)


def test_a_confirmed_report_is_provisional_again_when_a_file_comes(cohort, teacher):
    report = upload(cohort, row("Sara Ahmed Khan", "10:00:00", "11:00:00")).file.report
    confirm_report(report=report, by=teacher, at=LATER)

    upload(cohort, row("Sara Ahmed Khan", "11:00:00", "13:00:00"), name="second.csv")
    report.refresh_from_db()

    assert report.state == "provisional"
    done = confirm_report(report=report, by=teacher, at=LATER)
    assert (done.updated, marks()["Sara Ahmed Khan"]) == (1, ("present", 180))


@pytest.mark.parametrize("people", [1, 3])
def test_judging_costs_the_same_whatever_the_people(cohort, people, django_assert_num_queries):
    report = upload(cohort, *[row(name) for name in NAMES[:people]]).file.report
    report = MeetingReport.objects.select_related("session__cohort__policy").get(pk=report.pk)

    with django_assert_num_queries(9):
        propose_report(report)
