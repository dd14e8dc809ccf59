"""The set-up pages of programme and course."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from audit.history import history_of, list_changes, words_of
from cohorts.models import Cohort, Enrolment, Venue
from courses.imports import UnreadableEntry, read_courses
from courses.models import Course, Programme
from courses.services import describe_course, save_course
from portal.setup.access import digest_of, is_confirmed, require_setup
from portal.setup.forms import CourseForm, ProgrammeForm
from portal.setup.services import preview_course, preview_programme, save_programme

FIELDS = {"hours": "modules", "weight": "assessments", "points": "assessments", "name": "assessments"}


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What is set up, in the order in which one does it, and where to go on. Nine queries."""
    if refusal := require_setup(request):
        return refusal
    programme = Programme.objects.latest_first().first()
    courses = Course.objects.select_related("programme").annotate(n=Count("cohorts")).order_by("retired_at", "code")
    cohorts = Cohort.objects.offered().exclude(state=Cohort.State.CLOSED)
    context = {
        "programme": programme,
        "programmes": Programme.objects.latest_first(),
        "courses": courses.prefetch_related("policies"),
        "cohorts": cohorts.select_related("course").order_by("starts_on", "code")[:40],
        "cohort_count": cohorts.count(),
        "venue_count": Venue.objects.filter(retired_at__isnull=True).count(),
        "places": Cohort.objects.offered().filter(course__programme=programme).aggregate(n=Sum("capacity"))["n"] or 0,
    }
    return render(request, "portal/setup/overview.html", context)


@require_http_methods(["GET", "POST"])
def programme(request: HttpRequest, code: str = "") -> HttpResponse:
    """A programme, new or standing; a preview of what a save changes and whom it concerns."""
    if refusal := require_setup(request):
        return refusal
    kept = get_object_or_404(Programme, code=code) if code else None
    values = {name: getattr(kept, name) for name in ProgrammeForm.base_fields} if kept else {}
    form = ProgrammeForm(request.POST or None, initial=values)
    form.fields["code"].disabled = kept is not None
    context: dict[str, Any] = {"form": form, "title": kept.title if kept else _("New programme"), "thing": kept}
    if request.method == "POST" and form.is_valid():
        by: Any = request.user
        wanted: dict[str, Any] = {"programme": kept, "values": form.cleaned_data, "by": by, "at": timezone.now()}
        try:
            changes = preview_programme(**wanted)
            if is_confirmed(request, changes):
                save_programme(**wanted)
                messages.success(request, _("%s is saved.") % form.cleaned_data["title"])
                return redirect("setup")
        except ValidationError as error:
            form.add_error(None, error)
        else:
            context["digest"] = digest_of(request, changes)
            context["changes"] = list_changes(changes, words_of(form))
            context["notes"] = _concerned(kept, form.cleaned_data)
    context |= {"kind": "programme", "history": history_of(kept, words_of(form))}
    return render(request, "portal/setup/form.html", context, status=422 if form.errors else 200)


def _concerned(programme: Programme | None, wanted: dict[str, Any]) -> list[str]:
    """Say whom a change of a programme concerns. One query."""
    if programme is None:
        notes = [_("A new programme. The one that is not retired and begins last is shown to visitors.")]
        if Programme.objects.exists():
            notes.append(_("Overview, lists and reports go on counting the people of every programme together."))
        return notes
    offered = Q(retired_at__isnull=True, course__retired_at__isnull=True)
    own = Cohort.objects.filter(course__programme=programme)
    counts = own.aggregate(cohorts=Count("id", distinct=True), places=Sum("capacity", filter=offered))
    people = Enrolment.objects.filter(cohort__course__programme=programme, status__in=Enrolment.LIVE).count()
    said = _(
        "%(cohorts)d cohorts and %(people)d people read its title and organisation on pages, in mails and reports."
    )
    places = _("Its cohorts have %(places)d places for a target of %(target)d.")
    values = {"cohorts": counts["cohorts"], "people": people}
    kept = _("Certificates that were issued keep what they say.")
    return [
        said % values,
        places % {"places": counts["places"] or 0, "target": wanted["seat_target"]},
        kept,
    ]


@require_http_methods(["GET", "POST"])
def course(request: HttpRequest, code: str = "") -> HttpResponse:
    """A course, new or standing: hours, modules, policy, assessments; a preview before the save."""
    if refusal := require_setup(request):
        return refusal
    kept = get_object_or_404(Course.objects.select_related("programme"), code=code) if code else None
    programme = kept.programme if kept else Programme.objects.latest_first().first()
    if programme is None:
        messages.error(request, _("Set up the programme first: courses belong to it."))
        return redirect("setup_programme_new")
    form = CourseForm(request.POST or None, initial=_course_values(kept) if kept else None)
    form.fields["code"].disabled = kept is not None
    context: dict[str, Any] = {"form": form, "title": kept.title if kept else _("New course"), "thing": kept}
    if request.method == "POST" and form.is_valid() and (row := _read_row(form, kept)):
        now = timezone.now()
        changes = preview_course(programme=programme, row=row, at=now)
        if is_confirmed(request, changes):
            save_course(programme=programme, row=row, by=request.user, at=now, whole=True)
            messages.success(request, _("%s is saved.") % row.code)
            return redirect("setup")
        context["digest"] = digest_of(request, changes)
        context["changes"] = list_changes(changes, words_of(form))
        context["notes"] = _course_notes(kept, row)
    context |= {"kind": "course", "history": history_of(kept, words_of(form))}
    return render(request, "portal/setup/form.html", context, status=422 if form.errors else 200)


def _read_row(form: CourseForm, kept: Course | None) -> Any:
    """Return the row of the form; what the reader refuses stands at the field that it is about."""
    if kept is None and Course.objects.filter(code=form.cleaned_data["code"]).exists():
        form.add_error("code", _("There is a course %s already.") % form.cleaned_data["code"])
        return None
    try:
        return read_courses([{**form.as_entry(), "delivery": kept.delivery if kept else []}])[0]
    except UnreadableEntry as error:
        name = error.field if error.field in form.fields else FIELDS.get(error.field)
        form.add_error(name, error.remedy if name else error.messages[0])
        return None


def _course_notes(course: Course | None, row: Any) -> list[str]:
    """Say what adds up, and which cohorts a change concerns. One query."""
    notes = []
    if row.modules:
        said = _("%(m)d modules, %(n)d hours: they add up.")
        notes.append(said % {"m": len(row.modules), "n": row.contact_hours})
    else:
        notes.append(_("No modules yet; visitors see none, and sessions have no topics."))
    if weights := sum(work.weight for work in row.policy.assessments):
        said = _("The assessments weigh %(n)d in all; %(mark)d %% of it is the pass mark.")
        notes.append(said % {"n": weights, "mark": row.policy.pass_mark_percent})
    if course is not None:
        started = course.cohorts.exclude(policy=None).count()
        ahead = course.cohorts.filter(policy=None).count()
        said = _(
            "A changed policy is a new version: %(ahead)d cohorts that have not started take it, %(n)d keep theirs."
        )
        notes.append(said % {"ahead": ahead, "n": started})
        notes.append(_("Timetables that stand keep their hours; the checks name those that no longer agree."))
    return notes


def _course_values(course: Course) -> dict[str, Any]:
    """Return the answers of a standing course. Three queries."""
    values = describe_course(course)
    for name in ("modules", "prerequisites", "assessments"):
        values[name] = "\n".join(values.get(name, []))
    if values.get("pass_mark_percent") is None:  # without assessments there is none; the form offers its own
        values.pop("pass_mark_percent", None)
    return values
