"""An instructor's day and the register of one session."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cohorts import rules
from cohorts.forms import CancelSessionForm
from cohorts.models import AttendanceRecord, Cohort, Enrolment, MarkStatus, Session
from cohorts.permissions import can_correct, can_manage, can_mark
from cohorts.services.attendance import Mark, cancel_session, mark_attendance
from cohorts.services.tallies import policy_of

TAKEN = Count("cohort__enrolments", filter=Q(cohort__enrolments__status__in=Enrolment.ON_REGISTER), distinct=True)


@login_required
@require_GET
def day(request: HttpRequest) -> HttpResponse:
    """The day of an instructor: the next session, registers left over, whom to watch. Six queries."""
    now = timezone.now()
    cohorts = Cohort.objects.taught_by(request.user)
    if not cohorts.exists() and not can_manage(request.user):
        raise PermissionDenied
    sessions = Session.objects.filter(cohort__in=cohorts).exclude(state=Session.State.CANCELLED)
    sessions = sessions.select_related("cohort__course").annotate(people=TAKEN)
    upcoming = list(sessions.filter(ends_at__gt=now - timedelta(hours=3)).order_by("starts_at", "id")[:12])
    missing = sessions.filter(ends_at__lte=now, state=Session.State.PLANNED).exclude(cohort__state="closed")
    first = next((each for each in upcoming if each.state == Session.State.PLANNED or each.ends_at > now), None)
    watch = Enrolment.objects.filter(cohort__in=cohorts, status=Enrolment.Status.ENROLLED)
    watch = watch.filter(standing__in=["at_risk", "cannot_reach"]).select_related("trainee", "cohort")
    return render(
        request,
        "cohorts/teach/day.html",
        {
            "now": now,
            "first": first,
            "upcoming": [each for each in upcoming if each != first],
            "missing": list(missing.order_by("starts_at", "id")[:20]),
            "watch": list(watch.order_by("standing", "-sessions_absent", "id")[:12]),
            "cohorts": cohorts.select_related("course").order_by("-starts_on", "id"),
        },
    )


@login_required
@require_http_methods(["GET", "POST"])
def show_register(request: HttpRequest, pk: int) -> HttpResponse:
    """The register: what is saved, one choice per trainee; a save goes through the one service."""
    session = _session(request, pk)
    if request.method == "POST":
        return _save(request, session)
    return _render(request, session)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a session was not held."""
    session = _session(request, pk)
    form = CancelSessionForm(request.POST)
    try:
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        cancel_session(session=session, reason=reason, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("session_register", pk)
    messages.success(request, _("Session %d is cancelled.") % session.number)
    return redirect("teach")


def _session(request: HttpRequest, pk: int) -> Session:
    """Return a session the person may mark; others' sessions do not exist for them."""
    visible = Session.objects.visible_to(request.user).select_related("cohort__course", "cohort__policy")
    session = get_object_or_404(visible, pk=pk)
    if not can_mark(request.user, session):
        raise PermissionDenied
    return session


def _save(request: HttpRequest, session: Session) -> HttpResponse:
    typed = {key[5:]: str(value) for key, value in request.POST.items() if key.startswith("mark-")}
    try:
        marks = _marks(request, session, typed)
        version = request.POST.get("version", "")
        saved = mark_attendance(
            session=session,
            marks=marks,
            version=int(version) if version.isdecimal() and len(version) < 9 else None,
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
            may_correct=can_correct(request.user),
        )
    except ValidationError as error:
        return _render(request, session, typed=typed, errors=error.messages, status=422)
    if saved.differences:
        return _render(request, session, typed=typed, differences=saved.differences, status=409)
    said = _("Saved %(time)s: %(n)d marks changed.")
    messages.success(request, said % {"time": timezone.localtime().strftime("%H:%M"), "n": saved.changed})
    return redirect("session_register", session.pk)


def _marks(request: HttpRequest, session: Session, typed: dict[str, str]) -> list[Mark]:
    """Read the radios and the minutes of those who were late; "all present" fills only the unmarked."""
    rest = request.POST.get("rest", "")
    marks = []
    for key, value in typed.items():
        if not key.isdecimal() or len(key) > 18:
            continue
        minutes = request.POST.get(f"minutes-{key}", "").strip()
        late = value == MarkStatus.LATE and minutes.isdecimal() and len(minutes) < 5
        attended = max(0, session.minutes - int(minutes)) if late else None
        marks.append(Mark(int(key), value or (rest if rest in MarkStatus.values else None), attended))
    return marks


def _render(
    request: HttpRequest,
    session: Session,
    *,
    typed: dict[str, str] | None = None,
    differences: Any = (),
    errors: Any = (),
    status: int = 200,
) -> HttpResponse:
    """Show the register: saved marks, or what was typed and could not be saved. Six queries."""
    session.refresh_from_db(fields=["version", "state"])
    enrolments = session.cohort.enrolments.on_register().select_related("trainee").order_by("trainee__full_name", "id")
    saved = {each.enrolment_id: each for each in AttendanceRecord.objects.filter(session=session)}
    policy = policy_of(session.cohort)
    clash = {each.enrolment_id: each for each in differences}
    rows = []
    for enrolment in enrolments:
        record = saved.get(enrolment.pk)
        stands = record.status if record else ""
        rate = rules.compute_rates(enrolment, policy).to_date
        rows.append(
            {
                "enrolment": enrolment,
                "status": (typed or {}).get(str(enrolment.pk), stands) if typed else stands,
                "clash": clash.get(enrolment.pk),
                "rate": rate,
                "low": rate is not None and not rate.reaches(policy),
                "late_by": session.minutes - record.minutes if record and record.status == "late" else "",
            }
        )
    statuses = [row["status"] for row in rows]
    counts = {name: statuses.count(name) for name in (*MarkStatus.values, "")}
    context = {
        "session": session,
        "rows": rows,
        "counts": counts,
        "left": counts[""],
        "marked": len(rows) - counts[""],
        "differences": differences,
        "errors": errors,
        "ahead": session.starts_at > timezone.now() + timedelta(hours=1),
        "back": "teach" if request.user in session.cohort.instructors.all() else "manage_cohort",
    }
    return render(request, "cohorts/teach/register.html", context, status=status)
