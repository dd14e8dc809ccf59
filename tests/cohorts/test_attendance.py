"""Marks, their ledger, the version of a register (R1-R9)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext

from cohorts.models import AttendanceChange, AttendanceRecord, Enrolment
from cohorts.services.attendance import (
    Mark,
    SessionAhead,
    SessionCancelled,
    StaleRegister,
    mark_attendance,
)
from tests.factories import LATER, START, cancel_session, make_cohort, make_enrolment

pytestmark = pytest.mark.django_db


def mark(session, *marks, version=None, at=LATER, **options):
    return mark_attendance(session=session, marks=marks, version=version, by=None, at=at, **options)


@pytest.fixture
def cohort():
    made = make_cohort()
    for _ in range(3):
        make_enrolment(made)
    return made


def test_first_mark_holds_the_session_and_leaves_the_others_unmarked(cohort):
    session, (first, second, _third) = cohort.sessions.first(), cohort.enrolments.order_by("id")

    saved = mark(session, Mark(first.pk, "present"))

    first.refresh_from_db(), second.refresh_from_db(), cohort.refresh_from_db()
    assert (saved.changed, saved.session.version, saved.session.state) == (1, 1, "held")
    assert (first.sessions_present, first.minutes_present, first.sessions_planned) == (1, 180, 4)
    assert (second.sessions_unmarked, second.sessions_absent) == (1, 0)
    assert cohort.state == "running"
    assert cohort.policy.version == 1


def test_saving_an_unchanged_mark_changes_nothing(cohort):
    session, enrolment = cohort.sessions.first(), cohort.enrolments.first()
    mark(session, Mark(enrolment.pk, "late", 120))

    saved = mark(session, Mark(enrolment.pk, "late", 120), at=LATER + timedelta(hours=1))

    assert (saved.changed, saved.unchanged, saved.session.version) == (0, 1, 1)
    assert AttendanceRecord.objects.get().marked_at == LATER
    assert AttendanceChange.objects.count() == 1


def test_a_changed_mark_is_a_line_in_the_ledger_that_nobody_can_alter(cohort):
    session, enrolment = cohort.sessions.first(), cohort.enrolments.first()
    mark(session, Mark(enrolment.pk, "absent"))
    mark(session, Mark(enrolment.pk, "excused"), reason="letter from the doctor")

    line = AttendanceChange.objects.latest("id")
    assert (line.old_status, line.new_status, line.reason) == ("absent", "excused", "letter from the doctor")
    with pytest.raises(DatabaseError):
        AttendanceChange.objects.filter(pk=line.pk).update(new_status="present")


def test_taking_a_mark_back_leaves_unmarked_and_a_line(cohort):
    session, enrolment = cohort.sessions.first(), cohort.enrolments.first()
    mark(session, Mark(enrolment.pk, "present"))

    mark(session, Mark(enrolment.pk, None))

    enrolment.refresh_from_db()
    assert not AttendanceRecord.objects.exists()
    assert (enrolment.sessions_present, enrolment.sessions_unmarked) == (0, 1)
    assert AttendanceChange.objects.count() == 2


def test_stale_version_writes_what_does_not_clash_and_returns_the_differences(cohort):
    """R9: nothing of a clash is resolved silently, and nothing else is lost."""
    session, (first, second, third) = cohort.sessions.first(), cohort.enrolments.order_by("id")
    mark(session, Mark(first.pk, "present"), Mark(third.pk, "late"), version=0)

    saved = mark(session, Mark(first.pk, "absent"), Mark(second.pk, "present"), Mark(third.pk, "late"), version=0)

    assert [(each.enrolment_id, each.stands, each.wanted) for each in saved.differences] == [
        (first.pk, "present", "absent")
    ]
    assert (saved.changed, saved.unchanged, saved.session.version) == (1, 1, 2)
    assert dict(session.records.values_list("enrolment_id", "status")) == {
        first.pk: "present",
        second.pk: "present",
        third.pk: "late",
    }
    with pytest.raises(StaleRegister):
        saved.refuse_stale()


def test_stale_version_clashes_with_a_mark_that_was_taken_back(cohort):
    session, enrolment = cohort.sessions.first(), cohort.enrolments.first()
    mark(session, Mark(enrolment.pk, "present"), version=0)
    mark(session, Mark(enrolment.pk, None), version=1)

    saved = mark(session, Mark(enrolment.pk, "late"), version=1)

    assert [(each.stands, each.wanted) for each in saved.differences] == [(None, "late")]


def test_a_version_from_nowhere_clashes_with_everything_that_differs(cohort):
    session, enrolment = cohort.sessions.first(), cohort.enrolments.first()

    saved = mark(session, Mark(enrolment.pk, "present"), version=7)

    assert (saved.changed, len(saved.differences)) == (0, 1)


def test_a_repeated_key_changes_nothing(cohort):
    session, enrolment = cohort.sessions.first(), cohort.enrolments.first()
    mark(session, Mark(enrolment.pk, "present", key="a"))
    mark(session, Mark(enrolment.pk, "absent", key="b"))

    mark(session, Mark(enrolment.pk, "present", key="a"))

    assert AttendanceRecord.objects.get().status == "absent"


@pytest.mark.parametrize("wrong", [Mark(10**9, "present"), Mark(0, "here"), Mark(0, "late", 181)])
def test_nonsense_is_refused_and_nothing_kept(cohort, wrong):
    enrolment = cohort.enrolments.first()
    wrong = Mark(wrong.enrolment_id or enrolment.pk, wrong.status, wrong.minutes)

    with pytest.raises(ValidationError):
        mark(cohort.sessions.first(), Mark(enrolment.pk, "present"), wrong)

    assert not AttendanceRecord.objects.exists()


def test_a_session_ahead_or_cancelled_takes_no_marks(cohort):
    session, enrolment = cohort.sessions.first(), cohort.enrolments.first()
    with pytest.raises(SessionAhead):
        mark(session, Mark(enrolment.pk, "present"), at=START - timedelta(hours=2))

    cancel_session(session, "power cut")

    with pytest.raises(SessionCancelled):
        mark(session, Mark(enrolment.pk, "present"))
    enrolment.refresh_from_db()
    assert enrolment.sessions_planned == 3


@pytest.mark.parametrize("people", [1, 50])
def test_a_save_takes_at_most_eight_statements_whatever_its_size(people):
    cohort = make_cohort(capacity=60)
    ids = [make_enrolment(cohort).pk for _ in range(people)]
    first, second, third = cohort.sessions.order_by("number")[:3]

    def statements(session, status, **options):
        marks = [Mark(pk, status, **({"key": f"{session.pk} {pk}"} if options else {})) for pk in ids]
        with CaptureQueriesContext(connection) as queries:
            mark(session, *marks, **options)
        return len([each for each in queries if "SAVEPOINT" not in each["sql"]])

    assert statements(first, "present") == 8  # the first register starts the cohort: its policy, its state
    assert statements(second, "present") == 6
    assert statements(second, None) == 6
    assert statements(third, "present", version=0) == 7
    assert statements(third, "late", version=0) == 3  # every key is known: nothing is written


def test_fifty_marks_sent_twice_out_of_order_with_a_stale_version_are_neither_lost_nor_doubled():
    cohort = make_cohort(capacity=60)
    session, ids = cohort.sessions.first(), [make_enrolment(cohort).pk for _ in range(50)]
    marks = [Mark(pk, "late" if pk % 7 == 0 else "present", key=f"k{pk}") for pk in ids]
    mark(session, *marks[:20], version=0)

    for part in (marks[30:], marks[:30][::-1], marks[::-1], marks):
        assert mark(session, *part, version=0).differences == ()

    wanted = {each.enrolment_id: each.status for each in marks}
    assert dict(session.records.values_list("enrolment_id", "status")) == wanted
    assert AttendanceChange.objects.count() == 50
    assert sum(Enrolment.objects.values_list("sessions_present", flat=True)) == list(wanted.values()).count("present")


def test_tallies_equal_the_ledger_and_an_altered_one_is_found(cohort, capsys):
    for session in cohort.sessions.all():
        mark(session, *[Mark(each.pk, "late") for each in cohort.enrolments.all()])
    call_command("check_tallies")
    assert "differences=0" in capsys.readouterr().out

    Enrolment.objects.filter(pk=cohort.enrolments.first().pk).update(sessions_late=9)

    with pytest.raises(Exception, match="sessions_late: stored 9, ledger 4"):
        call_command("check_tallies")
