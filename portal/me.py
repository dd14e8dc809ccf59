"""What a trainee does about a place on the own page."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cohorts.models import Enrolment
from cohorts.services.enrolment import accept_offer, decline_offer, preview_each, withdraw
from cohorts.services.enrolment.entry import find_moves, move_oneself, send_confirmation_again
from trainees.chosen import choose_trainee


@login_required
@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw from a cohort, or leave its line."""
    enrolment = get_object_or_404(Enrolment, pk=pk, trainee__user=request.user)
    try:
        withdraw(enrolment=enrolment, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("You have left %s.") % enrolment.cohort.code)
    return redirect("me")


@login_required
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept an offered place."""
    return _answer(request, pk, accept_offer, _("You have a place in %s."))


@login_required
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Decline an offered place; the next in line is asked."""
    return _answer(request, pk, decline_offer, _("You have declined the place in %s."))


def _answer(request: HttpRequest, pk: int, act: Any, said: str) -> HttpResponse:
    enrolment = get_object_or_404(Enrolment, pk=pk, trainee__user=request.user)
    try:
        act(enrolment=enrolment, by=request.user, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said % enrolment.cohort.code)
    return redirect("me")


@login_required
@require_POST
def confirm_again(request: HttpRequest) -> HttpResponse:
    """Send the mail that confirms the address once more; at most one in ten minutes."""
    trainee = choose_trainee(request)
    try:
        if trainee is not None:
            send_confirmation_again(trainee=trainee, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The mail is on its way. It can be sent once in ten minutes."))
    return redirect("me")


@login_required
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the cohorts of the same course with a free place; a POST moves there, sessions attended included."""
    enrolment = get_object_or_404(
        Enrolment.objects.select_related("trainee", "cohort__course"), pk=pk, trainee__user=request.user
    )
    if enrolment.status not in Enrolment.OPEN:
        return redirect("me")
    moves = find_moves(enrolment=enrolment, at=timezone.now())
    if request.method == "GET":
        carried = preview_each(enrolment=enrolment, cohorts=moves)
        choices = [(each, carried[each.pk]) for each in moves]
        context = {"enrolment": enrolment, "trainee": enrolment.trainee, "choices": choices, "tab": "today"}
        return render(request, "cohorts/me/move.html", context)
    cohort = next((each for each in moves if each.code == request.POST.get("cohort")), None)
    try:
        if cohort is None:
            raise ValidationError(_("That cohort has no free place any more. Choose another one."))
        move_oneself(enrolment=enrolment, cohort=cohort, by=enrolment.trainee.user, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("me_move", pk)
    messages.success(request, _("You have moved to %s.") % cohort.code)
    return redirect("me")
