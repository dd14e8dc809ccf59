"""An instructor's day, and the small program that keeps it at hand without a network."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from cohorts import rules
from cohorts.calendars import describe_calendar
from cohorts.models import Appeal, Cohort, Enrolment, LeaveRequest, MeetingReport, ReportPerson, Session, WalkIn
from cohorts.permissions import can_manage
from cohorts.rules.register import locks_at
from cohorts.services.tallies import policy_of

WHO = Enrolment.ON_REGISTER
PEOPLE = Count("cohort__enrolments", filter=Q(cohort__enrolments__status__in=WHO), distinct=True)
MARKED = Count("records", distinct=True)
HERE = Count("records", filter=Q(records__status__in=["present", "late"]), distinct=True)
KEPT_FOR = timedelta(hours=24)  # registers of this long ahead are kept on the device


@login_required
@require_GET
def show_day(request: HttpRequest) -> HttpResponse:
    """The day of an instructor: the next session, registers left over, whom to watch. Ten queries."""
    now = timezone.now()
    cohorts = Cohort.objects.taught_by(request.user)
    if not cohorts.exists() and not can_manage(request.user):
        raise PermissionDenied
    sessions = Session.objects.held_by(request.user).exclude(state=Session.State.CANCELLED)
    sessions = sessions.select_related("cohort__course").annotate(people=PEOPLE, marked=MARKED, here=HERE)
    upcoming = list(sessions.filter(ends_at__gt=now - timedelta(hours=3)).order_by("starts_at", "id")[:12])
    first = next((each for each in upcoming if each.state == Session.State.PLANNED or each.ends_at > now), None)
    context = {
        "now": now,
        "first": first,
        "is_on": first is not None and first.starts_at <= now < first.ends_at,
        "days": _days(sessions, now),
        "today": [each for each in upcoming if each != first and each.starts_at < now + KEPT_FOR],
        "later": [each for each in upcoming if each != first and each.starts_at >= now + KEPT_FOR][:6],
        "missing": _missing(sessions, now),
        "waiting": _count_waiting(cohorts),
        "names": _names(Session.objects.held_by(request.user), now),
        "watch": _watch(cohorts),
        **describe_calendar(request.user),
    }
    return render(request, "cohorts/teach/day.html", context)


def _days(sessions: QuerySet[Session], now: datetime) -> list[dict[str, object]]:
    """Return six days from yesterday, each with what its sessions ask for. One query."""
    first = timezone.localdate(now) - timedelta(days=1)
    days = [first + timedelta(days=n) for n in range(6)]
    states: dict[object, set[str]] = {day: set() for day in days}
    for day, state in sessions.filter(date__range=(days[0], days[-1])).values_list("date", "state"):
        states[day].add(state)
    return [{"date": day, "is_today": day == timezone.localdate(now), "states": states[day]} for day in days]


def _missing(sessions: QuerySet[Any], now: datetime) -> list[Any]:
    """Return past sessions without a register, and this week's in which people are left unmarked. One query."""
    left = Q(register_closed_at__isnull=True, ends_at__gt=now - timedelta(days=7), marked__lt=F("people"))
    past = sessions.filter(ends_at__lte=now).exclude(cohort__state="closed")
    missing = list(past.filter(Q(state=Session.State.PLANNED) | left).order_by("-starts_at", "id")[:8])
    for each in missing:
        each.closes_at = locks_at(each.ends_at, each.marked_at, settings.REGISTER_LOCK_HOURS)
        each.left = each.people - each.marked
    return missing


def _count_waiting(cohorts: QuerySet[Cohort]) -> int:
    """Return how many requests for leave and disputed marks wait. Two queries."""
    leaves = LeaveRequest.objects.filter(enrolment__cohort__in=cohorts, status=LeaveRequest.Status.REQUESTED)
    appeals = Appeal.objects.filter(enrolment__cohort__in=cohorts, status=Appeal.Status.OPEN)
    return leaves.count() + appeals.count()


def _names(sessions: QuerySet[Session], now: datetime) -> list[dict[str, Any]]:
    """Return sessions in which names wait: of meeting reports, and of people on no list. Two queries."""
    reports = ReportPerson.objects.filter(
        report__state=MeetingReport.State.PROVISIONAL, report__session__in=sessions, verdict="review"
    )
    recent = now - timedelta(days=14)  # who was not matched by then was a guest
    walk_ins = WalkIn.objects.filter(session__in=sessions, enrolment__isnull=True, noted_at__gt=recent)
    found = [
        (_count_names(reports, "report__session"), "meeting_report"),
        (_count_names(walk_ins, "session"), "session_register"),
    ]
    return [each | {"url": url} for rows, url in found for each in rows]


def _count_names(rows: QuerySet[Any], session: str) -> list[dict[str, Any]]:
    counted = rows.values(
        pk=F(f"{session}__pk"),
        number=F(f"{session}__number"),
        date=F(f"{session}__date"),
        code=F(f"{session}__cohort__code"),
    )
    return list(counted.annotate(n=Count("id")).order_by("-date")[:4])


def _watch(cohorts: QuerySet[Cohort]) -> list[dict[str, Any]]:
    """Return those at risk, worst first, with their rate. Two queries."""
    watch = Enrolment.objects.filter(cohort__in=cohorts, status=Enrolment.Status.ENROLLED)
    watch = watch.filter(standing__in=["at_risk", "cannot_reach"]).select_related("trainee", "cohort__policy")
    people = []
    for each in watch.order_by("-standing", "-sessions_absent", "id")[:8]:
        rates = rules.compute_rates(each, policy_of(each.cohort))
        people.append({"enrolment": each, "rate": rates.to_date, "may_miss": rates.can_still_miss})
    return people


@require_GET
@cache_control(no_cache=True)
def show_worker(request: HttpRequest) -> HttpResponse:
    """The service worker. Its address stands above /teach/, so that it may serve all of it and nothing else."""
    source = settings.BASE_DIR / "static" / "js" / "teach-worker.js"
    return HttpResponse(source.read_text(encoding="utf-8"), content_type="text/javascript; charset=utf-8")
