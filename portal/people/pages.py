"""A trainee's own pages: today, timetable, certificates."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from certificates.models import Certificate
from certificates.picture import picture_of
from certificates.rules import Printed, verdict_on
from certificates.sharing import sharing_of
from cohorts.calendars import describe_calendar
from cohorts.models import Enrolment, Session
from cohorts.services.tallies import policy_of
from portal.people.standing import current_enrolment, describe_enrolment, list_meetings
from trainees.chosen import choose_among
from trainees.models import Trainee


@login_required
@require_GET
def show_today(request: HttpRequest) -> HttpResponse:
    """What is next, where one stands, what to do. At most twelve queries."""
    trainee, persons = choose_among(request)
    if trainee is None:
        return render(request, "trainees/nobody.html", {"tab": "today"})
    enrolment = current_enrolment(trainee)
    context = {
        **_frame(trainee, persons, enrolment, "today"),
        "first_name": trainee.full_name.split(" ")[0],
        "certificates": _certificates(trainee)[:1],
        **(describe_enrolment(enrolment, timezone.now()) | describe_calendar(request.user) if enrolment else {}),
    }
    return render(request, "trainees/me.html", context)


@login_required
@require_GET
def show_timetable(request: HttpRequest) -> HttpResponse:
    """Every session of the current cohort, with marks. At most eight queries."""
    trainee, persons = choose_among(request)
    if trainee is None:
        return render(request, "trainees/nobody.html", {"tab": "timetable"})
    enrolment = current_enrolment(trainee)
    meetings = list_meetings(enrolment) if enrolment else []
    held = [each for each in meetings if each.session.state != Session.State.CANCELLED]
    context = {
        **_frame(trainee, persons, enrolment, "timetable"),
        "meetings": meetings,
        **describe_calendar(request.user),
        "count": len(held),
        "now": timezone.now(),
    }
    return render(request, "trainees/timetable.html", context)


@login_required
@require_GET
def show_certificates(request: HttpRequest) -> HttpResponse:
    """Every certificate a person holds or held. At most eight queries."""
    trainee, persons = choose_among(request)
    if trainee is None:
        return render(request, "trainees/nobody.html", {"tab": "certificates"})
    enrolment = current_enrolment(trainee)
    context = {
        **_frame(trainee, persons, enrolment, "certificates"),
        "certificates": _certificates(trainee),
        "policy": policy_of(enrolment.cohort) if enrolment else None,
    }
    return render(request, "trainees/certificates.html", context)


def _frame(trainee: Trainee, persons: list[Trainee], enrolment: Enrolment | None, tab: str) -> dict[str, Any]:
    return {"trainee": trainee, "persons": persons, "enrolment": enrolment, "tab": tab}


def _certificates(trainee: Trainee) -> list[dict[str, Any]]:
    """Return the certificates that were handed over, each with its picture, the valid ones first. One query."""
    found = Certificate.objects.public().filter(enrolment__trainee=trainee)
    shown = [_show_certificate(each) for each in found.with_look_ups().order_by("-issued_at")]
    return sorted(shown, key=lambda each: each["verdict"] != "valid")


def _show_certificate(certificate: Certificate) -> dict[str, Any]:
    printed = Printed(**certificate.printed)
    verdict = verdict_on(certificate.state, certificate.expires_on, printed.time_zone, timezone.now())
    sharing = sharing_of(certificate) if verdict == "valid" else None
    return {"certificate": certificate, "picture": picture_of(certificate), "verdict": verdict, "sharing": sharing}
