"""The ledger of marks, replayed: what the records and the tallies must be if every line of it is true."""

from collections import defaultdict

from cohorts.models import AttendanceChange, AttendanceRecord, Cohort
from cohorts.services.tallies import COLUMNS, MARK, Marks, compute


def replay(cohort: Cohort) -> dict[int, Marks]:
    """Return the marks of every enrolment of a cohort as its ledger tells them, line by line. One query."""
    marks: dict[int, Marks] = defaultdict(dict)
    lines = AttendanceChange.objects.filter(session__cohort=cohort).order_by("id")
    columns = ("enrolment_id", "session_id", "new_status", "new_minutes")
    for enrolment_id, session_id, status, minutes in lines.values_list(*columns).iterator():
        if status:
            marks[enrolment_id][session_id] = (status, minutes)
        else:
            marks[enrolment_id].pop(session_id, None)
    return marks


def find_differences(cohort: Cohort) -> tuple[int, list[str]]:
    """Replay the ledger, and say where records or tallies are not what follows from it.

    Returns how many enrolments were looked at and a line per difference. Five queries.
    """
    marks = replay(cohort)
    enrolments = list(cohort.enrolments.on_register())
    expected = compute(cohort=cohort, enrolments=enrolments, marks={each.pk: marks[each.pk] for each in enrolments})
    wrong = compare_records(cohort, marks)
    for enrolment in enrolments:
        wrong += [
            f"enrolment {enrolment.pk} {column}: stored {getattr(enrolment, column)}, ledger {value}"
            for column, value in ((each, expected[enrolment.pk][each]) for each in COLUMNS)
            if getattr(enrolment, column) != value
        ]
    return len(enrolments), wrong


def compare_records(cohort: Cohort, marks: dict[int, Marks]) -> list[str]:
    """Return a line for each mark of a cohort that is not what `replay` says. One query."""
    records: dict[int, Marks] = defaultdict(dict)
    found = AttendanceRecord.objects.filter(session__cohort=cohort).values_list("enrolment_id", *MARK)
    for enrolment_id, session_id, status, minutes in found.iterator():
        records[enrolment_id][session_id] = (status, minutes)
    return [
        f"enrolment {pk} session {session_id}: record {_words(records[pk].get(session_id))}, "
        f"ledger {_words(marks[pk].get(session_id))}"
        for pk in sorted(set(records) | set(marks))
        for session_id in sorted(set(records[pk]) | set(marks[pk]))
        if records[pk].get(session_id) != marks[pk].get(session_id)
    ]


def _words(mark: tuple[str, int] | None) -> str:
    return f"{mark[0]} {mark[1]} min" if mark else "unmarked"
