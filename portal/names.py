"""Names that nobody has settled yet: labels of meeting reports, and walk-ins of registers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cohorts.models import ReportPerson, WalkIn
from cohorts.views.manage import require_office

SHOWN = 500


@require_GET
def list_names(request: HttpRequest) -> HttpResponse:
    """Each with where it is settled, the oldest first. Seven queries."""
    if refusal := require_office(request):
        return refusal
    review = ReportPerson.objects.filter(verdict=ReportPerson.Verdict.REVIEW)
    labels = review.select_related("report__session__cohort", "file").order_by("report__session__ends_at", "id")
    waiting = WalkIn.objects.filter(enrolment__isnull=True)
    walk_ins = waiting.select_related("session__cohort").order_by("noted_at", "id")
    context = {
        "labels": labels[:SHOWN],
        "labels_total": labels.count(),
        "walk_ins": walk_ins[:SHOWN],
        "walk_ins_total": walk_ins.count(),
    }
    return render(request, "portal/manage/names.html", context)
