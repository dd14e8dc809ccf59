"""Prove that the tallies equal the ledger."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cohorts.models import Cohort, Enrolment
from cohorts.services.tallies import COLUMNS, compute


class Command(BaseCommand):
    help = "Recompute every tally from the marks; exit with an error that names each difference."

    def handle(self, *args: Any, **options: Any) -> None:
        checked, wrong = 0, []
        for cohort in Cohort.objects.select_related("policy").order_by("id").iterator():
            enrolments = list(Enrolment.objects.filter(cohort=cohort).on_register())
            for pk, expected in compute(cohort=cohort, enrolments=enrolments).items():
                checked += 1
                stored = next(each for each in enrolments if each.pk == pk)
                wrong += [
                    f"enrolment {pk} {column}: stored {getattr(stored, column)}, ledger {expected[column]}"
                    for column in COLUMNS
                    if getattr(stored, column) != expected[column]
                ]
        if wrong:
            raise CommandError("\n".join([*wrong[:100], f"{len(wrong)} differences in {checked} enrolments"]))
        self.stdout.write(f"enrolments={checked} differences=0")
