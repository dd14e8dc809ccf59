"""The register: marks, their ledger, and sessions that were not held."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import AttendanceChange, AttendanceRecord, Cohort, Enrolment, MarkStatus, Session
from cohorts.services import tallies
from cohorts.services.errors import CohortClosed, Conflict
from courses.models import AttendancePolicy
from trainees.models import User

EARLY = timedelta(minutes=60)  # a register may be opened this long before its session


@dataclass(frozen=True)
class Mark:
    """One wish for the register: a status, or None to take a mark back.

    `minutes` attended may be left out: present is the whole session, late what the policy gives. `key`
    names the client's write, so that a repeat is known; `at` is when the mark was made, if not now.
    """

    enrolment_id: int
    status: str | None
    minutes: int | None = None
    key: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Difference:
    """A mark that changed since the client read the register, and what the client wants it to be."""

    enrolment_id: int
    stands: str | None
    wanted: str | None


@dataclass(frozen=True)
class SavedRegister:
    """What a save did."""

    session: Session
    changed: int
    unchanged: int


class StaleRegister(Conflict):
    """Somebody else saved the register in between; `differences` say where both disagree (R9)."""

    def __init__(self, session: Session, differences: list[Difference]) -> None:
        text = _("The register was saved by somebody else in the meantime; compare the marks and save again.")
        super().__init__(text, code="stale_version")
        self.session = session
        self.differences = differences


class SessionCancelled(Conflict):
    def __init__(self, session: Session) -> None:
        super().__init__(_("Session %d is cancelled.") % session.number, code="session_cancelled")


class SessionAhead(Conflict):
    def __init__(self, session: Session) -> None:
        text = _("Session %(number)d has not begun; its register opens an hour before.")
        super().__init__(text % {"number": session.number}, code="session_ahead")


class UnknownEnrolment(ValidationError):
    def __init__(self, enrolment_ids: Iterable[int]) -> None:
        text = _("These enrolments are not on this register: %s.") % ", ".join(map(str, sorted(enrolment_ids)))
        super().__init__({"marks": ValidationError(text, code="unknown_enrolment")})


@dataclass
class _Register:
    """A register under its lock: who is on it and what stands."""

    session: Session
    cohort: Cohort
    policy: AttendancePolicy
    enrolments: dict[int, Enrolment]
    standing: dict[int, AttendanceRecord]
    changes: list[AttendanceChange] = field(default_factory=list)


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
    may_correct: bool = False,
) -> SavedRegister:
    """Save marks of one session: upsert, a ledger line per change, tallies, all in one transaction.

    An unchanged mark changes nothing (R2). `version` is the register's as the client read it; with a stale
    one the marks that do not clash would be lost unseen, so the save is refused with the differences
    (None: the marks' own keys guard them). The first mark holds the session and starts the cohort.
    Raises StaleRegister, SessionCancelled, SessionAhead, CohortClosed, UnknownEnrolment. At most ten
    statements whatever the number of marks.
    """
    register = _open(session)
    _refuse(register, at, may_correct)
    wanted = _fresh(register, list(marks))
    if version is not None and version != register.session.version:
        _refuse_stale(register, wanted)
    changed = _apply(register, wanted, by, at, channel, reason)
    if changed:
        _store(register, changed, at)
    return SavedRegister(register.session, len(changed), len(wanted) - len(changed))


@transaction.atomic
def cancel_session(*, session: Session, reason: str, by: User | None, at: datetime) -> Session:
    """Say that a session was not held, and why. Its marks stay in the ledger and no longer count (R6)."""
    if not reason.strip():
        raise ValidationError({"reason": ValidationError(_("Say why the session is not held."), code="required")})
    locked = _lock(session)
    if locked.cohort.state == Cohort.State.CLOSED:
        raise CohortClosed(locked.cohort)
    if locked.state == Session.State.CANCELLED:
        raise SessionCancelled(locked)
    locked.state, locked.cancel_reason = Session.State.CANCELLED, reason.strip()[:200]
    locked.version += 1
    locked.save(update_fields=["state", "cancel_reason", "version"])
    record(act="session.cancel", by=by, at=at, subject=locked, detail={"reason": locked.cancel_reason})
    tallies.recompute(cohort=locked.cohort, enrolments=list(locked.cohort.enrolments.on_register()))
    return locked


def rest_of(register: Mapping[int, str], *, enrolments: Iterable[Enrolment], status: str) -> list[Mark]:
    """Return marks with `status` for everybody whom `register` (enrolment id -> status) leaves unmarked."""
    return [Mark(each.pk, status) for each in enrolments if not register.get(each.pk)]


def _lock(session: Session) -> Session:
    locked = Session.objects.select_for_update(no_key=True, of=("self",))
    return locked.select_related("cohort__course", "cohort__policy").get(pk=session.pk)


def _open(session: Session) -> _Register:
    """Lock the session, then read who is on its register and what stands. Four queries."""
    locked = _lock(session)
    enrolments = {each.pk: each for each in locked.cohort.enrolments.on_register()}
    standing = {each.enrolment_id: each for each in AttendanceRecord.objects.filter(session=locked)}
    return _Register(locked, locked.cohort, tallies.policy_of(locked.cohort), enrolments, standing)


def _refuse(register: _Register, at: datetime, may_correct: bool) -> None:
    if register.session.state == Session.State.CANCELLED:
        raise SessionCancelled(register.session)
    if register.cohort.state == Cohort.State.CLOSED and not may_correct:
        raise CohortClosed(register.cohort)
    if register.session.starts_at > at + EARLY:
        raise SessionAhead(register.session)


def _fresh(register: _Register, marks: list[Mark]) -> list[Mark]:
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


def _refuse_stale(register: _Register, marks: list[Mark]) -> None:
    differences = [
        Difference(mark.enrolment_id, stands, mark.status)
        for mark in marks
        if (stands := _status(register.standing.get(mark.enrolment_id))) != mark.status
    ]
    if differences:
        raise StaleRegister(register.session, differences)


def _status(standing: AttendanceRecord | None) -> str | None:
    return standing.status if standing else None


def resolve_minutes(mark: Mark, session: Session, policy: AttendancePolicy) -> int:
    """Return the minutes attended that a mark stands for (R18, R19)."""
    if mark.status == MarkStatus.PRESENT:
        return session.minutes if mark.minutes is None else mark.minutes
    if mark.status == MarkStatus.LATE:
        return session.minutes * policy.late_weight_percent // 100 if mark.minutes is None else mark.minutes
    return 0


def _apply(
    register: _Register, marks: list[Mark], by: User | None, at: datetime, channel: str, reason: str
) -> list[AttendanceRecord | int]:
    """Return the records to write (or the ids of enrolments to unmark); note a ledger line for each."""
    changed: list[AttendanceRecord | int] = []
    for mark in marks:
        standing = register.standing.get(mark.enrolment_id)
        minutes = resolve_minutes(mark, register.session, register.policy)
        if standing is None and mark.status is None:
            continue
        if standing is not None and (standing.status, standing.minutes) == (mark.status, minutes):
            continue
        when = min(mark.at, at) if mark.at else at
        register.changes.append(_change(register, mark, standing, minutes, by, when, channel, reason))
        changed.append(
            mark.enrolment_id
            if mark.status is None
            else AttendanceRecord(
                session=register.session,
                enrolment_id=mark.enrolment_id,
                status=mark.status,
                minutes=minutes,
                marked_at=when,
                marked_by=by,
                channel=channel,
            )
        )
    return changed


def _change(
    register: _Register,
    mark: Mark,
    standing: AttendanceRecord | None,
    minutes: int,
    by: User | None,
    at: datetime,
    channel: str,
    reason: str,
) -> AttendanceChange:
    return AttendanceChange(
        session=register.session,
        enrolment_id=mark.enrolment_id,
        old_status=_status(standing) or "",
        old_minutes=standing.minutes if standing else None,
        new_status=mark.status or "",
        new_minutes=None if mark.status is None else minutes,
        at=at,
        by=by,
        channel=channel,
        reason=reason[:200],
        key=mark.key or None,
    )


def _store(register: _Register, changed: list[Any], at: datetime) -> None:
    session, records = register.session, [each for each in changed if isinstance(each, AttendanceRecord)]
    AttendanceRecord.objects.bulk_create(
        records,
        update_conflicts=True,
        unique_fields=["session", "enrolment"],
        update_fields=["status", "minutes", "marked_at", "marked_by", "channel"],
    )
    if taken_back := [each for each in changed if isinstance(each, int)]:
        AttendanceRecord.objects.filter(session=session, enrolment__in=taken_back).delete()
    AttendanceChange.objects.bulk_create(register.changes)
    first_marks = session.state == Session.State.PLANNED
    session.state, session.version = Session.State.HELD, session.version + 1
    session.save(update_fields=["state", "version"])
    _start(register.cohort, register.policy)
    touched = {each if isinstance(each, int) else each.enrolment_id for each in changed}
    enrolments = [each for each in register.enrolments.values() if first_marks or each.pk in touched]
    tallies.recompute(cohort=register.cohort, enrolments=enrolments)


def _start(cohort: Cohort, policy: AttendancePolicy) -> None:
    """The first register starts a cohort and fixes its policy (R21)."""
    if cohort.state == Cohort.State.PLANNED:
        cohort.state, cohort.policy = Cohort.State.RUNNING, policy
        cohort.save(update_fields=["state", "policy"])
