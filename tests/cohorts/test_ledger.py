"""The ledger: append-only, replayed by check_tallies, shown per session and per trainee."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.utils import DatabaseError

from cohorts.models import AttendanceChange, AttendanceRecord
from cohorts.services.attendance import Mark, close_register, mark_attendance
from cohorts.services.ledger import replay
from tests.factories import LATER, make_cohort, make_enrolment, make_instructor, make_office, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def marked():
    cohort = make_cohort()
    first, second = make_enrolment(cohort), make_enrolment(cohort)
    session = cohort.sessions.order_by("number")[0]
    for status in ("absent", "late", None, "present"):
        mark_attendance(session=session, marks=[Mark(first.pk, status)], version=None, by=make_user(), at=LATER)
    close_register(session=session, by=None, at=LATER)
    return session, first, second


@pytest.mark.parametrize(
    "statement", ["UPDATE cohorts_attendancechange SET reason = 'x'", "DELETE FROM cohorts_attendancechange"]
)
def test_the_database_refuses_to_change_the_ledger(marked, statement):
    """R3, on both engines."""
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_replay_gives_the_marks_as_they_stand(marked):
    session, first, second = marked

    assert replay(session.cohort) == {first.pk: {session.pk: ("present", 180)}, second.pk: {session.pk: ("absent", 0)}}


def test_a_record_that_the_ledger_does_not_tell_is_found(marked, capsys):
    session, first, _second = marked
    call_command("check_tallies")
    assert "enrolments=2 differences=0" in capsys.readouterr().out
    AttendanceRecord.objects.filter(enrolment=first).update(minutes=10)

    with pytest.raises(CommandError, match=f"session {session.pk}: record present 10 min, ledger present 180 min"):
        call_command("check_tallies")


def test_a_record_that_vanished_is_found(marked):
    AttendanceRecord.objects.all().delete()

    with pytest.raises(CommandError, match="record unmarked, ledger present 180 min"):
        call_command("check_tallies")


def test_the_pages_show_each_change_with_who_why_and_whence(marked, client, django_assert_num_queries):
    session, first, _second = marked
    mark_attendance(
        session=session,
        marks=[Mark(first.pk, "late", 150, source="joins.csv, lines 4 and 9")],
        version=None,
        by=make_user(),
        at=LATER,
        channel="import",
        reason="joined online",
        may_correct=True,
    )
    client.force_login(make_instructor(session.cohort), backend="django.contrib.auth.backends.ModelBackend")

    page = client.get(f"/teach/sessions/{session.pk}/ledger/").content.decode()
    own = client.get(f"/teach/enrolments/{first.pk}/ledger/?kind=import").content.decode()

    assert page.count("<li><time>") == AttendanceChange.objects.count()
    assert "unmarked when the register was closed" in page
    assert "joins.csv, lines 4 and 9" in own
    assert own.count("<li><time>") == 1
    AttendanceRecord.objects.filter(enrolment=first).update(status="present")
    assert "The marks differ from the ledger" in client.get(f"/teach/enrolments/{first.pk}/ledger/").content.decode()
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")
    client.get(f"/teach/sessions/{session.pk}/ledger/")
    with django_assert_num_queries(11):  # one of them for the side bar
        client.get(f"/teach/sessions/{session.pk}/ledger/")


def test_a_line_of_the_ledger_leads_to_the_mark_in_the_register(client):
    enrolment = make_enrolment(make_cohort())
    session = enrolment.cohort.sessions.order_by("number")[0]
    mark_attendance(session=session, marks=[Mark(enrolment.pk, "absent")], version=None, by=None, at=session.ends_at)
    client.force_login(make_office())

    for address in (f"/teach/sessions/{session.pk}/ledger/", f"/teach/enrolments/{enrolment.pk}/ledger/"):
        assert f'href="/teach/sessions/{session.pk}/#person-{enrolment.pk}"' in client.get(address).content.decode()
    assert f'id="person-{enrolment.pk}"' in client.get(f"/teach/sessions/{session.pk}/").content.decode()
