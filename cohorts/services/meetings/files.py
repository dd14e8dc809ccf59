"""Files of a report: taken in, read by the request or the worker, shared, moved, discarded."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.imports.meetings.given import Given
from cohorts.imports.meetings.reading import Reading, read_file
from cohorts.models import MeetingFile, MeetingReport, Session
from cohorts.services.meetings import evidence
from cohorts.services.meetings.judging import refresh_report
from trainees.imports.table import UnreadableFile
from trainees.models import User

AT_ONCE = 2 << 20  # bytes that the request itself reads; the worker reads more
WAITING = MeetingFile.State.WAITING
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Added:
    """What became of an upload: a new file of the report, or content that it had already."""

    file: MeetingFile
    repeated: bool


def add_file(*, session: Session, name: str, chunks: Iterable[bytes], by: User | None, at: datetime) -> Added:
    """Take a file into the report of a session; a small one is read at once, a large one by the worker.

    The same content adds nothing; discarded content comes back. A confirmed report is provisional again.
    Raises UnreadableFile for a file that is empty, too large or, when read at once, no report; it is kept
    as failed with the reason. About twenty queries.
    """
    sha256, size = evidence.keep(chunks)
    with transaction.atomic():
        file, repeated = enter_file(session, name, sha256, size, by, at)
        if not repeated and size > AT_ONCE:
            transaction.on_commit(lambda: ring(file.pk), robust=True)
    if not repeated and size <= AT_ONCE:
        read_kept(file_id=file.pk, at=at)
        file.refresh_from_db()
        if file.state == MeetingFile.State.FAILED:
            raise UnreadableFile(f"{file.name}: {file.failure}")
    return Added(file, repeated)


def enter_file(
    session: Session, name: str, sha256: str, size: int, by: User | None, at: datetime
) -> tuple[MeetingFile, bool]:
    """Give a file its row in the session's report; True when the report has this content already. Six queries."""
    report, _new = MeetingReport.objects.get_or_create(session=session, defaults={"created_at": at})
    lock_report(report)
    known = report.files.filter(sha256=sha256).first()
    if known is not None and known.state in (MeetingFile.State.READ, WAITING) and known.removed_at is None:
        return known, True
    file = known or MeetingFile(report=report, sha256=sha256, size=size)
    file.name, file.state, file.failure = name[-200:], WAITING, ""
    file.uploaded_at, file.uploaded_by, file.rows_read, file.removed_at = at, by, 0, None
    file.save()
    record(act="meeting.file", by=by, at=at, subject=session, detail={"sha256": sha256, "size": size})
    return file, False


def lock_report(report: MeetingReport) -> MeetingReport:
    """Lock a report's row and return it with its session and cohort. One query."""
    locked = MeetingReport.objects.select_for_update(no_key=True, of=("self",))
    return locked.select_related("session__cohort__policy", "session__cohort__course").get(pk=report.pk)


def ring(file_id: int) -> None:
    """Tell the workers that a file waits; a lost message is found by the sweep."""
    current_app.send_task("cohorts.tasks.read_meeting_file", kwargs={"file_id": file_id})


def waiting_files(*, at: datetime) -> list[int]:
    """Return files that wait and that nobody reads. One query."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
    return list(MeetingFile.objects.filter(free, state=WAITING).order_by("id").values_list("pk", flat=True)[:50])


def read_kept(*, file_id: int, at: datetime) -> bool:
    """Read a waiting file if this caller wins its claim, and judge its report anew. Return whether it was read.

    Progress is written while reading, outside the transaction; a worker that dies leaves a claim that runs out.
    """
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
    lease = at + timedelta(seconds=settings.CLAIM_LEASE_SECONDS)
    if not MeetingFile.objects.filter(free, pk=file_id, state=WAITING).update(claimed_until=lease):
        return False
    file = MeetingFile.objects.select_related("report").get(pk=file_id)
    reading, failure = _read(file)
    with transaction.atomic():
        report = lock_report(file.report)
        file.state = MeetingFile.State.FAILED if reading is None else MeetingFile.State.READ
        file.failure, file.claimed_until = failure[:300], None
        file.reading = reading.to_json() if reading else {}
        file.rows_read = reading.tally.rows if reading else 0
        file.save(update_fields=["state", "failure", "claimed_until", "reading", "rows_read"])
        reopen(report)
        refresh_report(report, at)
    return True


def _read(file: MeetingFile) -> tuple[Reading | None, str]:
    def note(rows: int) -> None:
        MeetingFile.objects.filter(pk=file.pk).update(rows_read=rows)

    try:
        with evidence.open_kept(file.sha256) as kept:
            return read_file(kept, file.name, note, Given.from_json(file.settled)), ""
    except UnreadableFile as error:
        return None, " ".join(error.messages)
    except OSError:
        logger.exception("meeting file %s could not be opened", file.pk)
        return None, _("The stored file cannot be opened.")


def reopen(report: MeetingReport) -> None:
    """Make a confirmed report provisional again: it says something new."""
    report.state = MeetingReport.State.PROVISIONAL
    report.confirmed_at = report.confirmed_by = None


@transaction.atomic
def discard_file(*, file: MeetingFile, by: User | None, at: datetime) -> MeetingReport:
    """Take a file out of its report. Its bytes stay as evidence; marks that were written stay. 15 queries."""
    report = lock_report(file.report)
    MeetingFile.objects.filter(pk=file.pk).update(state=MeetingFile.State.DISCARDED)
    record(act="meeting.discard", by=by, at=at, subject=report.session, detail={"sha256": file.sha256})
    reopen(report)
    refresh_report(report, at)
    return report


@transaction.atomic
def share_files(*, source: Session, target: Session, by: User | None, at: datetime) -> MeetingReport:
    """Use the files of one session's report for another session too; what was decided about people is not taken along.

    Raises ValidationError when there is no report to share. 25 queries.
    """
    report = MeetingReport.objects.filter(session=source).first()
    if report is None:
        raise ValidationError(_("There is no file for this session."), code="no_file")
    shared, _new = MeetingReport.objects.get_or_create(session=target, defaults={"created_at": at})
    shared = lock_report(shared)
    for file in report.files.filter(state=MeetingFile.State.READ).order_by("id"):
        copy, repeated = enter_file(target, file.name, file.sha256, file.size, by, at)
        if not repeated:
            copy.state, copy.reading, copy.rows_read = file.state, file.reading, file.rows_read
            copy.settled = file.settled
            copy.save(update_fields=["state", "reading", "rows_read", "settled"])
    reopen(shared)
    refresh_report(shared, at)
    return shared


@transaction.atomic
def move_files(*, source: Session, target: Session, by: User | None, at: datetime) -> MeetingReport:
    """Move the files of a report to another session, also of another cohort: used there, taken out here.

    Marks that were written stay until somebody takes them back. Raises what `share_files` raises, and
    ValidationError for the same session or a file that is still being read. 25 queries and 15 per file.
    """
    if source.pk == target.pk:
        raise ValidationError(_("The report is of this session already."), code="same_session")
    files = list(MeetingFile.objects.filter(report__session=source).select_related("report").order_by("id"))
    if any(file.state == WAITING for file in files):
        raise ValidationError(_("A file is still being read; move the report when it is done."), code="waiting")
    moved = share_files(source=source, target=target, by=by, at=at)
    for file in files:
        if file.state == MeetingFile.State.READ:
            discard_file(file=file, by=by, at=at)
    return moved
