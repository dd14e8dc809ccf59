"""The office's page to merge two records: side by side, choose, confirm."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cohorts.models import Enrolment
from cohorts.views.manage.access import require_office
from portal.people.merge import FIELDS, Difference, compare, find_obstacles, merge_trainees
from trainees.forms import MergeForm
from trainees.models import Trainee
from trainees.rules import mask_cnic


@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, number: str) -> HttpResponse:
    """Without another number ask for it; with one show both; by POST make them one."""
    if refusal := require_office(request):
        return refusal
    if not request.user.has_perm("trainees.change_trainee"):
        raise PermissionDenied
    kept = get_object_or_404(Trainee.objects.select_related("user"), number=number)
    asked = request.POST if request.method == "POST" else request.GET
    form = MergeForm(asked or None)
    if not form.is_valid():
        context = {"kept": kept, "form": form}
        return render(request, "portal/people/merge.html", context, status=422 if form.errors else 200)
    other = form.cleaned_data["other"]
    if request.method == "POST":
        return _merge(request, kept, other)
    return render(request, "portal/people/merge.html", {"form": form, **_preview(kept, other)})


def _merge(request: HttpRequest, kept: Trainee, other: Trainee) -> HttpResponse:
    choices = {name: request.POST.get(f"stays-{name}", "kept") for name in FIELDS}
    by: Any = request.user
    try:
        merge_trainees(kept=kept, other=other, choices=choices, by=by, at=timezone.now())
    except ValidationError as error:
        context = {"form": MergeForm({"other": other.number}), **_preview(kept, other), "obstacles": error.messages}
        return render(request, "portal/people/merge.html", context, status=409)
    said = _("The records are one; %s leads here now, and the person is told.")
    messages.success(request, said % other.number)
    return redirect("manage_trainee", kept.number)


def _preview(kept: Trainee, other: Trainee) -> dict[str, Any]:
    rows = [_mask(each) for each in compare(kept, other)]
    return {
        "kept": kept,
        "other": other,
        "obstacles": find_obstacles(kept, other),
        "different": [each for each in rows if each.differs],
        "same": [each for each in rows if not each.differs and each.kept],
        "moving": Enrolment.objects.filter(trainee=other).select_related("cohort__course").order_by("id"),
    }


def _mask(row: Difference) -> Difference:
    if row.name != "cnic":
        return row
    return replace(row, kept=mask_cnic(row.kept), other=mask_cnic(row.other))
