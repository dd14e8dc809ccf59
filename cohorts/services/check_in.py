"""Self check-in: a scan becomes a mark by the policy's cut-off, and everything odd is shown, not blocked."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import AttendanceRecord, CheckIn, Cohort, Session
from cohorts.rules.check_in import OPENS, Arrival, find_distant, find_shared, judge_arrival
from cohorts.rules.register import locks_at
from cohorts.services.attendance import Mark, SessionCancelled, mark_attendance
from cohorts.services.attendance.register import open_register
from cohorts.services.errors import Conflict
from cohorts.services.tallies import policy_of
from trainees.models import Trainee, User


class CheckInAhead(Conflict):
    """Too early; a later scan works (R26)."""

    def __init__(self, session: Session) -> None:
        opens = timezone.localtime(session.starts_at - OPENS, ZoneInfo(session.cohort.time_zone))
        super().__init__(_("Check-in opens at %s. Scan again then.") % f"{opens:%H:%M}", code="check_in_ahead")


class CheckInOver(Conflict):
    def __init__(self) -> None:
        super().__init__(_("This session is over. Ask your instructor."), code="check_in_over")


@transaction.atomic
def check_in(*, session: Session, trainee: Trainee, device: str, address: str, by: User, at: datetime) -> CheckIn:
    """Take one person's arrival at `at`, the moment the scan's first page opened (R25).

    Marks present or late by the policy (R19) where nobody marked the person yet; a mark that stands, a
    closed register and a person from no list are kept for the instructor's review instead. A second scan
    returns the first. Raises CheckInAhead, CheckInOver, SessionCancelled. About twelve statements.
    """
    register = open_register(session)
    locked = register.session
    if known := CheckIn.objects.filter(session=locked, trainee=trainee).first():
        return known
    if locked.state == Session.State.CANCELLED:
        raise SessionCancelled(locked)
    arrival = judge_arrival(at, locked.starts_at, locked.ends_at, register.policy.late_after_minutes)
    _refuse(arrival, locked)
    enrolment = locked.cohort.enrolments.on_register().filter(trainee=trainee).first()
    is_free = enrolment is not None and register.standing(enrolment.pk) is None
    wrote = is_free and locked.register_closed_at is None
    if wrote and enrolment is not None:
        mark = Mark(enrolment.pk, arrival.status, arrival.minutes, at=at)
        mark_attendance(session=locked, marks=[mark], version=None, by=by, at=at, channel="check-in")
    return CheckIn.objects.create(
        session=locked,
        trainee=trainee,
        enrolment=enrolment,
        status=arrival.status,
        wrote=wrote,
        at=at,
        device=_hide(device, locked),
        address=_hide(address, locked),
    )


def _refuse(arrival: Arrival, session: Session) -> None:
    if arrival.status == "early":
        raise CheckInAhead(session)
    if arrival.status == "over":
        raise CheckInOver


def _hide(text: str, session: Session) -> str:
    """Return a keyed hash that is alike for the same device or address in this session, and in no other."""
    return salted_hmac("cohorts.check_in.trace", f"{session.pk} {text}", algorithm="sha256").hexdigest()[:32]


class NoSuchScan(Conflict):
    def __init__(self) -> None:
        text = _("This person stands on no list of the cohort; the office can enrol or transfer.")
        super().__init__(text, code="no_enrolment")


@transaction.atomic
def take_scan(*, scan: CheckIn, by: User | None, at: datetime, may_correct: bool = False) -> CheckIn:
    """Let a scan count that the register did not take: the mark becomes what the time of the scan stands for.

    What closing the register wrote by rule gives way to a scan until the lock time; what a person marked
    needs the right to correct as any other mark does. Raises NoSuchScan and what `mark_attendance` raises.
    """
    register = open_register(scan.session)
    locked = register.session
    if scan.enrolment_id is None:
        raise NoSuchScan
    arrival = judge_arrival(scan.at, locked.starts_at, locked.ends_at, register.policy.late_after_minutes)
    by_rule = locked.records.filter(enrolment=scan.enrolment_id, channel="automatic").exists()
    is_open = register.cohort.state != Cohort.State.CLOSED
    in_time = at <= locks_at(locked.ends_at, locked.marked_at, settings.REGISTER_LOCK_HOURS)
    mark_attendance(
        session=locked,
        marks=[Mark(scan.enrolment_id, scan.status, arrival.minutes)],
        version=None,
        by=by,
        at=at,
        channel="check-in",
        reason="scan confirmed",
        source=f"scan of {timezone.localtime(scan.at, ZoneInfo(register.cohort.time_zone)):%H:%M:%S}",
        may_correct=may_correct or (by_rule and is_open and in_time),
    )
    return scan


@dataclass(frozen=True)
class Trace:
    """A scan beside those of the others: whose phone and whose line it shares, numbered in order of arrival."""

    scan: CheckIn
    device: int
    on_device: int  # people who scanned with this browser
    address: int
    on_address: int


@dataclass(frozen=True)
class Review:
    """What an instructor sees of a session's check-in."""

    here: int
    people: int
    arrivals: list[CheckIn]
    shared: list[list[CheckIn]]  # one browser, three people or more
    distant: list[CheckIn]  # from an address of their own, while the room shares one
    outside: list[CheckIn]  # from no list of the cohort
    contradicted: list[CheckIn]  # whose mark says something else
    heads: int | None
    surplus: int  # marks beyond the heads that were counted

    @property
    def flags(self) -> int:
        single = len(self.distant) + len(self.outside) + len(self.contradicted)
        return len(self.shared) + single + bool(self.surplus)

    @property
    def traces(self) -> list[Trace]:
        """Every scan, newest first, with its phone and line by number: alike or not is all that is kept of them."""
        first_to_last = list(reversed(self.arrivals))
        devices = Counter(each.device for each in first_to_last)  # in order of arrival
        addresses = Counter(each.address for each in first_to_last)
        device_no, address_no = ({key: n for n, key in enumerate(each, 1)} for each in (devices, addresses))
        return [
            Trace(each, device_no[each.device], devices[each.device], address_no[each.address], addresses[each.address])
            for each in self.arrivals
        ]


def review_check_ins(session: Session) -> Review:
    """Return the arrivals, newest first, and everything that asks for a look. Three queries."""
    arrivals = list(session.check_ins.select_related("trainee", "enrolment").order_by("-at", "-id"))
    marks = dict(AttendanceRecord.objects.filter(session=session).values_list("enrolment_id", "status"))
    here = sum(status in ("present", "late") for status in marks.values())
    by_trainee = {each.trainee_id: each for each in arrivals}
    groups = find_shared((each.trainee_id, each.device) for each in arrivals)
    distant = find_distant((each.trainee_id, each.address) for each in arrivals)
    return Review(
        here=here,
        people=session.cohort.enrolments.on_register().count(),
        arrivals=arrivals,
        shared=[[by_trainee[pk] for pk in group] for group in groups],
        distant=[by_trainee[pk] for pk in distant],
        outside=[each for each in arrivals if each.enrolment_id is None],
        contradicted=[
            each
            for each in arrivals
            if each.enrolment_id is not None and marks.get(each.enrolment_id) not in ("present", "late")
        ],
        heads=session.heads,
        surplus=max(0, here - session.heads) if session.heads is not None else 0,
    )


@transaction.atomic
def count_heads(*, session: Session, heads: int, by: User | None, at: datetime) -> int:
    """Keep how many heads the instructor counted. Returns how many marks there are beyond them."""
    locked = open_register(session).session
    if not 0 <= heads <= 2000:
        text = _("Give the number of people in the room.")
        raise ValidationError({"heads": ValidationError(text, code="heads")})
    locked.heads, locked.heads_at = heads, at
    locked.save(update_fields=["heads", "heads_at"])
    here = locked.records.filter(status__in=["present", "late"]).count()
    record(act="register.count_heads", by=by, at=at, subject=locked, detail={"heads": heads, "marks": here})
    return max(0, here - heads)


def on_time_until(session: Session) -> datetime:
    """Return the last moment at which an arrival is still present."""
    return session.starts_at + timedelta(minutes=policy_of(session.cohort).late_after_minutes)
