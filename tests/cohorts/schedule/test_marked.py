"""A marked session is cancelled or moved: marks stay, tallies follow, late marks can be derived anew (R6, R8)."""

from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError

from cohorts.models import AttendanceRecord
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.schedule import (
    CancelSession,
    ReasonMissing,
)
from cohorts.services.schedule.marks import derive_late_marks, settle_marks
from cohorts.services.tallies import compute
from tests.cohorts.schedule.changes import change, cohort_of, move
from tests.factories import BEFORE, START, make_enrolment, make_office

pytestmark = pytest.mark.django_db


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
