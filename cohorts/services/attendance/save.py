"""The one door through which a mark reaches a register."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from cohorts.models import AttendanceChange, AttendanceRecord, Cohort, MarkStatus, Session
from cohorts.rules.register import EARLY, judge_time, locks_at
from cohorts.services import tallies
from cohorts.services.attendance.marks import (
    Difference,
    Mark,
    RegisterClosed,
    RegisterLocked,
    SavedRegister,
    SessionAhead,
    SessionCancelled,
    UnknownEnrolment,
)
from cohorts.services.attendance.register import Register, open_register
from cohorts.services.errors import CohortClosed
from courses.models import AttendancePolicy
from trainees.models import User


@dataclass(frozen=True)
class _Act:
    """Who saves, when, by which way and why: the same for every mark of one save."""

    by: User | None
    at: datetime
    channel: str
    reason: str
    source: str
    may_correct: bool

    def explains(self, line: AttendanceChange) -> bool:
        """Tell whether a change of what is closed or locked has its right and reason; the operator is trusted."""
        return self.by is None or (self.may_correct and bool(line.reason))


@transaction.atomic
def mark_attendance(
    *,
    session: Session,
    marks: Iterable[Mark],
    version: int | None,
    by: User | None,
    at: datetime,
    channel: str = "register",
    reason: str = "",
    source: str = "",
    may_correct: bool = False,
) -> SavedRegister:
    """Save marks of one session: upsert, a ledger line per change, tallies, all in one transaction.

    An unchanged mark changes nothing (R2). `version` is the register's as the client read it: a mark of
    somebody whom another person marked since then is not written but returned as a difference, the others
    are (R9; None: the marks' own keys guard them). The first mark holds the session and starts the cohort.
    `may_correct` (and the operator, `by=None`) may with a reason change what is closed or locked.
    Raises SessionCancelled, SessionAhead, CohortClosed, RegisterClosed, RegisterLocked, UnknownEnrolment.
    Six statements for new marks of any number; at most eight with keys, a stale version or marks taken
    back; two more for the very first register of a cohort.
    """
    act = _Act(by, at, channel, reason, source, may_correct)
    register = open_register(session)
    _refuse_session(register, act)
    wanted = _fresh(register, list(marks))
    settled, differences = _set_clashes_aside(register, wanted, version)
    changed = [mark for mark in settled if _note_change(register, mark, act)]
    if changed and register.session.state == Session.State.PLANNED:
        _fill_leave(register, settled, act)
    if changed:
        _refuse_corrections(register, act)
        _store(register, changed, act)
    unchanged = len(settled) - len(changed)
    return SavedRegister(register.session, len(changed), unchanged, tuple(differences))


def _refuse_session(register: Register, act: _Act) -> None:
    if register.session.state == Session.State.CANCELLED:
        raise SessionCancelled(register.session)
    if register.cohort.state == Cohort.State.CLOSED and not act.may_correct:
        raise CohortClosed(register.cohort)
    if register.session.starts_at > act.at + EARLY:
        raise SessionAhead(register.session)


def _refuse_corrections(register: Register, act: _Act) -> None:
    """Refuse to change a closed register, or marks that stand in a locked one, without right and reason."""
    session = register.session
    unexplained = [line for line in register.changes if not act.explains(line)]
    if session.register_closed_at is not None and unexplained:
        raise RegisterClosed(session)
    is_locked = act.at > locks_at(session.ends_at, session.marked_at, settings.REGISTER_LOCK_HOURS)
    if is_locked and any(line.old_status for line in unexplained):
        raise RegisterLocked(session)


def _fresh(register: Register, marks: list[Mark]) -> list[Mark]:
    """Return the marks without those whose key was written before (R31). One query when keys are given."""
    if unknown := {mark.enrolment_id for mark in marks} - set(register.enrolments):
        raise UnknownEnrolment(unknown)
    for mark in marks:
        _validate(mark, register.session)
    keys = [mark.key for mark in marks if mark.key]
    known = set(AttendanceChange.objects.filter(key__in=keys).values_list("key", flat=True)) if keys else set()
    latest = {mark.enrolment_id: mark for mark in marks if mark.key not in known}  # the last wish counts
    return list(latest.values())


def _validate(mark: Mark, session: Session) -> None:
    if mark.status is not None and mark.status not in MarkStatus.values:
        text = _("%(status)s is no status; use present, late, excused or absent.") % {"status": mark.status[:20]}
        raise ValidationError({"marks": ValidationError(text, code="unknown_status")})
    if mark.minutes is not None and not 0 <= mark.minutes <= session.minutes:
        text = _("Minutes must lie between 0 and %(most)d.") % {"most": session.minutes}
        raise ValidationError({"marks": ValidationError(text, code="minutes")})


def _set_clashes_aside(
    register: Register, marks: list[Mark], version: int | None
) -> tuple[list[Mark], list[Difference]]:
    """Part the marks into those to write and those that clash with a later write. One query when stale."""
    current = register.session.version
    if not marks or version is None or version == current:
        return marks, []
    later = AttendanceChange.objects.filter(session=register.session, version__gt=version)
    touched = set(later.values_list("enrolment_id", flat=True)) if version < current else set(register.enrolments)
    settled, differences = [], []
    for mark in marks:
        stands = register.standing(mark.enrolment_id)
        status = stands[0] if stands else None
        if mark.enrolment_id in touched and status != mark.status:
            differences.append(Difference(mark.enrolment_id, status, mark.status))
        else:
            settled.append(mark)
    return settled, differences


def resolve_minutes(mark: Mark, session: Session, policy: AttendancePolicy) -> int:
    """Return the minutes attended that a mark stands for (R18, R19)."""
    if mark.status == MarkStatus.PRESENT:
        return session.minutes if mark.minutes is None else mark.minutes
    if mark.status == MarkStatus.LATE:
        return session.minutes * policy.late_weight_percent // 100 if mark.minutes is None else mark.minutes
    return 0


def _note_change(register: Register, mark: Mark, act: _Act) -> bool:
    """Add a line to the ledger if the mark changes what stands, and say whether it does."""
    stands = register.standing(mark.enrolment_id)
    minutes = resolve_minutes(mark, register.session, register.policy)
    wanted = None if mark.status is None else (mark.status, minutes)
    if stands == wanted:
        return False
    when, is_doubtful = judge_time(mark.at, act.at, register.session.starts_at - EARLY)
    register.changes.append(
        AttendanceChange(
            session=register.session,
            enrolment_id=mark.enrolment_id,
            old_status=stands[0] if stands else "",
            old_minutes=stands[1] if stands else None,
            new_status=mark.status or "",
            new_minutes=None if mark.status is None else minutes,
            at=when,
            received_at=act.at,
            claimed_at=mark.at if is_doubtful else None,
            by=act.by,
            channel=act.channel,
            reason=(mark.reason or act.reason)[:200],
            source=(mark.source or act.source)[:200],
            evidence=mark.evidence,
            version=register.session.version + 1,
            key=mark.key or None,
        )
    )
    return True


def _fill_leave(register: Register, marks: list[Mark], act: _Act) -> None:
    """With the first marks of a session excuse those on approved leave whom nobody marked (R12)."""
    named = {mark.enrolment_id for mark in marks if mark.status is not None}
    leave = replace(act, channel="leave", reason="leave approved")
    for enrolment_id, leave_id in register.people.leaves.items():
        if enrolment_id not in named:
            mark = Mark(enrolment_id, MarkStatus.EXCUSED, source=f"leave {leave_id}")
            _note_change(register, mark, leave)


def _store(register: Register, changed: list[Mark], act: _Act) -> None:
    """Write records, ledger, session and tallies. Four statements; one more each for marks taken back and a start."""
    session = register.session
    _store_records(register)
    AttendanceChange.objects.bulk_create(register.changes)
    is_first = session.state == Session.State.PLANNED
    session.state, session.version = Session.State.HELD, session.version + 1
    session.marked_at = session.marked_at or act.at
    session.save(update_fields=["state", "version", "marked_at"])
    _start(register.cohort, register.policy)
    touched = set(register.enrolments) if is_first else {mark.enrolment_id for mark in changed}
    tallies.recompute(
        cohort=register.cohort,
        enrolments=[each for pk, each in register.enrolments.items() if pk in touched],
        sessions=register.sessions,
        marks=register.marks,
        credits=register.people.credits,
    )


def _store_records(register: Register) -> None:
    """Make the records equal the new lines of the ledger, in the database and in `register.marks`."""
    taken_back, records = [], []
    for line in register.changes:
        marks = register.marks[line.enrolment_id]
        if line.new_minutes is None:
            taken_back.append(line.enrolment_id)
            del marks[register.session.pk]
            continue
        marks[register.session.pk] = (line.new_status, line.new_minutes)
        records.append(
            AttendanceRecord(
                session=register.session,
                enrolment_id=line.enrolment_id,
                status=line.new_status,
                minutes=line.new_minutes,
                marked_at=line.at,
                marked_by=line.by,
                channel=line.channel,
                to_confirm=line.claimed_at is not None,
            )
        )
    if taken_back:
        AttendanceRecord.objects.filter(session=register.session, enrolment__in=taken_back).delete()
    AttendanceRecord.objects.bulk_create(
        records,
        update_conflicts=True,
        unique_fields=["session", "enrolment"],
        update_fields=["status", "minutes", "marked_at", "marked_by", "channel", "to_confirm"],
    )


def _start(cohort: Cohort, policy: AttendancePolicy) -> None:
    """The first register starts a cohort and fixes its policy (R21)."""
    if cohort.state == Cohort.State.PLANNED:
        cohort.state, cohort.policy = Cohort.State.RUNNING, policy
        cohort.save(update_fields=["state", "policy"])
