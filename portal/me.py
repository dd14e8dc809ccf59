"""A trainee's own page: next session, timetable, the three rates, what is missing, the certificate."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certificates.models import Certificate
from certificates.picture import draw_picture
from certificates.rules import Printed, verdict_on
from certificates.sharing import sharing_of
from cohorts import rules
from cohorts.calendars import describe_calendar
from cohorts.charts import draw_sessions
from cohorts.models import AttendanceRecord, Enrolment, Session
from cohorts.services.completion import explain_enrolment
from cohorts.services.enrolment import accept_offer, decline_offer, withdraw
from cohorts.services.enrolment.entry import send_confirmation_again
from cohorts.services.tallies import policy_of
from cohorts.waiting import describe_place
from trainees.chosen import choose_trainee, own_trainees

KINDS = {"present": "p", "late": "l", "excused": "e", "absent": "a"}


@login_required
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """Everything a trainee asks of us, on one page. Ten queries."""
    trainee = choose_trainee(request)
    if trainee is None:
        return render(request, "trainees/nobody.html")
    enrolments = list(
        trainee.enrolments.exclude(status__in=Enrolment.LEFT)
        .select_related("cohort__course__programme", "cohort__policy")
        .order_by("-id")
    )
    current = next((each for each in enrolments if each.status in Enrolment.OPEN), None) or next(iter(enrolments), None)
    certificates = Certificate.objects.visible_to(request.user).filter(enrolment__trainee=trainee)
    context: dict[str, Any] = {
        "trainee": trainee,
        "persons": own_trainees(request.user),
        "enrolment": current,
        "certificates": [_show_certificate(each) for each in certificates.with_look_ups().order_by("-issued_at")],
    }
    if current is not None:
        context |= _show(current) | describe_calendar(request.user)
    return render(request, "trainees/me.html", context)


def _show_certificate(certificate: Certificate) -> dict[str, Any]:
    printed = Printed(**certificate.printed)
    verdict = verdict_on(certificate.state, certificate.expires_on, printed.time_zone, timezone.now())
    sharing = sharing_of(certificate) if verdict == "valid" else None
    return {"certificate": certificate, "picture": draw_picture(printed), "verdict": verdict, "sharing": sharing}


def _show(enrolment: Enrolment) -> dict[str, Any]:
    now = timezone.now()
    if enrolment.status in (Enrolment.Status.WAITLISTED, Enrolment.Status.OFFERED):
        return describe_place(enrolment, now)
    policy = policy_of(enrolment.cohort)
    sessions = list(enrolment.cohort.sessions.order_by("number"))
    marks = dict(AttendanceRecord.objects.filter(enrolment=enrolment).values_list("session_id", "status"))
    to_come = [each for each in sessions if each.ends_at > now and each.state != Session.State.CANCELLED]
    rates = rules.compute_rates(enrolment, policy)
    return {
        "now": now,
        "rates": rates,
        "policy": policy,
        "sessions_open": rules.sessions_open(enrolment),
        "missed": enrolment.sessions_absent,
        "attended": enrolment.sessions_present + enrolment.sessions_late,
        "chart": _chart(enrolment, sessions, marks, policy.minimum_percent),
        "next_session": next(iter(to_come), None),
        "later": to_come[1:5],
        "timetable": [{"session": each, "mark": marks.get(each.pk, "")} for each in sessions],
        "conditions": [{**each, "text": rules.describe(each)} for each in enrolment.reasons]
        or explain_enrolment(enrolment),
    }


def _chart(enrolment: Enrolment, sessions: list[Session], marks: dict[int, str], minimum: int) -> SafeString:
    """Order the boxes attended, to come, missed, with the line at the sessions needed."""
    countable = [each for each in sessions if each.state != Session.State.CANCELLED]
    boxes: dict[str, list[tuple[str, str]]] = {kind: [] for kind in "pleuca"}
    for session in countable:
        mark = marks.get(session.pk)
        kind = KINDS[mark] if mark else ("u" if session.state == Session.State.HELD else "c")
        boxes[kind].append((kind, _("Session %(number)d: %(mark)s") % {"number": session.number, "mark": mark or "-"}))
    ordered = [box for kind in "pleuca" for box in boxes[kind]]
    return draw_sessions(ordered, -(-minimum * len(ordered) // 100))


@login_required
@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw from a cohort, or leave its line."""
    enrolment = get_object_or_404(Enrolment, pk=pk, trainee__user=request.user)
    try:
        withdraw(enrolment=enrolment, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("You have left %s.") % enrolment.cohort.code)
    return redirect("me")


@login_required
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept an offered place."""
    return _answer(request, pk, accept_offer, _("You have a place in %s."))


@login_required
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Decline an offered place; the next in line is asked."""
    return _answer(request, pk, decline_offer, _("You have declined the place in %s."))


def _answer(request: HttpRequest, pk: int, act: Any, said: str) -> HttpResponse:
    enrolment = get_object_or_404(Enrolment, pk=pk, trainee__user=request.user)
    try:
        act(enrolment=enrolment, by=request.user, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said % enrolment.cohort.code)
    return redirect("me")


@login_required
@require_POST
def confirm_again(request: HttpRequest) -> HttpResponse:
    """Send the mail that confirms the address once more; at most one in ten minutes."""
    trainee = choose_trainee(request)
    try:
        if trainee is not None:
            send_confirmation_again(trainee=trainee, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The mail is on its way. It can be sent once in ten minutes."))
    return redirect("me")
