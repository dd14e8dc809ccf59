"""A ZIP of a cohort's certificates: asked for by the office, made by the worker, deleted after a week."""

import csv
import io
import os
import secrets
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from audit.services import record
from certificates.models import Archive, Certificate
from certificates.models.certificate import CertificateQuerySet
from cohorts.models import Cohort
from cohorts.services.enrolment import lock_cohort
from trainees.models import User

KEPT = timedelta(days=7)
ATTEMPTS = 3
STEP = 20  # certificates between two notes of progress


class NothingToArchive(ValidationError):
    """No certificate of the cohort is valid and has a file."""

    def __init__(self, cohort: Cohort) -> None:
        super().__init__(_("%(code)s has no certificates to put into a ZIP.") % {"code": cohort.code}, code="nothing")


@transaction.atomic
def request_archive(*, cohort: Cohort, by: User | None, at: datetime) -> Archive:
    """Ask for a ZIP; while one of the cohort is in work, that one is returned. Raises NothingToArchive."""
    locked = lock_cohort(cohort)
    if (standing := Archive.objects.filter(cohort=locked, state=Archive.State.WAITING).first()) is not None:
        return standing
    total = _files(locked.pk).count()
    if not total:
        raise NothingToArchive(locked)
    archive = Archive.objects.create(cohort=locked, by=by, total=total, created_at=at)
    record(act="archive.request", by=by, at=at, subject=archive, detail={"cohort": locked.code})
    transaction.on_commit(lambda: ring(archive.pk), robust=True)
    return archive


def make_archive(*, archive_id: int, clock: Callable[[], datetime]) -> bool:
    """Write the ZIP if this caller wins its claim. Return whether it is ready.

    Files are read and written one after the other, so memory does not grow with the cohort. The ZIP gets its
    name when it is whole, before the row says so; a repeated message finds it claimed or ready.
    """
    token = secrets.token_hex(16)
    if not _claim(archive_id, token, clock()):
        return False
    archive = Archive.objects.get(pk=archive_id)
    if archive.attempts > ATTEMPTS:
        Archive.objects.filter(pk=archive_id, claim_token=token).update(state=Archive.State.FAILED)
        return False
    size = _write(archive)
    held = Archive.objects.filter(pk=archive_id, claim_token=token, state=Archive.State.WAITING)
    done = held.update(state=Archive.State.READY, ready_at=clock(), size=size, claimed_until=None, done=F("total"))
    return done == 1


def due_archives(*, at: datetime) -> list[int]:
    """Return those that nobody is making. One query."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
    return list(Archive.objects.filter(free, state=Archive.State.WAITING).order_by("id").values_list("pk", flat=True))


def delete_old_archives(*, at: datetime) -> int:
    """Delete the files of archives older than a week; the rows stay. Return how many."""
    old = list(Archive.objects.filter(state=Archive.State.READY, ready_at__lt=at - KEPT))
    for archive in old:
        archive.path.unlink(missing_ok=True)
    return Archive.objects.filter(pk__in=[each.pk for each in old]).update(state=Archive.State.DELETED)


@transaction.atomic
def note_download(*, archive: Archive, by: User | None, at: datetime) -> None:
    """Write down who took a cohort's certificates away. One query."""
    record(act="archive.download", by=by, at=at, subject=archive)


def ring(archive_id: int) -> None:
    """Tell the worker; by name, since the tasks call the services."""
    current_app.send_task("certificates.tasks.make_archive", kwargs={"archive_id": archive_id})


def _files(cohort_id: int) -> CertificateQuerySet:
    valid = Certificate.objects.filter(enrolment__cohort=cohort_id, state=Certificate.State.ISSUED)
    return valid.exclude(sha256="").select_related("enrolment__trainee").order_by("name", "id")


def _claim(archive_id: int, token: str, at: datetime) -> bool:
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
    waiting = Archive.objects.filter(free, pk=archive_id, state=Archive.State.WAITING)
    lease = at + timedelta(seconds=settings.CLAIM_LEASE_SECONDS)
    return waiting.update(claim_token=token, claimed_until=lease, attempts=F("attempts") + 1, done=0) == 1


def _write(archive: Archive) -> int:
    """Write the files and a table of contents; return the size."""
    archive.path.parent.mkdir(parents=True, exist_ok=True)
    temporary = archive.path.with_name(f".{archive.path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
            rows = []
            for row in _pack(archive, packed):
                rows.append(row)
                if len(rows) % STEP == 0:
                    Archive.objects.filter(pk=archive.pk).update(done=len(rows))
            packed.writestr("certificates.csv", _contents(rows))
        return _keep(temporary, archive.path)
    finally:
        temporary.unlink(missing_ok=True)


def _pack(archive: Archive, packed: zipfile.ZipFile) -> Iterator[list[str]]:
    for each in _files(archive.cohort_id).iterator(chunk_size=100):
        name = f"certificate-{each.serial}-{each.edition}.pdf"  # a file name holds nothing of the person
        packed.write(each.path, name)
        number = each.enrolment.trainee.number if each.enrolment else ""
        yield [name, each.serial, each.name, number, each.printed["issued_on"], each.sha256]


def _contents(rows: list[list[str]]) -> str:
    """Return the table of contents; an apostrophe goes before what a spreadsheet might take for a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["file", "serial", "name", "trainee", "issued_on", "sha256"])
    writer.writerows([f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell for cell in row] for row in rows)
    return "\ufeff" + text.getvalue()


def _keep(temporary: Path, path: Path) -> int:
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)
    return path.stat().st_size
