"""The office's page of one cohort, and what is done to it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cohorts import rules
from cohorts.forms import AutoPromoteForm, CapacityForm
from cohorts.models import AttendanceRecord, Cohort, Enrolment, Session
from cohorts.permissions import can_close, can_reopen_cohort
from cohorts.services.completion import close_cohort, preview_closing
from cohorts.services.enrolment import set_auto_promote, set_capacity
from cohorts.services.schedule import clashes_of
from cohorts.services.tallies import counts_for, policy_of
from cohorts.views.manage.access import act_and_return, require_office

GROUPS = (
    ("cannot_reach", "hn-bad"),
    ("at_risk", "hn-warn"),
    ("on_track", "hn-good"),
    ("no_rate", "hn-quiet"),
)


def cohorts_with_progress(cohorts: QuerySet[Cohort] | None = None) -> QuerySet[Cohort]:
    """Return cohorts with places, sessions held and planned, people at risk and completed, in one query."""
    found = Cohort.objects.all() if cohorts is None else cohorts
    people, sessions = Enrolment.objects, Session.objects
    watched = people.filter(status="enrolled", standing__in=["at_risk", "cannot_reach"])
    counts = {
        "taken": people.taking_a_place(),
        "waiting": people.filter(status="waitlisted"),
        "at_risk": watched,
        "completed": people.filter(status="completed"),
        "held": sessions.filter(state="held"),
        "planned": sessions.countable(),
    }
    return found.select_related("course").annotate(**{name: _count(rows) for name, rows in counts.items()})


def _count(rows: QuerySet[Any]) -> Any:
    """Count rows of a cohort in a subquery of its own: joins would multiply people by sessions."""
    own: QuerySet[Any, Any] = rows.filter(cohort=OuterRef("pk")).order_by().values("cohort")
    return Coalesce(Subquery(own.annotate(n=Count("id")).values("n")), 0)


@require_GET
def show_cohort(request: HttpRequest, code: str) -> HttpResponse:
    """One cohort: figures, and trainees by sessions, those at risk first. Ten queries."""
    if refusal := require_office(request):
        return refusal
    cohort = get_object_or_404(cohorts_with_progress().select_related("policy"), code=code)
    sessions = list(cohort.sessions.order_by("number"))
    enrolments = list(_people(cohort))
    policy = policy_of(cohort)
    marks: dict[int, dict[int, str]] = {each.pk: {} for each in enrolments}
    records = AttendanceRecord.objects.filter(enrolment__in=list(marks))
    for enrolment_id, session_id, status in records.values_list("enrolment_id", "session_id", "status"):
        marks[enrolment_id][session_id] = status
    last = max((each.ends_at for each in sessions), default=timezone.now())
    rows = [_row(each, sessions, marks[each.pk], policy, last) for each in enrolments]
    totals = cohort.enrolments.on_register().aggregate(
        earned=Sum("minutes_present") + Sum("minutes_late"),
        possible=Sum("minutes_present_scheduled") + Sum("minutes_late_scheduled") + Sum("minutes_absent"),
        unmarked=Sum("sessions_unmarked"),
    )
    now = timezone.now()
    next_session = next((each for each in sessions if each.ends_at > now and each.state == "planned"), None)
    context = {
        "cohort": cohort,
        "policy": policy,
        "sessions": sessions,
        "far": max(0, len(sessions) - 16),
        "groups": _groups(rows),
        "rows": rows,
        "average": rules.Rate(totals["earned"], totals["possible"]) if totals["possible"] else None,
        "unmarked": totals["unmarked"] or 0,
        "line": cohort.enrolments.next_in_line().select_related("trainee"),
        "pending": cohort.enrolments.pending().select_related("trainee"),
        "instructors": cohort.instructors.all(),
        "next_session": next_session,
        "clashes": clashes_of(cohort, now),
        "over": bool(sessions) and sessions[-1].ends_at <= now,
        "may_reopen": can_reopen_cohort(request.user),
        "form": CapacityForm(initial={"capacity": cohort.capacity}),
        "promote_form": AutoPromoteForm(initial={"auto_promote": cohort.auto_promote}),
    }
    return render(request, "cohorts/manage/cohort.html", context)


def _people(cohort: Cohort) -> QuerySet[Enrolment]:
    people = cohort.enrolments.on_register().select_related("trainee").order_by("trainee__full_name", "id")
    return people.defer("trainee__cnic")  # opening forty sealed numbers costs more than the page


def _row(
    enrolment: Enrolment, sessions: list[Session], marks: dict[int, str], policy: Any, last: datetime
) -> dict[str, Any]:
    cells = [marks.get(each.pk) or _without_mark(enrolment, each, last) for each in sessions]
    return {"enrolment": enrolment, "cells": cells, "rates": rules.compute_rates(enrolment, policy)}


def _without_mark(enrolment: Enrolment, session: Session, last: datetime) -> str:
    """Return what a session without a mark is for a trainee; empty outside their time (R11)."""
    if session.state == Session.State.CANCELLED:
        return "cancelled"
    if not counts_for(enrolment, session, last):
        return ""
    return "unmarked" if session.state == Session.State.HELD else "planned"


def _groups(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    groups = []
    for standing, tone in GROUPS:
        here = [row for row in rows if row["enrolment"].standing == standing]
        here.sort(key=lambda row: row["rates"].to_date.permille if row["rates"].to_date else 1001)
        if here:
            groups.append({"standing": Enrolment.Standing(standing).label, "tone": tone, "rows": here})
    return groups


@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, code: str) -> HttpResponse:
    """Show what closing would do; a POST does it."""
    if refusal := require_office(request):
        return refusal
    cohort = get_object_or_404(Cohort.objects.select_related("course", "policy"), code=code)
    if not can_close(request.user, cohort):
        raise PermissionDenied
    now = timezone.now()
    if request.method == "POST":
        try:
            said = request.POST.get("unassessed", "")
            closing = close_cohort(cohort=cohort, by=request.user, at=now, unassessed=said)  # type: ignore[arg-type]
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("cohort_close", code)
        messages.success(
            request,
            _("%(code)s is closed: %(n)d completed, %(m)d did not.")
            % {"code": code, "n": len(closing.completed), "m": len(closing.not_completed)},
        )
        return redirect("certificates_issue", code)
    closing = preview_closing(cohort=cohort, at=now)
    excepted = [each for each in closing.completed if any(reason["code"] == "exception" for reason in each[1].reasons)]
    context = {
        "cohort": cohort,
        "closing": closing,
        "refused": _with_reasons(closing.not_completed),
        "excepted": _with_reasons(excepted),
    }
    return render(request, "cohorts/manage/close.html", context)


def _with_reasons(outcomes: list[tuple[Enrolment, rules.Outcome]]) -> list[tuple[Enrolment, list[str]]]:
    return [(each, [rules.describe(reason) for reason in outcome.reasons]) for each, outcome in outcomes]


@require_POST
def capacity(request: HttpRequest, code: str) -> HttpResponse:
    """Change the number of places; the line moves up."""
    if refusal := require_office(request):
        return refusal
    cohort = get_object_or_404(Cohort, code=code)
    form = CapacityForm(request.POST)
    if not can_close(request.user, cohort):
        raise PermissionDenied
    return act_and_return(
        request,
        form,
        lambda: set_capacity(
            cohort=cohort,
            capacity=form.cleaned_data["capacity"],
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        ),
        redirect("manage_cohort", code),
    )


@require_POST
def auto_promote(request: HttpRequest, code: str) -> HttpResponse:
    """Choose whether free places before the start are given or offered."""
    if refusal := require_office(request):
        return refusal
    cohort = get_object_or_404(Cohort, code=code)
    form = AutoPromoteForm(request.POST)
    if not can_close(request.user, cohort):
        raise PermissionDenied
    by: Any = request.user

    def act() -> None:
        set_auto_promote(cohort=cohort, auto_promote=form.cleaned_data["auto_promote"], by=by, at=timezone.now())

    return act_and_return(request, form, act, redirect("manage_cohort", code))
