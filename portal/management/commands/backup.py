"""Copy a running installation into one file."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.backup import BackupRefused, write_backup


class Command(BaseCommand):
    help = "Write database, files, mail and keys into one tar file, while the server runs. It holds secrets."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="default: backups/hunar-<time>.tar in the data folder")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        target = options["file"] or settings.DATA_DIR / "backups" / f"hunar-{at:%Y%m%d-%H%M%S}.tar"
        try:
            counts = write_backup(target=target, at=at)
        except BackupRefused as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{target}: files={counts['files']} bytes={counts['bytes']}")
