"""Identity numbers for those with the right: shown one at a time, found by hash, each look recorded."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cohorts.views.manage.access import require_office
from trainees.models import Trainee
from trainees.permissions import can_see_cnic
from trainees.rules import read_cnic, require
from trainees.services.identity import find_by_cnic, look_at_cnic


@require_POST
def show_cnic(request: HttpRequest, number: str) -> HttpResponse:
    """Show the number of one person. The answer may not be kept by any cache."""
    if refusal := _refuse(request):
        return refusal
    trainee = get_object_or_404(Trainee.objects.visible_to(request.user), number=number)
    cnic = look_at_cnic(trainee=trainee, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    response = render(request, "portal/people/cnic.html", {"trainee": trainee, "cnic": cnic})
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def find_trainee(request: HttpRequest) -> HttpResponse:
    """Open the page of the person with the number that was typed; it travels in no address."""
    if refusal := _refuse(request):
        return refusal
    try:
        cnic = require(read_cnic(request.POST.get("cnic", "")))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("manage_trainees")
    trainee = find_by_cnic(cnic=cnic, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    if trainee is None:
        messages.warning(request, _("Nobody with this CNIC is a trainee. Compare its digits with the card."))
        return redirect("manage_trainees")
    return redirect("manage_trainee", trainee.number)


def _refuse(request: HttpRequest) -> HttpResponse | None:
    if refusal := require_office(request):
        return refusal
    if not can_see_cnic(request.user):
        raise PermissionDenied
    return None
