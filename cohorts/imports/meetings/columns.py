"""Which column means what: by the words of its header, and by what stands in its cells."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cohorts.imports.meetings.clock import clean, duration_of, read_day_alone, read_stamp
from cohorts.imports.meetings.given import NOTHING
from cohorts.imports.meetings.words import EXACT, HEADERS, begins, fold, words
from trainees.imports.table import text_of

EMAIL = re.compile(r"[^\s@<>(),;\"']+@[^\s@<>(),;\"']+\.[^\s@<>(),;\"']+")
UTC = re.compile(r"\b(?:utc|gmt)\s*(?:([+-])\s*(\d{1,2})(?::?(\d{2}))?)?|^utc")
LONGEST_CELL = 40  # of a row without headings
EMPTY = {"", "-", "--", "n/a", "na", "none", "null"}
PERSON = {"name", "first", "last", "email", "upn", "original"}
# A header may hold words of two meanings ("Dauer der Teilnahme", "In waiting room", "Participant ID (UPN)"):
# what is rarer decides before what is common.
STRONG = (
    "waiting",
    "consent",
    "upn",
    "father",
    "registered",
    "original",
    "first",
    "last",
    "duration",
    "number",
    "action",
)
MEETING = words(
    "meeting id|webinar id|topic|thema|besprechungs id|meeting nr|sujet|id de reunion|id de la reunion|tema|argomento"
    "|konu|موضوع|معرف الاجتماع|主题|主題|会议 id|トピック|주제|тема|onderwerp|temat"
    "|topik|actual start time|report generated"
)
SECONDS, HOURS = (
    words("seconds|sekunden|secondes|segundos|secondi|saniye|секунды|秒"),
    words("hours|stunden|heures|horas"),
)


def meaning_of(header: str) -> str:
    """Return what a header says its column holds, "" when it says nothing that we know."""
    outside = re.sub(r"\(.*?\)|\[.*?\]|（.*?）", " ", header).strip() or header
    if exact := EXACT.get(fold(outside)):
        return exact
    best, meaning = 0, ""
    for name, entries in HEADERS.items():
        length = begins(outside, entries)
        weight = length + (100 if name in STRONG else 0 if name == "name" else 50)
        if length and weight > best:
            best, meaning = weight, name
    return meaning


@dataclass
class Columns:
    """The columns of one table by meaning, with the headers they were found under."""

    at: dict[str, int]
    names: tuple[int, ...] = ()  # further columns that hold a name
    headers: Mapping[str, str] = field(default_factory=dict)
    unit: int = 60  # of a bare number in the duration column
    said: frozenset[str] = frozenset()  # all that the headers speak of
    offset: int | None = None  # minutes east of UTC, where a header says so
    days: Mapping[str, int] = field(default_factory=dict)  # column of the day, for a moment whose cells are bare clocks

    def cell(self, cells: Sequence[Any], name: str) -> Any:
        index = self.at.get(name)
        return cells[index] if index is not None and index < len(cells) else ""

    def text(self, cells: Sequence[Any], name: str) -> str:
        cell = self.cell(cells, name)
        return (cell if isinstance(cell, str) else text_of(cell)).strip()


def is_data(cell: Any) -> bool:
    """Tell whether a cell holds a value that no header has: a moment, an address, a number."""
    if not isinstance(cell, str):
        return True
    return bool(read_stamp(cell) or EMAIL.search(cell) or re.fullmatch(r"[\d.,:+/ -]+", clean(cell) or "x"))


def is_meeting_block(cells: Sequence[Any]) -> bool:
    """Tell whether a line heads the block that describes the meeting rather than people."""
    folded = [fold(text_of(cell)) for cell in cells]
    return any(any(cell == word or cell.startswith(f"{word} ") for word in MEETING) for cell in folded if cell)


def is_header(cells: Sequence[Any], following: Sequence[Any]) -> bool:
    """Tell whether a line heads a table of people: by its words, or, in a language that we do not know,
    because nothing in it is data and what follows is."""
    filled = [cell for cell in cells if text_of(cell).strip()]
    if not filled or any(is_data(cell) for cell in filled):
        return False
    said = [meaning_of(text_of(cell)) for cell in filled]
    if PERSON & set(said) and len([each for each in said if each]) >= 2:
        return True
    return len(filled) >= 3 and len(following) >= len(filled) - 1 and any(read_stamp(cell) for cell in following)


def begins_rows(cells: Sequence[Any], following: Sequence[Any]) -> bool:
    """Tell whether a table without headings begins here: two lines alike, with a name or address and moments."""
    if len(cells) != len(following) or len(cells) < 2 or any(len(text_of(cell)) > LONGEST_CELL for cell in cells):
        return False  # a whole line in one cell has a name and moments too: its delimiter was not found
    shapes = [(_kind([cell]), _kind([below])) for cell, below in zip(cells, following, strict=True)]
    first = [shape for shape, _below in shapes]
    has_time = "moment" in first or first.count("clock") > 1
    return has_time and bool({"text", "email"} & set(first)) and all(a == b for a, b in shapes if a and b)


def resolve(header: Sequence[Any], sample: Sequence[Sequence[Any]], given: Mapping[int, str] | None = None) -> Columns:
    """Return the columns of a table from its header and its first rows. `given` goes before what is found out."""
    given = given or {}
    titles = [text_of(cell).strip() for cell in header]
    width = max([len(titles), *(len(row) for row in sample)])
    titles += [""] * (width - len(titles))
    said = [meaning_of(title) if title else "" for title in titles]
    kinds = [_kind([row[index] for row in sample if index < len(row)]) for index in range(width)]
    at = {meaning: index for index, meaning in given.items() if meaning not in (NOTHING, "original")}
    further = [index for index, meaning in sorted(given.items()) if meaning == "original"]
    for index in given:
        if index < width:  # settled: neither its words nor its cells are asked
            said[index], kinds[index] = "", ""
    _find_moments(at, said, kinds)
    _find_people(at, said, kinds)
    _find_rest(at, said, kinds, sample)
    named = {name: titles[index] if index < width else "" for name, index in at.items()}
    names = [i for i, each in enumerate(said) if each in ("name", "original") and i != at.get("name")]
    return Columns(
        at,
        (*(i for i in names if kinds[i] == "text"), *further),
        named,
        _unit(named.get("duration", "")),
        frozenset(said) | set(given.values()),
        next((offset for title in titles if (offset := _offset(title)) is not None), None),
        _find_days(at, kinds),
    )


def _find_days(at: Mapping[str, int], kinds: list[str]) -> dict[str, int]:
    """Return for each moment without a day the column of days nearest before it, else the first."""
    days = [index for index, kind in enumerate(kinds) if kind == "day"]
    moments = {name: at[name] for name in ("join", "leave", "stamp") if at.get(name, len(kinds)) < len(kinds)}
    clocks = {name: index for name, index in moments.items() if kinds[index] in ("clock", "")}
    return {name: max((day for day in days if day < index), default=days[0]) for name, index in clocks.items() if days}


def _unit(header: str) -> int:
    said = set(fold(header).split())
    return 1 if said & SECONDS else 3600 if said & HOURS else 60


def _offset(header: str) -> int | None:
    found = UTC.search(header.casefold())
    if not found:
        return None
    minutes = int(found[2] or 0) * 60 + int(found[3] or 0)
    return -minutes if found[1] == "-" else minutes


def _is_moment(cell: Any) -> bool:
    stamp = read_stamp(cell)
    return bool(stamp and stamp.day)


def _is_clock(cell: Any) -> bool:
    return read_stamp(cell) is not None


def _is_day(cell: Any) -> bool:
    return bool(read_day_alone(cell))


def _is_email(cell: Any) -> bool:
    return isinstance(cell, str) and bool(EMAIL.search(cell))


def _is_number(cell: Any) -> bool:
    return duration_of(cell) is not None


KINDS: tuple[tuple[str, Callable[[Any], bool]], ...] = (
    ("moment", _is_moment),
    ("clock", _is_clock),
    ("day", _is_day),
    ("email", _is_email),
    ("number", _is_number),
)


def _kind(cells: list[Any]) -> str:
    """Return what most of the filled cells of a column are: moment, clock (no day), email, number, text, nothing."""
    filled = [cell for cell in cells if text_of(cell).strip().casefold() not in EMPTY]
    for name, test in KINDS:
        if filled and sum(map(test, filled)) * 5 >= len(filled) * 3:
            return name
    return "text" if filled else ""


def _find_moments(at: dict[str, int], said: list[str], kinds: list[str]) -> None:
    """Joining before leaving, as the words say; without words, as they stand."""
    durations = [i for i, kind in enumerate(kinds) if said[i] == "duration" and kind in ("number", "clock")]
    moments = [i for i, kind in enumerate(kinds) if kind in ("moment", "clock") and i not in durations]
    moments = [i for i in moments if said[i] != "registered"]
    if any(kinds[i] == "moment" for i in moments):  # beside full moments a bare clock is a length
        durations += [i for i in moments if kinds[i] == "clock" and said[i] not in ("join", "leave", "stamp")]
        moments = [i for i in moments if i not in durations]
    for name in ("join", "leave", "stamp"):
        if found := [i for i in moments if said[i] == name]:
            at.setdefault(name, found[0])
    free = [i for i in moments if i not in at.values()]
    if "join" not in at and "stamp" not in at and free:
        at["join"] = free.pop(0)
    if "leave" not in at and "join" in at and "stamp" not in at:
        at |= {"leave": later[0]} if (later := [i for i in free if i > at["join"]]) else {}
    counted = durations or [i for i, kind in enumerate(kinds) if kind == "number" and not said[i] and "leave" not in at]
    if counted:
        at.setdefault("duration", counted[0])


def _find_people(at: dict[str, int], said: list[str], kinds: list[str]) -> None:
    for name in ("email", "upn"):
        if found := [i for i, each in enumerate(said) if each == name and kinds[i] in ("email", "")]:
            at.setdefault(name, found[0])
    if "email" not in at and (found := [i for i, kind in enumerate(kinds) if kind == "email" and said[i] != "upn"]):
        at["email"] = found[0]
    for name in ("first", "last", "name", "original", "number"):
        usable = [i for i, each in enumerate(said) if each == name and i not in at.values()]
        if found := [i for i in usable if kinds[i] not in ("moment", "clock", "day")]:
            at.setdefault(name, found[0])
    if "name" not in at and "original" in at:
        at["name"] = at.pop("original")
    if not {"name", "first", "last"} & set(at):
        texts = [
            i for i, kind in enumerate(kinds) if kind == "text" and said[i] in ("", "serial") and i not in at.values()
        ]
        at |= {"name": texts[0]} if texts else {}


def _find_rest(at: dict[str, int], said: list[str], kinds: list[str], sample: Sequence[Sequence[Any]]) -> None:
    for name in ("waiting", "guest", "role", "attended", "action", "answer", "father"):
        if found := [i for i, each in enumerate(said) if each == name and i not in at.values()]:
            at.setdefault(name, found[0])
    if {"action", "leave", "duration"} & set(at) or len(sample) < 6:
        return
    for index, kind in enumerate(kinds):  # a log in a language that we do not know: few values, one moment
        values = [text_of(row[index]).strip() for row in sample if index < len(row)]
        if kind == "text" and not said[index] and index not in at.values() and 2 <= len(set(values)) <= 4:
            at["action"] = index
            return
