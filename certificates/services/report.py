"""What anybody reports about a certificate, and the office settling it."""

from datetime import datetime

from django.db import transaction

from audit.services import record
from certificates.codes import normalise
from certificates.models import ProblemReport
from trainees.models import User


def report_problem(*, code: str, kind: str, text: str, email: str, at: datetime) -> ProblemReport:
    """Keep a report for the office; nothing is kept about the sender but what was typed. One query."""
    return ProblemReport.objects.create(code=normalise(code)[:40], kind=kind, text=text, email=email, created_at=at)


@transaction.atomic
def settle_report(*, report: ProblemReport, by: User | None, at: datetime) -> bool:
    """Note that the office has dealt with a report. Return whether it was open. Two queries."""
    is_new = ProblemReport.objects.filter(pk=report.pk, settled_at__isnull=True).update(settled_at=at, settled_by=by)
    if is_new:
        record(act="report.settle", by=by, at=at, subject=report)
    return is_new == 1
