"""The set-up pages of the office."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from audit.models import AuditEntry
from cohorts.imports.cohorts_file import WEEKDAYS, read_cohorts
from cohorts.models import Cohort
from cohorts.views.manage import require_office
from courses.imports import read_courses
from courses.models import Course, Programme
from courses.services import read_policy, save_course
from portal.setup.forms import CohortForm, CourseForm, ProgrammeForm
from portal.setup.services import create_cohort, preview_cohort, preview_course, save_programme


def require_setup(request: HttpRequest) -> HttpResponse | None:
    """The office that may change cohorts sets the programme up; auditors do not."""
    if refusal := require_office(request):
        return refusal
    if not request.user.has_perm("cohorts.change_cohort"):
        raise PermissionDenied
    return None


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The programme, its courses and where to go on. Six queries."""
    if refusal := require_setup(request):
        return refusal
    context = {"courses": Course.objects.order_by("code").prefetch_related("policies"), "programme": _programme()}
    return render(request, "portal/setup/overview.html", context)


@require_http_methods(["GET", "POST"])
def programme(request: HttpRequest) -> HttpResponse:
    """Title, organisation, target and start of the programme."""
    if refusal := require_setup(request):
        return refusal
    kept = get_object_or_404(Programme.objects.order_by("-starts_on", "-id")[:1])
    initial = {name: getattr(kept, name) for name in ProgrammeForm.base_fields}
    form = ProgrammeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        save_programme(programme=kept, values=form.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("Saved."))
        return redirect("setup")
    context = {"form": form, "title": _("Programme"), "history": _history(kept), "saves": True}
    return render(request, "portal/setup/form.html", context)


@require_http_methods(["GET", "POST"])
def course(request: HttpRequest, code: str = "") -> HttpResponse:
    """A course, new or standing: hours, modules, policy, assessments; a preview before the save."""
    if refusal := require_setup(request):
        return refusal
    kept = get_object_or_404(Course, code=code) if code else None
    form = CourseForm(request.POST or None, initial=_course_values(kept) if kept else None)
    if kept:
        form.fields["code"].disabled = True
    title = kept.title if kept else _("New course")
    context: dict[str, Any] = {"form": form, "title": title, "history": _history(kept)}
    programme = kept.programme if kept else _programme()
    if request.method == "POST" and form.is_valid() and programme:
        now = timezone.now()
        row = _read(form, lambda: read_courses([{**_kept_entry(kept), **form.as_entry()}])[0])
        if row and request.POST.get("confirm"):
            save_course(programme=programme, row=row, by=request.user, at=now)
            messages.success(request, _("%s is saved.") % row.code)
            return redirect("setup")
        if row:
            context |= {"course_preview": row, "verdict": preview_course(programme=programme, row=row, at=now)}
    return render(request, "portal/setup/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def cohort(request: HttpRequest) -> HttpResponse:
    """A new cohort, from nothing or as another with its weekly pattern moved to a new start."""
    if refusal := require_setup(request):
        return refusal
    form = CohortForm(request.POST or None, initial=_cohort_values(request.GET.get("from", "")))
    context: dict[str, Any] = {"form": form, "title": _("New cohort")}
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        row = _read(form, lambda: read_cohorts([form.as_entry()])[0])
        preview = _read(form, lambda: preview_cohort(row=row, at=now)) if row else None
        if row and preview and request.POST.get("confirm"):
            made = create_cohort(row=row, by=request.user, at=now)  # type: ignore[arg-type]
            said = _("%(code)s is made, with %(n)d sessions.")
            messages.success(request, said % {"code": made.code, "n": len(preview.sessions)})
            return redirect("manage_cohort", made.code)
        context["cohort_preview"] = preview
    return render(request, "portal/setup/form.html", context, status=422 if form.errors else 200)


def _read(form: Any, read: Callable[[], Any]) -> Any:
    """Return what `read` returns; what it refuses stands on the form."""
    try:
        return read()
    except ValidationError as error:
        form.add_error(None, error.messages)
        return None


def _programme() -> Programme | None:
    return Programme.objects.order_by("-starts_on", "-id").first()


def _history(subject: Any) -> Any:
    if subject is None:
        return []
    found = AuditEntry.objects.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))
    return found.select_related("by").order_by("-id")[:20]


def _course_values(course: Course) -> dict[str, Any]:
    policy = course.policies.order_by("-version").first()
    names = ("code", "title", "title_ur", "contact_hours", "session_minutes", "language")
    values = {name: getattr(course, name) for name in names}
    modules = course.modules.order_by("number").values_list("hours", "title")
    values["modules"] = "\n".join(f"{hours} {title}" for hours, title in modules)
    if policy is not None:
        row = read_policy(policy)
        values |= {name: getattr(row, name) for name in CourseForm.base_fields if hasattr(row, name)}
        values["assessments"] = "\n".join(
            f"{each.weight} {each.name}{' *' if each.required else ''}" for each in row.assessments
        )
    return values


def _kept_entry(course: Course | None) -> dict[str, Any]:
    """Return what the form does not ask and must not lose."""
    return {"delivery": course.delivery, "prerequisites": course.prerequisites} if course else {}


def _cohort_values(code: str) -> dict[str, Any]:
    model = Cohort.objects.filter(code=code).select_related("course").prefetch_related("instructors").first()
    if model is None:
        return {}
    names = ("city", "mode", "venue", "room", "time_zone", "capacity", "waitlist_limit")
    return {
        **{name: getattr(model, name) for name in names},
        "course": model.course.code,
        "pattern": "\n".join(f"{_weekday(slot)} {slot['start']}-{slot['end']}" for slot in model.weekly_pattern),
        "instructors": "\n".join(f"{each.email} {each.full_name}".strip() for each in model.instructors.all()),
    }


def _weekday(slot: dict[str, Any]) -> str:
    day = slot["weekday"]
    return WEEKDAYS[day] if isinstance(day, int) else str(day)
