"""From the files of a report to its people: read, set into the timetable, matched, stored."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from cohorts.imports.meetings.given import Given
from cohorts.imports.meetings.matching import Roster, Verdict
from cohorts.imports.meetings.placing import Placed, Slot, place
from cohorts.imports.meetings.reading import Reading
from cohorts.imports.meetings.verdicts import Key, Outcome, Person, judge
from cohorts.models import Cohort, MeetingFile, MeetingReport, ReportPerson, Session
from cohorts.services.meetings.basis import load_roster, load_slots, slot_of


def place_file(file: MeetingFile, reading: Reading, cohort: Cohort, slots: Sequence[Slot], session: Session) -> Placed:
    """Set one file into the timetable, meaning `session`, with what a person has settled."""
    given = Given.from_json(file.settled)
    wanted = {session.pk}
    return place(reading, slots, cohort.time_zone, wanted=wanted, order=given.date_order, given_zone=given.time_zone)


def judge_report(report: MeetingReport, *, ids: Mapping[int, int] | None = None) -> tuple[Outcome, list[MeetingFile]]:
    """Judge a report by its files and by what persons decided. Seven queries whatever the number of people."""
    session = report.session
    cohort = session.cohort
    files = list(report.files.filter(state=MeetingFile.State.READ).order_by("id"))
    slots, roster = load_slots(cohort), load_roster(cohort)
    read = []
    for file in files:
        reading = Reading.from_json(file.reading)
        read.append((reading, place_file(file, reading, cohort, slots, session)))
    outcome = judge(slot_of(session), read, roster, _decisions(report, roster))
    report.assumed = {str(file.pk): _assumed(*each) for file, each in zip(files, read, strict=True)}
    return outcome, files


def _decisions(report: MeetingReport, roster: Roster) -> dict[Key, Verdict]:
    """Return what persons have decided, for those who are still on the roster."""
    decided = report.people.exclude(decided_at=None)
    return {
        (each.label, each.mark): Verdict(each.verdict, each.enrolment_id, how="decided")
        for each in decided
        if each.enrolment_id is None or each.enrolment_id in roster.by_id
    }


def _assumed(reading: Reading, placed: Placed) -> dict[str, Any]:
    """Return what was read and assumed of a file, each with its source, for the page."""
    return {
        "kind": reading.kind,
        "maker": reading.maker,
        "encoding": reading.encoding,
        "encoding_source": reading.encoding_source,
        "delimiter": reading.delimiter,
        "header_line": reading.header_line,
        "columns": reading.columns,
        "at": reading.at,
        "marks": [int(column.key) for column in reading.mark_columns],
        "legend": reading.legend,
        "tally": asdict(reading.tally),
        "order": asdict(placed.order),
        "zone": asdict(placed.zone),
        "days": list(placed.days[:5]),
        "sessions": sorted({*placed.stays, *placed.marks, *placed.unclear}),
        "unclear": sorted(placed.unclear),
        "unplaced": placed.unplaced,
        "example": next((day for met in reading.people for pair in met.spans for day in pair if day), ""),
    }


def refresh_report(report: MeetingReport, at: datetime) -> Outcome:
    """Judge a report anew and store its people. What persons decided stays, also (with no rows) of labels that are not
    met as the files are read now: they may be met again. Eleven queries. Call it in a transaction."""
    outcome, files = judge_report(report)
    kept = {(each.label, each.mark): each for each in report.people.exclude(decided_at=None)}
    report.people.exclude(decided_at__isnull=False, pk__in=_unseen(outcome, kept)).delete()
    report.people.update(rows=0, spans=[], seconds_union=0, seconds_in_session=0, first_at=None, status="")
    rows = [_row(report, person, files, kept.get(person.key)) for person in outcome.people]
    ReportPerson.objects.bulk_create(rows)
    report.save(update_fields=["assumed", "state", "confirmed_at", "confirmed_by"])
    return outcome


def _unseen(outcome: Outcome, decided: Mapping[Key, ReportPerson]) -> list[int]:
    met = {person.key for person in outcome.people}
    return [row.pk for key, row in decided.items() if key not in met]


def _row(report: MeetingReport, person: Person, files: list[MeetingFile], decided: ReportPerson | None) -> ReportPerson:
    stay, verdict = person.stay, person.verdict
    return ReportPerson(
        report=report,
        file=files[person.file],
        label=person.seen.label[:200],
        mark=person.key[1][:254],
        email=person.seen.email[:254],
        line=person.line,
        rows=person.rows,
        verdict=verdict.verdict,
        how=(verdict.how or verdict.why)[:40],
        enrolment_id=verdict.id,
        candidates=[[each.id, each.score, list(each.reasons)] for each in person.candidates],
        spans=[list(span) for span in stay.spans[:500]],
        seconds_union=stay.seconds_union,
        seconds_in_session=stay.seconds_in_session,
        first_at=stay.first,
        estimated=stay.estimated,
        status=person.status,
        decided_by=decided.decided_by if decided else None,
        decided_at=decided.decided_at if decided else None,
    )
