"""What classes leave behind, for the demonstration: a meeting report written, one in review, leave and a dispute."""

import csv
import io
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cohorts.models import AttendanceRecord, Cohort, Enrolment, MarkStatus, Session
from cohorts.services.appeals import make_appeal
from cohorts.services.leave import decide_leave, request_leave
from cohorts.services.meetings import add_file, confirm_report
from trainees.models import User

HEADER = ("Name (Original Name)", "User Email", "Join Time", "Leave Time", "Duration (Minutes)", "Guest")
UNCLEAR = ("iPhone", "Galaxy A15", "")  # labels in a report; the last gives a first name only


def report_classes(*, sessions: list[Session], by: User | None, source: random.Random) -> None:
    """Take a Zoom report for each session in the order given: all are confirmed but the last, which waits."""
    for session in sessions:
        waits = session == sessions[-1]
        at = session.ends_at + timedelta(minutes=40)
        name = f"participants_{session.cohort.code}_{session.date}.csv"
        content = write_report(session, source, unclear=len(UNCLEAR) if waits else 0)
        added = add_file(session=session, name=name, chunks=[content], by=by, at=at)
        if not waits:
            confirm_report(report=added.file.report, by=by, at=at + timedelta(minutes=5))


def write_report(session: Session, source: random.Random, *, unclear: int) -> bytes:
    """Return a Zoom report of a session: most came, one late, one twice, one not; `unclear` of them hard to tell."""
    people = list(session.cohort.enrolments.on_register().select_related("trainee__user").order_by("id"))
    source.shuffle(people)
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(HEADER)
    zone = ZoneInfo(session.cohort.time_zone)
    for position, enrolment in enumerate(people[1:]):
        name, email = enrolment.trainee.full_name, enrolment.trainee.user.email if enrolment.trainee.user else ""
        if position < unclear:
            name, email = UNCLEAR[position] or name.split()[0].lower(), ""
        for joined, left in _stays(position, session, source):
            minutes = -(-int((left - joined).total_seconds()) // 60)
            rows.writerow((name, email, _spell(joined, zone), _spell(left, zone), minutes, "Yes"))
    return text.getvalue().encode("utf-8-sig")


def _stays(position: int, session: Session, source: random.Random) -> Iterable[tuple[datetime, datetime]]:
    joined = session.starts_at + timedelta(seconds=source.randint(-500, 400))
    left = session.ends_at + timedelta(seconds=source.randint(-300, 200))
    if position == 4:
        joined += timedelta(minutes=50)
    if position == 5:
        broke = session.starts_at + timedelta(minutes=80)
        return [(joined, broke), (broke + timedelta(minutes=6), left)]
    return [(joined, left)]


def _spell(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%m/%d/%Y %I:%M:%S %p")


def ask_and_dispute(*, cohort: Cohort, by: User | None, now: datetime) -> None:
    """Ask for leave twice, one request approved, and dispute a mark: what waits for an instructor."""
    people = list(cohort.enrolments.on_register().select_related("trainee__user").order_by("id")[1:3])
    coming = cohort.sessions.filter(starts_at__gt=now).order_by("number")
    for enrolment, session, reason in zip(people, coming, ("A wedding in Multan", "An operation"), strict=False):
        leave = request_leave(
            enrolment=enrolment,
            starts_on=session.date,
            ends_on=session.date,
            reason=reason,
            evidence=None,
            by=_account(enrolment),
            at=now - timedelta(hours=30),
        )
    decide_leave(leave=leave, approve=True, note="Letter of the hospital seen", by=by, at=now - timedelta(hours=2))
    missed = AttendanceRecord.objects.filter(session__cohort=cohort, status=MarkStatus.ABSENT)
    mark = (
        missed.select_related("enrolment__cohort", "enrolment__trainee__user", "session").order_by("-session").first()
    )
    if mark:
        make_appeal(
            enrolment=mark.enrolment,
            session=mark.session,
            wanted=MarkStatus.PRESENT,
            text="I was there from the start, but my line broke twice.",
            by=_account(mark.enrolment),
            at=mark.marked_at + timedelta(days=1),
        )


def _account(enrolment: Enrolment) -> User | None:
    return enrolment.trainee.user
