"""Change a key by plan, or at once when it leaked."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from certificates.credential.keys import KeyMissing
from certificates.models import Key
from certificates.services.keys import rotate_key


class Command(BaseCommand):
    help = "Take a key out of use and make its successor. Run it as the worker's user."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kind", choices=[Key.Kind.CREDENTIAL, Key.Kind.DOCUMENT], default=Key.Kind.CREDENTIAL)
        parser.add_argument("--reason", required=True, help="shown on the public trust page")
        parser.add_argument("--compromised", action="store_true", help="somebody else may have the old key")

    def handle(self, *args: Any, **options: Any) -> None:
        values = {name: options[name] for name in ("kind", "reason", "compromised")}
        try:
            made = rotate_key(**values, by=None, at=timezone.now())
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except KeyMissing as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"in use now: {made.name}")
