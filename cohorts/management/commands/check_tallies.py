"""Prove that records, tallies, scores and outcomes follow from their ledgers."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cohorts.models import Cohort
from cohorts.services.ledger import find_differences


class Command(BaseCommand):
    help = "Replay the ledgers of marks and scores; exit with an error that names each record or outcome that differs."

    def handle(self, *args: Any, **options: Any) -> None:
        checked, wrong = 0, []
        for cohort in Cohort.objects.select_related("policy").order_by("id").iterator():
            people, differences = find_differences(cohort)
            checked += people
            wrong += differences
        if wrong:
            raise CommandError("\n".join([*wrong[:100], f"{len(wrong)} differences in {checked} enrolments"]))
        self.stdout.write(f"enrolments={checked} differences=0")
