"""The office's page of one cohort, and what is done to it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cohorts import rules
from cohorts.forms import AutoPromoteForm, CapacityForm
from cohorts.matrix import FILTERS, Matrix, build_matrix, draw_progress, group_rows
from cohorts.models import Cohort, Enrolment, Session
from cohorts.permissions import can_close, can_excuse, can_reopen_cohort
from cohorts.services.completion import close_cohort, preview_closing
from cohorts.services.enrolment import set_auto_promote
from cohorts.services.schedule import clashes_of
from cohorts.services.tallies import policy_of
from cohorts.views.manage.access import act_and_return, require_office

CHIPS = (
    ("at_risk", lazy("At risk")),
    ("missed_last", lazy("Absent last time")),
    ("unmarked", lazy("Unmarked")),
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
    """One cohort: figures, and trainees by sessions, those at risk first. Eleven queries."""
    if refusal := require_office(request):
        return refusal
    left = _count(Enrolment.objects.filter(status__in=Enrolment.LEFT))
    cohort = get_object_or_404(cohorts_with_progress().select_related("policy").annotate(left=left), code=code)
    sessions = list(cohort.sessions.order_by("number"))
    now, policy = timezone.now(), policy_of(cohort)
    matrix = build_matrix(cohort=cohort, sessions=sessions, policy=policy, now=now)
    show = request.GET.get("show", "")
    name, whole = request.GET.get("name", "")[:60], bool(request.GET.get("all"))
    over = bool(sessions) and sessions[-1].ends_at <= now
    to_mark = next((each for each in sessions if each.ends_at <= now and each.state == "planned"), None)
    next_session = next((each for each in sessions if each.ends_at > now and each.state == "planned"), None)
    context = {
        "cohort": cohort,
        "policy": policy,
        "sessions": sessions,
        "pattern": _name_pattern(cohort),
        "matrix": matrix,
        "groups": group_rows(matrix, show=show, name=name, whole=whole),
        "show": show if show in FILTERS else "",
        "name": name,
        "chips": [(key, label, matrix.count(key)) for key, label in CHIPS],
        "line": cohort.enrolments.next_in_line().select_related("trainee").defer("trainee__cnic"),
        "pending": cohort.enrolments.pending().select_related("trainee").defer("trainee__cnic"),
        "instructors": cohort.instructors.all(),
        "next_session": next_session,
        "to_mark": to_mark if cohort.state != Cohort.State.CLOSED else None,
        "now": now,
        "clashes": clashes_of(cohort, now),
        "over": over,
        "is_past": over or cohort.state == Cohort.State.CLOSED,
        "may_reopen": can_reopen_cohort(request.user),
        "may_excuse": can_excuse(request.user) and cohort.state == Cohort.State.RUNNING,
        "form": CapacityForm(initial={"capacity": cohort.capacity}),
        "promote_form": AutoPromoteForm(initial={"auto_promote": cohort.auto_promote}),
        **_figures(cohort, matrix),
        **_progress(sessions, next_session, now),
    }
    return render(request, "cohorts/manage/cohort.html", context)


def _name_pattern(cohort: Cohort) -> list[str]:
    """Return the weekly pattern with the days of equal times together."""
    days: dict[str, list[str]] = {}
    for slot in cohort.weekly_pattern:
        days.setdefault(f"{slot['start']}–{slot['end']}", []).append(str(slot["weekday"]).title())
    return [f"{', '.join(names)} {times}" for times, names in days.items()]


def _figures(cohort: Cohort, matrix: Matrix) -> dict[str, Any]:
    """Return the sums over everybody on the register, and who left."""
    people = [row.enrolment for row in matrix.rows]
    open_sessions = [
        column.session.number
        for n, column in enumerate(matrix.columns)
        if any(row.cells[n][0] == "unmarked" for row in matrix.rows)
    ]
    return {
        "average": matrix.average,
        "unmarked": sum(each.sessions_unmarked for each in people),
        "unmarked_in": open_sessions[:4],
        "out": sum(each.status == "enrolled" and each.standing == "cannot_reach" for each in people),
        "cancelled": sum(column.session.state == "cancelled" for column in matrix.columns),
    }


def _progress(sessions: list[Session], coming: Session | None, now: datetime) -> dict[str, Any]:
    if not sessions:
        return {}
    days = {"first": min(each.date for each in sessions), "last": max(each.date for each in sessions)}
    words = _("session %(n)d on %(day)s, %(time)s") % _said(coming) if coming else _("every session was held")
    today = timezone.localdate(now)
    return {"progress": [draw_progress(**days, today=today, words=words, width=width) for width in (900, 330)]}


def _said(session: Session) -> dict[str, Any]:
    return {
        "n": session.number,
        "day": date_format(session.date, "D j M"),
        "time": f"{session.start_time:%H:%M}",
    }


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
