"""Batches on hold, their progress, a whole programme, the ZIP of a cohort (R66-R68)."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from certificates.models import Archive, Batch, Certificate
from certificates.progress import follow
from certificates.rules import seconds_left
from certificates.services.archive import (
    NothingToArchive,
    delete_old_archives,
    due_archives,
    make_archive,
    request_archive,
)
from certificates.services.batch import pause_batch, resume_batch, retry_batch
from certificates.services.ended import tell_ended
from certificates.services.issue import issue_certificates
from certificates.services.life import replace_certificate
from certificates.services.programme import issue_programme, preview_cohorts
from certificates.services.render import due_certificates
from tests.certificates.made import CONTENT, finish, make_certificate, make_closed_cohort
from tests.factories import LATER, make_office, make_trainee
from trainees.models import Message

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
MUCH_LATER = LATER + timedelta(hours=1)


def test_a_batch_on_hold_is_left_alone_until_it_goes_on():
    batch = issue_certificates(cohort=make_closed_cohort("Ali Khan"), by=None, at=LATER)

    assert pause_batch(batch=batch, by=None, at=LATER)
    assert not pause_batch(batch=batch, by=None, at=LATER)
    assert due_certificates(at=MUCH_LATER) == []
    assert resume_batch(batch=batch, by=None, at=LATER)

    assert due_certificates(at=MUCH_LATER) == [Certificate.objects.get().pk]
    assert not resume_batch(batch=batch, by=None, at=LATER)
    assert list(AuditEntry.objects.filter(act__startswith="batch.").order_by("id").values_list("act", flat=True)) == [
        "batch.pause",
        "batch.resume",
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_progress_costs_the_same_for_one_and_three(count, django_assert_num_queries):
    names = ["Ali Khan", "Saba Naz", "Zahra Bibi"][:count]
    batch = issue_certificates(cohort=make_closed_cohort(*names), by=None, at=LATER)

    with django_assert_num_queries(2):
        found = follow(batch, LATER)

    assert (found["total"], found["waiting"], found["percent"], found["running"]) == (count, count, 0, True)


def test_every_certificate_of_a_batch_stands_in_one_part(client):
    cohort = make_closed_cohort("Ali Khan", "Saba Naz", "Zahra Bibi", "Noor Jahan")
    batch = issue_certificates(cohort=cohort, by=None, at=LATER)
    drawing, failed, waiting, done = Certificate.objects.order_by("id")
    now = timezone.now()
    Certificate.objects.filter(pk=drawing.pk).update(claim_token="x", claimed_until=now + timedelta(minutes=1))
    Certificate.objects.filter(pk=failed.pk).update(state="failed", failure="Could not be drawn (ValueError).")
    Certificate.objects.filter(pk=done.pk).update(state="issued", issued_at=now, sha256="0" * 64)

    found = follow(batch, now)

    assert [found[part] for part in ("issued", "drawing", "waiting", "failed")] == [1, 1, 1, 1]
    assert found["percent"] == 25
    client.force_login(make_office(), BACKEND)
    page = client.get(reverse("batch", args=[batch.pk])).content.decode()
    assert "1 failed: " + failed.name in page
    assert "Nothing was printed or mailed" in page
    only = client.get(reverse("batch", args=[batch.pk]), {"show": "waiting"}).content.decode()
    assert waiting.serial in only
    assert done.serial not in only


def test_the_time_left_follows_the_newest_pace():
    start = LATER
    slow_then_fast = [start, start + timedelta(hours=1), *[start + timedelta(hours=2, seconds=n) for n in range(20)]]

    assert seconds_left(slow_then_fast, 30) == 30
    assert seconds_left(slow_then_fast[:2], 30) is None
    assert seconds_left(slow_then_fast, 0) is None


def test_the_office_holds_and_goes_on(client):
    batch = issue_certificates(cohort=make_closed_cohort("Ali Khan"), by=None, at=LATER)
    client.force_login(make_office(), BACKEND)

    client.post(reverse("batch_pause", args=[batch.pk]))
    held = client.get(reverse("batch", args=[batch.pk])).content.decode()
    answer = client.post(f"/api/v1/batches/{batch.pk}/resume/")

    assert "On hold" in held
    assert "hx-trigger" not in held
    assert answer.json()["paused"] is False
    assert Batch.objects.get().paused_at is None


def test_a_whole_programme_is_issued_cohort_by_cohort(client, django_assert_num_queries):
    first, second = make_closed_cohort("Ali Khan", "Zahra Bat0ol"), make_closed_cohort("Saba Naz")
    done = make_closed_cohort("Noor Jahan", code="DONE-01")
    issue_certificates(cohort=done, by=None, at=LATER)

    with django_assert_num_queries(2):
        rows = {row.cohort.code: row for row in preview_cohorts([first.pk, second.pk, done.pk])}
    assert (rows[first.code].due, rows[first.code].unprintable, rows[first.code].total) == (1, 1, 2)
    assert (rows["DONE-01"].due, rows["DONE-01"].issued) == (0, 1)
    client.force_login(make_office(), BACKEND)
    assert "Issue 2 certificates" in client.get(reverse("certificates_issue_all")).content.decode()
    client.post(reverse("certificates_issue_all"))

    assert set(Batch.objects.values_list("cohort__code", "total")) == {
        (first.code, 1),
        (second.code, 1),
        ("DONE-01", 1),
    }
    assert issue_programme(by=None, at=LATER) == []


def test_who_began_batches_is_told_once_when_all_have_ended():
    office = make_office()
    first, second = make_closed_cohort("Ali Khan", "Omar Aziz"), make_closed_cohort("Saba Naz")
    one, other = (issue_certificates(cohort=cohort, by=office, at=LATER) for cohort in (first, second))

    assert tell_ended(at=MUCH_LATER) == 0
    finish(first)
    assert tell_ended(at=MUCH_LATER) == 0
    finish(second)
    Certificate.objects.filter(batch=one, name="Omar Aziz").update(state="failed", failure="Could not be drawn.")
    assert tell_ended(at=MUCH_LATER) == 1
    assert tell_ended(at=MUCH_LATER) == 0

    mail = Message.objects.get(kind="batches_ended")
    assert (mail.to, mail.subject) == (office.email, "2 certificates are made, 1 failed")
    assert f"{first.code}: 2 (1 failed)" in mail.text
    assert reverse("batch", args=[other.pk]) in mail.html
    assert "Omar" not in mail.text + mail.html


def test_a_batch_on_hold_does_not_keep_the_others_from_being_told_and_a_retry_is_told_again():
    office = make_office()
    held, done = make_closed_cohort("Ali Khan"), make_closed_cohort("Saba Naz")
    pause_batch(batch=issue_certificates(cohort=held, by=office, at=LATER), by=office, at=LATER)
    batch = issue_certificates(cohort=done, by=office, at=LATER)
    Certificate.objects.filter(batch=batch).update(state="failed", failure="Could not be drawn.")

    assert tell_ended(at=MUCH_LATER) == 1
    retry_batch(batch=batch, by=office, at=MUCH_LATER)
    assert tell_ended(at=MUCH_LATER) == 0
    finish(done)
    assert tell_ended(at=MUCH_LATER + timedelta(hours=1)) == 1

    subjects = Message.objects.filter(kind="batches_ended").order_by("id").values_list("subject", flat=True)
    assert list(subjects) == ["0 certificates are made, 1 failed", "1 certificate is made"]


def test_nobody_is_told_of_what_a_command_or_a_replacement_began(django_assert_num_queries):
    certificate = make_certificate()
    replace_certificate(certificate=certificate, note="", by=make_office(), at=LATER)
    finish(certificate.enrolment.cohort)

    with django_assert_num_queries(1):
        assert tell_ended(at=MUCH_LATER) == 0


def test_the_zip_of_a_cohort_holds_each_valid_file_and_a_list(client, settings, tmp_path):
    settings.ARCHIVES_DIR = tmp_path
    cohort = make_closed_cohort("=Ali Khan", "Saba Naz", "Zahra Bibi")
    issue_certificates(cohort=cohort, by=None, at=LATER)
    certificates = finish(cohort)
    Certificate.objects.filter(pk=certificates[2].pk).update(
        state="revoked", revoked_at=LATER, revocation_reason="error"
    )

    archive = request_archive(cohort=cohort, by=None, at=LATER)
    assert request_archive(cohort=cohort, by=None, at=LATER) == archive
    assert make_archive(archive_id=archive.pk, clock=timezone.now)
    assert not make_archive(archive_id=archive.pk, clock=timezone.now)

    client.force_login(make_office(), BACKEND)
    answer = client.get(reverse("archive_zip", args=[archive.pk]))
    packed = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    listed = list(csv.DictReader(io.StringIO(packed.read("certificates.csv").decode("utf-8-sig"))))
    assert [row["name"] for row in listed] == ["'=Ali Khan", "Saba Naz"]
    assert {packed.read(row["file"]) for row in listed} == {CONTENT}
    assert len(packed.namelist()) == 3
    assert not [name for name in packed.namelist() if "Ali" in name]
    assert AuditEntry.objects.filter(act="archive.download").count() == 1
    assert [path.name for path in tmp_path.iterdir()] == [f"{archive.pk}.zip"]


def test_an_archive_whose_worker_died_is_made_again_and_given_up_after_three(settings, tmp_path):
    settings.ARCHIVES_DIR = tmp_path
    certificate = make_certificate()
    archive = request_archive(cohort=certificate.enrolment.cohort, by=None, at=LATER)
    certificate.path.unlink()

    for attempt in range(3):
        with pytest.raises(FileNotFoundError):
            make_archive(archive_id=archive.pk, clock=lambda attempt=attempt: LATER + timedelta(hours=attempt))
        assert due_archives(at=LATER + timedelta(hours=attempt)) == []
    assert due_archives(at=LATER + timedelta(hours=4)) == [archive.pk]

    assert not make_archive(archive_id=archive.pk, clock=lambda: LATER + timedelta(hours=4))
    assert Archive.objects.get().state == "failed"
    assert list(tmp_path.iterdir()) == []


def test_an_archive_is_deleted_after_a_week(client, settings, tmp_path):
    settings.ARCHIVES_DIR = tmp_path
    archive = request_archive(cohort=make_certificate().enrolment.cohort, by=None, at=LATER)
    make_archive(archive_id=archive.pk, clock=lambda: LATER)

    assert delete_old_archives(at=LATER + timedelta(days=6)) == 0
    assert delete_old_archives(at=LATER + timedelta(days=8)) == 1

    client.force_login(make_office(), BACKEND)
    assert client.get(reverse("archive_zip", args=[archive.pk])).status_code == 404
    assert "deleted after a week" in client.get(reverse("archive", args=[archive.pk])).content.decode()
    assert list(tmp_path.iterdir()) == []


def test_a_cohort_without_files_gives_no_zip():
    with pytest.raises(NothingToArchive):
        request_archive(cohort=make_closed_cohort("Ali Khan"), by=None, at=LATER)


def test_only_the_office_sees_batches_and_archives(client):
    archive = request_archive(cohort=make_certificate().enrolment.cohort, by=None, at=LATER)
    client.force_login(make_trainee().user, BACKEND)

    assert client.get(reverse("archive", args=[archive.pk])).status_code == 403
    assert client.get(reverse("archive_zip", args=[archive.pk])).status_code == 403
