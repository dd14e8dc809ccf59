"""Issuing, drawing and the life of a certificate (R48-R58)."""

import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from certificates import codes
from certificates.models import Certificate
from certificates.pdf import art
from certificates.picture import draw_picture
from certificates.rules import Printed, check_name
from certificates.services.batch import retry_batch
from certificates.services.issue import NobodyDue, NotClosed, issue_certificates
from certificates.services.keys import make_keys
from certificates.services.life import NotIssued, replace_certificate, revoke_certificate
from certificates.services.preview import preview_issue
from certificates.services.render import render_certificates
from certificates.tasks import make_steps
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
from tests.factories import LATER, make_cohort, make_enrolment, make_office, make_trainee
from trainees.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_folder():
    shutil.rmtree(settings.CERTIFICATES_DIR, ignore_errors=True)


def closed_cohort(*names, absent=()):
    cohort = make_cohort(sessions=2, capacity=60)
    for name in names:
        make_enrolment(cohort, make_trainee(full_name=name, full_name_ur="صبا ناز"))
    for session in cohort.sessions.all():
        marks = [
            Mark(each.pk, "absent" if each.trainee.full_name in absent else "present")
            for each in cohort.enrolments.select_related("trainee")
        ]
        mark_attendance(session=session, marks=marks, version=None, by=None, at=LATER)
    close_cohort(cohort=cohort, by=None, at=LATER)
    cohort.refresh_from_db()
    return cohort


def draw_all():
    make_keys(by=None, at=LATER)
    for pk in Certificate.objects.filter(state="pending").values_list("pk", flat=True):
        render_certificates(certificate_ids=[pk], steps=make_steps(), clock=timezone.now)


def test_codes_are_random_checked_and_forgiving():
    made = {codes.make_code() for _ in range(2000)}

    assert len(made) == 2000
    for code in list(made)[:50]:
        assert codes.is_code(codes.normalise(codes.grouped(code).lower().replace(" ", "-")))
        for position in range(16):
            other = code[:position] + ("0" if code[position] != "0" else "1") + code[position + 1 :]
            assert not codes.is_code(other)
        for position in range(15):
            swapped = code[:position] + code[position + 1] + code[position] + code[position + 2 :]
            assert swapped == code or not codes.is_code(swapped)


def test_the_dry_run_puts_every_enrolment_in_one_list():
    cohort = closed_cohort("Ali Khan", "Zahra Bat0ol", "Never There", absent=["Never There"])

    preview = preview_issue(cohort=cohort)

    assert [each.trainee.full_name for each in preview.due] == ["Ali Khan"]
    [(enrolment, problem)] = preview.unprintable
    assert (enrolment.trainee.full_name, problem.proposal) == ("Zahra Bat0ol", "Zahra Batool")
    assert "a digit in the name" in problem.reason
    assert [each.reason for each in preview.refused] == ["Attended 0.0 % of 360 minutes, 75 % needed; missed 4, 5 May."]
    assert preview.total == 3


def test_issuing_twice_gives_the_first_and_an_open_cohort_nothing():
    with pytest.raises(NotClosed):
        issue_certificates(cohort=make_cohort(), by=None, at=LATER)
    cohort = closed_cohort("Ali Khan", "Saba Naz")

    batch = issue_certificates(cohort=cohort, by=None, at=LATER)

    assert (batch.total, Certificate.objects.count()) == (2, 2)
    with pytest.raises(NobodyDue):
        issue_certificates(cohort=cohort, by=None, at=LATER)


def test_drawing_writes_file_row_and_one_mail():
    cohort = closed_cohort("Ali Khan")
    issue_certificates(cohort=cohort, by=None, at=LATER)

    draw_all()
    draw_all()

    certificate = Certificate.objects.get()
    content = certificate.path.read_bytes()
    assert (certificate.state, certificate.size, content[:5]) == ("issued", len(content), b"%PDF-")
    assert len(content) < 90_000
    mail = Message.objects.get()
    assert certificate.serial in mail.text
    assert certificate.printed["verify_url"] in mail.html


def test_what_is_printed_does_not_follow_later_changes():
    cohort = closed_cohort("Ali Khan")
    issue_certificates(cohort=cohort, by=None, at=LATER)
    trainee = cohort.enrolments.get().trainee
    trainee.full_name = "Somebody Else"
    trainee.save()

    draw_all()

    text = subprocess.run(
        ["pdftotext", Certificate.objects.get().path, "-"], capture_output=True, text=True, check=True
    )
    assert "Ali Khan" in text.stdout
    assert "Somebody" not in text.stdout


def example(name, **fields):
    code = codes.make_code()
    facts = {"programme": "Training", "organisation": "Board", "course": "Course", "course_code": "AI", "cohort": "A-1"}
    return Printed(
        **{
            "code": code,
            "serial": code,
            "verify_url": f"https://example.org/c/{code}/",
            "name": name,
            "name_ur": "",
            **facts,
            "contact_hours": 12,
            "starts_on": "2020-05-04",
            "ends_on": "2020-06-04",
            "issued_on": "2020-06-06",
            **fields,
        }
    )


def test_names_that_cannot_be_printed_are_told_before():
    assert check_name("Ali Khan") is None
    assert check_name("\u202eAli\x00 Khan") is None  # invisible characters are dropped, not printed
    assert "lacks" in check_name("Ali ★ Khan").reason
    assert "lacks" in check_name("李小龙").reason


def test_a_failing_drawing_is_told_and_tried_again():
    cohort = closed_cohort("Ali Khan")
    batch = issue_certificates(cohort=cohort, by=None, at=LATER)
    certificate = Certificate.objects.get()

    def fail(_printed, _signed):
        raise RuntimeError("Ali Khan is in this text")

    make_keys(by=None, at=LATER)
    broken = replace(make_steps(), draw=fail)
    for _ in range(3):
        Certificate.objects.update(claimed_until=None)
        render_certificates(certificate_ids=[certificate.pk], steps=broken, clock=timezone.now)
    certificate.refresh_from_db()
    assert (certificate.state, certificate.failure) == ("failed", "Could not be drawn (RuntimeError).")
    assert not Message.objects.exists()

    assert retry_batch(batch=batch, by=None, at=timezone.now()) == 1
    draw_all()
    assert Certificate.objects.get().state == "issued"


def test_revoking_keeps_everything_and_the_page_says_so(client):
    cohort = closed_cohort("Ali Khan")
    issue_certificates(cohort=cohort, by=None, at=LATER)
    draw_all()
    certificate = Certificate.objects.get()
    assert b"This certificate is valid" in client.get(reverse("verify", args=[certificate.code])).content

    revoke_certificate(certificate=certificate, reason="error", note="secret note", by=None, at=timezone.now())

    answer = client.get(reverse("verify", args=[certificate.code]))
    assert answer.status_code == 200
    assert b"This certificate was revoked" in answer.content
    assert b"issued in error" in answer.content
    assert b"secret note" not in answer.content
    assert certificate.path.exists()
    with pytest.raises(NotIssued):
        revoke_certificate(certificate=certificate, reason="error", note="", by=None, at=timezone.now())
    with pytest.raises(NobodyDue):
        issue_certificates(cohort=cohort, by=None, at=LATER)


def test_a_replacement_leads_from_the_old_to_the_new(client):
    cohort = closed_cohort("Ali Khan")
    issue_certificates(cohort=cohort, by=None, at=LATER)
    draw_all()
    old = Certificate.objects.get()

    new = replace_certificate(certificate=old, note="name", by=make_office(), at=timezone.now())
    draw_all()

    page = client.get(reverse("verify", args=[old.code])).content.decode()
    assert "This certificate was replaced" in page
    assert reverse("verify", args=[new.code]) in page
    assert Certificate.objects.filter(state="issued").get() == new


def test_unknown_and_mistyped_codes_are_told_apart(client):
    code = codes.make_code()

    assert b"No certificate has this code" in client.get(f"/c/{code}/").content
    assert b"typing error" in client.get(f"/c/{code[:-1]}{'0' if code[-1] != '0' else '1'}/").content
    assert client.get("/api/v1/verify/ABC/").json()["code"] == "mistyped"


def test_the_web_process_does_not_carry_weasyprint():
    code = "import django; django.setup(); import portal.urls, sys; print('weasyprint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_the_picture_shows_the_same_facts_and_escapes_them():
    picture = draw_picture(example("<b>Ali</b> & Co", name_ur="صبا ناز"))

    assert "&lt;b&gt;Ali&lt;/b&gt; &amp; Co" in picture
    assert "<b>" not in picture
    assert "4 May 2020 – 4 June 2020" in picture
    assert "scale(" not in draw_picture(example("Ali"), with_code=False)


def test_the_frame_on_screen_is_the_one_that_is_printed():
    path = settings.BASE_DIR / "static" / "certificates" / "frame.svg"

    assert path.read_text().strip() == art.as_svg()
