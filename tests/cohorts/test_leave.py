"""Leave, make-up and disputes (R12)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from cohorts.models import Appeal, AttendanceChange, LeaveRequest
from cohorts.services.appeals import AppealDecided, AppealOpen, AppealTooLate, decide_appeal, make_appeal
from cohorts.services.attendance import Mark, close_register, mark_attendance
from cohorts.services.leave import LeaveDecided, LeaveOverlaps, decide_leave, request_leave, withdraw_leave
from cohorts.services.make_up import AlreadyMadeUp, NotMissed, credit_make_up, take_back_make_up
from cohorts.views.teach import requests as pages
from tests.factories import START, make_cohort, make_enrolment, make_instructor, make_office

pytestmark = pytest.mark.django_db
DAY = START.date()
AFTER = START + timedelta(days=4)
PDF = b"%PDF-1.7 a letter"


@pytest.fixture(autouse=True)
def _evidence(settings, tmp_path):
    settings.EVIDENCE_DIR = tmp_path


@pytest.fixture
def enrolment():
    cohort = make_cohort()
    make_enrolment(cohort)
    return make_enrolment(cohort)


def ask(enrolment, first=0, last=3, **fields):
    given = {"reason": "fever", "evidence": None, "by": enrolment.trainee.user, "at": AFTER, **fields}
    days = {"starts_on": DAY + timedelta(days=first), "ends_on": DAY + timedelta(days=last)}
    return request_leave(enrolment=enrolment, **days, **given)


def mark(enrolment, number, status, **options):
    session = enrolment.cohort.sessions.get(number=number)
    given = {"version": None, "by": None, "at": AFTER, **options}
    return mark_attendance(session=session, marks=[Mark(enrolment.pk, status)], **given)


def statuses(enrolment):
    return dict(enrolment.records.values_list("session__number", "status"))


def test_approved_leave_excuses_absent_and_unmarked_and_never_a_present_mark(enrolment):
    other = enrolment.cohort.enrolments.exclude(pk=enrolment.pk).get()
    mark(enrolment, 1, "present")
    mark(enrolment, 2, "absent")
    mark(other, 3, "present")
    leave = ask(enrolment)

    assert decide_leave(leave=leave, approve=True, note="letter seen", by=None, at=AFTER) == 2

    assert statuses(enrolment) == {1: "present", 2: "excused", 3: "excused"}
    assert statuses(other) == {3: "present"}
    with pytest.raises(LeaveDecided):
        decide_leave(leave=leave, approve=False, note="", by=None, at=AFTER)
    call_command("check_tallies")


def test_leave_fills_a_session_with_its_first_marks_unless_the_person_is_marked(enrolment):
    other = enrolment.cohort.enrolments.exclude(pk=enrolment.pk).get()
    decide_leave(leave=ask(enrolment), approve=True, note="", by=None, at=AFTER)
    assert statuses(enrolment) == {}

    mark(other, 1, "present")
    mark(enrolment, 2, "present")

    assert statuses(enrolment) == {1: "excused", 2: "present"}
    line = AttendanceChange.objects.get(enrolment=enrolment, session__number=1)
    assert (line.channel, line.source) == ("leave", f"leave {LeaveRequest.objects.get().pk}")
    call_command("check_tallies")


def test_withdrawn_leave_gives_back_what_was_there_and_keeps_what_a_person_changed_since(enrolment):
    for number, status in ((1, "absent"), (2, "absent"), (3, "present")):
        mark(enrolment, number, status)
    leave = ask(enrolment)
    decide_leave(leave=leave, approve=True, note="", by=None, at=AFTER)
    mark(enrolment, 2, "late")

    assert withdraw_leave(leave=leave, by=None, at=AFTER) == 1

    assert statuses(enrolment) == {1: "absent", 2: "late", 3: "present"}
    with pytest.raises(LeaveDecided):
        withdraw_leave(leave=leave, by=None, at=AFTER)


def test_withdrawn_leave_leaves_unmarked_what_was_unmarked(enrolment):
    other = enrolment.cohort.enrolments.exclude(pk=enrolment.pk).get()
    leave = ask(enrolment)
    decide_leave(leave=leave, approve=True, note="", by=None, at=AFTER)
    mark(other, 1, "present")

    withdraw_leave(leave=leave, by=None, at=AFTER)

    enrolment.refresh_from_db()
    assert (enrolment.sessions_excused, enrolment.sessions_unmarked) == (0, 1)


def test_leave_reaches_a_closed_register(enrolment):
    other = enrolment.cohort.enrolments.exclude(pk=enrolment.pk).get()
    mark(other, 1, "present")
    close_register(session=enrolment.cohort.sessions.get(number=1), by=None, at=AFTER)

    decide_leave(leave=ask(enrolment), approve=True, note="", by=make_office(), at=AFTER + timedelta(days=9))

    assert statuses(enrolment) == {1: "excused"}


def test_leaves_that_share_a_day_overlap(enrolment):
    ask(enrolment, 0, 2)
    with pytest.raises(LeaveOverlaps):
        ask(enrolment, 2, 3)
    assert ask(enrolment, 3, 3).status == "requested"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"first": 3, "last": 1}, "ends_on"),
        ({"last": 90}, "ends_on"),
        ({"reason": " "}, "reason"),
        ({"evidence": SimpleUploadedFile("letter.pdf", b"MZ program")}, "evidence"),
        ({"evidence": SimpleUploadedFile("big.pdf", PDF + bytes(5 * 1024 * 1024))}, "evidence"),
    ],
)
def test_nonsense_is_refused_by_field(enrolment, fields, field):
    with pytest.raises(ValidationError) as refusal:
        ask(enrolment, **fields)

    assert list(refusal.value.message_dict) == [field]
    assert not LeaveRequest.objects.exists()


def test_evidence_is_for_the_person_and_those_who_decide(enrolment, client):
    leave = ask(enrolment, evidence=SimpleUploadedFile("../../letter.exe", PDF))
    other = enrolment.cohort.enrolments.exclude(pk=enrolment.pk).get()
    people = {
        enrolment.trainee.user: 200,
        make_instructor(enrolment.cohort): 200,
        make_office(): 200,
        other.trainee.user: 404,
        make_instructor(make_cohort()): 404,
        make_office("Auditor"): 403,
    }
    for user, expected in people.items():
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        answer = client.get(f"/teach/leave/{leave.pk}/evidence/")
        assert answer.status_code == expected
        if expected == 200:
            assert b"".join(answer.streaming_content) == PDF
            assert answer.headers["Content-Disposition"] == f'attachment; filename="leave-{leave.pk}.pdf"'


def test_a_make_up_credits_one_missed_session_once(enrolment):
    mark(enrolment, 1, "absent")
    mark(enrolment, 2, "absent")
    first, second = enrolment.cohort.sessions.filter(number__in=[1, 2]).order_by("number")
    elsewhere = make_cohort()
    attended = elsewhere.sessions.get(number=1)
    mark_attendance(
        session=attended, marks=[Mark(make_enrolment(elsewhere).pk, "present")], version=None, by=None, at=AFTER
    )
    attended.refresh_from_db()
    given = {"enrolment": enrolment, "on": DAY, "note": "", "by": None, "at": AFTER}

    made = credit_make_up(missed=first, attended=attended, **given)

    enrolment.refresh_from_db()
    assert (enrolment.sessions_present, enrolment.sessions_absent, enrolment.minutes_present) == (1, 1, 180)
    assert statuses(enrolment)[1] == "absent"
    call_command("check_tallies")
    for missed, other in ((first, None), (second, attended)):
        with pytest.raises(AlreadyMadeUp):
            credit_make_up(missed=missed, attended=other, **{**given, "note": "extra hour"})
    mark(enrolment, 3, "present")
    enrolment.refresh_from_db()
    assert (enrolment.sessions_present, enrolment.sessions_absent) == (2, 1)

    take_back_make_up(made=made, by=None, at=AFTER)

    enrolment.refresh_from_db()
    assert (enrolment.sessions_present, enrolment.sessions_absent) == (1, 2)


def test_a_make_up_needs_a_missed_session_and_another_one(enrolment):
    mark(enrolment, 1, "present")
    mark(enrolment, 2, "absent")
    first, second = enrolment.cohort.sessions.filter(number__in=[1, 2]).order_by("number")
    given = {"enrolment": enrolment, "on": DAY, "by": None, "at": AFTER}

    with pytest.raises(NotMissed):
        credit_make_up(missed=first, attended=None, note="extra hour", **given)
    for attended, note in ((None, " "), (first, "")):
        with pytest.raises(ValidationError):
            credit_make_up(missed=second, attended=attended, note=note, **given)


def test_an_appeal_within_the_window_becomes_a_mark_with_its_reason(enrolment):
    mark(enrolment, 1, "absent")
    session = enrolment.cohort.sessions.get(number=1)
    given = {"enrolment": enrolment, "session": session, "text": "I was there", "by": None}
    with pytest.raises(AppealTooLate):
        make_appeal(wanted="present", at=AFTER + timedelta(days=8), **given)
    with pytest.raises(ValidationError):
        make_appeal(wanted="absent", at=AFTER, **given)
    appeal = make_appeal(wanted="present", at=AFTER, **given)
    with pytest.raises(AppealOpen):
        make_appeal(wanted="late", at=AFTER, **given)

    decide_appeal(appeal=appeal, accept=True, note="seen on the photo", by=make_office(), at=AFTER)

    assert statuses(enrolment) == {1: "present"}
    line = AttendanceChange.objects.latest("id")
    assert (line.channel, line.reason, line.source) == ("appeal", "seen on the photo", f"appeal {appeal.pk}")
    with pytest.raises(AppealDecided):
        decide_appeal(appeal=appeal, accept=False, note="no", by=None, at=AFTER)


def test_the_pages_carry_a_request_from_trainee_to_instructor_and_back(enrolment, client):
    trainee, instructor = enrolment.trainee.user, make_instructor(enrolment.cohort)
    client.force_login(trainee, backend="django.contrib.auth.backends.ModelBackend")
    days = {"starts_on": "2020-05-04", "ends_on": "2020-05-05", "reason": "fever"}
    assert client.post("/me/absences/leave/", {**days, "ends_on": "2020-05-01"}).status_code == 422
    client.post("/me/absences/leave/", {**days, "evidence": SimpleUploadedFile("a.pdf", PDF)})
    leave = LeaveRequest.objects.get()

    client.force_login(instructor, backend="django.contrib.auth.backends.ModelBackend")
    assert "1 request for leave waits" in client.get("/teach/requests/").content.decode()
    client.post(f"/teach/leave/{leave.pk}/", {"act": "approve", "note": "get well"})
    client.force_login(trainee, backend="django.contrib.auth.backends.ModelBackend")

    page = client.get("/me/absences/").content.decode()
    assert "Approved" in page
    assert "get well" in page
    assert not Appeal.objects.exists()


def test_what_waits_comes_in_pages_that_together_are_as_many_as_the_page_says(client, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 2)
    cohort = make_cohort()
    asked = [ask(make_enrolment(cohort)) for _ in range(5)]
    client.force_login(make_instructor(cohort), backend="django.contrib.auth.backends.ModelBackend")
    shown, query = [], "?disputes=9"
    while query:
        answer = client.get(f"/teach/requests/{query}")
        assert "5 requests for leave wait" in answer.content.decode()
        page = answer.context["leaves"]
        shown += [each.pk for each in page]
        query = page.next if page.has_next() else ""

    assert shown == [each.pk for each in asked]
    assert page.previous == "?disputes=9&leave=2#leave"


def test_the_register_shows_who_is_on_leave_before_anything_is_saved(enrolment, client):
    leave = ask(enrolment)
    decide_leave(leave=leave, approve=True, note="", by=None, at=START - timedelta(days=1))
    client.force_login(make_office())
    first = enrolment.cohort.sessions.order_by("number")[0]

    page = client.get(f"/teach/sessions/{first.pk}/").content.decode()

    assert page.count("on leave until") == 1
    withdraw_leave(leave=leave, by=None, at=START)
    assert "on leave until" not in client.get(f"/teach/sessions/{first.pk}/").content.decode()
