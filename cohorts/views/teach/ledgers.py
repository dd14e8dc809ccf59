"""The ledger of a session and of a trainee: every mark ever made, by whom, when, by which way, and why."""

from collections import Counter
from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cohorts import rules
from cohorts.mark_proofs import FileProof, proofs_of
from cohorts.models import AttendanceChange, AttendanceRecord, Enrolment, MarkStatus, Session
from cohorts.permissions import can_decide_absence, can_manage, can_mark
from cohorts.services import meetings
from cohorts.services.ledger import replay
from cohorts.services.tallies import policy_of
from cohorts.views.teach.access import in_zone_of
from cohorts.views.teach.requests import MakeUpForm

SHOWN = 60
ICONS = {
    "import": "file-text",
    "take-back": "arrow-back-up",
    "check-in": "qrcode",
    "automatic": "robot",
    "leave": "calendar-off",
    "appeal": "scale",
}


@login_required
@require_GET
def show_session_ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """Every mark of one session. Ten queries."""
    visible = Session.objects.visible_to(request.user).select_related("cohort__course", "cohort__policy")
    session = get_object_or_404(visible, pk=pk)
    if not (can_mark(request.user, session) or can_manage(request.user)):
        raise PermissionDenied
    with in_zone_of(session.cohort):
        return render(request, "cohorts/ledger/session.html", _of_session(request, session))


def _of_session(request: HttpRequest, session: Session) -> dict[str, Any]:
    statuses = Counter(session.records.values_list("status", flat=True))
    people = session.cohort.enrolments.on_register().count()
    return _context(request, session.changes.all()) | {
        "session": session,
        "may_mark": can_mark(request.user, session),
        "own": {session.pk},
        "cohort": session.cohort,
        "sums": _sums(statuses, people - statuses.total()),
        "total": people,
        "agrees": _agrees(session.records.all(), replay(session.cohort)),
    }


@login_required
@require_GET
def show_trainee_ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """Every mark of one enrolment, with the figures that follow from them. Sixteen queries.

    A session that another instructor holds is told, and leads nowhere.
    """
    visible = Enrolment.objects.visible_to(request.user).select_related("trainee", "cohort__course", "cohort__policy")
    enrolment = get_object_or_404(visible, pk=pk)
    if not (can_manage(request.user) or enrolment.cohort.instructors.filter(pk=request.user.pk).exists()):
        raise PermissionDenied
    with in_zone_of(enrolment.cohort):
        return render(request, "cohorts/ledger/trainee.html", _of_trainee(request, enrolment))


def _of_trainee(request: HttpRequest, enrolment: Enrolment) -> dict[str, Any]:
    sessions = list(enrolment.cohort.sessions.order_by("number"))
    marks = dict(enrolment.records.values_list("session_id", "status"))
    statuses = {name: getattr(enrolment, f"sessions_{name}") for name in MarkStatus.values}
    policy = policy_of(enrolment.cohort)
    return _context(request, enrolment.changes.all()) | {
        "enrolment": enrolment,
        "cohort": enrolment.cohort,
        "policy": policy,
        "rates": rules.compute_rates(enrolment, policy),
        "strip": [(each, _shape(each, marks.get(each.pk))) for each in sessions],
        "make_ups": enrolment.make_ups.select_related("missed").order_by("missed__number"),
        "may_mark": can_decide_absence(request.user, enrolment.cohort),
        "own": set(
            Session.objects.visible_to(request.user).filter(cohort=enrolment.cohort_id).values_list("pk", flat=True)
        ),
        "may_decide": can_decide_absence(request.user, enrolment.cohort) and enrolment.closed_at is None,
        "make_up_form": MakeUpForm(enrolment),
        "held": sum(each.state == Session.State.HELD for each in sessions),
        "sums": _sums(Counter(statuses), enrolment.sessions_unmarked),
        "total": sum(statuses.values()) + enrolment.sessions_unmarked,
        "agrees": _agrees(enrolment.records.all(), replay(enrolment.cohort)),
    }


@login_required
@require_GET
def show_lines(request: HttpRequest, pk: int) -> HttpResponse:
    """The lines of the files behind one mark, as the files have them. Six queries."""
    visible = Session.objects.visible_to(request.user)
    found = AttendanceChange.objects.filter(session__in=visible).exclude(evidence=None)
    change = get_object_or_404(found.select_related("session__cohort", "enrolment__trainee"), pk=pk)
    if not (can_mark(request.user, change.session) or can_manage(request.user)):
        raise PermissionDenied
    proof = proofs_of([change])[change.pk]
    context = {
        "base": "base_staff.html" if can_manage(request.user) else "cohorts/teach/base.html",
        "change": change,
        "session": change.session,
        "proof": proof,
        "files": [(part, _lines(part)) for part in proof.files],
    }
    return render(request, "cohorts/ledger/lines_of_file.html", context)


def _lines(part: FileProof) -> list[tuple[int, list[str]]]:
    wanted = [int(line) for line in part.lines.split(", ") if line]
    return meetings.read_lines(part.file, wanted) if wanted else []


def _context(request: HttpRequest, changes: QuerySet[AttendanceChange]) -> dict[str, Any]:
    """Return the lines of a ledger, newest first, narrowed to one way if the reader asks. Two queries."""
    changes = changes.select_related("by", "session__cohort", "enrolment__trainee").order_by("-received_at", "-id")
    lines = [_line(each) for each in changes]
    kinds = Counter(line["kind"] for line in lines)
    wanted = request.GET.get("kind", "")
    chosen = [line for line in lines if line["kind"] == wanted] if wanted in kinds else lines
    shown = chosen if request.GET.get("all") else chosen[:SHOWN]
    proofs = proofs_of(line["change"] for line in shown)
    for line in shown:
        line["proof"] = proofs.get(line["change"].pk)
        line["reason"] = "" if line["proof"] else line["reason"]  # the file says more
    return {
        "base": "base_staff.html" if can_manage(request.user) else "cohorts/teach/base.html",
        "days": [(day, list(group)) for day, group in groupby(shown, key=lambda line: line["received"].date())],
        "kinds": sorted(kinds.items(), key=lambda item: (item[0] != "register", item[0])),
        "wanted": wanted if wanted in kinds else "",
        "entries": len(lines),
        "hidden": len(chosen) - len(shown),
        "who": Counter(line["who"] for line in lines).most_common(8),
    }


def _line(change: AttendanceChange) -> dict[str, Any]:
    received = timezone.localtime(change.received_at or change.at)
    is_correction = bool(change.old_status) and change.channel in ("register", "api")
    kind = "correction" if is_correction else "register" if change.channel == "api" else change.channel
    made = timezone.localtime(change.at)
    return {
        "change": change,
        "kind": kind,
        "icon": "pencil" if is_correction else ICONS.get(change.channel, "list-check"),
        "old": change.old_status,
        "new": change.new_status,
        "reason": _(change.reason) if change.reason else "",  # our own words have a translation
        "received": received,
        "who": change.by.full_name or change.by.email if change.by else _("the system"),
        "made": made if abs(received - made).total_seconds() > 60 else None,
        "claimed": timezone.localtime(change.claimed_at) if change.claimed_at else None,
    }


def _sums(statuses: Counter[str], unmarked: int) -> list[tuple[str, str, int]]:
    sums = [(name, str(MarkStatus(name).label), statuses.get(name, 0)) for name in MarkStatus.values]
    return [*sums, ("unmarked", _("Unmarked"), max(0, unmarked))]


def _shape(session: Session, status: str | None) -> str:
    if session.state == Session.State.HELD:
        return status or "unmarked"
    return status or session.state


def _agrees(records: QuerySet[AttendanceRecord], told: dict[int, dict[int, tuple[str, int]]]) -> bool:
    """Tell whether the marks as they stand are what the ledger tells. One query."""
    stand = records.values_list("enrolment_id", "session_id", "status", "minutes")
    return all(told.get(pk, {}).get(session_id) == (status, minutes) for pk, session_id, status, minutes in stand)
