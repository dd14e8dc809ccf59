"""Compare every tally and figure with the ledger."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.figures.check import check_figures


class Command(BaseCommand):
    help = "Count every tally, standing and summary again from the ledger; fails when one differs."

    def handle(self, *args: Any, **options: Any) -> None:
        check = check_figures(started=timezone.now(), clock=timezone.now)
        self.stdout.write(f"enrolments={check.enrolments} differences={check.differences}")
        if check.differences:
            raise CommandError("; ".join(check.examples))
