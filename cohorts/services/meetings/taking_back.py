"""All marks that files gave a session, taken back in one act: what stood before stands again, by the ledger."""

from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import AttendanceChange, Enrolment, MeetingReport, Session
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.attendance.register import open_register
from cohorts.services.meetings.files import lock_report, reopen
from trainees.models import User

CHANNEL = "take-back"
AUTOMATIC = "automatic"


@dataclass(frozen=True)
class GoesBack:
    """A mark from a file, and what stood before it (nothing: unmarked)."""

    enrolment: Enrolment
    stands: str
    stands_minutes: int | None
    status: str
    minutes: int | None
    channel: str  # of the restored mark: what a rule had made may be replaced by a file again, what a person made not


@dataclass(frozen=True)
class Stays:
    """A mark from a file that was changed later, or whose trainee is on the register no more (no later line)."""

    enrolment: Enrolment
    later: AttendanceChange | None


@dataclass
class TakeBack:
    """What taking back would do, or did."""

    back: list[GoesBack] = field(default_factory=list)
    stay: list[Stays] = field(default_factory=list)


@dataclass
class _Trail:
    """One enrolment's lines: the first mark of the files that stands, what stood before it, what came after it."""

    last: AttendanceChange | None = None
    before: AttendanceChange | None = None
    first: AttendanceChange | None = None
    later: AttendanceChange | None = None

    def follow(self, line: AttendanceChange) -> None:
        if line.channel == "import":
            if self.first is None or self.later is not None:
                self.first, self.before, self.later = line, self.last, None
        elif line.channel == CHANNEL or (line.channel == AUTOMATIC and self.last and self.last.channel == "import"):
            self.first = self.later = None
        elif self.first is not None and (line.old_status, line.old_minutes) != (line.new_status, line.new_minutes):
            self.later = line
        self.last = line


def plan_take_back(session: Session) -> TakeBack:
    """Return which marks from files go back to what, and which stay because they were changed later. Two queries."""
    trails: dict[int, _Trail] = {}
    for line in session.changes.select_related("enrolment__trainee", "by").order_by("id"):
        trails.setdefault(line.enrolment_id, _Trail()).follow(line)
    register = set(session.cohort.enrolments.on_register().values_list("pk", flat=True))
    plan = TakeBack()
    for enrolment_id, trail in trails.items():
        if trail.first is None or trail.last is None:
            continue
        enrolment = trail.first.enrolment
        if trail.later is not None or enrolment_id not in register:
            plan.stay.append(Stays(enrolment, trail.later))
        else:
            plan.back.append(_goes_back(trail.first, trail.last, trail.before))
    plan.back.sort(key=lambda each: each.enrolment.trainee.full_name)
    plan.stay.sort(key=lambda each: each.enrolment.trainee.full_name)
    return plan


def _goes_back(first: AttendanceChange, last: AttendanceChange, before: AttendanceChange | None) -> GoesBack:
    by_rule = bool(first.old_status) and before is not None and before.channel == AUTOMATIC
    channel = AUTOMATIC if by_rule else CHANNEL
    return GoesBack(first.enrolment, last.new_status, last.new_minutes, first.old_status, first.old_minutes, channel)


@transaction.atomic
def take_back_marks(
    *, session: Session, reason: str, by: User | None, at: datetime, may_correct: bool = False
) -> TakeBack:
    """Give every mark that files gave a session back to what stood before, through the register's one door. A mark
    that was changed later stays. The report is provisional again. Repeated, it changes nothing.

    Raises ValidationError without a reason, and what `mark_attendance` raises. About 30 queries.
    """
    said = " ".join(reason.split())
    if not said:
        raise ValidationError({"reason": ValidationError(_("Say why the marks are taken back."), code="required")})
    report = MeetingReport.objects.filter(session=session).first()
    report = lock_report(report) if report else None
    locked = open_register(session).session
    plan = plan_take_back(locked)
    for channel in (CHANNEL, AUTOMATIC):
        marks = [
            Mark(each.enrolment.pk, each.status or None, each.minutes) for each in plan.back if each.channel == channel
        ]
        if marks:
            mark_attendance(
                session=locked,
                marks=marks,
                version=None,
                by=by,
                at=at,
                channel=channel,
                reason=f"import taken back: {said}",
                may_correct=may_correct,
            )
    if plan.back:
        record(
            act="meeting.take_back",
            by=by,
            at=at,
            subject=locked,
            detail={"back": len(plan.back), "stay": len(plan.stay)},
        )
    if plan.back and report:
        reopen(report)
        report.save(update_fields=["state", "confirmed_at", "confirmed_by"])
    return plan
