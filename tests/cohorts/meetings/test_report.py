"""A report of a session from upload to marks: provisional, decided by persons, confirmed, never less than by hand."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError

from cohorts.models import Alias, AttendanceChange, AttendanceRecord, MeetingFile, MeetingReport, ReportPerson
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.meetings import (
    add_file,
    confirm_report,
    decide_person,
    discard_file,
    move_files,
    propose_report,
    read_kept,
    share_files,
    undo_decision,
    waiting_files,
)
from tests.cohorts.meetings.files import HEADER, NAMES, row, table
from tests.factories import LATER, START, make_cohort, make_enrolment, make_instructor, make_office

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


def upload(cohort, *rows, name="participants.csv", number=1, by=None):
    session = cohort.sessions.get(number=number)
    content = table([HEADER, *rows]).encode()
    return add_file(session=session, name=name, chunks=[content], by=by, at=LATER)


def person(label):
    return ReportPerson.objects.get(label=label)


def marks(number=1):
    found = AttendanceRecord.objects.filter(session__number=number).select_related("enrolment__trainee")
    return {each.enrolment.trainee.full_name: (each.status, each.minutes) for each in found}


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


def test_a_confirmed_label_is_remembered_as_that_persons_alias(cohort, teacher):
    upload(cohort, row("bilo"))
    bilal = cohort.enrolments.get(trainee__full_name="Bilal Raza")

    decided = decide_person(person=person("bilo"), enrolment_id=bilal.pk, by=teacher, at=LATER, remember=True)
    again = upload(cohort, row("BILO", day="05/05/2020"), number=2).file.report.people.get()

    assert (decided.verdict, decided.enrolment, decided.decided_by) == ("match", bilal, teacher)
    assert (again.verdict, again.how, again.enrolment) == ("match", "alias", bilal)


def test_an_alias_of_a_device_is_evidence_and_no_match(cohort, teacher):
    upload(cohort, row("iPhone"))
    bilal = cohort.enrolments.get(trainee__full_name="Bilal Raza")
    decide_person(person=person("iPhone"), enrolment_id=bilal.pk, by=teacher, at=LATER, remember=True)

    again = upload(cohort, row("iPhone", day="05/05/2020"), number=2).file.report.people.get()

    assert again.verdict == "review"
    assert again.candidates[0][0] == bilal.pk
    assert "alias" in again.candidates[0][2]


def test_a_decision_can_be_taken_back_with_its_alias(cohort, teacher):
    upload(cohort, row("bilo"))
    bilal = cohort.enrolments.get(trainee__full_name="Bilal Raza")
    decide_person(person=person("bilo"), enrolment_id=bilal.pk, by=teacher, at=LATER, remember=True)

    undone = undo_decision(person=person("bilo"), by=teacher, at=LATER)

    assert (undone.verdict, undone.enrolment) == ("review", None)
    assert not Alias.objects.exists()


def test_a_stranger_is_nobody_of_the_cohort(cohort, teacher):
    upload(cohort, row("Passing Guest"), row("Sara Ahmed Khan"))

    decided = decide_person(person=person("Passing Guest"), enrolment_id=None, by=teacher, at=LATER)

    assert decided.verdict == "ignore"
    assert not Alias.objects.exists()


def test_nobody_of_another_cohort_can_be_chosen(cohort, teacher):
    other = make_enrolment(make_cohort())
    upload(cohort, row("bilo"))

    with pytest.raises(ValidationError) as caught:
        decide_person(person=person("bilo"), enrolment_id=other.pk, by=teacher, at=LATER)

    assert "enrolment" in caught.value.message_dict


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


def test_a_confirmed_report_is_provisional_again_when_a_file_comes(cohort, teacher):
    report = upload(cohort, row("Sara Ahmed Khan", "10:00:00", "11:00:00")).file.report
    confirm_report(report=report, by=teacher, at=LATER)

    upload(cohort, row("Sara Ahmed Khan", "11:00:00", "13:00:00"), name="second.csv")
    report.refresh_from_db()

    assert report.state == "provisional"
    done = confirm_report(report=report, by=teacher, at=LATER)
    assert (done.updated, marks()["Sara Ahmed Khan"]) == (1, ("present", 180))


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


@pytest.mark.parametrize("people", [1, 3])
def test_judging_costs_the_same_whatever_the_people(cohort, people, django_assert_num_queries):
    report = upload(cohort, *[row(name) for name in NAMES[:people]]).file.report
    report = MeetingReport.objects.select_related("session__cohort__policy").get(pk=report.pk)

    with django_assert_num_queries(9):
        propose_report(report)


def test_the_pages_walk_from_upload_to_marks(cohort, teacher, client):
    client.force_login(teacher, backend="django.contrib.auth.backends.ModelBackend")
    session = cohort.sessions.get(number=1)
    address = f"/teach/sessions/{session.pk}/report/"

    assert b"Nothing is written before you confirm" in client.get(address).content
    client.post(f"{address}files/", {"names": "1. Sara Ahmed Khan\n2. bilo\n"})
    page = client.get(address).content.decode()
    assert "“" not in page or "bilo" in page
    bilal = cohort.enrolments.get(trainee__full_name="Bilal Raza")
    client.post(f"/teach/report-people/{person('bilo').pk}/", {"enrolment": bilal.pk, "remember": "1"})
    client.post(f"{address}confirm/", {"absent_rest": "1"})

    assert marks() == {
        "Sara Ahmed Khan": ("present", 180),
        "Bilal Raza": ("present", 180),
        "Hina Malik": ("absent", 0),
        "Usman Butt": ("absent", 0),
    }
    for tab in ("review", "found", "ignored", "unmet"):
        assert client.get(f"{address}?tab={tab}").status_code == 200


def test_what_makes_no_sense_is_answered_and_changes_nothing(cohort, teacher, client):
    client.force_login(teacher, backend="django.contrib.auth.backends.ModelBackend")
    report = upload(cohort, row("bilo")).file.report
    address = f"/teach/sessions/{report.session_id}/report/"

    for value in ("choose", "x", "9" * 30, "999999"):
        client.post(f"/teach/report-people/{person('bilo').pk}/", {"enrolment": value})
    client.post(f"{address}files/", {})

    assert person("bilo").verdict == "review"
    assert client.get(f"{address}?person=abc&tab=nonsense").status_code == 200


def test_a_stranger_and_another_instructor_do_not_see_the_report(cohort, client):
    upload(cohort, row("bilo"))
    other = make_instructor(make_cohort())
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(f"/teach/report-people/{person('bilo').pk}/", {"enrolment": ""}).status_code == 404
    assert person("bilo").verdict == "review"


def test_the_office_may_confirm_too(cohort, client):
    office = make_office("Programme office")
    client.force_login(office, backend="django.contrib.auth.backends.ModelBackend")
    report = upload(cohort, row("Sara Ahmed Khan")).file.report

    client.post(f"/teach/sessions/{report.session_id}/report/confirm/", {"absent_rest": "1"})

    assert marks()["Sara Ahmed Khan"] == ("present", 180)


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
