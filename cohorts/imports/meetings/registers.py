"""Paper registers typed into a spreadsheet: a row for each trainee, a column for each session, a sign for each mark."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cohorts.imports.meetings.clock import SHORT, clean, read_stamp, split_day
from cohorts.imports.meetings.columns import is_data, meaning_of
from cohorts.imports.meetings.given import MARK, NOTHING, Given
from cohorts.imports.meetings.people import Met, Tally
from cohorts.imports.meetings.signs import STATUS_OF, status_of
from cohorts.imports.meetings.words import fold, words
from trainees.imports.table import text_of
from trainees.rules import clean_text

LEGEND = re.compile(r"(?<!\w)([^\W\d_]{1,5}|[✓✔✗✘×])\s*[=:\-–]\s*([^\W\d_]+(?: [^\W\d_]+)?)")
NUMBERED = re.compile(r"^(?:session|class|lecture|day|week|s|lec|سیشن|کلاس|#)\s*[#.\-]?\s*(\d{1,3})$")
SAMPLE = 20  # rows under a header that show whether it heads marks
TOTALS = words("total|present|absent|late|leave|percentage|percent|sum|remarks|signature|کل|فیصد|دستخط")
WEEKDAY = re.compile(
    r"^(?:mon|tue|wed|thu|fri|sat|sun|mo|tu|we|th|fr|sa|su|پیر|منگل|بدھ|جمعرات|جمعہ|ہفتہ|اتوار)\w*[\s,.\-]*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class MarkColumn:
    """A column of marks: its day as written ("11/5/" where the year is missing, "11//" a day of the month
    alone), or the number of its session, and a start time where the header gives one. Without day and number it
    is of the session that the file was added to, because a person said so."""

    key: str
    title: str
    day: str = ""
    number: int = 0
    start: int | None = None


@dataclass(frozen=True)
class Register:
    """A register as it was typed."""

    header_line: int
    columns: tuple[MarkColumn, ...]
    people: tuple[Met, ...]
    legend: dict[str, str]
    headers: dict[str, str]


def find_register(
    grid: Sequence[tuple[int, Sequence[Any]]], given: Given
) -> tuple[int, dict[str, int], list[MarkColumn]] | None:
    """Return the position of the header, its columns of people and its columns of marks, or None.

    Names and days may stand on two neighbouring lines (merged cells). Headings and columns that a person settled
    are not looked for."""
    if MARK in given.columns.values():
        return _settled_register(grid, given)
    for position, (line, cells) in enumerate(grid[: max(40, given.header_line + 1)]):
        if given.header_line not in (0, line):
            continue
        people = _people_columns(cells, given)
        if not {"name", "first", "number"} & set(people):
            continue
        for nearby in (position, position + 1, position - 1):
            if not 0 <= nearby < len(grid) or (nearby != position and _names_somebody(grid[nearby][1], people)):
                continue
            marks = [c for c in _mark_columns(grid[nearby][1], people) if int(c.key) not in given.columns]
            if marks and _holds_marks(grid[max(position, nearby) + 1 :][:SAMPLE], marks):
                return max(position, nearby), people, marks
    return None


def _settled_register(
    grid: Sequence[tuple[int, Sequence[Any]]], given: Given
) -> tuple[int, dict[str, int], list[MarkColumn]] | None:
    """Return a register whose column of marks a person named: it is of the session the file was added to."""
    for position, (line, cells) in enumerate(grid):
        people = _people_columns(cells, given) if line == given.header_line else {}
        if {"name", "first", "number"} & set(people):
            at = next(index for index, meaning in given.columns.items() if meaning == MARK)
            title = text_of(cells[at]).strip() if at < len(cells) else ""
            return position, people, [MarkColumn(str(at), title)]
    return None


def _names_somebody(cells: Sequence[Any], people: dict[str, int]) -> bool:
    """Tell whether a line has something in a column of people: then it is a trainee's and heads nothing."""
    return any(text_of(cells[index]).strip() for index in people.values() if index < len(cells))


def _holds_marks(rows: Sequence[tuple[int, Sequence[Any]]], columns: list[MarkColumn]) -> bool:
    """Tell whether signs of a register stand under the columns of days."""
    cells = [cells[int(c.key)] for _line, cells in rows for c in columns if int(c.key) < len(cells)]
    filled = [text for cell in cells if (text := text_of(cell).strip())]
    return bool(filled) and sum(len(text) <= 12 and status_of(text, {}) != "?" for text in filled) * 2 > len(filled)


def _people_columns(cells: Sequence[Any], given: Given) -> dict[str, int]:
    found = {meaning: index for index, meaning in given.columns.items() if meaning not in (MARK, NOTHING)}
    for index, cell in enumerate(cells):
        if index in given.columns:
            continue
        meaning = meaning_of(cell) if isinstance(cell, str) and cell.strip() and not is_data(cell) else ""
        if meaning in ("name", "first", "last", "number", "email", "father", "serial"):
            found.setdefault(meaning, index)
    return found


def _mark_columns(cells: Sequence[Any], people: dict[str, int]) -> list[MarkColumn]:
    columns = []
    for index, cell in enumerate(cells):
        title = text_of(cell).strip()
        if index in people.values() or not title or fold(title) in TOTALS:
            continue
        day, start = _day_of(cell)
        numbered = NUMBERED.match(clean(title))
        if day or numbered:
            columns.append(MarkColumn(str(index), title, day, int(numbered[1]) if numbered and not day else 0, start))
    bare = [c for c in columns if c.day.endswith("//")]
    return columns if len(bare) < len(columns) or len(bare) > 1 else []


def _day_of(cell: Any) -> tuple[str, int | None]:
    """Return the day that a header names and the time of day where it has one."""
    if isinstance(cell, datetime):
        return cell.date().isoformat(), (cell.hour * 3600 + cell.minute * 60) or None
    if isinstance(cell, date):
        return cell.isoformat(), None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return (f"{int(cell)}//", None) if 1 <= cell <= 31 and cell == int(cell) else ("", None)
    plain = WEEKDAY.sub("", clean(text_of(cell)))
    stamp = read_stamp(plain)
    if stamp and stamp.day:
        return stamp.day, stamp.seconds
    day, rest = split_day(plain)
    if day:
        return day, None
    if found := SHORT.fullmatch(plain):
        return f"{found[1]}/{found[2]}/", None
    if found := re.fullmatch(
        r"(\d{1,2})(?:st|nd|rd|th)?[\s\-.]*([^\W\d_]+)|([^\W\d_]+)[\s\-.]*(\d{1,2})(?:st|nd|rd|th)?", plain
    ):
        yearless, _rest = split_day(f"{found[1] or found[4]} {found[2] or found[3]} 2000")
        return (f"{yearless[8:]}/{yearless[5:7]}/named" if yearless else ""), None
    if re.fullmatch(r"\d{1,2}", plain) and 1 <= int(plain) <= 31 and not rest.strip("0123456789"):
        return f"{int(plain)}//", None
    return "", None


def read_register(
    grid: Sequence[tuple[int, Sequence[Any]]], found: tuple[int, dict[str, int], list[MarkColumn]], tally: Tally
) -> Register:
    """Read the rows below a register's header. A row without name and number is no trainee's, nor is one that
    has a name alone and stands below all marks ("Signature of the instructor")."""
    position, at, columns = found
    rows = [_read_row(line, cells, at, columns) for line, cells in grid[position + 1 :]]
    last = max((n for n, met in enumerate(rows) if met and (met.number or any(met.marks.values()))), default=-1)
    people = [met for met in rows[: last + 1] if met]
    filled = sum(any(text_of(cell).strip() for cell in cells) for _line, cells in grid[position + 1 :])
    tally.rows, tally.people, tally.unread = filled, len(people), filled - len(people)
    headers = {name: text_of(grid[position][1][i]).strip() for name, i in at.items() if i < len(grid[position][1])}
    return Register(grid[position][0], tuple(columns), tuple(people), find_legend(grid, position, len(people)), headers)


def _read_row(line: int, cells: Sequence[Any], at: dict[str, int], columns: list[MarkColumn]) -> Met | None:
    def text(name: str) -> str:
        index = at.get(name)
        return clean_text(text_of(cells[index])) if index is not None and index < len(cells) else ""

    label = (
        text("name") if "name" in at and "last" not in at else f"{text('first') or text('name')} {text('last')}".strip()
    )
    number = text("number")
    if not (label or number) or fold(label) in TOTALS or LEGEND.match(label):
        return None
    marks = {c.key: text_of(cells[int(c.key)]).strip() if int(c.key) < len(cells) else "" for c in columns}
    return Met(label, text("email").lower(), number, line=line, rows=1, marks=marks)


def find_legend(grid: Sequence[tuple[int, Sequence[Any]]], position: int, people: int) -> dict[str, str]:
    """Return what the sheet itself says its signs mean ("L = Leave")."""
    legend: dict[str, str] = {}
    outside = [*grid[:position], *grid[position + 1 + people :]]
    for _line, cells in outside:
        for sign, word in LEGEND.findall(" ; ".join(text_of(cell) for cell in cells if isinstance(cell, str))):
            if status := STATUS_OF.get(fold(word)) or STATUS_OF.get(fold(word.split()[0])):
                legend[fold(sign) or sign] = status
    return legend
