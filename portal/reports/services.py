"""Asking for a report, making it once, and sending it round each week."""

import os
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import Cohort
from portal.models import Report
from portal.reports.content import describe_cohort, describe_programme
from trainees.models import User
from trainees.services.messages import Mail, queue_messages

ATTEMPTS = 3
KEPT = timedelta(days=90)
LEASE = timedelta(seconds=1_060)  # outlives portal.tasks.LONG: nobody draws a report that is still being drawn
Draw = Callable[[str], bytes]


@transaction.atomic
def request_report(*, cohort: Cohort | None, by: User | None, at: datetime, mailed: bool = False) -> Report:
    """Ask for a report of the programme, or of one cohort. Two queries, and the worker is told after the commit."""
    report = Report.objects.create(cohort=cohort, by=by, created_at=at, mailed=mailed)
    detail = {"cohort": cohort.code if cohort else ""}
    record(act="report.request", by=by, at=at, subject=report, detail=detail)
    transaction.on_commit(lambda: ring(report.pk), robust=True)
    return report


def make_report(*, report_id: int, draw: Draw, clock: Callable[[], datetime]) -> bool:
    """Draw one report if this caller wins its claim; return whether it is ready.

    The file gets its name when it is whole, before the row says so. After three attempts it is failed.
    """
    token, now = secrets.token_hex(16), clock()
    if not _claim(report_id, token, now):
        return False
    report = Report.objects.select_related("cohort").get(pk=report_id)
    held = Report.objects.filter(pk=report_id, claim_token=token, state=Report.State.WAITING)
    if report.attempts > ATTEMPTS:
        held.update(state=Report.State.FAILED)
        return False
    pdf = draw(_compose(report, now))
    _keep(report, pdf)
    with transaction.atomic():
        ready = held.update(state=Report.State.READY, ready_at=clock(), figures_at=now, size=len(pdf)) == 1
        if ready and report.mailed:
            _send_round(report, clock())
    return ready


def due_reports(*, at: datetime) -> list[int]:
    """Return those that nobody is making. One query."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
    return list(Report.objects.filter(free, state=Report.State.WAITING).order_by("id").values_list("pk", flat=True))


def delete_old_reports(*, at: datetime) -> int:
    """Delete files older than three months; the rows stay. Return how many."""
    old = list(Report.objects.filter(state=Report.State.READY, ready_at__lt=at - KEPT))
    for report in old:
        report.path.unlink(missing_ok=True)
    return Report.objects.filter(pk__in=[each.pk for each in old]).update(state=Report.State.DELETED)


def ring(report_id: int) -> None:
    """Tell the worker; by name, since the tasks call the services."""
    current_app.send_task("portal.tasks.make_report", kwargs={"report_id": report_id})


def _claim(report_id: int, token: str, at: datetime) -> bool:
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
    waiting = Report.objects.filter(free, pk=report_id, state=Report.State.WAITING)
    return waiting.update(claim_token=token, claimed_until=at + LEASE, attempts=F("attempts") + 1) == 1


def _compose(report: Report, at: datetime) -> str:
    if report.cohort is None:
        return render_to_string("portal/reports/programme.html", describe_programme(at=at))
    return render_to_string("portal/reports/cohort.html", describe_cohort(cohort=report.cohort, at=at))


def _keep(report: Report, pdf: bytes) -> None:
    report.path.parent.mkdir(parents=True, exist_ok=True)
    temporary = report.path.with_name(f".{report.path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with temporary.open("xb") as file:
        file.write(pdf)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(report.path)


def _send_round(report: Report, at: datetime) -> None:
    """Tell the programme office where the report lies; figures stay behind the sign-in."""
    words = {"site": settings.SITE_URL, "report": report}
    mails = [
        Mail(
            key=f"report:{report.pk}:{user.pk}",
            to=user.email,
            kind="report",
            subject=_("The report of the programme"),
            text=render_to_string("emails/report.txt", words),
            html=render_to_string("emails/report.html", words),
        )
        for user in User.objects.whose_work_is("cohorts.manage_enrolment")
    ]
    queue_messages(mails=mails, at=at)
