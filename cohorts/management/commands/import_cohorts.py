"""Read a cohorts file and lay out the sessions."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from cohorts.imports.cohorts_file import read_cohorts, read_holidays
from cohorts.services.schedule import import_cohorts, save_holidays
from courses.imports import load_json


class Command(BaseCommand):
    help = "Create or update cohorts and their sessions from a JSON file; running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--holidays", type=Path, help="JSON file of days without classes")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                if options["holidays"]:
                    save_holidays(days=read_holidays(load_json(options["holidays"])))
                rows = read_cohorts(load_json(options["file"]))
                counts = import_cohorts(rows=rows, by=None, at=timezone.now())
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        parts = " ".join(f"{verdict}={counts[verdict]}" for verdict in ("created", "updated", "unchanged"))
        self.stdout.write(f"rows={len(rows)} {parts}")
