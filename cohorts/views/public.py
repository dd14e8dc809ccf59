"""What anybody sees of a cohort."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cohorts.charts import draw_places
from cohorts.models import Cohort
from cohorts.rules.places import describe_requirements
from cohorts.services.enrolment import registration_is_open
from cohorts.services.tallies import policy_of
from cohorts.waiting import describe_times


@require_GET
def show_cohort(request: HttpRequest, code: str) -> HttpResponse:
    """The public page of one cohort. Seven queries."""
    return render(request, "cohorts/cohort.html", cohort_context(get_cohort(request, code)))


def get_cohort(request: HttpRequest, code: str) -> Cohort:
    """Return a cohort with its course and places, or answer 404. One query."""
    cohorts = Cohort.objects.visible_to(request.user).with_places()
    cohorts = cohorts.select_related("course__programme", "policy", "held_in__venue")
    return get_object_or_404(cohorts, code=code)


def cohort_context(cohort: Cohort) -> dict[str, object]:
    """Return what the page and the form show beside a cohort. Five queries."""
    now = timezone.now()
    siblings = (
        Cohort.objects.offered().filter(course=cohort.course, starts_on__gte=timezone.localdate()).exclude(pk=cohort.pk)
    )
    others = [
        each
        for each in siblings.with_places().order_by("starts_on", "id")
        if each.places_left and registration_is_open(each, now)
    ]
    return {
        "cohort": cohort,
        "is_open": registration_is_open(cohort, now) and not cohort.is_retired,
        "opens_later": cohort.registration_opens_at is not None and now < cohort.registration_opens_at,
        "can_wait": cohort.waiting < cohort.waitlist_limit,
        "next_position": cohort.waiting + 1,
        "picture": draw_places(
            capacity=cohort.capacity,
            taken=cohort.taken,
            waiting=cohort.waiting,
            waitlist_limit=cohort.waitlist_limit,
        ),
        "others": others[:4],
        "requirements": describe_requirements(cohort.course),
        "times": describe_times(cohort.weekly_pattern),
        "modules": cohort.course.modules.order_by("number"),
        "instructors": cohort.instructors.order_by("full_name"),
        "sessions": (sessions := list(cohort.sessions.countable().order_by("number"))),
        "session_count": len(sessions),
        "policy": policy_of(cohort),
    }
