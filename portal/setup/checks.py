"""What does not fit in the set-up: hours, rooms, people and places. Every line leads to where it is mended."""

from dataclasses import dataclass

from django.db.models import Count, F, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cohorts.models import Cohort, CohortQuerySet, Mode, Session
from cohorts.services.schedule import list_clashes
from courses.models import Course, Programme
from portal.setup.access import require_setup

SHOWN = 50


@dataclass(frozen=True)
class Fault:
    """One thing that does not fit, and the page on which it is mended."""

    about: str
    text: str
    url: str


@require_GET
def checks(request: HttpRequest) -> HttpResponse:
    """Hours, clashes, rooms and places, checked now over all that is offered and not closed. Twelve queries."""
    if refusal := require_setup(request):
        return refusal
    groups = [
        (_("Hours of modules"), _modules(), _("The modules of every course add up to its contact hours.")),
        (_("Hours of timetables"), _timetables(), _("Every timetable has the hours of its course.")),
        (_("Rooms"), _rooms(), _("No cohort has more places than its room has seats.")),
        (_("Instructors and venues"), _unnamed(), _("Every cohort has an instructor, and every classroom a venue.")),
        (_("Clashes"), _clashes(), _("Every instructor, room and trainee is in one place at a time.")),
        (_("Places"), _places(), _("The places of all cohorts are those of the programme.")),
    ]
    shown = [
        {"title": title, "faults": found[:SHOWN], "count": len(found), "good": good} for title, found, good in groups
    ]
    context = {"groups": shown, "count": sum(len(found) for _title, found, _good in groups), "at": timezone.now()}
    return render(request, "portal/setup/checks.html", context)


def _open() -> CohortQuerySet:
    return Cohort.objects.offered().exclude(state=Cohort.State.CLOSED)


def _modules() -> list[Fault]:
    found = (
        Course.objects.offered()
        .annotate(sum=Sum("modules__hours", default=0))
        .exclude(sum=F("contact_hours"))
        .order_by("code")
    )
    said = _("its modules have %(sum)d hours, the course says %(hours)d.")
    none = _("it has no modules yet.")
    return [
        Fault(
            each.code,
            said % {"sum": each.sum, "hours": each.contact_hours} if each.sum else none,
            reverse("setup_course", args=[each.code]),
        )
        for each in found
    ]


def _timetables() -> list[Fault]:
    held = Sum("sessions__minutes", filter=~Q(sessions__state=Session.State.CANCELLED), default=0)
    found = _open().annotate(sum=held).exclude(sum=F("course__contact_hours") * 60).select_related("course")
    said = _("its sessions have %(sum)s hours, the course asks for %(hours)d.")
    return [
        Fault(
            each.code,
            said % {"sum": f"{each.sum / 60:g}", "hours": each.course.contact_hours},
            reverse("timetable", args=[each.code]),
        )
        for each in found.order_by("code")
    ]


def _rooms() -> list[Fault]:
    found = _open().annotate(seats=F("held_in__seats")).filter(capacity__gt=F("seats")).order_by("code")
    said = _("it has %(places)d places, %(room)s has %(seats)d seats.")
    return [
        Fault(
            each.code,
            said % {"places": each.capacity, "room": f"{each.venue}, {each.room}", "seats": each.seats},
            reverse("setup_cohort", args=[each.code]),
        )
        for each in found
    ]


def _unnamed() -> list[Fault]:
    found = _open().annotate(n=Count("instructors")).order_by("code")
    return [
        Fault(each.code, text, reverse("setup_cohort", args=[each.code]))
        for each in found
        for text, wrong in (
            (_("nobody is named to teach it."), not each.n),
            (
                _("it is held in a classroom, but no venue is named."),
                each.mode == Mode.CLASSROOM and not each.held_in_id,
            ),
        )
        if wrong
    ]


def _clashes() -> list[Fault]:
    said = _("wanted by %(first)s and %(second)s on %(day)s.")
    return [
        Fault(
            each.name,
            said % {"first": each.first.code, "second": each.second.code, "day": each.first.date.strftime("%d %b %Y")},
            reverse("timetable", args=[each.first.code]),
        )
        for each in list_clashes(since=timezone.now())
    ]


def _places() -> list[Fault]:
    open_ones = Q(courses__retired_at__isnull=True, courses__cohorts__retired_at__isnull=True)
    found = Programme.objects.filter(retired_at__isnull=True).annotate(
        sum=Sum("courses__cohorts__capacity", filter=open_ones, default=0)
    )
    few = _("its cohorts have %(sum)s places, %(n)s fewer than its target of %(target)s.")
    many = _("its cohorts have %(sum)s places, %(n)s more than its target of %(target)s.")
    return [
        Fault(
            each.title,
            (few if each.sum < each.seat_target else many)
            % {"sum": f"{each.sum:,}", "n": f"{abs(each.sum - each.seat_target):,}", "target": f"{each.seat_target:,}"},
            reverse("setup_programme", args=[each.code]),
        )
        for each in found.exclude(sum=F("seat_target")).order_by("code")
    ]
