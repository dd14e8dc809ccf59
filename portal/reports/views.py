"""The office's reports: asking, following, taking away."""

from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from cohorts.models import Cohort
from cohorts.views.manage import require_office
from portal.models import Report
from portal.reports.services import note_sheet, request_report

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a report of the programme, or of the cohort that is named."""
    if refusal := require_office(request):
        return refusal
    code = request.POST.get("cohort", "").replace("\x00", "")
    cohort = get_object_or_404(Cohort, code=code) if code else None
    request_report(cohort=cohort, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return redirect("reports")


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """How far one report is, for the page that looks again. Three queries."""
    if refusal := require_office(request):
        return refusal
    report = get_object_or_404(Report.objects.select_related("cohort", "by"), pk=pk)
    return render(request, "portal/reports/row.html", {"report": report})


@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """The PDF. Three queries."""
    if refusal := require_office(request):
        return refusal
    report = _ready(pk)
    return _hand_over(report.path, f"{_name(report)}.pdf", "application/pdf")


@require_GET
def download_cohorts(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """The workbook with every cohort of the report; that it was taken is written down. Five queries."""
    if refusal := require_office(request):
        return refusal
    report = _ready(pk)
    answer = _hand_over(report.sheet_path, f"{_name(report)}-cohorts.xlsx", SHEET)
    note_sheet(report=report, by=request.user, at=timezone.now())
    return answer


def _ready(pk: int) -> Report:
    return get_object_or_404(Report.objects.select_related("cohort"), pk=pk, state=Report.State.READY)


def _name(report: Report) -> str:
    return f"{report.cohort.code if report.cohort else 'programme'}-{report.figures_at:%Y-%m-%d}"


def _hand_over(path: Path, name: str, content_type: str) -> FileResponse:
    """Return a file to be saved. Raises Http404 when there is none."""
    if not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), filename=name, content_type=content_type, as_attachment=True)
