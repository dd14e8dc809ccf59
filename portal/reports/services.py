"""Asking for a report, making it once, and sending it round each week."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import Cohort
from portal.export.sheets import write_xlsx
from portal.figures.moment import one_moment
from portal.figures.refresh import refresh_figures
from portal.files import write_whole
from portal.models import Report
from portal.reports.cohorts import Listing, head_of_sheet, read_lines, row_of_sheet
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
    """Make one report if this caller wins its claim; return whether it is ready.

    Files get their names when they are whole, before the row says so. Each step is shown, and renews the claim. After
    three attempts it is failed.
    """
    token = secrets.token_hex(16)
    if not _claim(report_id, token, clock()):
        return False
    report = Report.objects.select_related("cohort").get(pk=report_id)
    held = Report.objects.filter(pk=report_id, claim_token=token, state=Report.State.WAITING)
    if report.attempts > ATTEMPTS:
        held.update(state=Report.State.FAILED)
        return False

    def begin(step: Report.Step) -> bool:
        return held.update(step=step, claimed_until=clock() + LEASE) == 1

    begin(Report.Step.UPDATING)
    refresh_figures()
    begin(Report.Step.COUNTING)
    now = clock()
    page, listed = _compose(report, now)
    if not begin(Report.Step.DRAWING):
        return False
    size = write_whole(report.path, lambda file: file.write(draw(page)))
    with transaction.atomic():
        made = {"ready_at": clock(), "figures_at": now, "size": size, "listed": listed}
        ready = held.update(state=Report.State.READY, **made) == 1
        if ready and report.mailed:
            _send_round(report, clock())
    return ready


@transaction.atomic
def note_sheet(*, report: Report, by: Any, at: datetime) -> None:
    """Write down who took the cohorts of a report, with the fields and the number of rows. One query."""
    detail = {"list": "cohorts", "kind": "xlsx", "fields": head_of_sheet(), "rows": report.listed, "filters": {}}
    record(act="list.export", by=by, at=at, subject=by, detail=detail)


def due_reports(*, at: datetime) -> list[int]:
    """Return those that nobody is making. One query."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
    return list(Report.objects.filter(free, state=Report.State.WAITING).order_by("id").values_list("pk", flat=True))


def delete_old_reports(*, at: datetime) -> int:
    """Delete files older than three months; the rows stay. Return how many."""
    old = list(Report.objects.filter(state=Report.State.READY, ready_at__lt=at - KEPT))
    for report in old:
        report.path.unlink(missing_ok=True)
        report.sheet_path.unlink(missing_ok=True)
    return Report.objects.filter(pk__in=[each.pk for each in old]).update(state=Report.State.DELETED)


def ring(report_id: int) -> None:
    """Tell the worker; by name, since the tasks call the services."""
    current_app.send_task("portal.tasks.make_report", kwargs={"report_id": report_id})


def _claim(report_id: int, token: str, at: datetime) -> bool:
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
    waiting = Report.objects.filter(free, pk=report_id, state=Report.State.WAITING)
    return waiting.update(claim_token=token, claimed_until=at + LEASE, attempts=F("attempts") + 1) == 1


def _compose(report: Report, at: datetime) -> tuple[str, int]:
    """Return the pages as HTML, and how many cohorts the workbook beside them holds. All of one moment."""
    with one_moment():
        if report.cohort is not None:
            return render_to_string("portal/reports/cohort.html", describe_cohort(cohort=report.cohort, at=at)), 0
        listing = Listing()
        rows = map(row_of_sheet, listing.keep(read_lines()))
        write_whole(report.sheet_path, lambda file: write_xlsx(file, head_of_sheet(), rows))
        page = render_to_string("portal/reports/programme.html", describe_programme(listing=listing, at=at))
        return page, listing.number


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
