"""Change the key that seals identity numbers."""

from typing import Any

from django.core.management.base import BaseCommand

from trainees.services.identity import rotate_cnic_key


class Command(BaseCommand):
    help = "Make a new key under HUNAR_DATA/keys/cnic and seal every identity number with it; the old keys stay."

    def handle(self, *args: Any, **options: Any) -> None:
        number, rows = rotate_cnic_key()
        self.stdout.write(f"key={number} rows={rows}")
