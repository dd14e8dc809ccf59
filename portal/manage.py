"""The overview of the programme office, and the outbox."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cohorts.views.manage import require_office
from portal.overview import build_overview
from portal.side import show_allowed, sum_side


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Where everybody stands, why, and what to do next. At most fifteen queries, whatever the size.

    The side bar says what the page has counted; where it is narrowed it asks less, and once for those.
    """
    if refusal := require_office(request):
        return refusal
    page = build_overview(request.GET, at=timezone.now())
    if page["choice"].is_all and page["programme"]:
        page["side"] = show_allowed(request.user, sum_side(page["programme"], page["counts"]))
    return render(request, "portal/manage/overview.html", page)
