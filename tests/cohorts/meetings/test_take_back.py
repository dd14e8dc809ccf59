"""Marks of an import are taken back in one act, what was changed later stays; a mark from a file shows its lines."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from audit.models import AuditEntry
from cohorts.models import AttendanceChange, AttendanceRecord, MeetingReport, ReportPerson
from cohorts.services.attendance import Mark, RegisterClosed, RegisterLocked, close_register, mark_attendance
from cohorts.services.ledger import find_differences
from cohorts.services.meetings import (
    add_file,
    confirm_report,
    decide_person,
    discard_file,
    plan_take_back,
    take_back_marks,
)
from tests.cohorts.meetings.files import HEADER, NAMES, table
from tests.factories import START, make_cohort, make_instructor, make_office

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]
SOON = START + timedelta(hours=9)  # the first session is over, its register not locked


@pytest.fixture
def session(cohort):
    return cohort.sessions.get(number=1)


def row(label, start="10:00:00", end="13:00:00"):
    return [label, "", f"05/04/2020 {start}", f"05/04/2020 {end}", 0, "Yes"]


def write(session, *rows, take=(), name="participants.csv"):
    content = table([HEADER, *rows]).encode()
    report = add_file(session=session, name=name, chunks=[content], by=None, at=SOON).file.report
    confirm_report(report=report, by=None, at=SOON, take=take)
    return MeetingReport.objects.get(pk=report.pk)


def mark(session, by, **statuses):
    marks = [Mark(enrolment(session, name).pk, status) for name, status in statuses.items()]
    mark_attendance(session=session, marks=marks, version=None, by=by, at=SOON)


def enrolment(session, first_name):
    return session.cohort.enrolments.get(trainee__full_name__startswith=first_name)


def marks():
    found = AttendanceRecord.objects.select_related("enrolment__trainee")
    return {each.enrolment.trainee.full_name.split()[0]: (each.status, each.minutes) for each in found}


def take_back(session, by=None, reason="wrong file", **more):
    return take_back_marks(session=session, reason=reason, by=by, at=SOON, **more)


def test_new_marks_go_back_to_unmarked_and_the_report_is_provisional(session, teacher):
    write(session, row("Sara Ahmed Khan"), row("Bilal Raza", "10:30:00"))
    assert len(marks()) == 4

    done = take_back(session, teacher)

    assert (len(done.back), done.stay, marks()) == (4, [], {})
    report = MeetingReport.objects.get()
    assert (report.state, report.people.count()) == ("provisional", 2)
    line = AttendanceChange.objects.order_by("-id").first()
    assert (line.channel, line.reason, line.by) == ("take-back", "import taken back: wrong file", teacher)
    assert AuditEntry.objects.get(act="meeting.take_back").detail == {"back": 4, "stay": 0}
    assert find_differences(session.cohort)[1] == []


def test_what_stood_before_stands_again_also_after_several_imports(session, teacher):
    mark(session, teacher, Sara="late", Bilal="present")
    write(session, row("Sara Ahmed Khan"), take=[enrolment(session, "Sara").pk])
    write(session, row("Bilal Raza", "11:30:00"), take=[enrolment(session, "Bilal").pk], name="second.csv")
    assert marks()["Bilal"][0] == "late"

    take_back(session, teacher)

    assert marks() == {"Sara": ("late", 90), "Bilal": ("present", 180)}


def test_a_mark_changed_later_stays_and_is_named(session, teacher):
    write(session, row("Sara Ahmed Khan"))
    mark(session, teacher, Bilal="excused")

    plan = plan_take_back(session)
    take_back(session, teacher)

    (stays,) = plan.stay
    assert (stays.enrolment, stays.later.by, stays.later.new_status) == (
        enrolment(session, "Bilal"),
        teacher,
        "excused",
    )
    assert marks() == {"Bilal": ("excused", 0)}


def test_what_a_file_wrote_after_a_later_change_goes_back_to_that_change(session, teacher):
    write(session, row("Sara Ahmed Khan"))
    mark(session, teacher, Sara="late")
    write(session, row("Sara Ahmed Khan", "12:00:00"), name="second.csv", take=[enrolment(session, "Sara").pk])

    take_back(session, teacher)

    assert marks() == {"Sara": ("late", 90)}


def test_taking_back_twice_changes_nothing(session, teacher):
    write(session, row("Sara Ahmed Khan"))
    take_back(session, teacher)
    lines = AttendanceChange.objects.count()

    again = take_back(session, teacher)

    assert (again.back, again.stay, AttendanceChange.objects.count()) == ([], [], lines)
    assert AuditEntry.objects.filter(act="meeting.take_back").count() == 1


def test_a_report_taken_back_can_be_written_again_and_taken_back_again(session, teacher):
    report = write(session, row("Sara Ahmed Khan"))
    take_back(session, teacher)

    confirm_report(report=report, by=teacher, at=SOON)
    written = marks()
    take_back(session, teacher)

    assert (len(written), marks()) == (4, {})


def test_marks_that_a_rule_made_come_back_as_the_rules_and_a_file_may_replace_them_again(session, teacher):
    mark(session, teacher, Usman="present")
    close_register(session=session, by=None, at=SOON)
    report = write(session, row("Sara Ahmed Khan"))
    assert marks()["Sara"] == ("present", 180)

    take_back(session, None)
    again = take_back(session, None)
    restored = AttendanceRecord.objects.get(enrolment=enrolment(session, "Sara"))
    confirm_report(report=report, by=None, at=SOON)

    assert (restored.status, restored.channel, again.back) == ("absent", "automatic", [])
    assert marks()["Sara"] == ("present", 180)


def test_a_mark_made_by_hand_is_a_persons_again_and_no_file_replaces_it_unasked(session, teacher):
    mark(session, teacher, Sara="late")
    report = write(session, row("Sara Ahmed Khan"), take=[enrolment(session, "Sara").pk])
    take_back(session, teacher)

    done = confirm_report(report=report, by=teacher, at=SOON)

    assert (done.kept, marks()["Sara"]) == (1, ("late", 90))


def test_marks_of_a_file_that_was_taken_out_can_be_taken_back(session, teacher):
    report = write(session, row("Sara Ahmed Khan"))
    discard_file(file=report.files.get(), by=teacher, at=SOON)

    take_back(session, teacher)

    assert marks() == {}


def test_who_left_the_register_stays_and_is_named(session, teacher):
    write(session, row("Sara Ahmed Khan"))
    gone = enrolment(session, "Usman")
    gone.status, gone.withdrawn_at, gone.enrolled_at = (
        "withdrawn",
        START - timedelta(days=9),
        START - timedelta(days=30),
    )
    gone.save()

    plan = plan_take_back(session)

    assert [(each.enrolment, each.later) for each in plan.stay] == [(gone, None)]


def test_a_reason_is_needed_and_closed_or_locked_registers_need_the_right(session, teacher):
    write(session, row("Sara Ahmed Khan"))
    with pytest.raises(ValidationError, match="Say why"):
        take_back(session, teacher, reason="  ")
    with pytest.raises(RegisterLocked):
        take_back_marks(session=session, reason="late", by=teacher, at=SOON + timedelta(days=9))
    close_register(session=session, by=teacher, at=SOON)
    with pytest.raises(RegisterClosed):
        take_back(session, teacher)
    assert len(marks()) == 4

    take_back(session, teacher, may_correct=True)

    assert marks() == {}


def test_the_page_shows_what_goes_and_stays_and_takes_back(session, teacher, client):
    write(session, row("Sara Ahmed Khan"))
    mark(session, teacher, Bilal="excused")
    client.force_login(make_office("Programme office", "Registrar"))
    address = f"/teach/sessions/{session.pk}/report/take-back/"

    page = client.get(address).content.decode()
    refused = client.post(address, {"reason": " "})
    answer = client.post(address, {"reason": "wrong meeting"}, follow=True).content.decode()
    again = client.get(address).content.decode()

    assert "3 marks go back" in page
    assert "1 stays" in page
    assert (refused.status_code, "Say why" in refused.content.decode()) == (422, True)
    assert "Marks taken back: 3. Left, because they were changed later: 1." in answer
    assert "No mark of this session stands from a file." in again
    assert marks() == {"Bilal": ("excused", 0)}


@pytest.mark.parametrize("people", [1, 3])
def test_showing_costs_the_same_whatever_the_people(session, people, django_assert_num_queries):
    write(session, *(row(name) for name in NAMES[:people]))

    with django_assert_num_queries(2):
        plan_take_back(session)


def test_the_ledger_keeps_lines_times_and_sum_of_a_mark_and_no_name(session):
    write(session, row("Bilal Raza", "10:00:00", "11:00:00"), row("Sara Ahmed Khan"), row("Bilal Raza", "11:30:00"))

    change = AttendanceChange.objects.get(enrolment=enrolment(session, "Bilal"))

    (file,) = change.evidence.pop("files")
    assert (file["lines"], file["rows"]) == ([2, 4], 2)
    start = int(session.starts_at.timestamp())
    assert change.evidence == {
        "spans": [[start, start + 3600], [start + 5400, start + 10800]],
        "union": 9000,
        "inside": 9000,
        "estimated": False,
    }
    assert AttendanceChange.objects.get(enrolment=enrolment(session, "Usman")).evidence == {
        "files": [{"file": file["file"], "lines": [], "rows": 0}]
    }


def test_a_line_of_the_ledger_opens_its_file(session, teacher, client, django_assert_max_num_queries):
    write(session, row("bilo", "10:00:00", "11:00:00"), row("Sara Ahmed Khan"))
    bilal = enrolment(session, "Bilal")
    decide_person(person=ReportPerson.objects.get(label="bilo"), enrolment_id=bilal.pk, by=teacher, at=SOON)
    confirm_report(report=MeetingReport.objects.get(), by=teacher, at=SOON)
    change = AttendanceChange.objects.filter(enrolment=bilal).latest("id")
    client.force_login(teacher)

    with django_assert_max_num_queries(14):
        page = client.get(f"/teach/sessions/{session.pk}/ledger/").content.decode()
    own = client.get(f"/teach/enrolments/{bilal.pk}/ledger/").content.decode()
    lines = client.get(f"/teach/changes/{change.pk}/lines/").content.decode()

    for each in (page, own):
        assert "<b>participants.csv</b> · line 2" in each
        assert "1 h 00 min of 3 h 00 min" in each
    assert "not met in it" in page
    assert "05/04/2020 10:00:00" in lines
    assert "Sara Ahmed Khan" not in lines
    assert change.evidence["files"][0]["lines"] == [2]


def test_lines_of_a_file_that_is_kept_no_longer_are_told_and_a_stranger_sees_none(session, teacher, client, settings):
    write(session, row("Bilal Raza"))
    for path in settings.MEETINGS_DIR.rglob("*.gz"):
        path.unlink()
    change = AttendanceChange.objects.get(enrolment=enrolment(session, "Bilal"))
    client.force_login(teacher)
    assert b"kept no longer" in client.get(f"/teach/changes/{change.pk}/lines/").content
    client.force_login(make_instructor(make_cohort()))

    assert client.get(f"/teach/changes/{change.pk}/lines/").status_code == 404
