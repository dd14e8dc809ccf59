"""The office's reports: asking, following, taking away."""

from django.db import models
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import ListView

from cohorts.models import Cohort
from cohorts.views.manage import OfficeMixin, require_office
from portal.models import Report
from portal.reports.services import request_report


class ReportList(OfficeMixin, ListView):
    """The newest first; one that is in work looks again by itself. Five queries."""

    template_name = "portal/reports/list.html"
    paginate_by = 30

    def get_queryset(self) -> models.QuerySet[Report]:
        return Report.objects.select_related("cohort", "by").order_by("-id")


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
    """One row of the list, for the page that looks again. Three queries."""
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
