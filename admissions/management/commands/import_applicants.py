"""Read an applications file: a verdict for every row."""

import csv
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from admissions.imports import read_applicants
from admissions.report import report_rows
from admissions.services import examine_applications, import_applications

PARTS = ("created", "updated", "unchanged", "duplicates", "review", "rejected")


class Command(BaseCommand):
    help = "Read applications (CSV, xlsx, xls, ods), give each row a verdict, store them. Again: changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--sheet", default="", help="sheet of a workbook")
        parser.add_argument("--map", action="append", default=[], metavar='"Our field=Their header"')
        parser.add_argument("--date-order", choices=["dmy", "mdy", "ymd"], default="")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--report", type=Path, help="CSV with a line per row")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            mapping = dict(_split(pair) for pair in options["map"])
            limit = settings.UPLOAD_MAX_BYTES
            file = read_applicants(options["file"], size_limit=limit, sheet=options["sheet"], mapping=mapping)
            examined = examine_applications(file=file, at=now, order=options["date_order"])
            if options["dry_run"]:
                counts = examined.counts()
            else:
                counts = import_applications(examined=examined, by=None, at=now)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        if options["report"]:
            with options["report"].open("w", newline="", encoding="utf-8") as report:
                csv.writer(report).writerows(report_rows(examined.rows))
        self.stdout.write(f"rows={len(file.rows)} " + " ".join(f"{part}={counts[part]}" for part in PARTS))


def _split(pair: str) -> tuple[str, str]:
    ours, equals, theirs = pair.partition("=")
    if not equals:
        raise ValidationError(f'--map {pair}: write "our field=their header"')
    return ours.strip().lower().replace(" ", "_"), theirs.strip()
