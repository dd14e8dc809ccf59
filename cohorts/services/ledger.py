"""The ledgers of marks and scores, replayed: what records, tallies and outcomes must be if every line is true."""

from collections import defaultdict

from cohorts.models import AttendanceChange, AttendanceRecord, Cohort, Score, ScoreChange
from cohorts.rules.points import format_points
from cohorts.services.completion.proof import compare_outcomes
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
    """Replay the ledgers, and say where records, tallies, scores or outcomes are not what follows from them.

    Returns how many enrolments were looked at and a line per difference. At most fifteen queries.
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
    wrong += [*compare_scores(cohort), *compare_outcomes(cohort, enrolments, expected)]
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


def compare_scores(cohort: Cohort) -> list[str]:
    """Return a line for each score of a cohort that is not the last that its history tells. Two queries."""
    key = ("enrolment_id", "assessment_id")
    changes = ScoreChange.objects.filter(enrolment__cohort=cohort).order_by("id").values_list(*key, "new")
    told = {(enrolment, work): new for enrolment, work, new in changes.iterator()}
    found = Score.objects.filter(enrolment__cohort=cohort).values_list(*key, "hundredths")
    stored = {(enrolment, work): hundredths for enrolment, work, hundredths in found.iterator()}
    return [
        f"enrolment {each[0]} assessment {each[1]}: score {format_points(stored.get(each)) or 'none'}, "
        f"history {format_points(told.get(each)) or 'none'}"
        for each in sorted(told.keys() | stored.keys())
        if told.get(each) != stored.get(each)
    ]


def _words(mark: tuple[str, int] | None) -> str:
    return f"{mark[0]} {mark[1]} min" if mark else "unmarked"
