"""What a person settles about a file, and reading it again; what they decided about people stays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.imports.meetings.given import Given, check_given
from cohorts.imports.meetings.looking import Look, lines_of, look_at
from cohorts.imports.meetings.reading import Reading, read_file
from cohorts.models import MeetingFile, MeetingReport
from cohorts.services.meetings import evidence
from cohorts.services.meetings.files import AT_ONCE, lock_report, reopen, ring
from cohorts.services.meetings.judging import refresh_report
from trainees.imports.table import UnreadableFile
from trainees.models import User


@dataclass(frozen=True)
class Effect:
    """What reading a file again did: people found and waiting before and after; None while the worker reads."""

    before: tuple[int, int]
    after: tuple[int, int] | None


def settle_file(*, file: MeetingFile, given: Given, by: User | None, at: datetime) -> Effect:
    """Say how a file is meant and read it again: its bytes, what persons decided and their aliases stay, the rest of
    the report follows, and a confirmed report is provisional again.

    A large file is tried on its beginning here and read by the worker. Raises ValidationError, by field, for what
    cannot be meant or leaves nothing to read; then nothing changes. About 20 queries.
    """
    check_given(given)
    is_large = file.size > AT_ONCE
    reading = _try(file, given, is_large=is_large)
    with transaction.atomic():
        report = lock_report(file.report)
        locked = MeetingFile.objects.get(pk=file.pk)
        if locked.state not in (MeetingFile.State.READ, MeetingFile.State.FAILED):
            raise ValidationError(_("The file is being read, or was taken out; look at the page again."), code="state")
        before = _count(report)
        detail = {"sha256": locked.sha256, "changed": _changed(locked.settled, given.to_json())}
        locked.settled = given.to_json()
        _store(locked, reading)
        record(act="meeting.settle", by=by, at=at, subject=report.session, detail=detail)
        reopen(report)
        refresh_report(report, at)
        if is_large:
            transaction.on_commit(lambda: ring(file.pk), robust=True)
        return Effect(before, None if is_large else _count(report))


def look_at_file(file: MeetingFile, given: Given, header_line: int) -> Look | None:
    """Return the beginning of a kept file as it opens, or None where it does not open or is kept no longer."""
    try:
        with evidence.open_kept(file.sha256) as kept:
            return look_at(kept, given, header_line)
    except (OSError, UnreadableFile):
        return None


def read_lines(file: MeetingFile, wanted: Sequence[int]) -> list[tuple[int, list[str]]]:
    """Return the heading and the lines of a kept file, cell by cell; nothing where it is kept no longer. No query but
    the file's reading."""
    header_line = file.reading.get("header_line", 0)
    try:
        with evidence.open_kept(file.sha256) as kept:
            return lines_of(kept, Given.from_json(file.settled), header_line, wanted)
    except (OSError, UnreadableFile):
        return []


def _try(file: MeetingFile, given: Given, *, is_large: bool) -> Reading | None:
    """Read a file as settled, a large one in its beginning only. Errors are named by the field they belong to."""
    try:
        with evidence.open_kept(file.sha256) as kept:
            if is_large:
                look_at(kept, given, given.header_line)
                return None
            return read_file(kept, file.name, given=given)
    except UnreadableFile as error:
        field = error.code if error.code in ("encoding", "header_line", "columns", "sheet") else None
        raise ValidationError({field: error} if field else error.messages) from None
    except OSError:
        text = _("The stored file cannot be opened; it may have been removed after its time.")
        raise ValidationError(text, code="missing") from None


def _store(file: MeetingFile, reading: Reading | None) -> None:
    file.failure = ""
    if reading is None:
        file.state, file.rows_read = MeetingFile.State.WAITING, 0
    else:
        file.state, file.rows_read, file.reading = MeetingFile.State.READ, reading.tally.rows, reading.to_json()
    file.save(update_fields=["settled", "state", "failure", "reading", "rows_read"])


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return what differs, as [before, after]."""
    names = sorted({*old, *new})
    return {name: [old.get(name, ""), new.get(name, "")] for name in names if old.get(name) != new.get(name)}


def _count(report: MeetingReport) -> tuple[int, int]:
    verdicts = list(report.people.filter(rows__gt=0).values_list("verdict", flat=True))
    return verdicts.count("match"), verdicts.count("review")
