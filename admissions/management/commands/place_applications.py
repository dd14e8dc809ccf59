"""Give places to the accepted."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from admissions.services import place_applications


class Command(BaseCommand):
    help = "Give places in order of application: first preference, second, then a waiting list. Again: places the rest."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = place_applications(by=None, at=timezone.now())
        parts = ("placed", "waitlisted", "left")
        self.stdout.write(f"rows={counts.total()} " + " ".join(f"{part}={counts[part]}" for part in parts))
