"""Background work of the office's pages. Each task may run twice without harm."""

from celery import shared_task
from django.utils import timezone

from portal.figures.check import check_figures
from portal.figures.refresh import refresh_figures


@shared_task
def sweep_figures() -> None:
    """Make the summaries of cohorts that changed anew."""
    refresh_figures(limit=20_000)


@shared_task
def check_nightly() -> None:
    """Compare every figure with the ledger; the dashboard shows what was found."""
    check_figures(started=timezone.now(), clock=timezone.now)
