"""Files of a session: the same twice, several, of another session, of two, large, none, taken out."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError

from cohorts.models import MeetingFile, MeetingReport, ReportPerson
from cohorts.services.meetings import (
    add_file,
    discard_file,
    move_files,
    read_kept,
    share_files,
    waiting_files,
)
from tests.cohorts.meetings.files import NAMES, row, table
from tests.cohorts.meetings.reports import upload
from tests.factories import LATER, make_office

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


def test_the_same_content_adds_nothing_whatever_its_name(cohort):
    first = upload(cohort, row("Sara Ahmed Khan"))

    second = upload(cohort, row("Sara Ahmed Khan"), name="copy.csv")

    assert second.repeated
    assert second.file.pk == first.file.pk
    assert MeetingFile.objects.count() == 1


def test_two_files_of_one_session_add_up_by_union(cohort):
    upload(cohort, row("Sara Ahmed Khan", "10:00:00", "11:30:00"), name="first.csv")

    upload(cohort, row("Sara Ahmed Khan", "11:00:00", "12:00:00"), name="second.csv")

    assert ReportPerson.objects.get().seconds_in_session == 7200


def test_a_file_taken_out_says_nothing_more_but_stays_as_evidence(cohort, settings):
    file = upload(cohort, row("Sara Ahmed Khan")).file

    discard_file(file=file, by=None, at=LATER)

    assert not ReportPerson.objects.exists()
    assert len([path for path in settings.MEETINGS_DIR.rglob("*") if path.is_file()]) == 1


def test_a_large_file_waits_for_the_worker_and_is_read_once(cohort, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr("cohorts.services.meetings.files.AT_ONCE", 10)
    monkeypatch.setattr("cohorts.services.meetings.files.ring", lambda file_id: None)
    file = upload(cohort, row("Sara Ahmed Khan")).file
    now = datetime.now(UTC)

    assert file.state == "waiting"
    assert waiting_files(at=now) == [file.pk]
    assert read_kept(file_id=file.pk, at=now)
    assert not read_kept(file_id=file.pk, at=now)
    assert ReportPerson.objects.get().verdict == "match"


def test_a_file_that_is_no_report_is_kept_as_failed_with_the_reason(cohort):
    session = cohort.sessions.get(number=1)

    with pytest.raises(ValidationError, match=r"notes\.csv: No table"):
        add_file(session=session, name="notes.csv", chunks=[b"a,b\n1,2\n"], by=None, at=LATER)

    assert MeetingFile.objects.get().state == "failed"


def test_a_file_of_another_day_is_noticed_and_not_applied(cohort):
    report = upload(cohort, row("Sara Ahmed Khan", day="05/05/2020")).file.report
    report.refresh_from_db()

    assert not report.people.exists()
    (facts,) = report.assumed.values()
    assert facts["sessions"] == [cohort.sessions.get(number=2).pk]


def test_files_are_shared_with_another_session_they_speak_of(cohort):
    upload(cohort, row("Sara Ahmed Khan"), row("Bilal Raza", day="05/05/2020"))
    first, second = cohort.sessions.filter(number__in=(1, 2)).order_by("number")

    shared = share_files(source=first, target=second, by=None, at=LATER)

    assert [each.label for each in shared.people.all()] == ["Bilal Raza"]


def test_a_report_is_moved_to_another_session(cohort, client):
    upload(cohort, *(row(name) for name in NAMES), number=2)
    wrong, right = cohort.sessions.get(number=2), cohort.sessions.get(number=1)
    client.force_login(make_office())

    answer = client.post(f"/teach/sessions/{wrong.pk}/report/share/", {"session": right.pk, "move": "1"})

    assert answer["Location"] == f"/teach/sessions/{right.pk}/report/"
    assert ReportPerson.objects.filter(report__session=right, verdict="match").count() == len(NAMES)
    assert not ReportPerson.objects.filter(report__session=wrong).exists()
    assert [each.state for each in MeetingFile.objects.order_by("id")] == ["discarded", "read"]
    with pytest.raises(ValidationError, match="already"):
        move_files(source=right, target=right, by=None, at=LATER)


@pytest.fixture
def two_on_a_day(cohort):
    """The second session is on the afternoon of the first one's day."""
    first, second = cohort.sessions.filter(number__in=(1, 2)).order_by("number")
    second.date, second.start_time, second.end_time = first.date, time(14), time(17)
    second.starts_at, second.ends_at = (each + timedelta(hours=4) for each in (first.starts_at, first.ends_at))
    second.save()
    return first, second


def test_one_column_for_a_day_of_two_sessions_marks_only_the_chosen_one_and_says_so(two_on_a_day, cohort, client):
    first, second = two_on_a_day
    sheet = table([["Name", f"{first.date:%d %b %Y}"], *([name, "P"] for name in NAMES)]).encode()
    for session in (second, first):
        add_file(session=session, name="register.csv", chunks=[sheet], by=None, at=LATER)

    client.force_login(make_office())
    page = client.get(f"/teach/sessions/{second.pk}/report/").content.decode()

    assert "This day has several sessions" in page
    for session in (first, second):
        report = MeetingReport.objects.get(session=session)
        assert {each.status for each in report.people.all()} == {"present"}
        (facts,) = report.assumed.values()
        assert facts["unclear"] == facts["sessions"] == [first.pk, second.pk]


def test_a_column_with_the_time_of_a_session_is_clear(two_on_a_day):
    first, second = two_on_a_day
    sheet = table([["Name", f"{first.date:%d %b %Y} 14:00"], *([name, "P"] for name in NAMES)]).encode()
    add_file(session=first, name="register.csv", chunks=[sheet], by=None, at=LATER)

    (facts,) = MeetingReport.objects.get().assumed.values()

    assert (facts["unclear"], facts["sessions"]) == ([], [second.pk])
