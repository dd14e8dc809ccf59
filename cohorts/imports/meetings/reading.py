"""A file of attendance -> what it says, whoever made it. The day and the time zone are settled later (`placing`)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from cohorts.imports.meetings import names, registers
from cohorts.imports.meetings.clock import days_in
from cohorts.imports.meetings.columns import Columns, is_data, meaning_of
from cohorts.imports.meetings.given import MARK, Given
from cohorts.imports.meetings.grids import Row, UnreadableFile, open_grid
from cohorts.imports.meetings.people import Gathering, Met, Tally, close_logs
from cohorts.imports.meetings.registers import MarkColumn
from cohorts.imports.meetings.walking import Walk
from cohorts.imports.meetings.words import fold
from trainees.imports.table import text_of

HEAD = 60  # lines among which a table begins
REGISTER_ROWS = 2000
PROGRESS_EVERY = 5000


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
    columns: dict[str, str] = field(default_factory=dict)  # meaning -> heading
    at: dict[str, int] = field(default_factory=dict)  # meaning -> position
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


def read_file(
    file: BinaryIO, name: str, progress: Callable[[int], None] | None = None, given: Given | None = None
) -> Reading:
    """Read a file of attendance. `progress` is told the rows read, now and then; `given` is what a person settled.

    Raises UnreadableFile. A text is read as a stream: memory holds the people, not the rows.
    """
    given = given or Given()
    opened = open_grid(file, given)
    reading = Reading(
        name, encoding=opened.encoding, encoding_source=opened.encoding_source, delimiter=opened.delimiter
    )
    reading.days_in_name = days_in(re.sub(r"\.\w{2,5}$", "", name))
    tables: list[Gathering] = []
    for sheet in opened.sheets[:1] if given.header_line else opened.sheets:
        reading.days_in_text += days_in(sheet.name)
        tables += _read_sheet(reading, sheet.rows, progress, given)
        if reading.kind == "register":
            return reading
    if not tables:
        raise UnreadableFile(
            _("No table of people was found. A report has a line of headings with names and times."), "no_header"
        )
    _settle(reading, tables)
    return reading


def _read_sheet(
    reading: Reading, rows: Iterator[Row], progress: Callable[[int], None] | None, given: Given
) -> list[Gathering]:
    head = list(islice(rows, given.header_line + HEAD))
    _refuse_header(head, given)
    if found := registers.find_register(head, given):
        return _read_register(reading, [*head, *islice(rows, REGISTER_ROWS)], found, given)
    if MARK in given.columns.values():
        raise UnreadableFile(_("A column of marks needs a heading line, names and signs below it."), "columns")
    if _is_list(head) and not given.header_line:
        return _read_list(reading, chain(head, rows))
    return _read_tables(reading, chain(head, rows), progress, given)


def _refuse_header(head: list[Row], given: Given) -> None:
    """Raise UnreadableFile for a heading line that the file does not have, or a column beyond its widest line."""
    if not given.header_line:
        return
    cells = next((cells for line, cells in head if line == given.header_line), None)
    last = max((line for line, _cells in head), default=0)
    if cells is None or not any(text_of(cell).strip() for cell in cells):
        said = _("Line %(line)d cannot be the headings: %(why)s.")
        why = _("the file ends with line %d") % last if given.header_line > last else _("it is empty")
        raise UnreadableFile(said % {"line": given.header_line, "why": why}, "header_line")
    width = max(len(cells) for line, cells in head if line >= given.header_line)
    if beyond := [at for at in given.columns if at >= width]:
        said = _("There is no column %(at)d: the table has %(width)d.")
        raise UnreadableFile(said % {"at": min(beyond) + 1, "width": width}, "columns")


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


def _read_register(reading: Reading, grid: list[Row], found: Any, given: Given) -> list[Gathering]:
    register = registers.read_register(grid, found, reading.tally)
    reading.kind, reading.maker, reading.header_line = "register", "register", register.header_line
    reading.people, reading.legend = list(register.people), register.legend | given.legend
    reading.mark_columns, reading.columns, reading.at = list(register.columns), register.headers, found[1]
    for _line, cells in grid[: found[0]]:
        for cell in cells:
            reading.days_in_text += days_in(text_of(cell))
    return []


def _read_tables(
    reading: Reading, rows: Iterator[Row], progress: Callable[[int], None] | None, given: Given
) -> list[Gathering]:
    walk = Walk(reading.tally, given)
    for rows_read in walk.go(rows):
        if progress and rows_read % PROGRESS_EVERY == 0 and rows_read:
            progress(rows_read)
    reading.moments += walk.moments
    reading.days_in_text += walk.days
    reading.zone = walk.zone or reading.zone
    return walk.tables


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
    reading.kind, reading.columns, reading.at = main.kind, dict(main.columns.headers), dict(main.columns.at)
    reading.header_line = main.header_line
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
