"""Draw a sample in a design: how the office previews one while WeasyPrint stays out of the web process."""

import sys
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from certificates.models import Template
from certificates.pdf.engine import Engine
from certificates.rules import Printed
from certificates.services.designs import design_in_use, find_design, find_picture
from certificates.services.issue import sample
from certificates.services.samples import CASES, sample_facts
from cohorts.models import Enrolment
from courses.models import Course


class Command(BaseCommand):
    help = "Write a sample certificate as PDF to standard output, unsigned and without a credential."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("label", nargs="?", help="of the design, as shown in the office")
        parser.add_argument("--enrolment", type=int, help="instead: somebody due, in the design that is in use")
        parser.add_argument("--case", choices=CASES, default="longest", help="which name")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["enrolment"]:
            enrolment = Enrolment.objects.select_related("trainee", "cohort__course").get(pk=options["enrolment"])
            label = design_in_use(enrolment.cohort.course)
            return self._draw(sample(enrolment=enrolment, at=now), label, now)
        try:
            template = Template.objects.select_related("course__programme", "programme").get(label=options["label"])
            printed = sample_facts(template=template, case=options["case"], at=now)
        except Template.DoesNotExist as error:
            raise CommandError(f"There is no design {options['label']}.") from error
        except Course.DoesNotExist as error:
            raise CommandError("The programme has no course to draw a certificate of.") from error
        return self._draw(printed, template.label, now)

    def _draw(self, printed: Printed, label: str, now: datetime) -> None:
        sys.stdout.buffer.write(Engine(find_picture).draw(printed, "{}", find_design(label), at=now, room=2))
