"""The people of a file: one `Met` for each label and address, with what the rows say of their time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cohorts.imports.meetings.clock import Stamp, duration_of, read_day_alone, read_stamp
from cohorts.imports.meetings.columns import EMAIL, EMPTY, Columns
from cohorts.imports.meetings.signs import status_of
from cohorts.imports.meetings.words import BEFORE, JOINED, LEFT, NO, ORGANISERS, YES, begins, fold, words
from trainees.imports.table import text_of
from trainees.rules import clean_text

COMPACT_AT = 1024
RANK = ("", "absent", "excused", "late", "present")
LINES = 40  # of a person, named as evidence
OPEN = -1  # the end of a span that had none when the file was made
YES_WORDS, NO_WORDS = words(YES), words(NO)
Days = tuple[str, str]


@dataclass
class Met:
    """One person under one label. `spans` holds (from, to) in seconds of the day under the two days as
    written; `seconds` is the file's own total where it has one."""

    label: str
    email: str = ""
    number: str = ""
    role: str = ""  # host, or empty
    line: int = 0
    rows: int = 0
    lines: list[int] = field(default_factory=list)  # the first of them, as evidence
    spans: dict[Days, list[tuple[int, int]]] = field(default_factory=dict)
    events: list[tuple[str, int, str]] = field(default_factory=list)  # day, second, action as written
    seconds: int | None = None
    moment: tuple[str, int] | None = None  # of a check-in
    marks: dict[str, str] = field(default_factory=dict)  # column of a register -> mark as written
    present: bool | None = None  # of a list or a form: said to be there, or not
    status: str = ""  # of a list or a form, where it says more than that

    def add_span(self, days: Days, start: int, end: int) -> None:
        kept = self.spans.setdefault(days, [])
        kept.append((start, end))
        if len(kept) > COMPACT_AT:
            self.spans[days] = merge(kept) if days[0] == days[1] else [(min(kept)[0], max(e for _s, e in kept))]


def merge(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the union of spans as spans that neither overlap nor touch, in order."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        elif end > start:
            merged.append((start, end))
    return merged


@dataclass
class Tally:
    """What became of the rows of a file; the parts add up to `rows`."""

    rows: int = 0
    people: int = 0
    waiting: int = 0  # in the waiting room, not in the meeting
    not_attended: int = 0  # registered only
    unread: int = 0  # no name, no time, or a time that cannot be


class Gathering:
    """Collects the rows of one table into people."""

    def __init__(self, columns: Columns, tally: Tally, roles: str = "", header_line: int = 0) -> None:
        self.columns, self.tally, self.role, self.header_line = columns, tally, roles, header_line
        self.people: dict[tuple[str, str], Met] = {}
        self.kind = _kind_of(columns)

    def take(self, line: int, cells: Sequence[Any]) -> None:
        """Take one row. It is counted once, whatever becomes of it."""
        self.tally.rows += 1
        at = self.columns.at
        if "waiting" in at and says_yes(self.columns.text(cells, "waiting")):
            self.tally.waiting += 1
            return
        if "attended" in at and says_no(self.columns.text(cells, "attended")):
            self.tally.not_attended += 1
            return
        (label, email), number = self._who(cells), clean_text(self.columns.text(cells, "number"))
        if not label and not email and not number:
            self.tally.unread += 1
            return
        key = (label or number, email)
        met = self.people.get(key)
        fresh = met or Met(label or ("" if email else number), email, number, self._role(cells), line)
        if not self._time(fresh, cells):
            self.tally.unread += 1
            return
        fresh.rows += 1
        if len(fresh.lines) < LINES:
            fresh.lines.append(line)
        self.tally.people += 1
        if met is None:
            self.people[key] = fresh

    def _who(self, cells: Sequence[Any]) -> tuple[str, str]:
        columns, at = self.columns, self.columns.at
        if "name" in at and not ({"first", "last"} <= set(at)):
            parts = [columns.text(cells, name) for name in ("first", "name", "last")]
        elif "name" in at:
            parts = [columns.text(cells, "name")]
        else:
            parts = [columns.text(cells, "first"), columns.text(cells, "last")]
        label = clean_text(" ".join(part for part in parts if part))
        label = "" if label.casefold() in EMPTY else label
        for index in columns.names:
            other = clean_text(text_of(cells[index])) if index < len(cells) else ""
            if fold(label) in fold(other):
                label = other
            elif fold(other) not in fold(label):
                label = f"{label} ({other})"
        found = EMAIL.search(columns.text(cells, "email")) or EMAIL.search(columns.text(cells, "upn"))
        return label, found[0].lower() if found else ""

    def _role(self, cells: Sequence[Any]) -> str:
        said = self.columns.text(cells, "role")
        return "host" if self.role == "host" or (said and begins(said, ORGANISERS)) else ""

    def _time(self, met: Met, cells: Sequence[Any]) -> bool:
        """Read the moments of a row into `met`; False when the row has none that can be."""
        take = {"joins": self._join, "log": self._log, "seen": self._seen, "totals": self._total}
        return self.kind != "unreadable" and take.get(self.kind, self._present)(met, cells)

    def _moment(self, cells: Sequence[Any], name: str) -> tuple[str, int] | None:
        stamp: Stamp | None = read_stamp(self.columns.cell(cells, name))
        if stamp is None:
            return None
        offset = self.columns.offset if stamp.offset is None else stamp.offset
        day = stamp.day or self._day(cells, name)
        return (day if offset is None else f"{day}|{offset}"), stamp.seconds

    def _day(self, cells: Sequence[Any], name: str) -> str:
        index = self.columns.days.get(name)
        return read_day_alone(cells[index]) if index is not None and index < len(cells) else ""

    def _length(self, cells: Sequence[Any]) -> int | None:
        return duration_of(self.columns.cell(cells, "duration"), self.columns.unit)

    def _join(self, met: Met, cells: Sequence[Any]) -> bool:
        start, end, length = self._moment(cells, "join"), self._moment(cells, "leave"), self._length(cells)
        if start is None:
            return False
        if end is None:  # not left when the file was made, unless it says how long the stay was
            met.add_span((start[0], start[0] if length else ""), start[1], start[1] + length if length else OPEN)
            return True
        if end[0] == start[0] and end[1] < start[1]:
            if start[0].partition("|")[0] and "leave" not in self.columns.days:
                return False  # left before joining
            end = (end[0], end[1] + 86400)  # clocks without a day: past midnight
        met.add_span((start[0], end[0]), start[1], end[1])
        if length is not None:
            met.seconds = (met.seconds or 0) + length
        return True

    def _seen(self, met: Met, cells: Sequence[Any]) -> bool:
        start, length = self._moment(cells, "join"), self._length(cells)
        if start is None or length is None:
            return False
        met.add_span((start[0], start[0]), start[1], start[1] + length)
        met.seconds = (met.seconds or 0) + length
        return True

    def _total(self, met: Met, cells: Sequence[Any]) -> bool:
        length = self._length(cells)
        if length is None:
            return False
        met.seconds = (met.seconds or 0) + length
        return True

    def _log(self, met: Met, cells: Sequence[Any]) -> bool:
        moment = self._moment(cells, "stamp") or self._moment(cells, "join")
        action = self.columns.text(cells, "action")
        if moment is None or not action:
            return False
        met.events.append((*moment, action))
        return True

    def _present(self, met: Met, cells: Sequence[Any]) -> bool:
        met.moment = met.moment or self._moment(cells, "stamp") or self._moment(cells, "join")
        answer = self.columns.text(cells, "answer")
        said = status_of(answer, {}) if answer else "present"
        if said in ("?", ""):
            said = "absent" if says_no(answer) else "present"
        met.present = bool(met.present) or said != "absent"
        met.status = max(met.status, said, key=RANK.index)
        return True


def says_yes(text: str) -> bool:
    return fold(text) in YES_WORDS


def says_no(text: str) -> bool:
    folded = fold(text)
    return folded in NO_WORDS or folded.split(" ")[0] in {"no", "nein", "non", "نہیں"}


def _kind_of(columns: Columns) -> str:
    at = set(columns.at)
    if "action" in at and at & {"stamp", "join"} and "leave" not in at:
        return "log"
    if {"join", "leave"} <= at:
        return "joins"
    if {"join", "duration"} <= at:
        return "seen"
    if "duration" in at and "stamp" not in at:
        return "totals"
    if at & {"stamp", "join", "answer"}:
        return "checkin"
    if "registered" in columns.said:
        return "registered"
    if columns.said & {"join", "leave", "duration", "stamp", "action"}:
        return "unreadable"  # the headers speak of times, the cells hold none: nobody is present by that
    return "checkin" if "number" in at else "names"


def classify_actions(people: list[Met]) -> dict[str, bool | None]:
    """Return which written actions mean joining (True) and leaving (False): by their words, else because
    nobody's first act is to leave."""
    found: dict[str, list[int]] = {}
    for met in people:
        for position, (_day, _second, action) in enumerate(sorted(met.events, key=_order)):
            counts = found.setdefault(action, [0, 0])
            counts[0] += 1
            counts[1] += position == 0
    said = {action: _by_words(action) for action in found}
    unknown = [action for action, joins in said.items() if joins is None]
    if unknown and len(found) > 1:
        leaving = min(unknown, key=lambda action: found[action][1] / found[action][0])
        known = False in said.values()
        said |= {action: known or action != leaving for action in unknown}
    return said


def _by_words(action: str) -> bool | None:
    if begins(action, BEFORE):
        return True
    left, joined = begins(action, LEFT), begins(action, JOINED)
    return None if left == joined else joined > left


def close_logs(people: list[Met]) -> None:
    """Turn the events of a log into spans. Two devices count once: a person is gone when all have left.
    Who never left stays OPEN, for the reader who knows the session to end."""
    joins = classify_actions(people)
    first = min((event[:2] for met in people for event in met.events), key=_order, default=("", 0))
    for met in people:
        inside, since = 0, None
        for day, second, action in sorted(met.events, key=lambda each: (_order(each), not joins[each[2]])):
            if joins[action]:
                since = (day, second) if inside == 0 else since
                inside += 1
                continue
            begun = since or first  # left without having joined: was there when the list began
            met.add_span((begun[0], day), begun[1], second)
            inside, since = max(0, inside - 1), None if inside <= 1 else begun
        if since is not None and inside:
            met.add_span((since[0], ""), since[1], OPEN)


def _order(event: Sequence[Any]) -> tuple[list[int], int]:
    """Sort key of an event: its day's numbers, the year first, then the second."""
    numbers = [int(part) for part in re.findall(r"\d+", event[0].partition("|")[0])]
    return ([numbers[2], *numbers[:2]] if "/" in event[0] else numbers), event[1]
