"""Own data: everything held to take along, and its removal with the certificate's facts kept (R59, R77)."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection

from admissions.models import Application
from audit.models import AuditEntry
from certificates.models import Certificate
from certificates.services.issue import issue_certificates
from cohorts.models import Alias, Enrolment, LeaveRequest, MeetingFile, MeetingReport, ReportPerson
from cohorts.services.attendance import Mark, mark_attendance
from portal.people.erase import StillEnrolled, decide_erasure, erase_person
from portal.people.export import collect_data
from portal.people.retention import purge_expired
from tests.factories import BEFORE, LATER, make_cohort, make_enrolment, make_office, make_programme, make_trainee
from trainees.models import Consent, ErasureRequest, Message, NameChange, Trainee, User
from trainees.services.erasure import request_erasure
from trainees.services.names import AlreadyDecided, RequestWaits

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
CNIC, PHONE, PASSWORD = "3520212345678", "+923641234567", "three-unrelated-words"


@pytest.fixture
def zainab(client):
    """Somebody who finished a cohort, with everything that can be known of a person."""
    contact = {
        "email": "zainab@example.org",
        "mobile": PHONE,
        "district": "Lahore",
        "father_or_husband_name": "Noor Ahmad",
    }
    trainee = make_trainee(full_name="Zainab Noor Malik", cnic=CNIC, **contact)
    Consent.objects.create(trainee=trainee, text_version="2020-04", given_at=BEFORE)
    enrolment = make_enrolment(make_cohort("AI-LHE-07", sessions=1), trainee)
    cohort = enrolment.cohort
    mark_attendance(
        session=cohort.sessions.get(), marks=[Mark(enrolment.pk, "present")], version=None, by=None, at=LATER
    )
    done = {"status": "completed", "completed_on": LATER.date(), "closed_at": LATER}
    Enrolment.objects.filter(pk=enrolment.pk).update(**done)
    type(cohort).objects.filter(pk=cohort.pk).update(
        state="closed", closed_at=LATER, policy=cohort.course.policies.get()
    )
    issue_certificates(cohort=cohort, by=None, at=LATER)
    Certificate.objects.update(state="issued", issued_at=LATER, sha256="0" * 64)
    facts = {"programme": make_programme(), "row": 1, "line": 2, "submitted_at": BEFORE, "full_name": "Zainab Malik"}
    typed = {"cnic": "35202-1234567-8", "mobile": "0364 1234567", "employer": "Hidden Works"}
    Application.objects.create(trainee=trainee, status="rejected", cnic=CNIC, mobile=PHONE, typed=typed, **facts)
    message = {"key": "x", "to": "zainab@example.org", "subject": "About you", "text": "Dear Zainab Noor Malik"}
    Message.objects.create(trainee=trainee, created_at=LATER, state="sent", sent_at=LATER, **message)
    NameChange.objects.create(
        trainee=trainee, old_name="Zainab", requested_at=BEFORE, status="approved", decided_at=LATER
    )
    trainee.user.set_password(PASSWORD)
    trainee.user.save()
    client.force_login(trainee.user, backend=BACKEND)
    return Trainee.objects.get(pk=trainee.pk)


def stored_texts():
    texts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table not in ("certificates_certificate", "django_session"):
                cursor.execute(f'SELECT * FROM "{table}"')
                texts += [str(value) for row in cursor.fetchall() for value in row]
    return "\n".join(texts)


def test_the_export_holds_every_kind_and_nothing_of_others(zainab):
    make_enrolment(make_cohort(), make_trainee(full_name="Somebody Else"))

    data = collect_data(trainee=zainab, with_cnic=False)

    text = json.dumps(data)
    assert data["person"]["full_name"] == "Zainab Noor Malik"
    assert data["person"]["mobile"] == PHONE
    assert data["consents"][0]["text_version"] == "2020-04"
    assert data["enrolments"][0]["cohort"] == "AI-LHE-07"
    assert data["attendance_records"][0]["status"] == "present"
    assert data["certificates"][0]["name"] == "Zainab Noor Malik"
    assert data["applications"][0]["typed"]["employer"] == "Hidden Works"
    assert data["messages"][0]["text"] == "Dear Zainab Noor Malik"
    assert data["name_changes"][0]["old_name"] == "Zainab"
    assert "Somebody" not in text
    assert "password" not in text


def test_the_number_is_in_the_file_only_after_the_password(zainab, client):
    files = [client.post("/me/data/download/", {"password": typed}) for typed in ("", "wrong", PASSWORD)]

    assert [answer.status_code for answer in files] == [200, 422, 200]
    masked, refused, whole = (answer.content.decode() for answer in files)
    assert json.loads(masked)["person"]["cnic"] == "35202-*****-*"
    assert not any(number in masked + refused for number in (CNIC, "35202-1234567-8"))
    assert json.loads(whole)["person"]["cnic"] == CNIC
    assert json.loads(whole)["applications"][0]["typed"]["cnic"] == "35202-1234567-8"
    assert "attachment" in files[0].headers["Content-Disposition"]


def test_the_page_shows_the_same_and_who_looked_at_the_number_when(zainab, client):
    AuditEntry.objects.create(
        at=LATER, act="trainee.look_at_cnic", subject_type="trainees.trainee", subject_id=str(zainab.pk), seal="x"
    )

    page = client.get("/me/data/").content.decode()

    assert "Hidden Works" in page
    assert LATER.isoformat() in page
    assert CNIC not in page


def test_an_erasure_waits_for_the_office_once(zainab, client):
    unsure = client.post("/me/data/erase/", {"reason": "moving abroad"})
    sure = client.post("/me/data/erase/", {"reason": "moving abroad", "sure": "1"})

    assert (unsure.status_code, sure.status_code) == (422, 302)
    assert ErasureRequest.objects.get().status == "waiting"
    with pytest.raises(RequestWaits):
        request_erasure(trainee=zainab, reason="", by=zainab.user, at=LATER)
    client.force_login(make_office(), backend=BACKEND)
    assert "moving abroad" in client.get("/manage/requests/").content.decode()


def test_an_approved_erasure_leaves_no_personal_value_and_a_certificate_that_verifies(zainab, client):
    before = Certificate.objects.get()
    request = request_erasure(trainee=zainab, reason="moving abroad", by=zainab.user, at=LATER)

    decide_erasure(request=request, approve=True, note="", by=make_office(), at=LATER)

    zainab.refresh_from_db()
    assert (zainab.full_name, zainab.cnic, zainab.cnic_hash, zainab.mobile, zainab.email) == (
        "(removed)",
        "",
        None,
        "",
        "",
    )
    assert zainab.erased_at == LATER
    told = Message.objects.get(kind="erased")
    assert (told.to, "Zainab Noor Malik" in told.text) == ("zainab@example.org", True)
    told.delete()  # the last mail itself goes with the retention of mails
    left = stored_texts()
    for value in ("Zainab", CNIC, PHONE, "Noor Ahmad", "Hidden Works", "zainab@example.org", "moving abroad"):
        assert value not in left, value
    assert Application.objects.get().typed == {}
    after = Certificate.objects.get()
    assert (after.printed, after.name, after.state) == (before.printed, "Zainab Noor Malik", "issued")
    client.logout()
    page = client.get(f"/c/{after.code}/").content.decode()
    assert "This certificate is valid" in page
    assert "Zainab Noor Malik" in page


def test_attendance_and_outcome_stay_without_a_name_and_the_account_is_closed(zainab):
    account = zainab.user

    erase_person(trainee=zainab, by=None, at=LATER)

    enrolment = Enrolment.objects.get(trainee=zainab)
    assert (enrolment.status, enrolment.records.get().status) == ("completed", "present")
    account = User.objects.get(pk=account.pk)
    assert (account.is_active, account.has_usable_password(), account.full_name) == (False, False, "")


def test_documents_and_what_was_written_for_a_leave_go_too(
    zainab, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.EVIDENCE_DIR = tmp_path
    days = {"starts_on": BEFORE.date(), "ends_on": BEFORE.date(), "requested_at": BEFORE}
    leave = LeaveRequest(enrolment=zainab.enrolments.get(), reason="Surgery of Noor Ahmad", **days)
    leave.evidence.save("hospital.pdf", ContentFile(b"%PDF-"), save=True)
    path = Path(leave.evidence.path)
    assert path.exists()

    with django_capture_on_commit_callbacks(execute=True):
        erase_person(trainee=zainab, by=None, at=LATER)

    leave.refresh_from_db()
    assert (leave.reason, leave.evidence.name) == ("(removed)", "")
    assert not path.exists()


def test_labels_of_meeting_reports_and_aliases_go_too(zainab):
    enrolment = zainab.enrolments.get()
    session = enrolment.cohort.sessions.first()
    report = MeetingReport.objects.create(session=session, created_at=BEFORE)
    file = MeetingFile.objects.create(report=report, name="a.csv", sha256="0" * 64, size=1, uploaded_at=BEFORE)
    facts = {"report": report, "file": file, "line": 2, "verdict": "match", "how": "name", "enrolment": enrolment}
    person = ReportPerson.objects.create(label="Zainab", mark="z@example.org", email="z@example.org", **facts)
    Alias.objects.create(key="zainab", label="Zainab", trainee=zainab, confirmed_at=BEFORE)

    erase_person(trainee=zainab, by=None, at=LATER)

    person.refresh_from_db()
    assert "ainab" not in person.label + person.mark + person.email
    assert (person.how, person.enrolment) == ("name", enrolment)
    assert not Alias.objects.exists()


def test_the_account_of_siblings_stays_open(zainab):
    make_trainee(email="brother@example.org")
    Trainee.objects.filter(email="brother@example.org").update(user=zainab.user)

    erase_person(trainee=zainab, by=None, at=LATER)

    account = User.objects.get(pk=zainab.user_id or User.objects.get(email="zainab@example.org").pk)
    assert account.is_active


def test_a_refused_erasure_changes_nothing_and_says_why(zainab):
    request = request_erasure(trainee=zainab, reason="", by=zainab.user, at=LATER)
    with pytest.raises(ValidationError, match="Say why"):
        decide_erasure(request=request, approve=False, note=" ", by=make_office(), at=LATER)

    decide_erasure(request=request, approve=False, note="A complaint is open.", by=make_office(), at=LATER)

    zainab.refresh_from_db()
    assert zainab.cnic == CNIC
    assert "A complaint is open." in Message.objects.get(kind="erasure_refused").text
    with pytest.raises(AlreadyDecided):
        decide_erasure(request=request, approve=True, note="", by=make_office(), at=LATER)


def test_a_place_must_be_given_back_first(zainab):
    make_enrolment(make_cohort(), zainab)
    request = request_erasure(trainee=zainab, reason="", by=zainab.user, at=LATER)

    with pytest.raises(StillEnrolled):
        decide_erasure(request=request, approve=True, note="", by=make_office(), at=LATER)

    zainab.refresh_from_db()
    assert zainab.cnic == CNIC


def test_what_was_kept_long_enough_is_removed_and_the_rest_stays(zainab):
    fresh = make_trainee(full_name="Hina Latif")
    Trainee.objects.filter(pk=fresh.pk).update(created_at=LATER + timedelta(days=1_000))
    busy = make_enrolment(make_cohort()).trainee
    late = LATER + timedelta(days=1_500)

    assert purge_expired(at=LATER, dry_run=True).total() == 0
    assert purge_expired(at=late, dry_run=True) == purge_expired(at=late)
    assert purge_expired(at=late).total() == 0

    zainab.refresh_from_db()
    assert (zainab.full_name, zainab.cnic_hash) == ("(removed)", None)
    assert Application.objects.get().typed == {}
    assert Message.objects.get(key="x").text == ""
    assert {each.pk for each in Trainee.objects.filter(erased_at__isnull=True)} == {fresh.pk, busy.pk}
    assert Certificate.objects.get().name == "Zainab Noor Malik"
