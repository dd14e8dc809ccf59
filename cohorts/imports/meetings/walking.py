"""From line to line through a sheet: titles and blocks give hints, a heading opens a table, after a blank line it goes
on only where the rows do."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from cohorts.imports.meetings.clock import days_in, duration_of, read_stamp
from cohorts.imports.meetings.columns import EMAIL, begins_rows, is_header, is_meeting_block, resolve
from cohorts.imports.meetings.given import Given
from cohorts.imports.meetings.grids import Row
from cohorts.imports.meetings.people import Gathering, Tally
from cohorts.imports.meetings.words import begins
from trainees.imports.table import text_of

SAMPLE = 30  # rows looked at before the columns of a table are settled
HOST_SECTION = "host details|gastgeber|anfitrion"
TIME_ZONE = re.compile(r"\b([A-Z][A-Za-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?)\b")


class Walk:
    """Where the reading of a sheet stands: its tables, and the hints of the lines outside them."""

    def __init__(self, tally: Tally, given: Given) -> None:
        self.tally, self.given = tally, given
        self.moments: list[tuple[str, int]] = []
        self.days: list[str] = []
        self.zone = ""
        self.tables: list[Gathering] = []
        self.header: Sequence[Any] = ()
        self.header_line = -1
        self.waiting: list[tuple[int, Sequence[Any]]] = []  # rows of a table whose columns are not settled yet
        self.table: Gathering | None = None
        self.section = ""
        self.block = False
        self.gap = False  # a blank line came: the next row must look like one of the table

    def go(self, rows: Iterator[Row]) -> Iterator[int]:
        """Walk all lines; yield the rows read so far after each."""
        ahead = next(rows, None)
        while ahead is not None:
            (line, cells), ahead = ahead, next(rows, None)
            self.take(line, cells, ahead[1] if ahead else ())
            yield self.tally.rows
        self.close()

    def take(self, line: int, cells: Sequence[Any], following: Sequence[Any]) -> None:
        if self.table is not None and len(cells) > 1 and self._is_row(cells):
            self.table.take(line, cells)
            return
        filled = [text for cell in cells if (text := text_of(cell).strip())]
        if not filled:
            self.gap = True
        elif line == self.given.header_line:
            self._open(line, cells)
        elif line < self.given.header_line:
            self._hint(cells)
        elif is_meeting_block(cells):
            self.close()
            self.block = True
            self._hint(cells)
        elif is_header(cells, following):
            self.close()
            self._open(line, cells)
        elif not self.header and not self.block and begins_rows(cells, following):
            self.close()
            self._open(line - 1, [""] * len(cells))
            self.waiting.append((line, cells))
        elif self._goes_on(cells, filled):
            self.waiting.append((line, cells))
            if len(self.waiting) >= SAMPLE:
                self._settle()
        else:
            if self.gap:
                self.close()
            self.section = filled[0] if len(filled) == 1 else self.section
            self._hint(cells)

    def _goes_on(self, cells: Sequence[Any], filled: list[str]) -> bool:
        """Tell whether a line belongs to the table under the last heading. After a gap only one like its rows does."""
        if not self.header or self.block:
            return False
        if self.gap and (self.waiting or self.table is not None):
            self._settle()
            if not self._is_row(cells):
                return False
        self.gap = False
        return len(filled) > 1 or self._is_thin_row(cells, filled[0])

    def _is_row(self, cells: Sequence[Any]) -> bool:
        """Tell whether a line has what every row of the open table has: a moment, else after a gap a length or an
        address."""
        table = self.table
        if table is None:
            return False
        columns = table.columns
        if {"join", "stamp"} & set(columns.at):
            moment = columns.cell(cells, "join") or columns.cell(cells, "stamp")
            return table.kind in ("joins", "seen", "log", "checkin") and read_stamp(moment) is not None
        if not self.gap:
            return False
        if table.kind == "totals":
            return duration_of(columns.cell(cells, "duration"), columns.unit) is not None
        return EMAIL.search(columns.text(cells, "email")) is not None

    def _is_thin_row(self, cells: Sequence[Any], text: str) -> bool:
        """Tell a row with a name alone from the title of a section."""
        return len(cells) == len(self.header) > 1 and not re.match(r"\d+\.\s", text)

    def _open(self, line: int, cells: Sequence[Any]) -> None:
        self.header, self.header_line, self.block, self.gap = cells, line, False, False

    def _settle(self) -> None:
        """Find the columns of the table under the last heading and give it the rows that waited, if any did."""
        if not self.waiting:
            return
        given = self.given.columns if self.header_line == self.given.header_line else {}
        columns = resolve(self.header, [cells for _line, cells in self.waiting], given)
        role = "host" if begins(self.section, HOST_SECTION) else ""
        if self.table is None and {"name", "first", "last", "email", "number"} & set(columns.at):
            self.table = Gathering(columns, self.tally, role, self.header_line)
            self.tables.append(self.table)
        if self.table is not None:
            for line, cells in self.waiting:
                self.table.take(line, cells)
        self.waiting = []

    def close(self) -> None:
        self._settle()
        self.header, self.table, self.block, self.gap = (), None, False, False

    def _hint(self, cells: Sequence[Any]) -> None:
        """Keep the moments, days and zone of a line that is about the meeting."""
        for cell in cells:
            stamp = read_stamp(cell)
            if stamp and stamp.day:
                self.moments.append((stamp.day, stamp.seconds))
            elif not stamp:
                self.days += days_in(text_of(cell))
            if found := TIME_ZONE.search(text_of(cell)):
                self.zone = found[1]
