"""Closing a cohort (R45, R48)."""

import pytest

from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import RegistersMissing, close_cohort
from cohorts.services.errors import CohortClosed
from tests.factories import LATER, cancel_session, make_cohort, make_enrolment

pytestmark = pytest.mark.django_db


def test_missing_registers_are_named():
    cohort = make_cohort()
    good, bad = make_enrolment(cohort), make_enrolment(cohort)
    first, second, third, fourth = cohort.sessions.order_by("number")
    for session in (first, second):
        marks = [Mark(good.pk, "present"), Mark(bad.pk, "absent")]
        mark_attendance(session=session, marks=marks, version=None, by=None, at=LATER)
    mark_attendance(session=third, marks=[Mark(good.pk, "present")], version=None, by=None, at=LATER)

    with pytest.raises(RegistersMissing) as refusal:
        close_cohort(cohort=cohort, by=None, at=LATER)

    assert [(each.session.number, each.unmarked) for each in refusal.value.missing] == [(3, 1), (4, 2)]
    assert "session 4 of 07 May 2020 (no register)" in refusal.value.messages[0]

    cancel_session(fourth, "holiday")
    mark_attendance(session=third, marks=[Mark(bad.pk, "absent")], version=None, by=None, at=LATER)
    closing = close_cohort(cohort=cohort, by=None, at=LATER)

    good.refresh_from_db(), bad.refresh_from_db()
    assert (len(closing.completed), len(closing.not_completed)) == (1, 1)
    assert (good.status, good.completed_on.isoformat()) == ("completed", "2020-05-06")
    assert (bad.status, bad.reasons[0]["code"], bad.reasons[0]["percent"]) == (
        "not_completed",
        "attendance_below_minimum",
        "0.0",
    )
    with pytest.raises(CohortClosed):
        close_cohort(cohort=cohort, by=None, at=LATER)


def test_who_waits_leaves_the_line_when_the_cohort_closes():
    cohort = make_cohort(capacity=1, waitlist_limit=2, sessions=1)
    enrolled, waiting = make_enrolment(cohort), make_enrolment(cohort)
    mark_attendance(
        session=cohort.sessions.get(), marks=[Mark(enrolled.pk, "present")], version=None, by=None, at=LATER
    )

    close_cohort(cohort=cohort, by=None, at=LATER)

    waiting.refresh_from_db()
    assert waiting.status == "withdrawn"
