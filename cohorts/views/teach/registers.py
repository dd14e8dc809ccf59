"""The register of one session: shown, saved, closed, reopened; works without JavaScript."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from cohorts import rules
from cohorts.forms import CancelSessionForm
from cohorts.models import AttendanceRecord, Enrolment, LeaveRequest, MarkStatus, Session, WalkIn
from cohorts.permissions import can_correct, can_reopen
from cohorts.rules.register import EARLY, locks_at
from cohorts.services.attendance import (
    Mark,
    close_register,
    confirm_marks,
    mark_attendance,
    match_walk_in,
    note_walk_in,
    reopen_register,
)
from cohorts.services.schedule import CancelSession, change_timetable
from cohorts.services.tallies import policy_of, those_of
from cohorts.views.teach.access import find_session, in_zone_of


@login_required
@require_http_methods(["GET", "POST"])
def show_register(request: HttpRequest, pk: int) -> HttpResponse:
    """The register: what is saved, one choice per trainee; a save goes through the one service."""
    session = find_session(request, pk)
    if request.method == "POST":
        return _save(request, session)
    return _render(request, session)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a session was not held."""
    session = find_session(request, pk)
    form = CancelSessionForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""

    def act(**who: Any) -> str:
        change_timetable(cohort=session.cohort, wish=CancelSession(session.pk, reason), reason=reason, **who)
        return _("Session %d is cancelled.") % session.number

    return _do(request, act, session)


@login_required
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the register; who is unmarked gets what the policy names."""
    session = find_session(request, pk)

    def act(**who: Any) -> str:
        left = close_register(session=session, **who)
        said = ngettext(
            "The register is closed; %(n)d was unmarked.", "The register is closed; %(n)d were unmarked.", left
        )
        return said % {"n": left}

    return _do(request, act, session)


@login_required
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a closed register again, by right."""
    session = find_session(request, pk)
    if not can_reopen(request.user):
        raise PermissionDenied

    def act(**who: Any) -> str:
        reopen_register(session=session, reason=request.POST.get("reason", ""), **who)
        return _("The register is open again.")

    return _do(request, act, session)


@login_required
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm marks that came late or from a wrong clock."""
    session = find_session(request, pk)
    wanted = [int(each) for each in request.POST.getlist("enrolment") if each.isdecimal() and len(each) < 19]

    def act(**who: Any) -> str:
        return _("%d confirmed.") % confirm_marks(session=session, enrolments=wanted, **who)

    return _do(request, act, session)


@login_required
@require_POST
def add_walk_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Note somebody who stands on no list."""
    session = find_session(request, pk)

    def act(**who: Any) -> str:
        return _("%s is noted.") % note_walk_in(session=session, name=request.POST.get("name", ""), **who).name

    return _do(request, act, session)


@login_required
@require_POST
def settle_walk_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which trainee a noted name was."""
    walk_in = get_object_or_404(WalkIn.objects.select_related("session"), pk=pk)
    session = find_session(request, walk_in.session_id)
    chosen = request.POST.get("enrolment", "")
    on_register = session.cohort.enrolments.on_register()
    enrolment = get_object_or_404(on_register, pk=int(chosen) if chosen.isdecimal() and len(chosen) < 19 else 0)

    def act(**who: Any) -> str:
        match_walk_in(walk_in=walk_in, enrolment=enrolment, may_correct=can_correct(request.user), **who)
        return _("%(name)s is matched to %(number)s.") % {"name": walk_in.name, "number": enrolment.trainee.number}

    return _do(request, act, session)


def _do(request: HttpRequest, act: Callable[..., str], session: Session) -> HttpResponse:
    """Do one act and go back to the register with what was done or why not."""
    try:
        messages.success(request, act(by=request.user, at=timezone.now()))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("session_register", session.pk)


def _save(request: HttpRequest, session: Session) -> HttpResponse:
    version = request.POST.get("version", "")
    try:
        saved = mark_attendance(
            session=session,
            marks=_marks(request.POST, session),
            version=int(version) if version.isdecimal() and len(version) < 9 else None,
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
            reason=request.POST.get("reason", "").strip(),
            may_correct=can_correct(request.user),
        )
    except ValidationError as error:
        return _render(request, session, typed=request.POST, errors=error.messages, status=422)
    if saved.differences:
        return _render(request, session, typed=request.POST, differences=saved.differences, status=409)
    said = _("Saved %(time)s. Marks changed: %(n)d.")
    messages.success(
        request,
        said
        % {
            "time": timezone.localtime(timezone=ZoneInfo(session.cohort.time_zone)).strftime("%H:%M"),
            "n": saved.changed,
        },
    )
    return redirect("session_register", session.pk)


def _marks(typed: Mapping[str, str], session: Session) -> list[Mark]:
    """Read the radios and the minutes of those who were late; "all present" fills only the unmarked.

    Only what the person changed is a wish: a radio that stands as it was shown says nothing, or two people
    with the page open would undo each other's marks.
    """
    rest = typed.get("rest", "")
    marks = []
    for name, value in typed.items():
        key = name.removeprefix("mark-")
        if name == key or not key.isdecimal() or len(key) > 18:
            continue
        minutes = typed.get(f"minutes-{key}", "").strip()
        status = value or (rest if rest in MarkStatus.values else "")
        shown = typed.get(f"shown-{key}")
        if shown is not None and shown == (f"{status} {minutes}".strip() if status == MarkStatus.LATE else status):
            continue
        attended = _attended(session, minutes) if value == MarkStatus.LATE and minutes else None
        marks.append(Mark(int(key), status or None, attended))
    return marks


def _attended(session: Session, late_by: str) -> int:
    """Return the minutes attended of somebody so many minutes late; digits of any script. Raises ValidationError."""
    late = int(late_by) if late_by.isdecimal() and len(late_by) < 5 else -1
    if not 0 <= late <= session.minutes:
        text = _("Minutes late must lie between 0 and %(most)d; %(typed)s was typed.")
        params = {"most": session.minutes, "typed": late_by[:20]}
        raise ValidationError({"minutes": ValidationError(text % params, code="minutes")})
    return session.minutes - late


def _render(
    request: HttpRequest,
    session: Session,
    *,
    typed: Mapping[str, str] | None = None,
    differences: Any = (),
    errors: Any = (),
    status: int = 200,
) -> HttpResponse:
    """Show the register: saved marks, or what was typed and could not be saved. Nine queries."""
    session.refresh_from_db(fields=["version", "state", "register_closed_at", "marked_at"])
    rows = _rows(session, typed or {}, {each.enrolment_id: each for each in differences})
    statuses = [row["status"] for row in rows]
    counts = {name: statuses.count(name) for name in (*MarkStatus.values, "")}
    now = timezone.now()
    is_shut = session.register_closed_at is not None
    locks = locks_at(session.ends_at, session.marked_at, settings.REGISTER_LOCK_HOURS)
    is_locked = now > locks
    context = {
        "session": session,
        "rows": rows,
        "counts": counts,
        "left": counts[""],
        "closing": _left_by_closing(session, rows),
        "marked": len(rows) - counts[""],
        "differences": differences,
        "errors": errors,
        "ahead": session.starts_at > now + EARLY,
        "is_shut": is_shut,
        "closes_at": locks if not is_locked else None,
        "is_locked": is_locked and session.state == Session.State.HELD,
        "may_correct": can_correct(request.user),
        "may_reopen": can_reopen(request.user),
        "asks_reason": can_correct(request.user) and (is_shut or (is_locked and session.state == Session.State.HELD)),
        "unmarked_becomes": MarkStatus(policy_of(session.cohort).unmarked_becomes).label,
        "doubtful": [row for row in rows if row["to_confirm"]],
        "walk_ins": session.walk_ins.select_related("enrolment__trainee").order_by("id"),
        "back": "teach" if request.user in session.cohort.instructors.all() else "manage_cohort",
    }
    with in_zone_of(session.cohort):
        return render(request, "cohorts/teach/register.html", context, status=status)


def _rows(session: Session, typed: Mapping[str, str], clashes: dict[int, Any]) -> list[dict[str, Any]]:
    """Return a row per person on the register: what stands, what was typed, the running rate, leave. Three queries."""
    enrolments = session.cohort.enrolments.on_register().select_related("trainee").order_by("trainee__full_name", "id")
    saved = {each.enrolment_id: each for each in AttendanceRecord.objects.filter(session=session)}
    policy = policy_of(session.cohort)
    away = _leave_until(session)
    return [
        _row(each, saved.get(each.pk), session, policy, typed, clashes) | {"leave_until": away.get(each.pk)}
        for each in enrolments
    ]


def _left_by_closing(session: Session, rows: list[dict[str, Any]]) -> int:
    """Return how many get a mark when the register is closed: the unmarked but those who joined later. One query."""
    unmarked = [row["enrolment"] for row in rows if not row["shown"]]
    return len(those_of(session, unmarked, session.cohort.sessions.countable())) if unmarked else 0


def _leave_until(session: Session) -> dict[int, date]:
    """Return the last day of leave of everybody whose approved leave takes in the session. One query."""
    approved = LeaveRequest.objects.filter(
        enrolment__cohort=session.cohort_id,
        status=LeaveRequest.Status.APPROVED,
        starts_on__lte=session.date,
        ends_on__gte=session.date,
    )
    return dict(approved.values_list("enrolment_id", "ends_on"))


def _row(
    enrolment: Enrolment,
    record: AttendanceRecord | None,
    session: Session,
    policy: Any,
    typed: Mapping[str, str],
    clashes: dict[int, Any],
) -> dict[str, Any]:
    stands = record.status if record else ""
    rate = rules.compute_rates(enrolment, policy).to_date
    late_by = session.minutes - record.minutes if record and record.status == MarkStatus.LATE else ""
    clash = clashes.get(enrolment.pk)
    return {
        "enrolment": enrolment,
        "status": typed.get(f"mark-{enrolment.pk}", stands),
        "shown": f"{stands} {late_by}".strip(),
        "clash": (MarkStatus(clash.stands).label if clash.stands else _("Unmarked")) if clash else "",
        "rate": rate,
        "low": rate is not None and not rate.reaches(policy),
        "late_by": typed.get(f"minutes-{enrolment.pk}", late_by),
        "to_confirm": record is not None and record.to_confirm,
        "marked_at": record.marked_at if record else None,
    }
