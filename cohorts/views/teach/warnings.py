"""Whom to worry about, with figures and dates, for the office and each instructor's own cohorts."""

from collections import defaultdict
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cohorts.models import AttendanceWarning, Cohort
from cohorts.permissions import can_manage
from cohorts.services.warnings import MOST, WorstFirst, find_watched, read_concerns

PAGE = 50


@login_required
@require_GET
def show_warnings(request: HttpRequest) -> HttpResponse:
    """Everybody at risk, beyond reach or missing several in a row, worst first. At most fifteen queries.

    A page holds fifty who are watched: some of the last pages missed several sessions, but not in a row.
    """
    is_office = can_manage(request.user)
    if not is_office and not Cohort.objects.taught_by(request.user).exists():
        raise PermissionDenied
    running = Cohort.objects.managed_by(request.user).filter(state=Cohort.State.RUNNING).values_list("pk", flat=True)
    # An instructor's are few: named one by one, they are looked up, and nobody else is gone through.
    cohorts = running if request.user.has_perm("cohorts.view_cohort") else list(running)
    watched: Any = WorstFirst(find_watched(cohorts=cohorts, at=timezone.now()))
    page: Page[Any] = Paginator(watched, PAGE).get_page(request.GET.get("page"))
    concerns = read_concerns(list(page.object_list))
    told: dict[int, list[AttendanceWarning]] = defaultdict(list)
    for warning in AttendanceWarning.objects.filter(enrolment__in=[each.enrolment for each in concerns]).order_by("at"):
        told[warning.enrolment_id].append(warning)
    context = {
        "base": "base_staff.html" if is_office else "cohorts/teach/base.html",
        "rows": [(concern, told[concern.enrolment.pk]) for concern in concerns],
        "page_obj": page,
        "most": MOST if watched.is_cut else 0,
    }
    return render(request, "cohorts/teach/warnings.html", context)
