"""The cohorts one teaches: every session with its register, every trainee with figures and ledger."""

from collections import Counter, defaultdict
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cohorts import rules
from cohorts.models import AttendanceRecord, Cohort, Enrolment, Session
from cohorts.permissions import can_manage
from cohorts.services.tallies import policy_of

HELD = Count("sessions", filter=Q(sessions__state=Session.State.HELD))
COUNTABLE = Count("sessions", filter=~Q(sessions__state=Session.State.CANCELLED))
WORST_FIRST = ("cannot_reach", "at_risk")


@login_required
@require_GET
def list_cohorts(request: HttpRequest) -> HttpResponse:
    """The cohorts one teaches, the latest first. Three queries."""
    cohorts = Cohort.objects.taught_by(request.user)
    if not cohorts.exists() and not can_manage(request.user):
        raise PermissionDenied
    counted = cohorts.select_related("course").annotate(held=HELD, countable=COUNTABLE)
    return render(request, "cohorts/teach/cohorts.html", {"cohorts": counted.order_by("-starts_on", "id")})


@login_required
@require_GET
def show_cohort(request: HttpRequest, code: str) -> HttpResponse:
    """Sessions with their registers and trainees with their ledgers, those at risk first. Seven queries."""
    mine = Cohort.objects.managed_by(request.user).select_related("course", "policy")
    cohort = get_object_or_404(mine, code=code)
    people = list(cohort.enrolments.on_register().select_related("trainee").order_by("trainee__full_name", "id"))
    policy = policy_of(cohort)
    rows = [_row(each, policy) for each in people]
    now = timezone.now()
    own = set(Session.objects.visible_to(request.user).filter(cohort=cohort).values_list("pk", flat=True))
    sessions = _sessions(cohort, len(people), now, own)
    context = {
        "cohort": cohort,
        "past": [row for row in sessions if row["session"].starts_at <= now],
        "to_come": [row for row in reversed(sessions) if row["session"].starts_at > now],
        "rows": sorted(rows, key=lambda row: row["rank"]),
    }
    return render(request, "cohorts/teach/cohort.html", context)


def _sessions(cohort: Cohort, people: int, now: Any, own: set[int]) -> list[dict[str, Any]]:
    """Return every session, the latest first, with who was here and what its register asks for. Two queries.

    Those that another instructor holds (not in `own`) are told, and lead nowhere.
    """
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    records = AttendanceRecord.objects.filter(session__cohort=cohort).values_list("session_id", "status")
    for session_id, status, n in records.annotate(n=Count("id")):
        counts[session_id][status] = n
    return [
        {
            "session": each,
            "is_own": each.pk in own,
            "here": counts[each.pk]["present"] + counts[each.pk]["late"],
            "marked": counts[each.pk].total(),
            "left": max(0, people - counts[each.pk].total()),
            "is_missing": each.state == Session.State.PLANNED and each.ends_at < now,
        }
        for each in cohort.sessions.order_by("-starts_at")
    ]


def _row(enrolment: Enrolment, policy: Any) -> dict[str, Any]:
    rates = rules.compute_rates(enrolment, policy)
    standing = enrolment.standing
    rank = WORST_FIRST.index(standing) if standing in WORST_FIRST else len(WORST_FIRST)
    return {"enrolment": enrolment, "rate": rates.to_date, "may_miss": rates.can_still_miss, "rank": rank}
