"""Load the demonstration programme."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from portal.demonstration import Demonstration, is_loaded


class Command(BaseCommand):
    help = "Load the demonstration programme of 2,000 places into an empty database; does nothing otherwise."

    def handle(self, *args: Any, **options: Any) -> None:
        if is_loaded():
            self.stdout.write("The database holds data already; the demonstration is not loaded.")
            return
        lines = Demonstration(self._show, timezone.now()).load()
        self.stdout.write("")
        path = settings.DATA_DIR / "demo-sign-ins.txt"
        text = "Sign in as:\n" + "\n".join(lines) + "\n"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        self.stdout.write(text)

    def _show(self, step: str, share: float) -> None:
        filled = int(share * 30)
        bar = "#" * filled + "." * (30 - filled)
        end = "\r" if sys.stdout.isatty() else "\n"
        self.stdout.write(f"[{bar}] {share:4.0%} {step:<44}", ending=end)
        self.stdout.flush()
