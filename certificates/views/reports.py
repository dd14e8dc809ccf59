"""Reporting a problem with a certificate, for anybody, and settling it, for the office."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from certificates.codes import grouped, normalise
from certificates.forms import ReportForm
from certificates.models import ProblemReport
from certificates.permissions import can_revoke
from certificates.services.report import report_problem, settle_report
from certificates.throttle import ReportThrottle


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, code: str) -> HttpResponse:
    """A short form; what is sent stands in the office's list."""
    form = ReportForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "code": code, "grouped": grouped(normalise(code)[:40])}
    if request.method == "POST" and form.is_valid():
        if not ReportThrottle().allow_request(request, None):
            return render(request, "429.html", status=429)
        report_problem(code=code, at=timezone.now(), **form.cleaned_data)
        context["is_sent"] = True
    return render(request, "certificates/report.html", context)


@login_required
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a report is dealt with."""
    if not can_revoke(request.user):
        raise PermissionDenied
    report = get_object_or_404(ProblemReport, pk=pk)
    settle_report(report=report, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return redirect("problem_reports")
