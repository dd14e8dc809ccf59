"""Search over everything: a page of its own, and what the palette shows while one types."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cohorts.views.manage import require_office
from portal.palette import SHORTEST, find


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """The page with the hits, or with `part` the hits alone. Ten queries."""
    if refusal := require_office(request):
        return refusal
    words = request.GET.get("q", "").strip()
    groups = find(words, user=request.user)
    context = {"words": words[:60], "groups": groups, "too_short": len(words) < SHORTEST}
    return render(request, "portal/search/hits.html" if request.GET.get("part") else "portal/search/page.html", context)
