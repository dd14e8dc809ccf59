"""An instructor's day, and the small program that keeps it at hand without a network."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from cohorts import rules
from cohorts.calendars import describe_calendar
from cohorts.models import (
    Appeal,
    AttendanceRecord,
    Cohort,
    Enrolment,
    LeaveRequest,
    MeetingReport,
    ReportPerson,
    Session,
    WalkIn,
)
from cohorts.permissions import can_manage
from cohorts.rules.register import locks_at
from cohorts.services.tallies import policy_of


def _count_of(rows: QuerySet[Any], key: str) -> Coalesce:
    """Count by a subquery: joined with each other, people and marks of a session are a thousand rows."""
    counted = rows.order_by().values(key).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


ON_REGISTER = Enrolment.objects.filter(cohort=OuterRef("cohort"), status__in=Enrolment.ON_REGISTER)
RECORDS = AttendanceRecord.objects.filter(session=OuterRef("pk"))
COUNTS = {
    "people": _count_of(ON_REGISTER, "cohort"),
    "marked": _count_of(RECORDS, "session"),
    "here": _count_of(RECORDS.filter(status__in=["present", "late"]), "session"),
}
KEPT_FOR = timedelta(hours=24)  # registers of this long ahead are kept on the device


@login_required
@require_GET
def show_day(request: HttpRequest) -> HttpResponse:
    """The day of an instructor: the next session, registers left over, whom to watch. Eleven queries."""
    now = timezone.now()
    # By their ids: what a database expects of "those one teaches" makes it read every session there is.
    cohorts = list(Cohort.objects.taught_by(request.user).values_list("pk", flat=True))
    if not cohorts and not can_manage(request.user):
        raise PermissionDenied
    held = Session.objects.held_by(request.user).filter(cohort__in=cohorts)
    sessions = held.countable().select_related("cohort__course").annotate(**COUNTS)
    upcoming = list(sessions.filter(ends_at__gt=now - timedelta(hours=3)).order_by("starts_at", "id")[:12])
    first = next((each for each in upcoming if each.state == Session.State.PLANNED or each.ends_at > now), None)
    context = {
        "now": now,
        "first": first,
        "is_on": first is not None and first.starts_at <= now < first.ends_at,
        "days": _days(held.countable(), now),
        "today": [each for each in upcoming if each != first and each.starts_at < now + KEPT_FOR],
        "later": [each for each in upcoming if each != first and each.starts_at >= now + KEPT_FOR][:6],
        "missing": _missing(sessions, now),
        "waiting": _count_waiting(cohorts),
        "names": _names(held, now),
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


def _count_waiting(cohorts: list[int]) -> int:
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


def _watch(cohorts: list[int]) -> list[dict[str, Any]]:
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
