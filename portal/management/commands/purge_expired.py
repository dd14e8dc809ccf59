"""Remove personal values that were kept long enough."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from portal.people.retention import purge_expired


class Command(BaseCommand):
    help = "Empty mails, applications and people whose retention is over; certificates and their facts stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = purge_expired(at=timezone.now(), dry_run=options["dry_run"])
        self.stdout.write(" ".join(f"{name}={counts[name]}" for name in ("messages", "applications", "people")))
