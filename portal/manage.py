"""The overview of the programme office, and the outbox."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cohorts.views.manage import require_office
from portal.overview import build_overview


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Where everybody stands, why, and what to do next. At most fifteen queries, whatever the size."""
    if refusal := require_office(request):
        return refusal
    return render(request, "portal/manage/overview.html", build_overview(request.GET, at=timezone.now()))
