"""What anybody sees of a cohort, and the door to a place in it."""

from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cohorts.charts import draw_places
from cohorts.forms import CONSENT_VERSION, RegistrationForm
from cohorts.models import Cohort, Enrolment
from cohorts.services.enrolment import register, register_again, registration_is_open
from cohorts.services.tallies import policy_of
from trainees.chosen import choose_trainee
from trainees.models import Trainee


@require_GET
def show_cohort(request: HttpRequest, code: str) -> HttpResponse:
    """The public page of one cohort. Seven queries."""
    cohort = get_cohort(code)
    return render(request, "cohorts/cohort.html", cohort_context(cohort))


def get_cohort(code: str) -> Cohort:
    """Return a cohort with its course and places, or answer 404. One query."""
    cohorts = Cohort.objects.with_places().select_related("course__programme", "policy")
    return get_object_or_404(cohorts, code=code)


def cohort_context(cohort: Cohort) -> dict[str, object]:
    """Return what the page and the form show beside a cohort. Five queries."""
    now = timezone.now()
    siblings = Cohort.objects.filter(course=cohort.course, starts_on__gte=timezone.localdate()).exclude(pk=cohort.pk)
    others = [each for each in siblings.with_places().order_by("starts_on", "id") if each.places_left]
    return {
        "cohort": cohort,
        "is_open": registration_is_open(cohort, now),
        "can_wait": cohort.waiting < cohort.waitlist_limit,
        "next_position": cohort.waiting + 1,
        "picture": draw_places(
            capacity=cohort.capacity,
            taken=cohort.taken,
            waiting=cohort.waiting,
            waitlist_limit=cohort.waitlist_limit,
        ),
        "others": others[:4],
        "modules": cohort.course.modules.order_by("number"),
        "instructors": cohort.instructors.order_by("full_name"),
        "sessions": (sessions := list(cohort.sessions.countable().order_by("number"))),
        "session_count": len(sessions),
        "policy": policy_of(cohort),
    }


@require_http_methods(["GET", "POST"])
def register_for_cohort(request: HttpRequest, code: str) -> HttpResponse:
    """One page to register; a signed-in trainee needs one button."""
    cohort = get_cohort(code)
    if trainee := choose_trainee(request):
        return _register_trainee(request, cohort, trainee)
    form = RegistrationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            enrolment = register(
                cohort=cohort,
                person=form.person,
                password=form.cleaned_data["password"],
                consent_version=CONSENT_VERSION,
                at=timezone.now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _welcome(request, enrolment)
    status = 422 if form.errors else 200
    return render(request, "cohorts/register.html", {**cohort_context(cohort), "form": form}, status=status)


def _register_trainee(request: HttpRequest, cohort: Cohort, trainee: Trainee) -> HttpResponse:
    if request.method == "POST":
        try:
            register_again(trainee=trainee, cohort=cohort, by=trainee.user, at=timezone.now())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            return redirect("me")
    return render(request, "cohorts/register_again.html", {**cohort_context(cohort), "trainee": trainee})


def _welcome(request: HttpRequest, enrolment: Enrolment) -> HttpResponse:
    user = enrolment.trainee.user
    if user is not None:
        with transaction.atomic():
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    if enrolment.status == Enrolment.Status.WAITLISTED:
        messages.warning(request, _("You are on the waiting list of %s.") % enrolment.cohort.code)
    else:
        messages.success(request, _("You have a place in %s.") % enrolment.cohort.code)
    return redirect("me")
