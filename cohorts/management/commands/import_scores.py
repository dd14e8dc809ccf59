"""Import scores of a cohort's assessments from CSV or a workbook."""

from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cohorts.imports.scores import read_scores
from cohorts.models import Cohort
from cohorts.services.score_files import examine_scores, score_columns
from cohorts.services.scores import save_scores


class Command(BaseCommand):
    help = "Read a file with a column of trainee numbers or e-mail addresses and one column per assessment."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--cohort", required=True, help="code of the cohort")
        parser.add_argument("--dry-run", action="store_true", help="print the verdicts, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        cohort = Cohort.objects.select_related("course", "policy").filter(code=options["cohort"]).first()
        if cohort is None:
            raise CommandError(f"There is no cohort {options['cohort']}.")
        try:
            rows = read_scores(options["file"], score_columns(cohort), size_limit=settings.UPLOAD_MAX_BYTES)
            examined = examine_scores(cohort=cohort, rows=rows)
            if not options["dry_run"]:
                save_scores(cohort=cohort, entries=examined.entries, channel="import", by=None, at=timezone.now())
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        for each in examined.rows:
            if each.verdict == "rejected":
                self.stderr.write(f"line {each.row.line}: {each.row.who}: {each.message}")
        counts: Counter[str] = examined.counts
        names = {"new": "created", "changed": "updated", "unchanged": "unchanged", "rejected": "rejected"}
        parts = " ".join(f"{said}={counts[name]}" for name, said in names.items())
        self.stdout.write(f"rows={len(examined.rows)} {parts}")
