"""Acts on the timetables of the whole programme, and holidays."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.history import read_lines
from audit.models import AuditEntry
from cohorts.models import Holiday, Session, TimetableChange
from cohorts.permissions import can_change_holidays, can_reschedule
from cohorts.services.schedule.holidays import add_holiday, remove_holiday, rename_holiday, sessions_on
from cohorts.services.schedule.programme import change_programme, preview_programme
from cohorts.services.venues import known_venues
from cohorts.timetable_forms import HolidayForm, HolidayNameForm, ProgrammeDatesForm, ProgrammeSwitchForm
from cohorts.views.manage.access import act_and_return, require_office

FORMS: dict[str, Any] = {"skip": ProgrammeDatesForm, "switch": ProgrammeSwitchForm}


@require_http_methods(["GET", "POST"])
def change_all(request: HttpRequest, kind: str = "skip") -> HttpResponse:
    """One wish for all cohorts: what it would do to each, then one act that the worker carries out."""
    if refusal := require_office(request):
        return refusal
    if not can_reschedule(request.user):
        raise PermissionDenied
    form = FORMS[kind](request.POST or None, initial=request.GET.dict())
    context: dict[str, Any] = {"form": form, "kind": kind, "known_venues": known_venues()}
    if request.method == "POST" and form.is_valid():
        outlooks = preview_programme(cohorts=form.cohorts(form.since), wish=form.wish, at=timezone.now())
        ready = [each for each in outlooks if not each.refusals]
        if request.POST.get("act") == "yes" and ready:
            return _begin(request, form, [each.cohort for each in ready])
        context |= {"outlooks": outlooks, "ready": ready, "asked": True}
        context["sessions"] = sum(len(each.lines) for each in ready)
        context["people"] = sum(each.people for each in ready)
    return render(request, "cohorts/manage/change_all.html", context)


def _begin(request: HttpRequest, form: Any, cohorts: list[Any]) -> HttpResponse:
    group = change_programme(
        cohorts=cohorts,
        wish=form.wish,
        by=request.user,  # type: ignore[arg-type]
        at=timezone.now(),
        reason=form.cleaned_data["reason"],
        holiday_name=form.cleaned_data.get("holiday_name", ""),
    )
    return redirect("timetable_group", group)


@require_GET
def show_group(request: HttpRequest, group: str) -> HttpResponse:
    """How far one act on many cohorts is. One query."""
    if refusal := require_office(request):
        return refusal
    changes = list(TimetableChange.objects.filter(group=group).select_related("cohort").order_by("cohort__code"))
    if not changes:
        raise Http404
    states = [each.state for each in changes]
    context = {
        "group": group,
        "changes": changes,
        "done": states.count("done"),
        "failed": [each for each in changes if each.state == "failed"],
        "waiting": states.count("waiting"),
        "told": sum(each.told for each in changes),
        "sessions": sum(len(each.lines) for each in changes),
    }
    part = "cohorts/manage/group_progress.html" if request.headers.get("HX-Request") else "cohorts/manage/group.html"
    return render(request, part, context)


@require_http_methods(["GET", "POST"])
def holidays(request: HttpRequest) -> HttpResponse:
    """The days without classes, and how many sessions still stand on them. Three queries."""
    if refusal := require_office(request):
        return refusal
    form = HolidayForm(request.POST or None)
    standing_on: list[Session] = []
    if request.method == "POST":
        if not can_change_holidays(request.user):
            raise PermissionDenied
        day = form.cleaned_data["date"] if form.is_valid() else None
        if day and not (request.POST.get("confirm") or Holiday.objects.filter(date=day).exists()):
            standing_on = sessions_on([day])
        if day and not standing_on:
            data = form.cleaned_data
            try:
                add_holiday(day=data["date"], name=data["name"], by=request.user, at=timezone.now())  # type: ignore[arg-type]
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, _("The holiday is entered; sessions that stand on it are named below."))
                return redirect("holidays")
    days = list(Holiday.objects.order_by("-date"))
    standing: dict[Any, list[Any]] = {}
    for session in sessions_on([each.date for each in days]):
        standing.setdefault(session.date, []).append(session)
    rows = [{"holiday": each, "sessions": standing.get(each.date, [])} for each in days]
    context = {"rows": rows, "form": form, "standing_on": standing_on, "may_change": can_change_holidays(request.user)}
    context["history"] = read_lines(AuditEntry.objects.filter(act__startswith="holiday."))
    return render(request, "cohorts/manage/holidays.html", context, status=422 if form.errors else 200)


@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a holiday another name."""
    holiday, form = _holiday(request, pk), HolidayNameForm(request.POST)
    by: Any = request.user
    return act_and_return(
        request,
        form,
        lambda: rename_holiday(holiday=holiday, name=form.cleaned_data["name"], by=by, at=timezone.now()),
        redirect("holidays"),
    )


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a holiday away that no timetable was laid around."""
    holiday = _holiday(request, pk)
    try:
        remove_holiday(holiday=holiday, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The holiday is gone."))
    return redirect("holidays")


def _holiday(request: HttpRequest, pk: int) -> Holiday:
    if not can_change_holidays(request.user):
        raise PermissionDenied
    return get_object_or_404(Holiday, pk=pk)
