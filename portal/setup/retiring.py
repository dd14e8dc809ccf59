"""Retiring: what is in use is never deleted. It is offered to nobody new, and stays where it is used."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import models, transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from audit.services import record
from cohorts.models import Cohort, CohortInstructor, CohortQuerySet, Enrolment, Session, Venue
from cohorts.services.locks import lock_in_order
from courses.models import Course, Programme
from portal.setup.access import require_setup
from portal.setup.instructors import all_instructors
from trainees.models import User

KINDS: dict[str, type[models.Model]] = {
    "programme": Programme,
    "course": Course,
    "cohort": Cohort,
    "venue": Venue,
    "instructor": User,
}


USED_BY: dict[str, Callable[[int], Q]] = {
    "programme": lambda pk: Q(course__programme=pk),
    "course": lambda pk: Q(course=pk),
    "cohort": lambda pk: Q(pk=pk),
    "venue": lambda pk: Q(held_in__venue=pk) | Q(pk__in=Session.objects.filter(held_in__venue=pk).values("cohort")),
    "instructor": lambda pk: Q(pk__in=CohortInstructor.objects.filter(user=pk).values("cohort")),
}


@transaction.atomic
def set_retired(*, kind: str, pk: int, retired: bool, by: User | None, at: datetime) -> bool:
    """Retire a thing or bring it back; return whether that changed anything. At most five queries.

    The cohorts that use it are locked first, in the order of their ids, then a programme's courses, then the thing:
    who gives a place, names an instructor or takes a room holds one of these locks and reads again under it. So
    nothing new comes to what is retired.
    """
    lock_in_order(Cohort.objects.filter(USED_BY[kind](pk)))
    if kind == "programme":
        lock_in_order(Course.objects.filter(programme=pk))
    thing: Any = KINDS[kind]._base_manager.select_for_update(no_key=True).get(pk=pk)
    if bool(thing.retired_at) == retired:
        return False
    thing.retired_at = at if retired else None
    thing.save(update_fields=["retired_at"])
    record(act=f"{kind}.{'retire' if retired else 'restore'}", by=by, at=at, subject=thing)
    return True


def describe_effects(kind: str, thing: Any, at: datetime) -> list[str]:
    """Say what retiring a thing does, and what goes on. At most three queries."""
    return EFFECTS[kind](thing, at)


def _of_programme(programme: Programme, at: datetime) -> list[str]:
    return [
        _("It is no longer shown to visitors, and none of its courses can be chosen for a new cohort."),
        *_of_cohorts(Cohort.objects.filter(course__programme=programme)),
    ]


def _of_course(course: Course, at: datetime) -> list[str]:
    return [
        _("It can no longer be chosen for a new cohort, and visitors do not see it."),
        *_of_cohorts(Cohort.objects.filter(course=course)),
    ]


def _of_cohort(cohort: Cohort, at: datetime) -> list[str]:
    return _of_cohorts(Cohort.objects.filter(pk=cohort.pk))


def _of_cohorts(cohorts: CohortQuerySet) -> list[str]:
    open_ones = list(cohorts.exclude(state=Cohort.State.CLOSED).values_list("pk", flat=True))
    inside = Enrolment.objects.filter(cohort__in=open_ones, status__in=Enrolment.OPEN).count()
    cohorts_text = ngettext(
        "%d cohort takes nobody new: neither by registration nor by the office.",
        "%d cohorts take nobody new: neither by registration nor by the office.",
        len(open_ones),
    )
    people_text = ngettext(
        "%d person inside goes on: timetable, register, place in the line, certificate.",
        "%d people inside go on: timetable, register, place in the line, certificate.",
        inside,
    )
    return [cohorts_text % len(open_ones), people_text % inside]


def _of_venue(venue: Venue, at: datetime) -> list[str]:
    sessions = Session.objects.filter(held_in__venue=venue, starts_at__gt=at).countable().count()
    text = ngettext("%d session to come stays there.", "%d sessions to come stay there.", sessions)
    return [_("It and its rooms can no longer be chosen, nor named by a file."), text % sessions]


def _of_instructor(user: User, at: datetime) -> list[str]:
    sessions = Session.objects.held_by(user).filter(starts_at__gt=at).countable().count()
    text = ngettext(
        "%d session to come stays theirs until you give it to somebody else.",
        "%d sessions to come stay theirs until you give them to somebody else.",
        sessions,
    )
    return [_("They can be named for no further cohort. The account stays and can sign in."), text % sessions]


EFFECTS: dict[str, Callable[[Any, datetime], list[str]]] = {
    "programme": _of_programme,
    "course": _of_course,
    "cohort": _of_cohort,
    "venue": _of_venue,
    "instructor": _of_instructor,
}


def page_of(kind: str, thing: Any) -> str:
    """Return the address of the page on which a thing is set up."""
    return reverse(f"setup_{kind}", args=[thing.pk if kind in ("venue", "instructor") else thing.code])


@require_http_methods(["GET", "POST"])
def retire(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Say what retiring (or bringing back) does; a POST does it. At most nine queries."""
    if refusal := require_setup(request):
        return refusal
    if kind not in KINDS:
        raise Http404
    thing: Any = get_object_or_404(all_instructors() if kind == "instructor" else KINDS[kind], pk=pk)
    name = str(thing.get_full_name() if kind == "instructor" else thing)
    if request.method == "POST":
        wanted = request.POST.get("act") == "retire"
        by: Any = request.user
        set_retired(kind=kind, pk=pk, retired=wanted, by=by, at=timezone.now())
        said = _("%s is retired.") if wanted else _("%s is back.")
        messages.success(request, said % name)
        return redirect(page_of(kind, thing))
    effects = [] if thing.retired_at else describe_effects(kind, thing, timezone.now())
    context = {"thing": thing, "name": name, "effects": effects, "back": page_of(kind, thing)}
    return render(request, "portal/setup/retire.html", context)
