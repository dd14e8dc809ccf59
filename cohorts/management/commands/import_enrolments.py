"""Take over a roster made elsewhere."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cohorts.imports.roster import read_roster
from cohorts.services.roster import import_roster


class Command(BaseCommand):
    help = "Create trainees and their places from a roster; running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rows = read_roster(options["file"], size_limit=settings.UPLOAD_MAX_BYTES)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        counts, errors = import_roster(rows=rows, by=None, at=timezone.now())
        for fault in errors:
            self.stderr.write(f"row {fault.row} (line {fault.line}): {fault.message}")
        parts = ("created", "updated", "unchanged", "duplicates", "review", "rejected")
        self.stdout.write(f"rows={len(rows)} " + " ".join(f"{part}={counts[part]}" for part in parts))
