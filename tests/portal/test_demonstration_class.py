"""What the demonstration shows of reports, leave and disputes; its whole load takes too long for a test."""

import random
from collections import Counter

import pytest

from cohorts.models import Appeal, AttendanceChange, LeaveRequest, MeetingReport
from cohorts.services.attendance import Mark, mark_attendance
from portal.demonstration_class import ask_and_dispute, report_classes
from tests.factories import make_cohort, make_enrolment, make_instructor

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    made = make_cohort(sessions=6)
    for _ in range(12):
        make_enrolment(made)
    return made


def test_one_report_is_written_and_the_next_waits_with_names_to_settle(cohort):
    sessions = list(cohort.sessions.order_by("number")[:2])

    report_classes(sessions=sessions, by=make_instructor(cohort), source=random.Random(1))

    first, last = MeetingReport.objects.order_by("session__number")
    assert (first.state, last.state) == ("confirmed", "provisional")
    assert Counter(sessions[0].records.values_list("status", flat=True)) == {"present": 10, "late": 1, "absent": 1}
    assert AttendanceChange.objects.filter(session=sessions[0], channel="import").count() == 12
    assert Counter(last.people.values_list("verdict", flat=True)) == {"match": 8, "review": 3}
    assert not sessions[1].records.exists()


def test_leave_and_a_dispute_wait_for_the_instructor(cohort):
    session, instructor = cohort.sessions.order_by("number")[0], make_instructor(cohort)
    marks = [Mark(pk, "absent") for pk in cohort.enrolments.values_list("pk", flat=True)]
    mark_attendance(session=session, marks=marks, version=None, by=instructor, at=session.ends_at)

    ask_and_dispute(cohort=cohort, by=instructor, now=session.ends_at)

    assert Counter(LeaveRequest.objects.values_list("status", flat=True)) == {"requested": 1, "approved": 1}
    assert Appeal.objects.get().status == "open"
