"""The timetable of one cohort and the acts on it: each shows what it would do before it does it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cohorts.models import Cohort, Session, TimetableChange
from cohorts.permissions import can_reschedule
from cohorts.services.schedule import Line, change_timetable, clashes_of, preview_change
from cohorts.services.schedule.marks import derive_late_marks, settle_marks
from cohorts.services.schedule.wishes import Wish
from cohorts.services.venues import known_venues
from cohorts.timetable_forms import CancelForm, DatesForm, SessionForm, SwitchForm
from cohorts.views.manage.access import require_office
from trainees.models import Message


@require_GET
def show_timetable(request: HttpRequest, code: str) -> HttpResponse:
    """The sessions of a cohort in order, what clashes, and what was changed before. Ten queries."""
    if refusal := require_office(request):
        return refusal
    cohort = _cohort(code)
    now = timezone.now()
    changes = list(cohort.timetable_changes.select_related("by").order_by("-id")[:50])
    mails = _mails(changes)
    context = {
        "cohort": cohort,
        "sessions": cohort.sessions.order_by("number"),
        "now": now,
        "changes": [
            {"change": each, "lines": [*map(Line.from_json, each.lines)], "mail": mails.get(each.pk, {})}
            for each in changes
        ],
        "clashes": clashes_of(cohort, now),
        "may_change": can_reschedule(request.user) and cohort.state != Cohort.State.CLOSED,
    }
    return render(request, "cohorts/manage/timetable.html", context)


@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one session another date, other times or another place."""
    session = _session(request, pk)
    form = SessionForm(request.POST or None, initial=SessionForm.initial_of(session))
    title = _("Change session %d") % session.number
    return _ask(request, session.cohort, form, lambda: form.move(session), title, session=session)


@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Strike one session."""
    session = _session(request, pk)
    form = CancelForm(request.POST or None)
    title = _("Cancel session %d") % session.number
    return _ask(request, session.cohort, form, lambda: form.cancel(session), title, session=session)


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, code: str) -> HttpResponse:
    """One more session."""
    cohort = _allowed(request, code)
    last = cohort.sessions.order_by("number").last()
    form = SessionForm(request.POST or None, initial=SessionForm.initial_of(last) | {"date": None} if last else None)
    return _ask(request, cohort, form, form.add, _("Add a session"))


@require_http_methods(["GET", "POST"])
def skip(request: HttpRequest, code: str) -> HttpResponse:
    """No classes on some dates; the pattern goes on after the end."""
    form = DatesForm(request.POST or None, initial=request.GET.dict())
    return _ask(request, _allowed(request, code), form, lambda: form.wish, _("No classes on some dates"))


@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest, code: str) -> HttpResponse:
    """Another place from a date on."""
    form = SwitchForm(request.POST or None, initial={"from_date": timezone.localdate(), "mode": "online"})
    return _ask(request, _allowed(request, code), form, lambda: form.wish, _("Hold elsewhere from a date on"))


@require_http_methods(["GET", "POST"])
def marks(request: HttpRequest, pk: int) -> HttpResponse:
    """The late marks of a session whose time changed after marking: derive them again, or leave them (R8)."""
    session = _session(request, pk)
    if request.method == "GET":
        derived = derive_late_marks(session=session) if session.changed_after_marking_at else []
        return render(request, "cohorts/manage/marks_again.html", {"session": session, "derived": derived})
    try:
        changed = settle_marks(
            session=session,
            derive=request.POST.get("derive") == "yes",
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("%d marks changed.") % changed)
    return redirect("timetable", session.cohort.code)


def _ask(
    request: HttpRequest, cohort: Cohort, form: Any, wish: Callable[[], Wish], title: str, **more: Any
) -> HttpResponse:
    """Show the form; when it is sent, what it would do; when that is confirmed, do it."""
    context = {"cohort": cohort, "form": form, "title": title, "known_venues": known_venues(cohort.city), **more}
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        insists = form.cleaned_data.get("insist", False)
        try:
            if request.POST.get("act") == "yes":
                return _done(request, cohort, wish(), form.cleaned_data["reason"], insists)
            context["outlook"] = outlook = preview_change(cohort=cohort, wish=wish(), at=now)
            outlook.refuse(forced=bool(insists and form.cleaned_data["reason"]))
        except ValidationError as error:
            context["refused"] = error.messages
    return render(request, "cohorts/manage/change.html", context, status=422 if "refused" in context else 200)


def _done(request: HttpRequest, cohort: Cohort, wish: Wish, reason: str, forced: bool) -> HttpResponse:
    by: Any = request.user
    done = change_timetable(cohort=cohort, wish=wish, by=by, at=timezone.now(), reason=reason, forced=forced)
    said = _("%(n)d sessions changed; %(people)d people are told.")
    messages.success(request, said % {"n": len(done.lines), "people": done.told})
    return redirect("timetable", cohort.code)


def _mails(changes: list[TimetableChange]) -> dict[int, dict[str, int]]:
    """Return how many mails of each change went out and failed. One query."""
    causes = {f"timetable-{each.pk}": each.pk for each in changes}
    counted = Message.objects.filter(cause__in=list(causes)).values_list("cause")
    states = {name: Count("id", filter=Q(state=name)) for name in ("sent", "failed", "queued")}
    return {
        causes[cause]: {"sent": sent, "failed": failed, "queued": queued}
        for cause, sent, failed, queued in counted.annotate(**states)
    }


def _cohort(code: str) -> Cohort:
    return get_object_or_404(Cohort.objects.select_related("course__programme"), code=code)


def _allowed(request: HttpRequest, code: str) -> Cohort:
    if not can_reschedule(request.user):
        raise PermissionDenied
    return _cohort(code)


def _session(request: HttpRequest, pk: int) -> Session:
    if not can_reschedule(request.user):
        raise PermissionDenied
    return get_object_or_404(Session.objects.select_related("cohort__course__programme", "cohort__policy"), pk=pk)
