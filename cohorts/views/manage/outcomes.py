"""What the office does to outcomes: reopen a cohort, grant and lift exceptions."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cohorts.models import Cohort, CompletionException, Enrolment
from cohorts.permissions import can_grant_exception, can_reopen_cohort
from cohorts.services.completion import grant_exception, lift_exception, reopen_cohort
from cohorts.views.manage.access import require_office


@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, code: str) -> HttpResponse:
    """Say what reopening does and ask for the reason; a POST does it."""
    if refusal := require_office(request):
        return refusal
    if not can_reopen_cohort(request.user):
        raise PermissionDenied
    cohort = get_object_or_404(Cohort.objects.select_related("course"), code=code)
    if request.method == "GET":
        return render(request, "cohorts/manage/reopen.html", {"cohort": cohort})
    reason = request.POST.get("reason", "")
    try:
        done = reopen_cohort(cohort=cohort, reason=reason, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("cohort_reopen", code)
    said = _("%(code)s is open again: %(n)d outcomes are open.") % {"code": code, "n": done.reopened}
    if done.kept:
        names = ", ".join(each.trainee.full_name for each in done.kept)
        said += " " + _("These keep theirs, because they hold a place elsewhere: %s.") % names
    messages.success(request, said)
    return redirect("manage_cohort", code)


@require_POST
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a trainee complete by exception, with a reason."""
    _require_exceptions(request)
    enrolment = get_object_or_404(Enrolment.objects.select_related("trainee", "cohort"), pk=pk)
    try:
        grant_exception(
            enrolment=enrolment,
            reason=request.POST.get("reason", ""),
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The exception stands; it counts when the cohort is closed."))
    return redirect("manage_trainee", enrolment.trainee.number)


@require_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an exception back, with a reason."""
    _require_exceptions(request)
    exception = get_object_or_404(
        CompletionException.objects.select_related("enrolment__trainee", "enrolment__cohort"), pk=pk
    )
    try:
        lift_exception(
            exception=exception,
            reason=request.POST.get("reason", ""),
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The exception is lifted."))
    return redirect("manage_trainee", exception.enrolment.trainee.number)


def _require_exceptions(request: HttpRequest) -> None:
    if not can_grant_exception(request.user):
        raise PermissionDenied
