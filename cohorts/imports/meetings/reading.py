"""A file of attendance -> what it says, whoever made it. The day and the time zone are settled later (`placing`)."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from cohorts.imports.meetings import names, registers
from cohorts.imports.meetings.clock import clean, read_stamp, split_day
from cohorts.imports.meetings.columns import Columns, is_data, is_header, is_meeting_block, meaning_of, resolve
from cohorts.imports.meetings.grids import Row, UnreadableFile, open_grid
from cohorts.imports.meetings.people import Gathering, Met, Tally, close_logs
from cohorts.imports.meetings.registers import MarkColumn
from cohorts.imports.meetings.words import begins, fold
from trainees.imports.table import text_of

SAMPLE = 30  # rows looked at before the columns of a table are settled
REGISTER_ROWS = 2000
PROGRESS_EVERY = 5000
HOST_SECTION = "host details|gastgeber|anfitrion"
TIME_ZONE = re.compile(r"\b([A-Z][A-Za-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?)\b")


@dataclass
class Reading:
    """What a file says: how it was read, who was met, and everything that hints at its day and zone."""

    name: str
    kind: str = ""  # joins, log, seen, totals, register, checkin, names
    maker: str = ""  # zoom, teams, meet, register, form, list
    encoding: str = ""
    encoding_source: str = ""
    delimiter: str = ""
    header_line: int = 0
    columns: dict[str, str] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    people: list[Met] = field(default_factory=list)
    days_in_name: list[str] = field(default_factory=list)
    days_in_text: list[str] = field(default_factory=list)
    moments: list[tuple[str, int]] = field(default_factory=list)  # of the block that describes the meeting
    zone: str = ""  # named in the file
    mark_columns: list[MarkColumn] = field(default_factory=list)
    legend: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        document = asdict(self)
        for met, plain in zip(self.people, document["people"], strict=True):
            plain["spans"] = [[*days, spans] for days, spans in met.spans.items()]
            plain["events"] = []
        return document

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Reading":
        people = []
        for plain in document["people"]:
            spans = {(first, last): [(s, e) for s, e in each] for first, last, each in plain["spans"]}
            moment = tuple(plain["moment"]) if plain["moment"] else None
            people.append(Met(**{**plain, "spans": spans, "moment": moment}))
        columns = [MarkColumn(**each) for each in document["mark_columns"]]
        moments = [(day, second) for day, second in document["moments"]]
        tally = Tally(**document["tally"])
        return cls(**{**document, "people": people, "mark_columns": columns, "tally": tally, "moments": moments})


def read_file(file: BinaryIO, name: str, progress: Callable[[int], None] | None = None) -> Reading:
    """Read a file of attendance. `progress` is told the rows read, now and then. Raises UnreadableFile.

    A text is read as a stream: memory holds the people, not the rows.
    """
    opened = open_grid(file)
    reading = Reading(
        name, encoding=opened.encoding, encoding_source=opened.encoding_source, delimiter=opened.delimiter
    )
    reading.days_in_name = days_in(re.sub(r"\.\w{2,5}$", "", name))
    tables: list[Gathering] = []
    for sheet in opened.sheets:
        reading.days_in_text += days_in(sheet.name)
        tables += _read_sheet(reading, sheet.rows, progress)
        if reading.kind == "register":
            return reading
    if not tables:
        raise UnreadableFile(
            _("No table of people was found. A report has a line of headings with names and times."), "no_header"
        )
    _settle(reading, tables)
    return reading


def days_in(text: str) -> list[str]:
    """Return the day that a file name or title names, in every way it may be read."""
    day, _rest = split_day(clean(text.replace("_", " ")))
    return [day] if day else []


def _read_sheet(reading: Reading, rows: Iterator[Row], progress: Callable[[int], None] | None) -> list[Gathering]:
    head = list(islice(rows, 60))
    if found := registers.find_register(head):
        return _read_register(reading, [*head, *islice(rows, REGISTER_ROWS)], found)
    if _is_list(head):
        return _read_list(reading, chain(head, rows))
    return _read_tables(reading, chain(head, rows), progress)


def _is_list(head: list[Row]) -> bool:
    """Tell whether the lines are bare names: one to a line, or all on one line."""
    filled = [[cell for cell in cells if text_of(cell).strip()] for _line, cells in head]
    filled = [cells for cells in filled if cells]
    if len(filled) == 1 and len(filled[0]) > 1:
        return not any(is_data(cell) or meaning_of(text_of(cell)) for cell in filled[0])
    return all(len(cells) == 1 for cells in filled)


def _read_list(reading: Reading, rows: Iterator[Row]) -> list[Gathering]:
    gathering = Gathering(Columns({"name": 0}), reading.tally)
    lines = ((line, text_of(cell)) for line, cells in rows for cell in cells)
    for met in names.people_of(lines):
        reading.tally.rows += 1
        reading.tally.people += 1
        gathering.people.setdefault((met.label, met.email), met)
    reading.header_line = 0
    return [gathering] if gathering.people else []


def _read_register(reading: Reading, grid: list[Row], found: Any) -> list[Gathering]:
    register = registers.read_register(grid, found, reading.tally)
    reading.kind, reading.maker, reading.header_line = "register", "register", register.header_line
    reading.people, reading.legend = list(register.people), register.legend
    reading.mark_columns, reading.columns = list(register.columns), register.headers
    for _line, cells in grid[: found[0]]:
        for cell in cells:
            reading.days_in_text += days_in(text_of(cell))
    return []


def _read_tables(reading: Reading, rows: Iterator[Row], progress: Callable[[int], None] | None) -> list[Gathering]:
    """Walk the lines: titles and blocks give hints, a heading opens a table, a blank line closes it."""
    walk = _Walk(reading)
    ahead = next(rows, None)
    while ahead is not None:
        (line, cells), ahead = ahead, next(rows, None)
        walk.take(line, cells, ahead[1] if ahead else ())
        if progress and reading.tally.rows % PROGRESS_EVERY == 0 and reading.tally.rows:
            progress(reading.tally.rows)
    walk.close()
    return walk.tables


class _Walk:
    """Where the reading of a sheet stands."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.tables: list[Gathering] = []
        self.header: Sequence[Any] = ()
        self.waiting: list[tuple[int, Sequence[Any]]] = []  # rows of a table whose columns are not settled yet
        self.table: Gathering | None = None
        self.section = ""
        self.block = False

    def take(self, line: int, cells: Sequence[Any], following: Sequence[Any]) -> None:
        if self.table is not None and len(cells) > 1 and self._is_row(cells):
            self.table.take(line, cells)
            return
        filled = [text for cell in cells if (text := text_of(cell).strip())]
        if not filled:
            self.close()
        elif is_meeting_block(cells):
            self.close()
            self.block = True
            self._hint(cells)
        elif is_header(cells, following):
            self.close()
            self._open(line, cells)
        elif self.header and not self.block and (len(filled) > 1 or self._is_thin_row(cells, filled[0])):
            self.waiting.append((line, cells))
            if len(self.waiting) >= SAMPLE:
                self._settle()
        else:
            self.section = filled[0] if len(filled) == 1 else self.section
            self._hint(cells)

    def _is_row(self, cells: Sequence[Any]) -> bool:
        table = self.table
        if table is None or table.kind not in ("joins", "seen", "log"):
            return False
        return read_stamp(table.columns.cell(cells, "join") or table.columns.cell(cells, "stamp")) is not None

    def _is_thin_row(self, cells: Sequence[Any], text: str) -> bool:
        """Tell a row with a name alone from the title of a section."""
        return len(cells) == len(self.header) > 1 and not re.match(r"\d+\.\s", text)

    def _open(self, line: int, cells: Sequence[Any]) -> None:
        self.header, self.block = cells, False
        if not self.reading.header_line or not self.tables:
            self.reading.header_line = line

    def _settle(self) -> None:
        """Find the columns of the table under the last heading and give it the rows that waited."""
        columns = resolve(self.header, [cells for _line, cells in self.waiting])
        role = "host" if begins(self.section, HOST_SECTION) else ""
        if self.table is None and {"name", "first", "last", "email", "number"} & set(columns.at):
            self.table = Gathering(columns, self.reading.tally, role)
            self.tables.append(self.table)
        if self.table is not None:
            for line, cells in self.waiting:
                self.table.take(line, cells)
        self.waiting = []

    def close(self) -> None:
        if self.waiting:
            self._settle()
        self.header, self.table, self.block = (), None, False

    def _hint(self, cells: Sequence[Any]) -> None:
        """Keep the moments, days and zone of a line that is about the meeting."""
        for cell in cells:
            stamp = read_stamp(cell)
            if stamp and stamp.day:
                self.reading.moments.append((stamp.day, stamp.seconds))
            elif not stamp:
                self.reading.days_in_text += days_in(text_of(cell))
            if found := TIME_ZONE.search(text_of(cell)):
                self.reading.zone = found[1]


def _settle(reading: Reading, tables: list[Gathering]) -> None:
    """Choose between tables that tell the same twice, end the logs, and say what kind of file it is."""
    tables = [table for table in tables if table.people]
    if not tables:
        raise UnreadableFile(_("The table has no row with a person and a time."), "no_rows")
    if all(table.kind == "registered" for table in tables):
        raise UnreadableFile(_("This is a list of registrations; it does not say who was there."), "registrations")
    kept = _without_summaries(tables)
    main = max(kept, key=lambda table: sum(met.rows for met in table.people.values()))
    people: dict[tuple[str, str], Met] = {}
    for table in kept:
        for key, met in table.people.items():
            _merge(people, key, met)
    reading.people = list(people.values())
    close_logs([met for met in reading.people if met.events])
    reading.kind, reading.columns = main.kind, dict(main.columns.headers)
    reading.maker = _maker(reading, tables)


def _merge(people: dict[tuple[str, str], Met], key: tuple[str, str], met: Met) -> None:
    """Put a person of a further table to the same label and address met before."""
    known = people.setdefault(key, met)
    if known is met:
        return
    for days, spans in met.spans.items():
        for start, end in spans:
            known.add_span(days, start, end)
    known.events += met.events
    known.rows += met.rows
    known.role = known.role or met.role
    known.seconds = None if known.seconds is None or met.seconds is None else known.seconds + met.seconds


def _without_summaries(tables: list[Gathering]) -> list[Gathering]:
    """Drop the people of a summary (first joining, last leaving) whom a table of single joins tells in detail."""
    if len(tables) < 2:
        return tables
    detailed = [table for table in tables if table.kind in ("joins", "log")]
    for position, summary in enumerate(tables):
        for detail in detailed:
            later = tables.index(detail) > position
            common = set(summary.people) & set(detail.people)
            if detail is summary or not later or len(common) * 2 < len(summary.people):
                continue
            for key in common:
                del summary.people[key]
    return [table for table in tables if table.people]


def _maker(reading: Reading, tables: list[Gathering]) -> str:
    kinds = {table.kind for table in tables}
    headers = fold(" ".join(" ".join(table.columns.headers.values()) for table in tables))
    if kinds <= {"names"}:
        return "list"
    if kinds <= {"checkin"}:
        return "form"
    if any({"guest", "waiting"} & set(table.columns.at) for table in tables):
        return "zoom"
    if "log" in kinds or reading.columns.get("upn") or reading.columns.get("role") or "utf-16" in reading.encoding:
        return "teams"
    if "seen" in kinds or all(met.spans and not any(a for a, _b in met.spans) for met in reading.people):
        return "meet"
    return (
        "zoom"
        if "totals" in kinds or "guest" in headers or tables[0].columns.at.keys() >= {"join", "leave"}
        else "list"
    )
