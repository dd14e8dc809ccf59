"""Put a backup into an empty installation."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.backup import BackupRefused, restore_backup


class Command(BaseCommand):
    help = "Put a file of `backup` into an empty data folder and database; run `migrate` after it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = restore_backup(source=options["file"])
        except BackupRefused as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"restored: files={counts['files']}")
