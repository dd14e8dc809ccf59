"""What does not fit in the set-up: hours, rooms, people and places. Every line leads to where it is mended."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from cohorts.models import Cohort, CohortInstructor, CohortQuerySet, Mode
from courses.models import Course, Programme
from portal.figures.clashes import current_clashes
from portal.lists.clashes import NAME
from portal.setup.access import require_setup

SHOWN = 10  # of each kind on the page of all
PAGE = 50
OF_COHORTS: dict[str, Any] = {
    "timetables": ~Q(minutes=F("course__contact_hours") * 60),
    "rooms": Q(capacity__gt=F("held_in__seats")),
    "instructors": ~Exists(CohortInstructor.objects.filter(cohort=OuterRef("pk"))),
    "venues": Q(mode=Mode.CLASSROOM, held_in=None),
}


@dataclass(frozen=True)
class Fault:
    """One thing that does not fit, and the page on which it is mended."""

    about: str
    text: str
    url: str


@dataclass(frozen=True)
class Check:
    """One thing that is checked: what does not fit, in the order of its list, and how each is told."""

    key: str
    title: Any
    good: Any  # what is so when all fits
    rows: Callable[[datetime], QuerySet[Any]]
    tell: Callable[[Any], Fault]

    @property
    def address(self) -> str:
        """Where all that does not fit is listed."""
        return reverse("clashes") if self.key == "clashes" else reverse("setup_check", args=[self.key])


@require_GET
def checks(request: HttpRequest) -> HttpResponse:
    """How much does not fit, with the first of each kind, now and of all that is offered and not closed.

    At most eighteen queries, of which none goes through timetables or people.
    """
    if refusal := require_setup(request):
        return refusal
    now = timezone.now()
    counts = _open().aggregate(**{key: Count("pk", filter=wrong) for key, wrong in OF_COHORTS.items()})
    groups: list[dict[str, Any]] = []
    for each in CHECKS.values():
        count = counts[each.key] if each.key in counts else each.rows(now).order_by().count()
        faults = [each.tell(row) for row in each.rows(now)[:SHOWN]] if count else []
        groups.append({"check": each, "count": count, "faults": faults})
    context = {"groups": groups, "count": sum(group["count"] for group in groups), "at": now}
    return render(request, "portal/setup/checks.html", context)


@require_GET
def check(request: HttpRequest, kind: str) -> HttpResponse:
    """Everything of one kind that does not fit, in pages. Two queries."""
    if refusal := require_setup(request):
        return refusal
    if kind not in CHECKS or kind == "clashes":  # these are a list of the office
        raise Http404
    wanted = CHECKS[kind]
    page = Paginator(wanted.rows(timezone.now()), PAGE).get_page(request.GET.get("page"))
    context = {"check": wanted, "page_obj": page, "faults": [wanted.tell(row) for row in page]}
    return render(request, "portal/setup/check.html", context)


def _open() -> CohortQuerySet:
    return Cohort.objects.offered().exclude(state=Cohort.State.CLOSED)


def _cohorts(key: str) -> Callable[[datetime], QuerySet[Any]]:
    return lambda at: _open().filter(OF_COHORTS[key]).select_related("course", "held_in").order_by("code")


def _modules(at: datetime) -> QuerySet[Any]:
    courses = Course.objects.offered().annotate(sum=Sum("modules__hours", default=0))
    return courses.exclude(sum=F("contact_hours")).order_by("code")


def _tell_modules(course: Any) -> Fault:
    said = _("its modules have %(sum)d hours, the course says %(hours)d.")
    text = said % {"sum": course.sum, "hours": course.contact_hours} if course.sum else _("it has no modules yet.")
    return Fault(course.code, text, reverse("setup_course", args=[course.code]))


def _tell_timetable(cohort: Cohort) -> Fault:
    said = _("its sessions have %(sum)s hours, the course asks for %(hours)d.")
    values = {"sum": f"{cohort.minutes / 60:g}", "hours": cohort.course.contact_hours}
    return Fault(cohort.code, said % values, reverse("timetable", args=[cohort.code]))


def _tell_room(cohort: Cohort) -> Fault:
    said = _("it has %(places)d places, %(room)s has %(seats)d seats.")
    seats = cohort.held_in.seats if cohort.held_in else 0
    values = {"places": cohort.capacity, "room": f"{cohort.venue}, {cohort.room}", "seats": seats}
    return Fault(cohort.code, said % values, reverse("setup_cohort", args=[cohort.code]))


def _tell(text: Any) -> Callable[[Cohort], Fault]:
    return lambda cohort: Fault(cohort.code, str(text), reverse("setup_cohort", args=[cohort.code]))


def _clashes(at: datetime) -> QuerySet[Any]:
    # Their sessions are read by their ids: joined, a database may go through all sessions for a few clashes.
    found = current_clashes(at=at).prefetch_related("first__cohort", "second__cohort")
    return found.annotate(name=NAME).order_by("starts_at", "id")


def _tell_clash(clash: Any) -> Fault:
    said = _("wanted by %(first)s and %(second)s on %(day)s.")
    codes = {"first": clash.first.cohort.code, "second": clash.second.cohort.code}
    day = clash.first.date.strftime("%d %b %Y")
    return Fault(clash.name, said % {**codes, "day": day}, reverse("timetable", args=[codes["first"]]))


def _places(at: datetime) -> QuerySet[Any]:
    offered = Q(courses__retired_at__isnull=True, courses__cohorts__retired_at__isnull=True)
    programmes = Programme.objects.filter(retired_at__isnull=True)
    summed = programmes.annotate(sum=Sum("courses__cohorts__capacity", filter=offered, default=0))
    return summed.exclude(sum=F("seat_target")).order_by("code")


def _tell_places(programme: Any) -> Fault:
    few = _("its cohorts have %(sum)s places, %(n)s fewer than its target of %(target)s.")
    many = _("its cohorts have %(sum)s places, %(n)s more than its target of %(target)s.")
    numbers = {"sum": programme.sum, "n": abs(programme.sum - programme.seat_target), "target": programme.seat_target}
    text = (few if programme.sum < programme.seat_target else many) % {k: f"{n:,}" for k, n in numbers.items()}
    return Fault(programme.title, text, reverse("setup_programme", args=[programme.code]))


CHECKS = {
    each.key: each
    for each in (
        Check(
            "modules",
            gettext_lazy("Hours of modules"),
            gettext_lazy("The modules of every course add up to its contact hours."),
            _modules,
            _tell_modules,
        ),
        Check(
            "timetables",
            gettext_lazy("Hours of timetables"),
            gettext_lazy("Every timetable has the hours of its course."),
            _cohorts("timetables"),
            _tell_timetable,
        ),
        Check(
            "rooms",
            gettext_lazy("Rooms"),
            gettext_lazy("No cohort has more places than its room has seats."),
            _cohorts("rooms"),
            _tell_room,
        ),
        Check(
            "instructors",
            gettext_lazy("Instructors"),
            gettext_lazy("Every cohort has an instructor."),
            _cohorts("instructors"),
            _tell(gettext_lazy("nobody is named to teach it.")),
        ),
        Check(
            "venues",
            gettext_lazy("Venues"),
            gettext_lazy("Every cohort in a classroom has a venue."),
            _cohorts("venues"),
            _tell(gettext_lazy("it is held in a classroom, but no venue is named.")),
        ),
        Check(
            "clashes",
            gettext_lazy("Clashes"),
            gettext_lazy("Every instructor, room and trainee is in one place at a time."),
            _clashes,
            _tell_clash,
        ),
        Check(
            "places",
            gettext_lazy("Places"),
            gettext_lazy("The places of all cohorts are those of the programme."),
            _places,
            _tell_places,
        ),
    )
}
