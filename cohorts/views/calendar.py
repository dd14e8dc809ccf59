"""A person's own calendar, for programs that fetch it by its secret address."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cohorts.calendars import entries_of, write_calendar
from cohorts.models import Enrolment, Session
from trainees.models import User
from trainees.services.calendar import find_calendar_owner, renew_calendar, set_reminders

LONGEST = 2000  # sessions in one calendar


@require_GET
def show_calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """Every session that a person attends or teaches, cancelled ones as such. Two queries."""
    owner = find_calendar_owner(secret)
    if owner is None:
        raise Http404
    attended = Enrolment.objects.filter(trainee__user_id=owner.pk).on_register().values("cohort_id")
    mine = Q(cohort_id__in=attended) | Q(pk__in=Session.objects.held_by(owner).values("pk"))
    sessions = Session.objects.filter(mine).select_related("cohort__course").order_by("starts_at", "id")[:LONGEST]
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    text = write_calendar(entries_of(sessions, owner.language), _("My sessions"), hour)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, max-age=900"
    response["X-Robots-Tag"] = "noindex"
    return response


@login_required
@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """Make the old address of one's calendar worthless."""
    renew_calendar(user=_user(request), at=timezone.now())
    messages.success(request, _("Your calendar has a new address; the old one no longer works."))
    return redirect("start")


@login_required
@require_POST
def reminders(request: HttpRequest) -> HttpResponse:
    """Switch one's reminders on or off."""
    wanted = request.POST.get("wanted") == "yes"
    set_reminders(user=_user(request), wanted=wanted, at=timezone.now())
    said = _("We remind you a day before each session.") if wanted else _("We send you no more reminders.")
    messages.success(request, said)
    return redirect("start")


def _user(request: HttpRequest) -> User:
    user: Any = request.user
    return user
