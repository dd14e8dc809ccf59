"""What needs a person today, most urgent first."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Exists, IntegerField, Max, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import make_aware

from admissions.models import Application
from certificates.models import Certificate, ProblemReport
from cohorts.models import Appeal, Cohort, Enrolment, LeaveRequest, ReportPerson, Session, WalkIn
from courses.models import AttendancePolicy, Programme
from portal.figures.choice import Choice
from portal.models import CohortCell, FigureCheck
from trainees.models import ErasureRequest, Message, NameChange

CODES_SHOWN = 5


@dataclass(frozen=True)
class Need:
    """How many of one kind wait, since when, and the address whose list is that long."""

    kind: str
    n: int
    url: str
    arg: str = ""
    tail: str = ""
    codes: list[str] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None


WAITING: dict[str, tuple[Any, str]] = {
    # kind: (rows that wait, the moment from which each does)
    "certificates": (Certificate.objects.filter(state=Certificate.State.FAILED), "created_at"),
    "mails": (Message.objects.filter(state=Message.State.FAILED), "created_at"),
    "names": (NameChange.objects.filter(status=NameChange.Status.WAITING), "requested_at"),
    "erasures": (ErasureRequest.objects.filter(status=ErasureRequest.Status.WAITING), "requested_at"),
    "leave": (LeaveRequest.objects.filter(status=LeaveRequest.Status.REQUESTED), "requested_at"),
    "appeals": (Appeal.objects.filter(status=Appeal.Status.OPEN), "made_at"),
    "problems": (ProblemReport.objects.filter(settled_at=None), "created_at"),
    "labels": (ReportPerson.objects.filter(verdict=ReportPerson.Verdict.REVIEW), "report__created_at"),
    "walk_ins": (WalkIn.objects.filter(enrolment__isnull=True), "noted_at"),
    "offers": (Enrolment.objects.filter(status=Enrolment.Status.OFFERED), "offer_expires_at"),
}


def read_programme(choice: Choice) -> Any:
    """Return the newest programme with what waits, as `n_<kind>` and `since_<kind>`, and the policy. One query."""
    facts: dict[str, Any] = {}
    for kind, (rows, moment) in WAITING.items():
        facts[f"n_{kind}"] = Coalesce(_one(rows, Count("pk"), output_field=IntegerField()), 0)
        facts[f"since_{kind}"] = _one(rows, Min(moment))
    checked = FigureCheck.objects.order_by("-id")
    review = Application.objects.filter(programme=OuterRef("pk"), status=Application.Status.IN_REVIEW)
    facts["since_review"] = Subquery(review.order_by("submitted_at").values("submitted_at")[:1])
    newest = AttendancePolicy.objects.filter(course=OuterRef("course")).order_by("-version").values("pk")[:1]
    in_use = Exists(Cohort.objects.filter(policy=OuterRef("pk")))
    policies = AttendancePolicy.objects.filter(Q(pk=Subquery(newest)) | in_use)  # not what nobody was ever held to
    policies = policies.filter(course__code=choice.course) if choice.course else policies
    facts["check_id"] = Subquery(checked.values("pk")[:1])
    facts["checked_at"] = Subquery(checked.values("finished_at")[:1])
    facts["n_differences"] = Coalesce(Subquery(checked.values("differences")[:1]), 0)
    here = choice.lookups({"course": "course__code", "city": "city"})
    running = Cohort.objects.filter(state=Cohort.State.RUNNING, **here)
    facts["n_cohorts"] = Coalesce(_one(Cohort.objects.all(), Count("pk"), output_field=IntegerField()), 0)
    facts["n_running"] = Coalesce(_one(running, Count("pk"), output_field=IntegerField()), 0)
    facts["minimum"] = _one(policies, Min("minimum_percent"))
    facts["highest_minimum"] = _one(policies, Max("minimum_percent"))
    return Programme.objects.annotate(**facts).latest_first().first()


def _one(rows: QuerySet[Any], aggregate: Any, **options: Any) -> Any:
    """Return an aggregate of all rows as a subquery."""
    one: QuerySet[Any, Any] = rows.order_by().annotate(one=Value(1)).values("one")
    return Subquery(one.annotate(found=aggregate).values("found"), **options)


def list_needs(programme: Any, counts: Counter[str], *, at: datetime) -> list[Need]:
    """Return what waits. Two queries beside those of `read_programme` and the funnel."""

    def waits(kind: str, url: str, tail: str) -> Need:
        return Need(kind, getattr(programme, f"n_{kind}"), url, tail=tail, since=getattr(programme, f"since_{kind}"))

    check = str(programme.check_id or "")
    offers = Need("offers", programme.n_offers, "manage_trainees", tail="?status=offered", until=programme.since_offers)
    tail = "?stage=in_review"
    review = Need("review", counts["to_review"], "manage_applications", tail=tail, since=programme.since_review)
    needs = [
        Need("differences", programme.n_differences, "figure_check", arg=check, since=programme.checked_at),
        waits("certificates", "certificates", "?state=failed"),
        waits("mails", "manage_messages", "?state=failed"),
        *_registers(at),
        waits("problems", "problem_reports", "?open=true"),
        Need("disagreements", counts["disagree"], "disagreements"),
        waits("labels", "names_to_settle", "#labels"),
        waits("walk_ins", "names_to_settle", "#walk-ins"),
        waits("names", "manage_requests", "#names"),
        waits("erasures", "manage_requests", "#removals"),
        waits("leave", "teach_requests", "#leave"),
        waits("appeals", "teach_requests", "#disputes"),
        Need("out_of_reach", counts["cannot_reach"], "manage_trainees", tail="?stage=cannot_reach"),
        *_cohorts(counts["due"], at),
        offers,
        review,
    ]
    return [need for need in needs if need.n]


def _registers(at: datetime) -> list[Need]:
    late = Session.objects.to_mark(at)
    found = list(
        late.values("cohort__code").annotate(n=Count("id"), first=Min("ends_at")).order_by("-n", "cohort__code")
    )
    codes = [each["cohort__code"] for each in found]
    oldest = min((each["first"] for each in found), default=None)
    return [Need("registers", sum(each["n"] for each in found), "missing_registers", codes=codes, since=oldest)]


def _cohorts(due: int, at: datetime) -> list[Need]:
    """Return the cohorts to close, and those of whom somebody waits for a certificate. One query for both."""
    over, owing = Cohort.objects.over(at).values("pk"), CohortCell.objects.filter(due__gt=0).values("cohort")
    found = Cohort.objects.filter(Q(pk__in=over) | Q(pk__in=owing)).order_by("ends_on", "code")
    listed = list(found.values_list("code", "state", "ends_on"))
    to_close = [(code, last) for code, state, last in listed if state != Cohort.State.CLOSED]
    codes = [code for code, state, _last in listed if state == Cohort.State.CLOSED]
    since = _end_of(to_close[0][1]) if to_close and to_close[0][1] else None
    names = [code for code, _last in to_close]
    return [
        Need("close", len(to_close), "manage_cohorts", tail="?over=true", codes=names, since=since),
        Need("issue", due, "certificates_issue_all", codes=codes),
    ]


def _end_of(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.max))
