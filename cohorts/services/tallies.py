"""Tallies of the ledger on each enrolment: recomputed from the records, never incremented."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Subquery

from cohorts import rules
from cohorts.models import (
    AttendanceRecord,
    CarriedSession,
    Cohort,
    Enrolment,
    LeaveRequest,
    MakeUp,
    MarkStatus,
    Session,
)
from courses.models import AttendancePolicy

Marks = dict[int, tuple[str, int]]  # session id -> status, minutes attended
PERSON = ("id", "enrolled_at", "withdrawn_at", "transferred_from_id")
WHOLE = 24 * 60  # minutes: more than any session has, and cut to its length
MARK = ("session_id", "status", "minutes")

COLUMNS = (
    "sessions_present",
    "sessions_late",
    "sessions_excused",
    "sessions_absent",
    "sessions_unmarked",
    "sessions_planned",
    "minutes_present",
    "minutes_late",
    "minutes_late_scheduled",
    "minutes_present_scheduled",
    "minutes_excused",
    "minutes_absent",
    "minutes_unmarked",
    "minutes_planned",
    "open_lengths",
    "standing",
)


def policy_of(cohort: Cohort) -> AttendancePolicy:
    """Return the cohort's own policy, or before its start the newest of its course (R21).

    At most one query; none where the policy is loaded or `course__policies` was prefetched.
    """
    if cohort.policy is not None:
        return cohort.policy
    if "course" in cohort._state.fields_cache:
        return max(cohort.course.policies.all(), key=lambda policy: policy.version)
    return AttendancePolicy.objects.filter(course=cohort.course_id).latest("version")


def recompute(
    *,
    cohort: Cohort,
    enrolments: Sequence[Enrolment],
    sessions: Iterable[Session] | None = None,
    marks: Mapping[int, Marks] | None = None,
    credits: set[tuple[int, int]] | None = None,
) -> None:
    """Recompute and store the tallies and standing of `enrolments`, all of one cohort; updates them in place.

    One update whatever their number, after the reading of `compute`.
    """
    if not enrolments:
        return
    expected = compute(cohort=cohort, enrolments=enrolments, sessions=sessions, marks=marks, credits=credits)
    for enrolment in enrolments:
        for column, value in expected[enrolment.pk].items():
            setattr(enrolment, column, value)
    _store(enrolments)


def compute(
    *,
    cohort: Cohort,
    enrolments: Iterable[Enrolment],
    sessions: Iterable[Session] | None = None,
    marks: Mapping[int, Marks] | None = None,
    credits: set[tuple[int, int]] | None = None,
) -> dict[int, dict[str, Any]]:
    """Return what the tallies of each enrolment should be, from sessions and marks alone.

    Who has read them already passes the cohort's sessions, the marks by enrolment and the sessions made up for;
    else a query each. One more where somebody came by transfer.
    """
    enrolments = list(enrolments)
    sessions = list(cohort.sessions.all()) if sessions is None else sessions
    counted = [each for each in sessions if each.state != Session.State.CANCELLED]
    marks = _with_carried(enrolments, _read_marks(enrolments) if marks is None else marks)
    marks = _with_credits(marks, _read_credits(enrolments) if credits is None else credits)
    policy = policy_of(cohort)
    return {each.pk: _count(each, counted, marks[each.pk], policy) for each in enrolments}


@dataclass(frozen=True)
class People:
    """Who is on the registers of a cohort: the enrolments with what tallies need, their marks, credits and leave."""

    enrolments: dict[int, Enrolment]
    marks: dict[int, Marks]
    credits: set[tuple[int, int]]  # enrolment and missed session, made up for
    leaves: dict[int, int]  # enrolment id -> the approved leave that covers the day asked for


def read_people(cohort: Cohort, day: date) -> People:
    """Return who is on the registers of a cohort, the marks of each, and who is on leave on `day`. One query.

    Plain values: a register of fifty reads some 2,000 marks, and instances would cost ten times as much.
    """
    people = People({}, {}, set(), {})
    leave = LeaveRequest.objects.filter(enrolment=OuterRef("pk"), status="approved")
    covering = leave.filter(starts_on__lte=day, ends_on__gte=day).order_by("id").values("pk")[:1]
    made_up = MakeUp.objects.filter(enrolment=OuterRef("pk"), missed=OuterRef("records__session"))
    found = cohort.enrolments.on_register().annotate(leave=Subquery(covering), is_made_up=Exists(made_up))
    columns = [*PERSON, "leave", *(f"records__{name}" for name in MARK), "is_made_up"]
    for *person, leave_id, session_id, status, minutes, is_made_up in found.values_list(*columns):
        pk = person[0]
        if pk not in people.enrolments:
            people.enrolments[pk] = Enrolment(**dict(zip(PERSON, person, strict=True)), cohort=cohort)
            people.marks[pk] = {}
            if leave_id is not None:
                people.leaves[pk] = leave_id
        if session_id is not None:
            people.marks[pk][session_id] = (status, minutes)
        if is_made_up:
            people.credits.add((pk, session_id))
    return people


def _read_marks(enrolments: list[Enrolment]) -> dict[int, Marks]:
    marks: dict[int, Marks] = {enrolment.pk: {} for enrolment in enrolments}
    found = AttendanceRecord.objects.filter(enrolment__in=list(marks))
    for enrolment_id, session_id, status, minutes in found.values_list("enrolment_id", *MARK):
        marks[enrolment_id][session_id] = (status, minutes)
    return marks


def _read_credits(enrolments: list[Enrolment]) -> set[tuple[int, int]]:
    made = MakeUp.objects.filter(enrolment__in=[each.pk for each in enrolments])
    return set(made.values_list("enrolment_id", "missed_id"))


def _with_credits(marks: Mapping[int, Marks], credits: set[tuple[int, int]]) -> Mapping[int, Marks]:
    """Count a missed session that was made up for as attended whole; any other mark of it stands."""
    if not credits:
        return marks
    credited = {pk: dict(own) for pk, own in marks.items()}
    for enrolment_id, session_id in credits:
        if credited.get(enrolment_id, {}).get(session_id, ("", 0))[0] == MarkStatus.ABSENT:
            credited[enrolment_id][session_id] = (MarkStatus.PRESENT, WHOLE)
    return credited


def _with_carried(enrolments: list[Enrolment], marks: Mapping[int, Marks]) -> Mapping[int, Marks]:
    """Add the sessions carried over by a transfer; each stands unless the trainee came to that session again."""
    moved = [each.pk for each in enrolments if each.transferred_from_id]
    if not moved:
        return marks
    found = {pk: dict(marks[pk]) for pk in marks}
    carried = CarriedSession.objects.filter(enrolment__in=moved)
    for enrolment_id, session_id, status, minutes in carried.values_list("enrolment_id", *MARK):
        own = found[enrolment_id].get(session_id)
        if own is None or own[0] not in (MarkStatus.PRESENT, MarkStatus.LATE):
            found[enrolment_id][session_id] = (status, minutes)
    return found


def set_first_tallies(enrolment: Enrolment, *, cohort: Cohort) -> None:
    """Set the tallies of an enrolment that is not stored yet and so has no marks. One query before the first session.

    Without a session held there is no rate, so the policy is not asked for.
    """
    sessions = _countable_sessions(cohort)
    policy = policy_of(cohort) if any(each.state == Session.State.HELD for each in sessions) else None
    for column, value in _count(enrolment, sessions, {}, policy).items():
        setattr(enrolment, column, value)


def _countable_sessions(cohort: Cohort) -> list[Session]:
    sessions = cohort.sessions.countable()
    return list(sessions.only("id", "cohort_id", "starts_at", "ends_at", "minutes", "state"))


def counts_for(enrolment: Enrolment, session: Session, last_end: datetime) -> bool:
    """Tell whether a session lies inside the time of an enrolment (R11).

    Who joins late has the sessions that end after joining; after a withdrawal nothing more counts. An
    enrolment that was entered only after the last session of the cohort is a record made afterwards
    and has every session.
    """
    if enrolment.withdrawn_at is not None and session.starts_at >= enrolment.withdrawn_at:
        return False
    joined = enrolment.enrolled_at
    return joined is None or session.ends_at > joined or joined > last_end


def those_of(session: Session, enrolments: Iterable[Enrolment], sessions: Iterable[Session]) -> list[Enrolment]:
    """Return those for whom a session counts; `sessions` are all of its cohort."""
    ends = (each.ends_at for each in sessions if each.state != Session.State.CANCELLED)
    last_end = max(ends, default=session.ends_at)
    return [each for each in enrolments if counts_for(each, session, last_end)]


def _count(
    enrolment: Enrolment, sessions: list[Session], marks: Marks, policy: AttendancePolicy | None
) -> dict[str, Any]:
    tally: dict[str, Any] = dict.fromkeys(COLUMNS, 0)
    still_open = []
    last_end = max((session.ends_at for session in sessions), default=datetime.max.replace(tzinfo=UTC))
    for session in sessions:
        mark = marks.get(session.pk)
        if mark is None and not counts_for(enrolment, session, last_end):
            continue
        tally["sessions_planned"] += 1
        tally["minutes_planned"] += session.minutes
        if mark is not None:
            _add_mark(tally, mark, session)
            continue
        still_open.append(session.minutes)
        if session.state == Session.State.HELD:
            tally["sessions_unmarked"] += 1
            tally["minutes_unmarked"] += session.minutes
    tally["open_lengths"] = rules.write_lengths(still_open)
    scratch = Enrolment(**tally)
    tally["standing"] = rules.decide_standing(scratch, policy) if policy else Enrolment.Standing.NO_RATE
    return tally


def _add_mark(tally: dict[str, Any], mark: tuple[str, int], session: Session) -> None:
    status, minutes = mark
    tally[f"sessions_{status}"] += 1
    if status in (MarkStatus.PRESENT, MarkStatus.LATE):
        tally[f"minutes_{status}"] += min(minutes, session.minutes)
        tally[f"minutes_{status}_scheduled"] += session.minutes
    else:
        tally[f"minutes_{status}"] += session.minutes


def _store(enrolments: Sequence[Enrolment]) -> None:
    """Write the columns of many rows by one UPDATE ... FROM (VALUES ...), which both engines read alike."""
    width = len(COLUMNS) + 1
    row = "(" + ", ".join(["%s"] * width) + ")"
    assignments = ", ".join(f"{column} = v.column{n}" for n, column in enumerate(COLUMNS, start=2))
    for start in range(0, len(enrolments), 500):
        part = enrolments[start : start + 500]
        values = [value for each in part for value in (each.pk, *(getattr(each, column) for column in COLUMNS))]
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {Enrolment._meta.db_table} SET {assignments} "  # noqa: S608 - only our own column names
                f"FROM (VALUES {', '.join([row] * len(part))}) AS v WHERE {Enrolment._meta.db_table}.id = v.column1",
                values,
            )
