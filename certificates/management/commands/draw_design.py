"""Draw a sample in a design: how the office previews one while WeasyPrint stays out of the web process."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from certificates.models import Template
from certificates.pdf.engine import Engine
from certificates.services.designs import find_design, find_picture
from certificates.services.samples import CASES, sample_facts
from courses.models import Course


class Command(BaseCommand):
    help = "Write a sample certificate as PDF to standard output, unsigned and without a credential."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("label", help="of the design, as shown in the office")
        parser.add_argument("--case", choices=CASES, default="longest", help="which name")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            template = Template.objects.select_related("course__programme", "programme").get(label=options["label"])
            printed = sample_facts(template=template, case=options["case"], at=now)
        except Template.DoesNotExist as error:
            raise CommandError(f"There is no design {options['label']}.") from error
        except Course.DoesNotExist as error:
            raise CommandError("The programme has no course to draw a certificate of.") from error
        drawn = Engine(find_picture).draw(printed, "{}", find_design(template.label), at=now, room=2)
        sys.stdout.buffer.write(drawn)
