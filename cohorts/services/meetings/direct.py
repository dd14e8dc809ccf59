"""Files brought on the command line: the sessions are found by what the files say, marks are written at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cohorts.imports.meetings.given import Given
from cohorts.imports.meetings.placing import Placed, Slot, place
from cohorts.imports.meetings.reading import Reading
from cohorts.imports.meetings.verdicts import Outcome, Person, judge
from cohorts.models import Cohort, MeetingFile, MeetingReport, Session
from cohorts.services.meetings.basis import load_roster, load_slots
from cohorts.services.meetings.confirm import Confirmed, Proposal, confirm_report, propose, propose_report
from cohorts.services.meetings.files import enter_file, lock_report, reopen
from cohorts.services.meetings.judging import refresh_report
from cohorts.services.tallies import policy_of
from trainees.models import User


@dataclass(frozen=True)
class Source:
    """A file that was read: its name, the hash and size of its bytes, and what it says."""

    name: str
    sha256: str
    size: int
    reading: Reading
    given: Given = field(default_factory=Given)


@dataclass(frozen=True)
class Line:
    """A line of the written report: a person met, or a trainee not met."""

    file: str
    date: str
    label: str = ""
    email: str = ""
    verdict: str = "absent"
    trainee: str = ""
    candidates: str = ""
    seconds_union: int | str = ""
    seconds_in_session: int | str = ""
    status: str = ""


@dataclass
class Imported:
    """What became of the files."""

    lines: list[Line] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    written: list[Confirmed] = field(default_factory=list)
    sessions: int = 0


def import_files(
    *, cohort: Cohort, sources: Sequence[Source], day: date | None, by: User | None, at: datetime, dry_run: bool
) -> Imported:
    """Judge files by the sessions that they fall into and write the marks; with `dry_run` write nothing.

    `day` is the one meant, where the caller says so; each source has what else is settled. Several files of a
    session add up, with those it has already; the same content adds nothing; a file of another day than the one
    meant is noticed and not applied. Each session is a transaction of its own.
    """
    done, by_session = Imported(), _sort(cohort, sources, day)
    done.notices += by_session.notices
    numbers = dict(cohort.enrolments.on_register().values_list("pk", "trainee__number"))
    for session in cohort.sessions.filter(pk__in=by_session.found).order_by("starts_at", "id"):
        session.cohort = cohort
        files = by_session.found[session.pk]
        if dry_run:
            outcome, proposal, names = _try(session, files)
        else:
            outcome, proposal, names, confirmed = _write(session, files, by, at)
            done.written.append(confirmed)
        done.lines += _lines(outcome, proposal, session, names, numbers)
        done.sessions += 1
    return done


@dataclass
class _Sorted:
    found: dict[int, list[Source]] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


def _sort(cohort: Cohort, sources: Sequence[Source], wanted: date | None) -> _Sorted:
    """Find the sessions of each file. A file without one, or of another day, is noticed."""
    slots = load_slots(cohort)
    meant = {slot.id for slot in slots if wanted and slot.day == wanted.isoformat()}
    result, seen = _Sorted(), set()
    if wanted and not meant:
        result.notices.append(_("%(cohort)s has no session on %(day)s.") % {"cohort": cohort.code, "day": wanted})
    for source in sources:
        if source.sha256 in seen:
            result.notices.append(_("%s: the same content as another file; it adds nothing.") % source.name)
            continue
        seen.add(source.sha256)
        placed = _place(source, cohort, slots, meant)
        hit = {*placed.stays, *placed.marks}
        applied = hit & meant if wanted else hit
        if not applied:
            result.notices.append(_unplaced(source, placed, wanted, slots, hit))
        for pk in applied:
            result.found.setdefault(pk, []).append(source)
    return result


def _place(source: Source, cohort: Cohort, slots: list[Slot], meant: set[int]) -> Placed:
    return place(
        source.reading,
        slots,
        cohort.time_zone,
        wanted=meant,
        order=source.given.date_order,
        given_zone=source.given.time_zone,
    )


def _unplaced(source: Source, placed: Placed, wanted: date | None, slots: list[Slot], hit: set[int]) -> str:
    days = sorted({slot.day for slot in slots if slot.id in hit}) or list(placed.days[:3])
    if placed.unclear:
        said = _("%(name)s: this day has several sessions but fewer columns; add the file on the page of its session.")
        return said % {"name": source.name}
    if placed.unplaced or not days:
        return _("%s: nothing says which day it is of; give --date.") % source.name
    facts = {"name": source.name, "days": ", ".join(days), "day": wanted}
    if wanted:
        return _("%(name)s: is of %(days)s, not of %(day)s; not applied.") % facts
    return _("%(name)s: is of %(days)s, when the cohort has no session; not applied.") % facts


def _try(session: Session, sources: list[Source]) -> tuple[Outcome, Proposal, list[str]]:
    """Judge a session without writing, together with the files that it has already."""
    cohort = session.cohort
    slots = load_slots(cohort)
    new = {source.sha256 for source in sources}
    earlier = MeetingFile.objects.filter(report__session=session, state=MeetingFile.State.READ).order_by("id")
    known = [
        Source(f.name, f.sha256, f.size, Reading.from_json(f.reading), Given.from_json(f.settled))
        for f in earlier
        if f.sha256 not in new
    ]
    every = [*known, *sources]
    slot = next(each for each in slots if each.id == session.pk)
    placed = [(each.reading, _place(each, cohort, slots, {session.pk})) for each in every]
    outcome = judge(slot, placed, load_roster(cohort))
    names = [source.name for source in every]
    return outcome, propose(outcome, session, policy_of(cohort), names), names


@transaction.atomic
def _write(
    session: Session, sources: list[Source], by: User | None, at: datetime
) -> tuple[Outcome, Proposal, list[str], Confirmed]:
    """Enter the files into the session's report and confirm it."""
    report, _new = MeetingReport.objects.get_or_create(session=session, defaults={"created_at": at})
    for source in sources:
        file, repeated = enter_file(session, source.name, source.sha256, source.size, by, at)
        if not repeated or file.state != MeetingFile.State.READ:
            file.state, file.reading = MeetingFile.State.READ, source.reading.to_json()
            file.rows_read = source.reading.tally.rows
        file.settled = {**file.settled, **source.given.to_json()}
        file.save(update_fields=["state", "reading", "rows_read", "settled"])
    report = lock_report(report)
    reopen(report)
    refresh_report(report, at)
    confirmed = confirm_report(report=report, by=by, at=at)
    proposal, outcome, files = propose_report(report)
    return outcome, proposal, [file.name for file in files], confirmed


def _lines(
    outcome: Outcome, proposal: Proposal, session: Session, names: list[str], numbers: dict[int, str]
) -> Iterator[Line]:
    """Yield a line per person met, then one per trainee not met."""
    day = session.date.isoformat()
    statuses = {each.enrolment_id: each.status for each in proposal.marks}
    for person in outcome.people:
        yield _line_of(person, outcome, statuses, names, numbers, day)
    file = names[outcome.files[0]] if outcome.files else names[0]
    for enrolment_id, number in sorted(numbers.items(), key=lambda each: each[1]):
        if enrolment_id not in outcome.of:
            status = "unmarked" if enrolment_id in proposal.unmarked else "absent"
            seconds = 0 if outcome.timed else ""
            yield Line(file, day, trainee=number, seconds_union=seconds, seconds_in_session=seconds, status=status)


def _line_of(
    person: Person, outcome: Outcome, statuses: dict[int, str], names: list[str], numbers: dict[int, str], day: str
) -> Line:
    chosen = person.verdict.id
    stay = person.stay if chosen is None else outcome.stay(chosen)
    unmarked = "" if person.verdict.verdict == "ignore" else "unmarked"
    return Line(
        names[person.file],
        day,
        person.seen.label,
        person.seen.email,
        person.verdict.verdict,
        numbers[chosen] if chosen is not None else "",
        " ".join(numbers[each.id] for each in person.candidates),
        stay.seconds_union if outcome.timed else "",
        stay.seconds_in_session if outcome.timed else "",
        statuses.get(chosen, unmarked) if chosen is not None else unmarked,
    )
