"""The set-up pages of cohorts: made new or cloned, changed, given to instructors."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.history import history_of, list_changes, words_of
from audit.services import compare
from cohorts.imports.cohorts_file import read_cohorts
from cohorts.models import Cohort, Room
from cohorts.services.instructors import give_sessions
from cohorts.services.venues import rooms_of
from courses.imports import UnreadableEntry
from courses.models import Course
from portal.setup.access import digest_of, is_confirmed, require_setup
from portal.setup.cohort_forms import CohortChangeForm, CohortForm, InstructorForm, read_holders
from portal.setup.instructors import offered_instructors
from portal.setup.services import change_cohort, create_cohort, describe_window, preview_cohort, preview_holders

FIELDS = {"weekly_pattern": "pattern", "instructor": "instructors", "timezone": "time_zone", "start_date": "starts_on"}


@require_http_methods(["GET", "POST"])
def new_cohort(request: HttpRequest) -> HttpResponse:
    """A new cohort, from nothing or as another with its weekly pattern moved to a new start."""
    if refusal := require_setup(request):
        return refusal
    if not Course.objects.offered().exists():
        messages.error(request, _("Set up a course first: a cohort is the run of a course."))
        return redirect("setup")
    known = Cohort.objects.select_related("course__programme", "held_in__venue")
    model = known.filter(code=request.GET.get("from", "")).first()
    looks = "look" in request.POST  # for an instructor: what is typed stays, and nothing is checked yet
    initial = _typed(request) if looks else _values_of(model) if model else {}
    chosen = request.POST.getlist("teachers") if request.method == "POST" else initial.get("teachers", [])
    form = CohortForm(
        None if looks else request.POST or None,
        initial=initial,
        rooms=[room for room in rooms_of() if not (room.retired_at or room.venue.retired_at) and is_choice(room)],
        teachers=offered_instructors(chosen=chosen, words=request.POST.get("find", "")[:200]),
    )
    context: dict[str, Any] = {"form": form, "title": _("New cohort"), "model": model}
    context["left_behind"] = _left_behind(model) if model else []
    if form.is_valid():
        try:
            row = read_cohorts([form.as_entry()])[0]
            now = timezone.now()
            context["cohort_preview"] = preview = preview_cohort(row=row, window=form.window, at=now)
            sessions = [(each.starts_at, each.minutes) for each in preview.sessions]
            context["digest"] = digest_of(request, sessions)
            if is_confirmed(request, sessions):
                made = create_cohort(row=row, window=form.window, by=request.user, at=now)  # type: ignore[arg-type]
                said = _("%(code)s is made, with %(n)d sessions.")
                messages.success(request, said % {"code": made.code, "n": len(preview.sessions)})
                return redirect("setup_cohort", made.code)
        except UnreadableEntry as error:
            name = error.field if error.field in form.fields else FIELDS.get(error.field)
            form.add_error(name, error.remedy if name else error.messages[0])
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "portal/setup/form.html", context, status=422 if form.errors else 200)


def is_choice(room: Room) -> bool:
    """A house as a whole is a choice only where none of its rooms is known. The rooms are loaded already."""
    return bool(room.name) or not room.venue.rooms.filter(retired_at__isnull=True).exclude(name="").exists()


def _typed(request: HttpRequest) -> dict[str, Any]:
    """Return what was typed so far."""
    return {**request.POST.dict(), "teachers": request.POST.getlist("teachers")}


def _values_of(model: Cohort) -> dict[str, Any]:
    """Return what a clone takes over: everything but code and start."""
    names = ("city", "mode", "time_zone", "capacity", "waitlist_limit")
    slots = [f"{slot['weekday']} {slot['start']}-{slot['end']}" for slot in model.weekly_pattern]
    teachers = list(model.instructors.filter(retired_at__isnull=True).values_list("email", flat=True))
    return {
        **{name: getattr(model, name) for name in names},
        "course": model.course.code,
        "place": str(model.held_in_id or ""),
        "pattern": "\n".join(slots),
        "teachers": teachers,
    }


def _left_behind(model: Cohort) -> list[str]:
    """Say what a clone cannot take over, because it is retired or was never there. At most one query."""
    gone = [each.get_full_name() for each in model.instructors.filter(retired_at__isnull=False)]
    room = model.held_in
    course = model.course
    found = [
        (course.retired_at or course.programme.retired_at, _("The course is retired: choose another.")),
        (room and (room.retired_at or room.venue.retired_at), _("Its room is retired: choose another.")),
        (not model.weekly_pattern, _("Its sessions were listed one by one: type a weekly pattern.")),
        (gone, _("Retired as instructors: %s.") % ", ".join(gone)),
    ]
    return [text for missing, text in found if missing]


@require_http_methods(["GET", "POST"])
def cohort(request: HttpRequest, code: str) -> HttpResponse:
    """What can be changed of a standing cohort: when one may register, the line, instructors. Eight queries."""
    if refusal := require_setup(request):
        return refusal
    kept = _cohort(code)
    form = CohortChangeForm(request.POST or None, cohort=kept)
    context: dict[str, Any] = {"form": form, "cohort": kept, "instructor_form": InstructorForm()}
    if request.method == "POST" and form.is_valid():
        changes = compare(describe_window(kept, form.cleaned_data), form.cleaned_data)
        if is_confirmed(request, changes):
            change_cohort(cohort=kept, values=form.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
            messages.success(request, _("%s is saved.") % kept.code)
            return redirect("setup_cohort", kept.code)
        context |= {"changes": list_changes(changes, words_of(form)), "digest": digest_of(request, changes)}
    context |= {
        "instructors": kept.instructors.order_by("full_name", "id"),
        "history": history_of(kept, words_of(form)),
    }
    return render(request, "portal/setup/cohort.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def holders(request: HttpRequest, code: str) -> HttpResponse:
    """Who of several instructors holds which session; a preview with what clashes, then the act."""
    if refusal := require_setup(request):
        return refusal
    kept = _cohort(code)
    sessions = list(kept.sessions.countable().prefetch_related("instructors").order_by("number"))
    teachers = list(kept.instructors.order_by("full_name", "id"))
    ticked = {each.pk: [user.pk for user in each.instructors.all()] for each in sessions}
    context: dict[str, Any] = {"cohort": kept, "teachers": teachers}
    status = 200
    if request.method == "POST":
        wanted = read_holders(request.POST, sessions)
        now, by = timezone.now(), request.user
        try:
            given, clashes = preview_holders(cohort=kept, holders=wanted, at=now)
            shown = [(each.session.pk, each.before, each.after) for each in given]
            if is_confirmed(request, shown):
                give_sessions(cohort=kept, holders=wanted, by=by, at=now)  # type: ignore[arg-type]
                messages.success(request, _("%d sessions have other instructors.") % len(given))
                return redirect("setup_cohort", code)
            context |= {"given": given, "clashes": clashes, "digest": digest_of(request, shown)}
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            status = 422
        ticked |= wanted
    context["rows"] = [(each, [(user, user.pk in ticked[each.pk]) for user in teachers]) for each in sessions]
    return render(request, "portal/setup/holders.html", context, status=status)


def _cohort(code: str) -> Cohort:
    return get_object_or_404(Cohort.objects.select_related("course__programme", "held_in__venue"), code=code)
