"""What a trainee's pages show of one enrolment: sessions to come, attendance, the line or the offer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cohorts import rules
from cohorts.attendance_chart import Box, draw_attendance
from cohorts.models import AttendanceRecord, Enrolment, MarkStatus, Session
from cohorts.services.completion import explain_enrolment
from cohorts.services.tallies import policy_of
from cohorts.waiting import describe_place
from courses.models import AttendancePolicy

KINDS = {"present": "p", "late": "l", "excused": "e", "absent": "a"}


@dataclass(frozen=True)
class Meeting:
    """A session of the timetable with the person's mark, if there is one."""

    session: Session
    mark: str

    @property
    def mark_name(self) -> str:
        return str(MarkStatus(self.mark).label) if self.mark else ""


def current_enrolment(trainee: Any) -> Enrolment | None:
    """Return the open enrolment, else the newest that was not left. One query."""
    found = trainee.enrolments.exclude(status__in=Enrolment.LEFT)
    enrolments = list(found.select_related("trainee", "cohort__course__programme", "cohort__policy").order_by("-id"))
    open_ones = (each for each in enrolments if each.status in Enrolment.OPEN)
    return next(open_ones, None) or next(iter(enrolments), None)


def describe_enrolment(enrolment: Enrolment, now: datetime) -> dict[str, Any]:
    """Return the context of the page of today. At most six queries."""
    if enrolment.status in (Enrolment.Status.WAITLISTED, Enrolment.Status.OFFERED):
        return describe_place(enrolment, now)
    meetings = list_meetings(enrolment)
    to_come = [
        each for each in meetings if each.session.ends_at > now and each.session.state != Session.State.CANCELLED
    ]
    policy = policy_of(enrolment.cohort)
    rates = rules.compute_rates(enrolment, policy)
    return {
        "now": now,
        "rates": rates,
        "policy": policy,
        "sessions_open": rules.sessions_open(enrolment),
        "attended": enrolment.sessions_present + enrolment.sessions_late,
        "chart": _draw(meetings, rates, policy),
        "next_session": to_come[0].session if to_come else None,
        "later": [each.session for each in to_come[1:5]],
        "session_count": len(meetings),
        "conditions": [{**each, "text": rules.describe(each)} for each in enrolment.reasons]
        or explain_enrolment(enrolment),
    }


def list_meetings(enrolment: Enrolment) -> list[Meeting]:
    """Return the timetable in order, with this person's marks. Two queries."""
    marks = dict(AttendanceRecord.objects.filter(enrolment=enrolment).values_list("session_id", "status"))
    return [Meeting(each, marks.get(each.pk, "")) for each in enrolment.cohort.sessions.order_by("starts_at", "id")]


def _draw(meetings: list[Meeting], rates: rules.Rates, policy: AttendancePolicy) -> SafeString:
    countable = [each for each in meetings if each.session.state != Session.State.CANCELLED]
    boxes = []
    for each in countable:
        kind = KINDS[each.mark] if each.mark else ("u" if each.session.state == Session.State.HELD else "c")
        words = {"number": each.session.number, "mark": each.mark_name or _("to come")}
        boxes.append(Box(kind, _("Session %(number)d: %(mark)s") % words))
    best = rates.best_reachable
    counts = best is not None and best.reaches(policy) and any(box.kind in "uc" for box in boxes)
    spare = rates.can_still_miss if counts else None
    return draw_attendance(boxes, spare=spare, minimum_percent=policy.minimum_percent, excused=policy.excused)
