"""Read a courses file into the programme."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from courses.imports import load_json, read_courses, read_programme
from courses.services import import_courses


class Command(BaseCommand):
    help = "Create or update courses from a JSON file; running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            document = load_json(options["file"])
            rows = read_courses(document)
            counts = import_courses(programme=read_programme(document), courses=rows, by=None, at=timezone.now())
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        parts = " ".join(f"{verdict}={counts[verdict]}" for verdict in ("created", "updated", "unchanged"))
        self.stdout.write(f"rows={len(rows)} {parts}")
