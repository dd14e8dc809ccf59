"""Background work of the office's pages. Each task may run twice without harm."""

from celery import shared_task
from django.utils import timezone

from portal.figures.check import check_figures
from portal.figures.refresh import refresh_figures
from portal.reports import services as reports
from portal.reports.drawing import draw_report


@shared_task
def sweep_figures() -> None:
    """Make the summaries of cohorts that changed anew."""
    refresh_figures(limit=20_000)


@shared_task
def check_nightly() -> None:
    """Compare every figure with the ledger; the dashboard shows what was found."""
    check_figures(started=timezone.now(), clock=timezone.now)


@shared_task
def make_report(*, report_id: int) -> None:
    """Draw one report."""
    reports.make_report(report_id=report_id, draw=draw_report, clock=timezone.now)


@shared_task
def sweep_reports() -> None:
    """Draw what was asked for and forgotten; delete files older than three months."""
    for report_id in reports.due_reports(at=timezone.now()):
        reports.ring(report_id)
    reports.delete_old_reports(at=timezone.now())


@shared_task
def report_weekly() -> None:
    """Ask for the week's report of the programme; the office is told when it is ready."""
    reports.request_report(cohort=None, by=None, at=timezone.now(), mailed=True)
