"""The beginning of a file as a person sees it who settles what it means."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, BinaryIO

from cohorts.imports.meetings.given import Given
from cohorts.imports.meetings.grids import Row, open_grid
from trainees.imports.table import text_of

SHOWN = 12  # lines
EXAMPLES = 3  # values of a column
WIDEST = 60  # columns


@dataclass(frozen=True)
class Column:
    """A column under the heading line: its heading and its first values."""

    at: int
    heading: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Look:
    """The first lines, the names of the sheets, and the columns under the heading line."""

    lines: tuple[tuple[int, str], ...]
    sheets: tuple[str, ...]
    columns: tuple[Column, ...]


def look_at(file: BinaryIO, given: Given, header_line: int) -> Look:
    """Open a file as `given` says and return its beginning. Raises UnreadableFile."""
    opened = open_grid(file, replace(given, sheet=""))
    sheet = next((each for each in opened.sheets if each.name == given.sheet), opened.sheets[0])
    rows = list(islice(sheet.rows, header_line + SHOWN))
    filled = [(line, cells) for line, cells in rows if any(text_of(cell).strip() for cell in cells)]
    lines = tuple((line, " · ".join(_short(cell) for cell in cells)[:160]) for line, cells in filled[:SHOWN])
    return Look(lines, opened.names, _columns(filled, header_line))


def lines_of(file: BinaryIO, given: Given, header_line: int, wanted: Sequence[int]) -> list[tuple[int, list[str]]]:
    """Return the heading line and the lines asked for, cell by cell, as the file has them. Raises UnreadableFile."""
    lines, last, found = {header_line, *wanted}, max((header_line, *wanted)), []
    for sheet in open_grid(file, given).sheets[:1]:
        for line, cells in sheet.rows:
            if line > last:
                break
            if line in lines:
                found.append((line, [_short(cell) for cell in cells]))
    return found


def _columns(filled: Sequence[Row], header_line: int) -> tuple[Column, ...]:
    header = next((cells for line, cells in filled if line == header_line), ())
    below = [cells for line, cells in filled if line > header_line]
    width = min(WIDEST, max((len(cells) for cells in (header, *below)), default=0)) if header else 0
    return tuple(Column(at, _cell(header, at), _examples(below, at)) for at in range(width))


def _examples(rows: Sequence[Sequence[Any]], at: int) -> tuple[str, ...]:
    values = dict.fromkeys(_cell(cells, at) for cells in rows)
    return tuple(value for value in values if value)[:EXAMPLES]


def _cell(cells: Sequence[Any], at: int) -> str:
    return _short(cells[at]) if at < len(cells) else ""


def _short(cell: Any) -> str:
    return text_of(cell).strip()[:60]
