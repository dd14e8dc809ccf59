"""Tables as they arrive: CSV of any encoding and delimiter, xlsx, xls and ods, read into rows with line numbers."""

import codecs
import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook

from trainees.imports.formulas import find_written, put_written

UNPACKED_LIMIT = 200 * 1024 * 1024
HEADER_SEARCH_ROWS = 20
CELL_LIMIT = 32_000

Cell = str | int | float | bool | date | datetime | time | timedelta


class UnreadableFile(ValidationError):
    """The file as a whole cannot be used; nothing was written."""

    def __init__(self, message: str, code: str = "unreadable_file") -> None:
        super().__init__(message, code=code)


class MissingColumns(UnreadableFile):
    """A header line was found, but not all columns that are needed; a person can say which they are."""

    def __init__(self, missing: Sequence[str], headers: Sequence[str], columns: Mapping[str, int]) -> None:
        text = _('These columns were not found: %(names)s. Name them with --map "our field=their header".')
        super().__init__(text % {"names": ", ".join(missing)}, "missing_columns")
        self.missing, self.headers, self.columns = missing, headers, columns


@dataclass(frozen=True)
class Line:
    """One row of the file: `row` counts data rows from 1, `line` is the line (or sheet row) where it starts."""

    row: int
    line: int
    cells: tuple[Cell, ...]

    def cell(self, index: int | None) -> Cell:
        return self.cells[index] if index is not None and index < len(self.cells) else ""


@dataclass(frozen=True)
class Table:
    """A header, the columns found by meaning, and the data rows; `line` is where the header stands, `above` the row
    over it, if there is one.

    `rivals` names all sheets whose header fits as well, the one that was read among them; empty when only one does.
    """

    headers: tuple[str, ...]
    columns: Mapping[str, int]
    lines: tuple[Line, ...] = field(repr=False)
    rivals: tuple[str, ...] = ()
    line: int = 1
    above: Line | None = None


@dataclass(frozen=True)
class Synonyms:
    """How a column may be called: any phrase whose words all occur, unless a forbidden word occurs."""

    phrases: tuple[str, ...]
    never: tuple[str, ...] = ()


def read_table(
    path: Path,
    fields: Mapping[str, Synonyms],
    *,
    required: Sequence[str],
    size_limit: int,
    sheet: str = "",
    mapping: Mapping[str, str] | None = None,
) -> Table:
    """Read a file and find its header line and columns by meaning.

    `mapping` names headers that meaning cannot find: our field -> their header. Raises UnreadableFile
    for a file that is missing, empty, too large, damaged, of another kind, or without the required columns.
    """
    best: tuple[int, dict[str, int], Grid] | None = None
    fits: dict[str, int] = {}
    for name, grid in _read_grids(path, size_limit, sheet):
        for position, (_line, cells) in enumerate(grid[:HEADER_SEARCH_ROWS]):
            found = match_headers([text_of(cell) for cell in cells], fields, mapping or {})
            fits[name] = max(fits.get(name, 0), len(found))
            if best is None or len(found) > len(best[1]):
                best = (position, found, grid)
    if best is None:
        raise UnreadableFile(_("No header line was found in the first rows of the file."), "no_header")
    position, columns, grid = best
    headers = tuple(text_of(cell) for cell in grid[position][1])
    if not columns and len([header for header in headers if header.strip()]) < len(required):
        raise UnreadableFile(_("No header line was found in the first rows of the file."), "no_header")
    if missing := [name for name in required if name not in columns]:
        raise MissingColumns(missing, headers, columns)
    body = enumerate(grid[position + 1 :], start=1)
    lines = tuple(Line(row, line, cells) for row, (line, cells) in body)
    rivals = tuple(name for name, fit in fits.items() if fit == len(columns))
    above = Line(0, *grid[position - 1]) if position else None
    return Table(headers, columns, lines, rivals if len(rivals) > 1 else (), grid[position][0], above)


def match_headers(headers: Sequence[str], fields: Mapping[str, Synonyms], mapping: Mapping[str, str]) -> dict[str, int]:
    """Return field -> column index: named headers first, then the best fit of meaning, each column once.

    An empty name says that the file has no such column, whatever its headers mean.
    """
    words = [_words(header) for header in headers]
    found: dict[str, int] = {}
    for name, header in mapping.items():
        if name not in fields:
            raise UnreadableFile(_("--map: there is no field %(name)s.") % {"name": name}, "unknown_field")
        if not header or " ".join(_words(header)) not in (joined := [" ".join(each) for each in words]):
            continue
        found[name] = joined.index(" ".join(_words(header)))
    scored = [
        (score, -index, name)
        for name, synonyms in fields.items()
        if name not in found and mapping.get(name) != ""
        for index, header_words in enumerate(words)
        if (score := _score(header_words, synonyms))
    ]
    for _score_value, negative, name in sorted(scored, reverse=True):
        if name not in found and -negative not in found.values():
            found[name] = -negative
    return found


def text_of(cell: Cell | None) -> str:
    """Return a cell as a person would have typed it: 3.0 is 3, a date cell is ISO."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)[:CELL_LIMIT].replace("\x00", "")


def _score(header: list[str], synonyms: Synonyms) -> int:
    if any(word in header for word in synonyms.never):
        return 0
    best = 0
    for rank, phrase in enumerate(synonyms.phrases):
        wanted = phrase.split()
        if all(word in header for word in wanted):
            exact = 50 if wanted == header else 0
            best = max(best, 100 * len(wanted) + exact - rank - min(len(header), 20))
    return best


def _words(header: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", header).casefold().replace("'s", "").replace("’s", "")
    folded = folded.replace("e-mail", "email")
    return re.findall(r"[^\W_]+", folded)


Grid = list[tuple[int, tuple[Cell, ...]]]


def _read_grids(path: Path, size_limit: int, sheet: str) -> list[tuple[str, Grid]]:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise UnreadableFile(_("The file cannot be opened: %(why)s.") % {"why": error.strerror}, "missing") from None
    if size == 0:
        raise UnreadableFile(_("The file is empty."), "empty")
    if size > size_limit:
        text = _("The file has %(size)d MB; at most %(limit)d MB are read. Split it.")
        raise UnreadableFile(text % {"size": size >> 20, "limit": size_limit >> 20}, "too_large")
    content = path.read_bytes()
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return read_workbook(content, sheet)
    if content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"\x1f\x8b", b"Rar!")):
        raise UnreadableFile(_("This is not a table. Save it as CSV or as an Excel workbook."), "wrong_kind")
    grid = _read_text(_decode(content))
    if not grid:
        raise UnreadableFile(_("The file is empty."), "empty")
    return [("", grid)]


def read_workbook(content: bytes, sheet: str = "") -> list[tuple[str, Grid]]:
    """Return the name and the rows of each sheet (or of the one named). Raises UnreadableFile.

    A formula without a stored result stands as it is written: as an empty cell it would be overlooked. So does a
    number shown as percent.
    """
    if content.startswith(b"PK"):
        _refuse_bomb(content)
    try:
        written = find_written(content) if content.startswith(b"PK") else {}
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = workbook.sheet_names
        if sheet and sheet not in names:
            text = _("There is no sheet %(sheet)s; the file has: %(names)s.")
            raise UnreadableFile(text % {"sheet": sheet, "names": ", ".join(names)}, "no_sheet")
        grids = []
        for name in [sheet] if sheet else names:
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            put_written(rows, written.get(name, []))
            grids.append((name, [(number, tuple(row)) for number, row in enumerate(rows, start=1)]))
    except (CalamineError, OSError, ValueError, KeyError, zipfile.BadZipFile, etree.LxmlError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(_("The workbook is damaged or protected; save it again and retry."), "damaged") from None
    if not any(grid for _name, grid in grids):
        raise UnreadableFile(_("The file is empty."), "empty")
    return [(name, grid) for name, grid in grids if grid]


def _refuse_bomb(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        raise UnreadableFile(_("The workbook is damaged or cut off; save it again and retry."), "damaged") from None
    if unpacked > UNPACKED_LIMIT:
        text = _("The workbook unpacks to %(size)d MB; that is refused.") % {"size": unpacked >> 20}
        raise UnreadableFile(text, "too_large")


def _decode(content: bytes) -> str:
    """Decode by byte order mark, then UTF-8, then by where the zero bytes stand, then Windows Latin."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return _strict(content, name)
    sample = content[:4000]
    if sample[1::2].count(0) > len(sample) // 4:
        return _strict(content, "utf-16-le")
    if sample[0::2].count(0) > len(sample) // 4:
        return _strict(content, "utf-16-be")
    if b"\x00" in content:
        raise UnreadableFile(_("This is not a table. Save it as CSV or as an Excel workbook."), "wrong_kind")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableFile(_("The file is cut off or damaged."), "damaged") from None


def _read_text(text: str) -> Grid:
    csv.field_size_limit(1 << 20)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=choose_delimiter(text), strict=True)
    grid: Grid = []
    line = 1
    try:
        for cells in reader:
            grid.append((line, tuple(cells)))
            line = reader.line_num + 1
    except csv.Error as error:
        text = _("The file is cut off or damaged near line %(line)d: %(why)s.")
        raise UnreadableFile(text % {"line": line, "why": error}, "damaged") from None
    return grid


def choose_delimiter(text: str) -> str:
    """Choose the delimiter that gives most columns in most of the first lines."""
    sample = text[:60_000]

    def width(delimiter: str) -> tuple[int, int]:
        rows = []
        try:
            for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
                rows.append(len(cells))
                if len(rows) == 40:
                    break
        except csv.Error:
            return (0, 0)
        wide = [count for count in rows if count > 1]
        return (len(wide) * max(set(wide), key=wide.count) if wide else 0, -len(rows))

    return max(",;\t|", key=width)
