"""Readings, the timetable and the roster together: who was met in each session, for how long, and who was not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cohorts import presence
from cohorts.imports.meetings.matching import Candidate, Roster, Seen, Verdict, candidates, match
from cohorts.imports.meetings.people import Met
from cohorts.imports.meetings.placing import Placed, Slot
from cohorts.imports.meetings.reading import Reading
from cohorts.imports.meetings.signs import status_of
from cohorts.presence import Stay

Key = tuple[str, str]  # label, address (or typed number)


@dataclass(frozen=True)
class Place:
    """Where a person stands in one file: its position, the first of the lines, how many rows."""

    file: int
    lines: tuple[int, ...]
    rows: int


@dataclass
class Person:
    """One person met in a session's files under one label and address."""

    key: Key
    seen: Seen
    file: int  # position of the first file
    line: int
    rows: int
    stay: Stay
    status: str = ""  # of a register or a form; "?" is a sign that nobody can read
    verdict: Verdict = field(default_factory=lambda: Verdict("review"))
    candidates: list[Candidate] = field(default_factory=list)
    decided: bool = False  # by a person
    places: list[Place] = field(default_factory=list)  # file by file


@dataclass
class Outcome:
    """What the files say of one session."""

    slot: Slot
    people: list[Person]
    of: dict[int, list[Person]]  # enrolment -> under which labels it was met
    timed: bool  # from moments or totals; else from marks
    files: tuple[int, ...] = ()

    def stay(self, enrolment: int) -> Stay:
        """Return the whole stay of a trainee, over all labels and files."""
        stays = [person.stay for person in self.of[enrolment]]
        return presence.add_stays(stays, self.slot.start, self.slot.end)

    def waiting(self) -> list[Person]:
        """Return those who wait for a person to say who they are."""
        return [person for person in self.people if person.verdict.verdict == "review"]

    def may_be_waiting(self, enrolment: int) -> bool:
        """Tell whether a label that waits could be this trainee: then not met is not absent."""
        return any(
            enrolment in {each.id for each in person.candidates} or person.verdict.why == "device"
            for person in self.waiting()
        )


def judge(
    slot: Slot,
    files: Sequence[tuple[Reading, Placed]],
    roster: Roster,
    decisions: Mapping[Key, Verdict] | None = None,
) -> Outcome:
    """Judge one session by its files. `decisions` are what persons have settled, label by label."""
    people: dict[Key, Person] = {}
    for position, (reading, placed) in enumerate(files):
        for person in _met(slot, position, reading, placed):
            _join(people, person, slot)
    of: dict[int, list[Person]] = {}
    for person in people.values():
        decided = (decisions or {}).get(person.key)
        person.verdict = decided or match(person.seen, roster)
        person.decided = decided is not None
        if person.verdict.id is not None:
            of.setdefault(person.verdict.id, []).append(person)
    for person in people.values():
        if person.verdict.verdict == "review":
            person.candidates = candidates(person.seen, roster, of) or _left_over(person, roster, of)
    timed = any(slot.id in placed.stays for _reading, placed in files)
    used = tuple(n for n, (_r, placed) in enumerate(files) if slot.id in placed.stays or slot.id in placed.marks)
    return Outcome(slot, list(people.values()), of, timed, used)


def _left_over(person: Person, roster: Roster, met: Mapping[int, object]) -> list[Candidate]:
    """A device without a name may be any of those not met: worth showing while they are few."""
    left = [each.id for each in roster.people if each.id not in met]
    return (
        [Candidate(each, 0, ("not met",)) for each in left] if person.verdict.why == "device" and len(left) < 6 else []
    )


def key_of(met: Met) -> Key:
    """Return what tells two labels apart. Case counts: two people of one name often differ by it alone."""
    return met.label, met.email or met.number.casefold()


def _met(slot: Slot, position: int, reading: Reading, placed: Placed) -> Iterable[Person]:
    for index, stay in placed.stays.get(slot.id, {}).items():
        met = reading.people[index]
        yield _person(met, position, stay)
    for index, mark in placed.marks.get(slot.id, {}).items():
        met = reading.people[index]
        status = status_of(mark, reading.legend) if reading.kind == "register" else mark
        yield _person(met, position, Stay(), status)


def _person(met: Met, position: int, stay: Stay, status: str = "") -> Person:
    places = [Place(position, tuple(met.lines or [met.line]), met.rows)]
    return Person(key_of(met), _seen(met), position, met.line, met.rows, stay, status, places=places)


def _seen(met: Met) -> Seen:
    return Seen(met.label, met.email, met.number, met.role)


STRENGTH = ("", "?", "absent", "excused", "late", "present")


def _join(people: dict[Key, Person], person: Person, slot: Slot) -> None:
    """Add a person, or what a further file says of one met already."""
    known = people.setdefault(person.key, person)
    if known is person:
        return
    known.stay = presence.add_stays([known.stay, person.stay], slot.start, slot.end)
    known.rows += person.rows
    known.places += person.places
    known.status = max(known.status, person.status, key=STRENGTH.index)
