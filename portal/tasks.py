"""Background work of the office's pages. Each task may run twice without harm."""

from celery import shared_task
from django.db import connection
from django.utils import timezone

from portal.export import services as exports
from portal.figures.check import check_figures
from portal.figures.clashes import forget_past_clashes, refresh_clashes
from portal.figures.refresh import refresh_figures
from portal.lists import runs
from portal.reports import services as reports
from portal.reports.drawing import draw_report

LONG = 1_000  # seconds, for work over everything; a message comes again only after 1,200 (portal.celery)


@shared_task
def answer() -> None:
    """Do nothing: that it is taken up shows that the worker does not stand still (portal.worker)."""


@shared_task
def sweep_figures() -> None:
    """Make the summaries of cohorts that changed anew, and their clashes."""
    now = timezone.now()
    refresh_figures(weeks=500)
    refresh_clashes(at=now)
    forget_past_clashes(at=now)


@shared_task(time_limit=LONG)
def check_nightly() -> None:
    """Compare every figure with the ledger; the dashboard shows what was found."""
    check_figures(started=timezone.now(), clock=timezone.now)


@shared_task
def collect_statistics() -> None:
    """Let the database look at its tables anew: SQLite never does so by itself, and chooses poor indexes without.

    A thousand rows of each index are enough; the whole takes a second or two at six million marks.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA analysis_limit = 1000")
        cursor.execute("ANALYZE")


@shared_task(time_limit=LONG)
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


@shared_task(time_limit=LONG)
def make_export(*, export_id: int) -> None:
    """Write one long list."""
    exports.make_export(export_id=export_id, clock=timezone.now)


@shared_task
def sweep_exports() -> None:
    """Make what was asked for and forgotten; delete files older than a week."""
    for export_id in exports.due_exports(at=timezone.now()):
        exports.ring(export_id)
    exports.delete_old_exports(at=timezone.now())


@shared_task
def act_on_rows(*, run_id: int) -> None:
    """Try or do an act on the rows that wait, for some seconds."""
    runs.work_on(run_id=run_id, clock=timezone.now)


@shared_task
def sweep_runs() -> None:
    """Take up what was asked for and forgotten; forget the rows of old acts."""
    for run_id in runs.due_runs(at=timezone.now()):
        runs.ring(run_id)
    runs.delete_old_rows(at=timezone.now())
