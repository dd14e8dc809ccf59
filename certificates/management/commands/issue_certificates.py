"""Issue certificates from the command line."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from certificates.services.issue import NobodyDue, issue_certificates
from certificates.services.preview import preview_issue
from cohorts.models import Cohort


class Command(BaseCommand):
    help = "Make certificates for everybody who completed; the worker draws them. Again: issues nothing twice."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--cohort", metavar="CODE")
        which.add_argument("--all", action="store_true", help="every closed cohort")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        closed = Cohort.objects.order_by("code")
        cohorts = list(
            closed.filter(state=Cohort.State.CLOSED) if options["all"] else closed.filter(code=options["cohort"])
        )
        if not cohorts and not options["all"]:
            raise CommandError(f"there is no cohort {options['cohort']}")
        issued = unprintable = refused = 0
        for cohort in cohorts:
            preview = preview_issue(cohort=cohort)
            for enrolment, problem in preview.unprintable:
                self.stderr.write(
                    f"{cohort.code} {enrolment.trainee.number}: the name cannot be printed: {problem.reason}"
                )
            unprintable += len(preview.unprintable)
            refused += len(preview.refused)
            issued += len(preview.due) if options["dry_run"] else self._issue(cohort, options["all"])
        total = issued + unprintable + refused
        self.stdout.write(f"rows={total} issued={issued} unprintable={unprintable} not_due={refused}")

    def _issue(self, cohort: Cohort, every: bool) -> int:
        try:
            return issue_certificates(cohort=cohort, by=None, at=timezone.now()).total
        except NobodyDue:
            return 0
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
