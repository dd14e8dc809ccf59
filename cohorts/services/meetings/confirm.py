"""From a report to marks: by the cohort's policy, through the register's one door, never less than a person gave."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from audit.services import record
from cohorts.imports.meetings.verdicts import Outcome, Person
from cohorts.models import AttendanceRecord, Enrolment, MeetingFile, MeetingReport, Session
from cohorts.presence import decide_status, minutes_of
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.meetings.files import lock_report
from cohorts.services.meetings.judging import judge_report
from cohorts.services.tallies import policy_of
from courses.models import AttendancePolicy
from trainees.models import User

BY_FILE = ("import", "automatic")  # channels whose marks a report may replace
SPANS = 100  # of a person, kept in the ledger
RANK = ("", "?", "absent", "excused", "late", "present")


@dataclass(frozen=True)
class Proposed:
    """What a report would write for one trainee, and what stands there now."""

    enrolment_id: int
    status: str
    minutes: int
    source: str
    stands: str = ""
    stands_minutes: int = 0
    kept: bool = False  # a person marked otherwise: theirs stays unless somebody takes the file's

    @property
    def changes(self) -> bool:
        return (self.stands, self.stands_minutes) != (self.status, self.minutes)


@dataclass
class Proposal:
    """All that a report would write. `unmarked` are those not met who may be waiting in the queue."""

    marks: list[Proposed] = field(default_factory=list)
    unmarked: list[int] = field(default_factory=list)

    @property
    def kept(self) -> list[Proposed]:
        return [each for each in self.marks if each.kept]


@dataclass(frozen=True)
class Confirmed:
    """What a confirmation did."""

    created: int
    updated: int
    unchanged: int
    kept: int


def propose(
    outcome: Outcome, session: Session, policy: AttendancePolicy, names: list[str], *, absent_rest: bool = True
) -> Proposal:
    """Return the marks that an outcome stands for. Who was not met is absent, unless a label that waits could
    be theirs, the file is a register (which says nothing of those not on it), they joined later (R11), or the
    file knows nobody at all.
    Two queries."""
    proposal = Proposal()
    standing = {each.enrolment_id: each for each in AttendanceRecord.objects.filter(session=session)}
    register = any(person.status in ("?", "") and not outcome.timed for person in outcome.people)
    for enrolment in session.cohort.enrolments.on_register().order_by("id"):
        met = outcome.of.get(enrolment.pk)
        if met:
            found = _of_met(outcome, enrolment.pk, met, session, policy, names)
        elif not absent_rest or not outcome.of or register or not _was_enrolled(enrolment, session):
            found = None
        elif outcome.may_be_waiting(enrolment.pk):
            proposal.unmarked.append(enrolment.pk)
            found = None
        else:
            found = Proposed(enrolment.pk, "absent", 0, f"not met in {', '.join(names)}")
        if found:
            proposal.marks.append(_beside(found, standing.get(enrolment.pk)))
    return proposal


def _was_enrolled(enrolment: Enrolment, session: Session) -> bool:
    return enrolment.enrolled_at is None or enrolment.enrolled_at <= session.ends_at


def _of_met(
    outcome: Outcome, enrolment_id: int, met: list[Person], session: Session, policy: AttendancePolicy, names: list[str]
) -> Proposed | None:
    first = min(met, key=lambda person: (person.file, person.line))
    lines = ", ".join(str(person.line) for person in met[:5])
    rows = sum(person.rows for person in met)
    source = f"{names[first.file]}, line {lines} ({rows} row{'s' if rows > 1 else ''})"
    if outcome.timed:
        stay = outcome.stay(enrolment_id)
        status = decide_status(stay, policy, outcome.slot.start, outcome.slot.end)
        minutes = 0 if status == "absent" else minutes_of(stay, session.minutes)
        return Proposed(enrolment_id, status, minutes, source)
    status = max((person.status for person in met), key=RANK.index)
    if status in ("", "?"):
        return None
    given = {"present": session.minutes, "late": session.minutes * policy.late_weight_percent // 100}
    return Proposed(enrolment_id, status, given.get(status, 0), source)


def _beside(found: Proposed, stands: AttendanceRecord | None) -> Proposed:
    """Set a proposal beside the mark that stands; a person's mark that says otherwise is kept."""
    if stands is None:
        return found
    differs = (stands.status, stands.minutes) != (found.status, found.minutes)
    kept = differs and stands.channel not in BY_FILE
    return Proposed(found.enrolment_id, found.status, found.minutes, found.source, stands.status, stands.minutes, kept)


def propose_report(report: MeetingReport, *, absent_rest: bool = True) -> tuple[Proposal, Outcome, list[MeetingFile]]:
    """Return what a stored report would write now. About ten queries."""
    outcome, files = judge_report(report)
    names = [file.name for file in files]
    policy = policy_of(report.session.cohort)
    return propose(outcome, report.session, policy, names, absent_rest=absent_rest), outcome, files


@transaction.atomic
def confirm_report(
    *,
    report: MeetingReport,
    by: User | None,
    at: datetime,
    take: Collection[int] = (),
    absent_rest: bool = True,
    may_correct: bool = False,
) -> Confirmed:
    """Write the marks of a report: only what differs, never over a person's mark unless `take` names it.

    Again, it changes nothing. Raises what `mark_attendance` raises. About 25 queries whatever the people.
    """
    locked = lock_report(report)
    proposal, outcome, files = propose_report(locked, absent_rest=absent_rest)
    written = [each for each in proposal.marks if not each.kept or each.enrolment_id in take]
    saved = mark_attendance(
        session=locked.session,
        marks=[_mark(each, outcome, files) for each in written],
        version=None,
        by=by,
        at=at,
        channel="import",
        reason="from a meeting report or list",
        may_correct=may_correct,
    )
    locked.state, locked.confirmed_at, locked.confirmed_by = MeetingReport.State.CONFIRMED, at, by
    locked.save(update_fields=["state", "confirmed_at", "confirmed_by"])
    created = sum(not each.stands for each in written)
    done = Confirmed(created, saved.changed - created, saved.unchanged, len(proposal.marks) - len(written))
    record(act="meeting.confirm", by=by, at=at, subject=locked.session, detail=vars(done))
    return done


def _mark(proposed: Proposed, outcome: Outcome, files: Sequence[MeetingFile]) -> Mark:
    evidence = evidence_of(proposed.enrolment_id, outcome, files)
    return Mark(proposed.enrolment_id, proposed.status, proposed.minutes, source=proposed.source, evidence=evidence)


def evidence_of(enrolment_id: int, outcome: Outcome, files: Sequence[MeetingFile]) -> dict[str, Any]:
    """Return what the ledger keeps of a mark from files: the files with the lines, the times and their sums. It names
    nobody, so that it may stay when names and files have to go."""
    met = outcome.of.get(enrolment_id, [])
    places = [place for person in met for place in person.places]
    if not places:
        return {"files": [{"file": files[position].pk, "lines": [], "rows": 0} for position in outcome.files]}
    kept = [
        {"file": files[place.file].pk, "lines": list(place.lines), "rows": place.rows}
        for place in sorted(places, key=lambda each: (each.file, each.lines))
    ]
    if not outcome.timed:
        return {"files": kept}
    stay = outcome.stay(enrolment_id)
    times = {"union": stay.seconds_union, "inside": stay.seconds_in_session, "estimated": stay.estimated}
    return {"files": kept, "spans": [list(span) for span in stay.spans[:SPANS]], **times}
