"""Applications for the office: one to decide, the upload with its preview."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from admissions.models import Application, Placing
from admissions.permissions import can_review
from admissions.rules import describe
from admissions.services import (
    decide_application,
    look_at_cnic,
    reopen_application,
    request_placing,
)
from audit.history import history_of
from cohorts.models import Cohort
from cohorts.views.manage import require_office
from trainees.permissions import can_see_cnic
from trainees.rules import mask_cnic, mask_typed_cnic

SHOWN = (
    "full_name",
    "father_or_husband_name",
    "cnic",
    "email",
    "mobile",
    "date_of_birth",
    "gender",
    "province",
    "city",
)
PREVIEW_ROWS = 60
COHORTS_SHOWN = 50


@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """As typed beside as read; accept or reject with a reason."""
    if refusal := require_office(request):
        return refusal
    application = get_object_or_404(
        Application.objects.visible_to(request.user).select_related("course_1", "course_2", "decided_by"), pk=pk
    )
    if request.method == "POST":
        return _reopen(request, application) if "reopen" in request.POST else _decide(request, application)
    rows = [_compare(application, name) for name in SHOWN]
    context = {
        "application": application,
        "rows": rows,
        "message": describe(application.codes),
        "may_review": can_review(request.user),
        "may_reopen": application.status in ("accepted", "rejected"),
        "history": history_of(application, {"": ("", dict(Application.Status.choices))}),
        "may_see_cnic": can_see_cnic(request.user),
    }
    return render(request, "admissions/review.html", context)


def _compare(application: Application, name: str) -> dict[str, Any]:
    typed, read = application.typed.get(name, ""), getattr(application, name) or ""
    differs = str(typed).strip() != str(read)
    if name == "cnic":
        typed, read = mask_typed_cnic(str(typed)), mask_cnic(read)
    return {"name": name.replace("_", " "), "typed": typed, "read": read, "differs": differs}


@require_POST
def show_cnic(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the number of an application, as typed and as read; the look is recorded."""
    if refusal := require_office(request):
        return refusal
    application = get_object_or_404(Application.objects.visible_to(request.user), pk=pk)
    if not can_see_cnic(request.user):
        raise PermissionDenied
    typed, read = look_at_cnic(application=application, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    response = render(request, "admissions/cnic.html", {"application": application, "typed": typed, "read": read})
    response.headers["Cache-Control"] = "no-store"
    return response


def _reopen(request: HttpRequest, application: Application) -> HttpResponse:
    if not can_review(request.user):
        raise PermissionDenied
    reason = request.POST.get("reason", "").replace("\x00", "")
    try:
        reopen_application(application=application, reason=reason, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("It waits for a decision again."))
    return redirect("manage_application", application.pk)


def _decide(request: HttpRequest, application: Application) -> HttpResponse:
    if not can_review(request.user):
        raise PermissionDenied
    try:
        decide_application(
            application=application,
            accept=request.POST.get("decision") == "accept",
            reason=request.POST.get("reason", "").replace("\x00", ""),
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("manage_application", application.pk)
    messages.success(request, _("Decided."))
    following = Application.objects.to_review().first()
    return redirect("manage_application", following.pk) if following else redirect("manage_applications")


@require_http_methods(["GET", "POST"])
def place(request: HttpRequest) -> HttpResponse:
    """What the last rehearsal said, and the buttons that start one and a run in the background. Eight queries."""
    if refusal := require_office(request):
        return refusal
    if not can_review(request.user):
        raise PermissionDenied
    if request.method == "POST":
        try:
            is_rehearsal = request.POST.get("act") == "foresee"
            request_placing(by=request.user, at=timezone.now(), is_rehearsal=is_rehearsal)  # type: ignore[arg-type]
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect("manage_place_applications")
    newest = list(Placing.objects.select_related("by").order_by("-id")[:10])
    rehearsal = newest[0] if newest and newest[0].is_rehearsal else None  # a run since would have overtaken it
    context = {
        "runs": [each for each in newest if not each.is_rehearsal],
        "is_running": bool(newest) and newest[0].state == Placing.State.RUNNING,
        "rehearsal": rehearsal,
        "some_wait": Application.objects.visible_to(request.user).await_places(),
        **_foreseen(rehearsal, request.GET.get("page")),
    }
    return render(request, "admissions/place.html", context)


def _foreseen(rehearsal: Placing | None, number: str | None) -> dict[str, Any]:
    """Return a page of what was foreseen, cohort by cohort. One query."""
    page = Paginator(rehearsal.foreseen if rehearsal else [], COHORTS_SHOWN).get_page(number)
    cohorts = Cohort.objects.select_related("course").in_bulk([row[0] for row in page.object_list])
    rows = [(cohorts[row[0]], *row[1:]) for row in page.object_list if row[0] in cohorts]
    return {"page_obj": page, "rows": rows}


@require_GET
def show_placing(request: HttpRequest, pk: int) -> HttpResponse:
    """One run, for the page that looks again. Three queries."""
    if refusal := require_office(request):
        return refusal
    if not can_review(request.user):
        raise PermissionDenied
    run = get_object_or_404(Placing.objects.select_related("by"), pk=pk)
    response = render(request, "admissions/placing.html", {"run": run})
    if run.state == Placing.State.FINISHED:
        response.headers["HX-Refresh"] = "true"  # the page around it has a new preview
    return response
