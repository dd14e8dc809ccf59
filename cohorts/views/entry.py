"""The door to a place: the registration form, what happens next, and the link that confirms an address."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from cohorts.forms import CONSENT_VERSION, RegistrationForm
from cohorts.models import Cohort, Enrolment
from cohorts.rules.places import why_not_eligible
from cohorts.services.enrolment import register, register_again
from cohorts.services.enrolment.entry import confirm_address
from cohorts.throttle import may_register
from cohorts.views.public import cohort_context, get_cohort
from trainees.chosen import choose_trainee
from trainees.models import Trainee
from trainees.services.confirmation import read_link_token

REGISTERED = "registered"


@require_http_methods(["GET", "POST"])
def register_for_cohort(request: HttpRequest, code: str) -> HttpResponse:
    """One page to register; a signed-in trainee needs one button. Nobody is signed in by registering."""
    cohort = get_cohort(request, code)
    if trainee := choose_trainee(request):
        return _register_again(request, cohort, trainee)
    form = RegistrationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not may_register(request):
            form.add_error(None, _("Too many people have registered from your network just now. Try again in an hour."))
            return render(request, "cohorts/register.html", {**cohort_context(cohort), "form": form}, status=429)
        try:
            enrolment = register(
                cohort=cohort,
                person={**form.person, "language": get_language()},
                password=form.cleaned_data["password"],
                consent_version=CONSENT_VERSION,
                at=timezone.now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            request.session[REGISTERED] = enrolment.pk
            return redirect("cohort_registered", code)
    status = 422 if form.errors else 200
    return render(request, "cohorts/register.html", {**cohort_context(cohort), "form": form}, status=status)


def _register_again(request: HttpRequest, cohort: Cohort, trainee: Trainee) -> HttpResponse:
    if request.method == "POST":
        try:
            register_again(trainee=trainee, cohort=cohort, by=trainee.user, at=timezone.now())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            return redirect("me")
    held = trainee.enrolments.filter(status__in=Enrolment.OPEN).select_related("cohort").first()
    context: dict[str, Any] = {
        "trainee": trainee,
        "held": held or trainee.enrolments.filter(cohort=cohort, status__in=Enrolment.LIVE).first(),
        "refusals": why_not_eligible(trainee, cohort.course, starts_on=cohort.starts_on).values(),
    }
    return render(request, "cohorts/register_again.html", {**cohort_context(cohort), **context})


@require_GET
@never_cache
def show_registered(request: HttpRequest, code: str) -> HttpResponse:
    """What happens next: the same for a known and an unknown address. Two queries."""
    mine = Enrolment.objects.with_position().filter(pk=request.session.get(REGISTERED, 0), cohort__code=code)
    enrolment = mine.select_related("trainee", "cohort__course").first()
    if enrolment is None:
        return redirect("cohort", code)
    return render(request, "cohorts/registered.html", {"enrolment": enrolment, "cohort": enrolment.cohort})


@require_http_methods(["GET", "POST"])
@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """One page with one button, so that a mail scanner which opens links confirms nothing. Three queries."""
    trainee = read_link_token(token)
    if trainee is None:
        return render(request, "cohorts/confirm_unknown.html", status=404)
    if request.method == "POST":
        confirm_address(trainee=trainee, at=timezone.now())
        return redirect("confirm_address", token)
    enrolments = Enrolment.objects.with_position().filter(trainee=trainee).select_related("cohort__course")
    context = {"trainee": trainee, "enrolment": enrolments.order_by("-id").first()}
    return render(request, "cohorts/confirm.html", context)
