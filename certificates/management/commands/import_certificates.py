"""Take over certificates that were made elsewhere before."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from certificates.imports import read_old_certificates
from certificates.services.old import Verdict, import_old_certificates

PARTS = ("created", "updated", "unchanged", "duplicates", "review", "rejected")


class Command(BaseCommand):
    help = "Make older certificates verify by their serials; running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--date-order", choices=["dmy", "mdy", "ymd"], default="dmy")
        parser.add_argument("--dry-run", action="store_true", help="only say what would become of each row")
        parser.add_argument("--report", type=Path, metavar="OUT.csv", help="a line per row of the file")

    def handle(self, *args: Any, **options: Any) -> None:
        order, dry_run = options["date_order"], options["dry_run"]
        try:
            rows = read_old_certificates(options["file"], size_limit=settings.UPLOAD_MAX_BYTES, date_order=order)
            verdicts = import_old_certificates(rows=rows, by=None, at=timezone.now(), dry_run=dry_run)
            self._report(options["report"], verdicts)
        except (ValidationError, OSError) as error:
            raise CommandError("; ".join(getattr(error, "messages", [str(error)]))) from None
        for each in verdicts:
            if each.verdict == "rejected":
                self.stderr.write(f"row {each.row.row} (line {each.row.line}): {each.message}")
        counts = Counter(each.verdict for each in verdicts)
        self.stdout.write(f"rows={len(rows)} " + " ".join(f"{part}={counts[part]}" for part in PARTS))

    def _report(self, path: Path | None, verdicts: list[Verdict]) -> None:
        if path is None:
            return
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.writer(file)
            writer.writerow(["row", "line", "verdict", "message", "code"])
            writer.writerows(_line(each) for each in verdicts)


def _line(each: Verdict) -> list[Any]:
    """A rejected serial may be an identity number: it is not repeated."""
    code = "" if each.verdict == "rejected" else each.row.code
    return [each.row.row, each.row.line, each.verdict, each.message, code]
