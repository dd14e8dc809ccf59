"""Nothing private in anything that leaves us for the public: values are seeded, then sought in every form (R58)."""

import base64
import logging
import re
import subprocess
from dataclasses import replace
from datetime import date

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate
from certificates.pdf.preview import draw_preview
from certificates.rules import Printed
from certificates.services.issue import issue_certificates
from certificates.services.keys import make_keys
from certificates.services.life import replace_certificate, revoke_certificate
from certificates.services.render import render_certificates
from certificates.tasks import make_steps, sign_status_lists
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
from tests.factories import LATER, make_cohort, make_enrolment, make_office, make_trainee
from trainees.models import Message

pytestmark = pytest.mark.django_db
SEEDED = {
    "cnic": "3520298760431",
    "mobile": "+923649876543",
    "father_or_husband_name": "Hidden Father",
    "date_of_birth": date(1997, 8, 14),
    "gender": "F",
    "district": "Hiddendistrict",
    "degree": "Hiddendegree",
    "university": "Hiddenuniversity",
    "employer": "Hiddenemployer",
}
EMAIL = "hidden.person@example.org"
NOTE = "hidden note of the office"
SPELLINGS = [
    *("3520298760431", "35202-9876043-1", "98760431"),
    *("+923649876543", "03649876543", "0364-9876543", "364 9876543"),
    *("Hidden Father", "Hiddendistrict", "Hiddendegree", "Hiddenuniversity", "Hiddenemployer"),
    *("1997-08-14", "19970814", "14 August 1997", "14/08/1997", "14-08-1997"),
    *(EMAIL, "hidden.person", NOTE, "hidden-remark"),
]
# Even the last digits say whose number it is; too short to be sought inside longer numbers, which hold them by chance.
# No index or length begins with a nought, so that none of them is taken for these four.
LAST_DIGITS = re.compile(r"(?<![0-9A-Za-z])0431(?![0-9A-Za-z])")
HEXADECIMAL = re.compile(r"<([0-9A-Fa-f]{2,})>")


@pytest.fixture
def certificate():
    """One issued by the real steps, of a person about whom everything is known; she has an earlier one too."""
    make_keys(by=None, at=LATER)
    trainee = make_trainee(full_name="Zainab Malik", full_name_ur="زینب ملک", email=EMAIL, **SEEDED)
    for code in ("FIRST-01", "SECOND-02"):
        cohort = make_cohort(code, sessions=2)
        enrolment = make_enrolment(cohort, trainee)
        for session in cohort.sessions.all():
            marks = [Mark(enrolment.pk, "present", reason="hidden-remark")]
            mark_attendance(session=session, marks=marks, version=None, by=None, at=LATER)
        close_cohort(cohort=cohort, by=None, at=LATER)
        cohort.refresh_from_db()
        issue_certificates(cohort=cohort, by=None, at=LATER)
    for row in Certificate.objects.all():
        assert render_certificates(certificate_ids=[row.pk], steps=make_steps(), clock=timezone.now)
    sign_status_lists()
    return Certificate.objects.get(enrolment__cohort__code="SECOND-02")


def texts_read(certificate, folder):
    """What a person or program reads in the file: text, properties, metadata, signature, what is attached."""
    plain = folder / "plain.pdf"
    subprocess.run(["qpdf", "--qdf", "--object-streams=disable", certificate.path, plain], check=True)
    subprocess.run(["pdfdetach", "-saveall", "-o", folder, certificate.path], check=True)
    commands = (
        ["pdftotext", plain, "-"],
        ["pdfinfo", plain],
        ["pdfinfo", "-meta", plain],
        ["pdfsig", "-nocert", plain],
    )
    yield from (subprocess.run(each, capture_output=True, text=True).stdout for each in commands)
    yield (folder / "credential.json").read_text()
    yield certificate.path.name


def bytes_of_file(certificate, folder):
    """The objects of the file in clear, and the shared picture.

    What stands there in hexadecimal digits is read as what it means: the digits alone hold any short number by chance.
    """
    plain = (folder / "plain.pdf").read_bytes().decode("latin-1")
    meant = [bytes.fromhex(digits) for digits in HEXADECIMAL.findall(plain) if len(digits) % 2 == 0]
    assert len(meant) > 10
    yield HEXADECIMAL.sub("<>", plain)
    yield from (each.decode(encoding, "replace") for each in meant for encoding in ("latin-1", "utf-16-be"))
    yield certificate.picture_path.read_bytes().decode("latin-1")


def texts_of_pages(client, certificate):
    address = reverse("verify", args=[certificate.code])
    for language in ("en", "ur"):
        for path in (address, f"{address}report/", "/c/", "/trust/"):
            answer = client.get(path, headers={"accept-language": language})
            yield answer.content.decode() + str(answer.headers)
    for path in (
        f"/api/v1/verify/{certificate.code}/",
        f"{address}credential.json",
        "/.well-known/did.json",
        "/status/1",
    ):
        yield client.get(path).content.decode()
    token = client.get(f"{address}credential.jwt").content.decode()
    yield from (base64.urlsafe_b64decode(part + "==").decode("latin-1") for part in token.split(".")[:2])


def found_in(texts, certificate):
    """Return what is private and stands in any text all the same."""
    trainee, other = certificate.enrolment.trainee, Certificate.objects.get(enrolment__cohort__code="FIRST-01")
    hidden = [*SPELLINGS, trainee.number, other.code, other.serial, "FIRST-01", "/manage/", "/admin/"]
    rows = rf"\b(enrolment|batch|trainee|user|certificate)s?[/=:_-]+({certificate.pk}|{certificate.enrolment_id})\b"
    return [word for text in texts for word in hidden if word in text] + [
        match[0] for text in texts for match in re.finditer(rows, text)
    ]


@pytest.mark.parametrize("state", ["valid", "expired", "revoked", "replaced"])
def test_nothing_private_stands_on_any_page_or_document(client, certificate, state):
    if state == "expired":
        Certificate.objects.filter(pk=certificate.pk).update(expires_on=date(2020, 12, 31))
    if state == "revoked":
        revoke_certificate(certificate=certificate, reason="conduct", note=NOTE, by=make_office(), at=LATER)
    if state == "replaced":
        replace_certificate(certificate=certificate, note=NOTE, by=make_office(), at=LATER)
    sign_status_lists()

    texts = list(texts_of_pages(client, certificate))

    assert found_in(texts, certificate) == []
    assert [text for text in texts if LAST_DIGITS.search(text)] == []
    assert sum("Zainab Malik" in text for text in texts) >= 5  # the search would find what is there


def test_nothing_private_is_in_the_file_its_metadata_or_its_picture(certificate, tmp_path):
    read = list(texts_read(certificate, tmp_path))

    assert found_in([*read, *bytes_of_file(certificate, tmp_path)], certificate) == []
    assert [text for text in read if LAST_DIGITS.search(text)] == []
    assert all("Zainab Malik" in text for text in (*read[:3], read[4]))


def test_the_shared_picture_depends_on_nothing_but_what_it_may_show(certificate):
    printed = Printed(**certificate.printed)
    other = replace(
        printed,
        code="X",
        serial="X",
        verify_url="https://x/",
        cohort="X-01",
        course_code="X",
        contact_hours=1,
        starts_on="2001-01-01",
        ends_on="2001-01-01",
        issued_on="2001-01-01",
        valid_until="2001-01-01",
        signatories=[],
    )

    assert draw_preview(other) == draw_preview(printed)


def test_nothing_private_is_in_what_is_published_or_packed(certificate, tmp_path):
    call_command("publish", tmp_path)

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    mine = [path for path in files if "c" not in path.relative_to(tmp_path).parts[:1] or certificate.code in path.parts]

    assert found_in([f"{path} {path.read_bytes().decode('latin-1')}" for path in mine], certificate) == []


def test_mails_tell_the_holder_only_what_anybody_may_know(certificate):
    revoke_certificate(certificate=certificate, reason="conduct", note=NOTE, by=make_office(), at=LATER)

    mails = Message.objects.filter(about="SECOND-02", kind__startswith="certificate")

    assert mails.count() == 2
    texts = [mail.subject + mail.text + mail.html for mail in mails]
    assert found_in(texts, certificate) == []
    assert [text for text in texts if LAST_DIGITS.search(text)] == []


def test_the_log_names_nobody(certificate, caplog):
    caplog.set_level(logging.DEBUG)

    words = f"{certificate.name} {SEEDED['cnic']}"

    def fail(*_):
        raise RuntimeError(words)

    Certificate.objects.filter(pk=certificate.pk).update(state="pending", claimed_until=None, attempts=0)
    render_certificates(certificate_ids=[certificate.pk], steps=replace(make_steps(), draw=fail), clock=timezone.now)

    certificate.refresh_from_db()
    assert certificate.failure == "Could not be drawn (RuntimeError)."
    assert certificate.code in caplog.text
    assert [word for word in ("Zainab", "3520298760431") if word in caplog.text] == []
