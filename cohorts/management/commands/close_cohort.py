"""Close a cohort from the command line."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cohorts.models import Cohort
from cohorts.services.completion import close_cohort


class Command(BaseCommand):
    help = "Store outcome and reasons for everybody in a cohort and close it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code")
        parser.add_argument("--unassessed", help="why a cohort without any score is decided by attendance alone")

    def handle(self, *args: Any, **options: Any) -> None:
        cohort = Cohort.objects.filter(code=options["code"]).first()
        if cohort is None:
            raise CommandError(f"there is no cohort {options['code']}")
        try:
            closing = close_cohort(cohort=cohort, by=None, at=timezone.now(), unassessed=options["unassessed"])
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        if closing.unassessed:
            self.stderr.write(f"{cohort.code} has no scores, but its policy asks for them: attendance alone decided")
        completed, not_completed = len(closing.completed), len(closing.not_completed)
        self.stdout.write(f"rows={completed + not_completed} completed={completed} not_completed={not_completed}")
