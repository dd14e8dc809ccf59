"""Acts on a cohort with a preview of their effect: more or fewer places, a session excused for several people."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from cohorts.forms import CapacityForm
from cohorts.models import Cohort, Enrolment, Session
from cohorts.permissions import can_close, can_correct, can_excuse
from cohorts.services.attendance.excuse import excuse_together, preview_excuse
from cohorts.services.enrolment import preview_capacity, set_capacity
from cohorts.services.tallies import policy_of
from cohorts.views.manage.access import act_and_return, require_office


@require_http_methods(["GET", "POST"])
def capacity(request: HttpRequest, code: str) -> HttpResponse:
    """Show who would get a place with another number of places; a POST changes it and the line moves up."""
    if refusal := require_office(request):
        return refusal
    cohort = get_object_or_404(Cohort.objects.select_related("course"), code=code)
    if not can_close(request.user, cohort):
        raise PermissionDenied
    form = CapacityForm(request.POST if request.method == "POST" else request.GET or {"capacity": cohort.capacity})
    if request.method == "GET":
        wanted = form.cleaned_data["capacity"] if form.is_valid() else None
        preview = preview_capacity(cohort=cohort, capacity=wanted or cohort.capacity, at=timezone.now())
        context = {"cohort": cohort, "form": form, "wanted": wanted, "preview": preview}
        return render(request, "cohorts/manage/capacity.html", context)
    by: Any = request.user

    def act() -> None:
        set_capacity(cohort=cohort, capacity=form.cleaned_data["capacity"], by=by, at=timezone.now())

    return act_and_return(request, form, act, redirect("manage_cohort", code))


@require_http_methods(["GET", "POST"])
def excuse(request: HttpRequest, code: str) -> HttpResponse:
    """Show what excusing the chosen from one session does to each; a POST writes the marks, all or none."""
    if refusal := require_office(request):
        return refusal
    if not can_excuse(request.user):
        raise PermissionDenied
    cohort = get_object_or_404(Cohort.objects.select_related("course", "policy"), code=code)
    given = request.POST if request.method == "POST" else request.GET
    chosen = [int(pk) for pk in given.getlist("row") if pk.isdecimal() and len(pk) < 12]
    people = cohort.enrolments.filter(pk__in=chosen, status=Enrolment.Status.ENROLLED).select_related("trainee")
    enrolments = list(people.defer("trainee__cnic").order_by("trainee__full_name", "id"))
    now = timezone.now()
    sessions = list(cohort.sessions.countable().filter(starts_at__lt=now).order_by("-number"))
    session = _chosen(sessions, given.get("session", ""))
    if request.method == "POST" and session and enrolments:
        return _excuse(request, session, enrolments)
    context: dict[str, Any] = {"cohort": cohort, "policy": policy_of(cohort), "people": enrolments}
    context |= {"sessions": sessions, "session": session, "back": reverse("manage_cohort", args=[code])}
    if session and enrolments:
        context["effects"] = preview_excuse(cohort=cohort, session=session, enrolments=enrolments)
        context["changing"] = sum(not each.stays for each in context["effects"])
    return render(request, "cohorts/manage/excuse.html", context)


def _chosen(sessions: list[Session], given: str) -> Session | None:
    """Return the session asked for, else the newest that began."""
    found = [each for each in sessions if str(each.pk) == given]
    return next(iter(found or sessions), None)


def _excuse(request: HttpRequest, session: Session, enrolments: list[Enrolment]) -> HttpResponse:
    by: Any = request.user
    reason, may_correct = request.POST.get("reason", ""), can_correct(request.user)
    try:
        changed = excuse_together(
            session=session, enrolments=enrolments, reason=reason, by=by, at=timezone.now(), may_correct=may_correct
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        text = ngettext("%(n)d mark is excused now.", "%(n)d marks are excused now.", changed)
        messages.success(request, text % {"n": changed})
    return redirect("manage_cohort", session.cohort.code)
