"""Make the keys that are missing; a repeated run changes nothing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from certificates.credential.keys import KeyMissing
from certificates.services.keys import make_keys


class Command(BaseCommand):
    help = "Make the root, document and credential key, each if none is in use. Run it as the worker's user."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = make_keys(by=None, at=timezone.now())
        except KeyMissing as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"made={len(made)} {' '.join(key.name for key in made)}".strip())
