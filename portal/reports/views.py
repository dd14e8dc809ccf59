"""The office's reports: asking, following, taking away."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from cohorts.models import Cohort
from cohorts.views.manage import require_office
from portal.models import Report
from portal.reports.services import request_report


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
    report = get_object_or_404(Report.objects.select_related("cohort"), pk=pk, state=Report.State.READY)
    if not report.path.is_file():
        raise Http404
    name = f"{report.cohort.code if report.cohort else 'programme'}-{report.figures_at:%Y-%m-%d}.pdf"
    return FileResponse(report.path.open("rb"), filename=name, content_type="application/pdf", as_attachment=True)
