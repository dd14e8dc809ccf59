"""Read meeting reports, registers and lists, and write the marks they stand for."""

import csv
import hashlib
from collections import Counter
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cohorts.imports.meetings.given import Given
from cohorts.imports.meetings.reading import read_file
from cohorts.models import Cohort
from cohorts.services.meetings import Imported, Source, import_files
from cohorts.services.meetings.direct import Line
from cohorts.services.meetings.evidence import chunks_of, keep

VERDICTS = ("match", "review", "ignore", "absent")


class Command(BaseCommand):
    help = (
        "Read Zoom, Teams and Meet reports, registers, check-in forms and lists of a cohort, find their sessions and "
        "write the marks by the policy. Names that are not certain are left for a person. Repeating changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--cohort", required=True, help="code of the cohort")
        parser.add_argument("--date", type=date.fromisoformat, help="day of the session, as 2020-05-11; else found")
        parser.add_argument("--time-zone", default="", help="zone of the times in the files, as UTC; else found")
        parser.add_argument("--date-order", default="", choices=["dmy", "mdy", "ymd"], help="else found")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--report", type=Path, help="CSV file: a line per person met and per trainee not met")

    def handle(self, *args: Any, **options: Any) -> None:
        cohort = Cohort.objects.select_related("course", "policy").filter(code=options["cohort"]).first()
        if cohort is None:
            raise CommandError(f"there is no cohort {options['cohort']}")
        if options["time_zone"] and options["time_zone"] not in available_timezones():
            raise CommandError(f"there is no time zone {options['time_zone']}")
        given = Given(date_order=options["date_order"], time_zone=options["time_zone"])
        try:
            sources = [self._read(path, given, keep_it=not options["dry_run"]) for path in options["files"]]
            done = import_files(
                cohort=cohort,
                sources=sources,
                day=options["date"],
                by=None,
                at=timezone.now(),
                dry_run=options["dry_run"],
            )
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        if options["report"]:
            write_report(options["report"], done.lines)
        self._tell(done, len(sources))

    def _read(self, path: Path, given: Given, *, keep_it: bool) -> Source:
        try:
            with path.open("rb") as file:
                sha256, size = keep(chunks_of(file)) if keep_it else _digest(path)
                file.seek(0)
                return Source(path.name, sha256, size, read_file(file, path.name, given=given), given)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        except ValidationError as error:
            raise CommandError(f"{path.name}: {'; '.join(error.messages)}") from None

    def _tell(self, done: Imported, files: int) -> None:
        for notice in done.notices:
            self.stderr.write(notice)
        counts = Counter(line.verdict for line in done.lines)
        parts = " ".join(f"{verdict}={counts[verdict]}" for verdict in VERDICTS)
        marks = Counter[str]()
        for each in done.written:
            marks.update(vars(each))
        made = " ".join(f"{name}={marks[name]}" for name in ("created", "updated", "unchanged", "kept"))
        self.stdout.write(
            f"rows={len(done.lines)} {parts} files={files} sessions={done.sessions} marks={marks.total()} {made}"
        )


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def write_report(path: Path, lines: list[Line]) -> None:
    """Write the lines as CSV (UTF-8)."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [each.name for each in fields(Line)])
            writer.writeheader()
            writer.writerows({name: _safe(value) for name, value in asdict(line).items()} for line in lines)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None


def _safe(value: Any) -> Any:
    """Quote what a spreadsheet would run."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "@", "+", "-", "\t", "\r") else value
