"""What needs a person today, most urgent first."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, IntegerField, Max, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from certificates.models import Certificate
from cohorts.models import Appeal, Cohort, LeaveRequest, ReportPerson, Session, WalkIn
from courses.models import Programme
from portal.models import CohortCell, FigureCheck
from trainees.models import ErasureRequest, Message, NameChange


@dataclass(frozen=True)
class Need:
    """One sentence of the list: how many, of what, since when, and where it is done."""

    kind: str
    n: int
    url: str
    arg: str = ""
    query: str = ""
    codes: list[str] = field(default_factory=list)
    since: datetime | None = None


def read_programme() -> Any:
    """Return the newest programme with the counts of what waits, as `n_...`. One query."""
    unsettled = ReportPerson.objects.filter(verdict=ReportPerson.Verdict.REVIEW)
    waiting = {
        "n_failed_certificates": Certificate.objects.filter(state=Certificate.State.FAILED),
        "n_failed_mails": Message.objects.filter(state=Message.State.FAILED),
        "n_requests": NameChange.objects.filter(status=NameChange.Status.WAITING),
        "n_erasures": ErasureRequest.objects.filter(status=ErasureRequest.Status.WAITING),
        "n_leave": LeaveRequest.objects.filter(status=LeaveRequest.Status.REQUESTED),
        "n_appeals": Appeal.objects.filter(status=Appeal.Status.OPEN),
        "n_labels": unsettled,
        "n_walk_ins": WalkIn.objects.filter(enrolment__isnull=True),
    }
    counts: dict[str, Any] = {name: _count(rows) for name, rows in waiting.items()}
    checked = FigureCheck.objects.order_by("-id")
    counts["n_differences"] = Coalesce(Subquery(checked.values("differences")[:1]), 0)
    unmatched = WalkIn.objects.filter(enrolment__isnull=True).order_by("id")
    counts["label_session"] = Subquery(unsettled.order_by("id").values("report__session_id")[:1])
    counts["walk_in_session"] = Subquery(unmatched.values("session_id")[:1])
    counts["checked_at"] = Subquery(checked.values("finished_at")[:1])
    return Programme.objects.annotate(**counts).latest_first().first()


def _count(rows: QuerySet[Any]) -> Any:
    one: QuerySet[Any, Any] = rows.order_by().annotate(one=Value(1)).values("one")
    return Coalesce(Subquery(one.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def list_needs(programme: Any, counts: Counter[str], *, at: datetime) -> list[Need]:
    """Return what waits. Three queries beside those of `read_programme` and the funnel."""
    needs = [
        Need("differences", programme.n_differences, "figure_checks", since=programme.checked_at),
        Need("certificates", programme.n_failed_certificates, "certificates", query="?state=failed"),
        Need("mails", programme.n_failed_mails, "manage_messages", query="?state=failed"),
        *_registers(at),
        Need("disagreements", counts["disagree"], "disagreements"),
        Need("labels", programme.n_labels, "meeting_report", arg=str(programme.label_session or "")),
        Need("requests", programme.n_requests + programme.n_erasures, "manage_requests"),
        Need("absence", programme.n_leave + programme.n_appeals, "teach_requests"),
        *_to_close(at),
        *_to_issue(),
        Need("review", counts["to_review"], "manage_applications", query="?stage=in_review"),
        Need("walk_ins", programme.n_walk_ins, "session_register", arg=str(programme.walk_in_session or "")),
    ]
    return [need for need in needs if need.n]


def _registers(at: datetime) -> list[Need]:
    late = Session.objects.to_mark(at)
    found = list(
        late.values("cohort__code").annotate(n=Count("id"), last=Max("ends_at")).order_by("-n", "cohort__code")
    )
    codes = [each["cohort__code"] for each in found]
    oldest = min((each["last"] for each in found), default=None)
    return [Need("registers", sum(each["n"] for each in found), "missing_registers", codes=codes[:5], since=oldest)]


def _to_close(at: datetime) -> list[Need]:
    codes = list(Cohort.objects.over(at).order_by("ends_on", "code").values_list("code", flat=True))
    return [Need("close", len(codes), "manage_cohorts", query="?over=true", codes=codes[:5])]


def _to_issue() -> list[Need]:
    due = CohortCell.objects.filter(due__gt=0).values("cohort__code").annotate(n=Sum("due")).order_by("-n")
    return [Need("issue", each["n"], "certificates_issue", arg=each["cohort__code"]) for each in due[:3]]
