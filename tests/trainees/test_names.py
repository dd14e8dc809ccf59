"""Names as they will be printed: free before the start, then a slip once by itself, the rest by the office (R57)."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from audit.models import AuditEntry
from certificates.models import Certificate
from certificates.services.issue import issue_certificates
from cohorts.models import Enrolment
from portal.people.names import has_started, outdated_certificates
from tests.factories import BEFORE, LATER, START, make_cohort, make_enrolment, make_office, make_trainee
from trainees.models import Message, NameChange, Trainee
from trainees.rules import is_slip
from trainees.services.names import AlreadyDecided, RequestWaits, change_name, decide_name_change

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def change(trainee, name, *, name_ur="", reason="", has_started=True):
    names = (name, name_ur or trainee.full_name_ur)
    return change_name(trainee=trainee, names=names, reason=reason, has_started=has_started, by=trainee.user, at=START)


@pytest.fixture
def zainab():
    return make_trainee(full_name="Zainab Noor Malik", full_name_ur="زینب نور ملک")


@pytest.fixture
def attending(zainab, client):
    """Somebody whose cohort started long ago, signed in."""
    make_enrolment(make_cohort(), zainab)
    client.force_login(zainab.user, backend=BACKEND)
    return zainab


@pytest.mark.parametrize(
    ("before", "after", "slip"),
    [
        ("Zainab Noor Malik", "Zainab Noor Mallik", True),
        ("Zainab Noor Malik", "Zaynab Noor Mallik", True),
        ("Zainab Noor Malik", "Zaniab Noor Malik", True),  # two that changed places
        ("Zainab Noor Malik", "ZAINAB  Noor malik", True),
        ("Zainab Noor Malik", "Zaynub Noor Mallik", False),  # three letters
        ("Zainab Noor Malik", "Zainab Noor", False),
        ("Ali", "Aly", True),
        ("Ali", "Amn", False),  # two letters, but of three
        ("زینب نور ملک", "زینت نور ملک", True),
        ("زینب نور ملک", "حنا نور ملک", False),
    ],
)
def test_a_slip_is_one_or_two_letters(before, after, slip):
    assert is_slip(before, after) is slip


def test_before_the_start_a_name_counts_at_once(zainab):
    made = change(zainab, "Hina Latif", name_ur="حنا لطیف", has_started=False)

    zainab.refresh_from_db()
    assert (zainab.full_name, zainab.full_name_ur) == ("Hina Latif", "حنا لطیف")
    assert (made.status, made.automatic) == ("approved", False)


def test_after_the_start_a_slip_is_approved_once_and_the_person_told(zainab):
    first = change(zainab, "Zainab Noor Mallik", reason="a letter is missing")
    second = change(zainab, "Zainab Noor Malik", reason="no, it was right")

    zainab.refresh_from_db()
    assert (first.status, first.automatic, second.status) == ("approved", True, "waiting")
    assert zainab.full_name == "Zainab Noor Mallik"
    assert Message.objects.get(kind="name_changed").to == zainab.email


def test_anything_else_waits_and_needs_a_reason_and_one_request_at_a_time(zainab):
    with pytest.raises(ValidationError, match="Say why"):
        change(zainab, "Hina Latif")
    made = change(zainab, "Hina Latif", reason="married")
    with pytest.raises(RequestWaits):
        change(zainab, "Hina Noor", reason="no, this")

    zainab.refresh_from_db()
    assert (made.status, zainab.full_name) == ("waiting", "Zainab Noor Malik")
    assert change_of_nothing(zainab) is None


def change_of_nothing(trainee):
    return change(trainee, trainee.full_name)


def test_the_database_holds_once_by_itself_and_one_waiting(zainab):
    fields = {"trainee": zainab, "requested_at": START}
    approved = {"status": "approved", "decided_at": START, "automatic": True}
    for values in (approved, {"status": "waiting"}):
        NameChange.objects.create(**fields, **values)
        with pytest.raises(IntegrityError), transaction.atomic():
            NameChange.objects.create(**fields, **values)


@pytest.mark.parametrize(("approve", "name"), [(True, "Hina Latif"), (False, "Zainab Noor Malik")])
def test_the_office_decides_once_with_a_note_and_the_person_is_told(zainab, approve, name):
    office = make_office()
    made = change(zainab, "Hina Latif", reason="married")
    with pytest.raises(ValidationError, match="Say why"):
        decide_name_change(change=made, approve=False, note=" ", by=office, at=LATER)

    decide_name_change(change=made, approve=approve, note="The CNIC says so.", by=office, at=LATER)

    zainab.refresh_from_db()
    made.refresh_from_db()
    assert (zainab.full_name, made.decided_by, made.decided_at) == (name, office, LATER)
    mail = Message.objects.get(kind="name_changed" if approve else "name_refused")
    assert (mail.to, "The CNIC says so." in mail.text) == (zainab.email, True)
    with pytest.raises(AlreadyDecided):
        decide_name_change(change=made, approve=True, note="", by=office, at=LATER)


def test_the_audit_trail_tells_who_and_when_but_no_name(zainab):
    change(zainab, "Hina Latif", reason="married")

    entry = AuditEntry.objects.get(act="trainee.name")
    assert (entry.by_id, entry.subject_id) == (zainab.user_id, str(zainab.pk))
    assert "Hina" not in str(entry.detail)


def test_a_cohort_has_started_by_its_date_or_its_state(zainab):
    enrolment = make_enrolment(make_cohort(), zainab)

    assert not has_started(zainab, BEFORE)
    assert has_started(zainab, START)
    Enrolment.objects.filter(pk=enrolment.pk).update(status="withdrawn", withdrawn_at=START)
    assert not has_started(zainab, START)


def test_an_issued_certificate_keeps_its_name_and_the_office_sees_what_is_due(attending, client):
    enrolment = attending.enrolments.get()
    done = {"status": "completed", "completed_on": LATER.date(), "closed_at": LATER}
    Enrolment.objects.filter(pk=enrolment.pk).update(**done)
    type(enrolment.cohort).objects.update(
        state="closed", closed_at=LATER, policy=enrolment.cohort.course.policies.get()
    )
    issue_certificates(cohort=enrolment.cohort, by=None, at=LATER)
    Certificate.objects.update(state="issued", issued_at=LATER, sha256="0" * 64)

    change(attending, "Zainab Noor Mallik", reason="slip")

    certificate = Certificate.objects.get()
    assert certificate.printed["name"] == certificate.name == "Zainab Noor Malik"
    assert list(outdated_certificates(Trainee.objects.get())) == [certificate]
    client.force_login(make_office(), backend=BACKEND)
    page = client.get("/manage/requests/").content.decode()
    assert f"/manage/certificates/{certificate.code}/" in page


def test_the_profile_shows_the_names_on_a_certificate_and_warns_of_letters(attending, client):
    shown = client.post("/me/profile/name/", {"full_name": "Zainab Nóor Ꜳ", "preview": "1"}).content.decode()
    fine = client.post("/me/profile/name/", {"full_name": "Zainab Noor Mallik", "preview": "1"}).content.decode()

    assert "cannot print this" in shown
    assert "Ꜳ" in shown
    assert "Zainab Noor Mallik</text>" in fine
    attending.refresh_from_db()
    assert attending.full_name == "Zainab Noor Malik"


def test_the_profile_saves_a_slip_and_asks_for_the_rest(attending, client):
    answers = [
        client.post(
            "/me/profile/name/", {"full_name": name, "full_name_ur": "زینب نور ملک", "reason": why}, follow=True
        )
        for name, why in (("Zainab Noor Mallik", ""), ("Zainab Noor Mallik", "slip"), ("Hina Latif", "married"))
    ]

    assert [answer.status_code for answer in answers] == [422, 200, 200]
    assert "Say why" in answers[0].content.decode()
    attending.refresh_from_db()
    assert attending.full_name == "Zainab Noor Mallik"
    assert "The programme office was asked" in answers[2].content.decode()


def test_the_office_decides_on_its_page(attending, client):
    change(attending, "Hina Latif", reason="married")
    client.force_login(make_office(), backend=BACKEND)

    assert "Hina Latif" in client.get("/manage/requests/").content.decode()
    address = f"/manage/requests/names/{NameChange.objects.get().pk}/"
    nonsense = client.post(address, {"decision": "perhaps"}, follow=True).content.decode()
    client.post(address, {"decision": "approve", "note": ""})

    assert "Choose one of the answers" in nonsense
    attending.refresh_from_db()
    assert attending.full_name == "Hina Latif"
