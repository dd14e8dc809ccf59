"""A file as rows of cells: encoding and delimiter found out, CSV read as a stream, workbooks sheet by sheet."""

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import BinaryIO

from django.utils.translation import gettext as _

from cohorts.imports.meetings.columns import is_header
from cohorts.imports.meetings.given import DELIMITERS, Given
from cohorts.imports.meetings.markup import read_tables
from cohorts.imports.meetings.words import HEADERS, begins
from trainees.imports.table import Cell, UnreadableFile, choose_delimiter, read_workbook

HEAD = 128 * 1024  # bytes looked at before reading
LINES = 60  # among which the headings are looked for
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
OLD_ENCODINGS = ("cp1252", "cp1256", "cp1251", "cp1254", "gb18030", "cp932", "cp949", "big5", "cp1253", "cp1255")
NOT_TABLES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"\x1f\x8b", b"Rar!")
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

Row = tuple[int, Sequence[Cell]]


@dataclass(frozen=True)
class Sheet:
    """One table of a file: its name (empty for text), its rows as a stream."""

    name: str
    rows: Iterator[Row]


@dataclass(frozen=True)
class Opened:
    """What was found out about a file before reading it."""

    encoding: str
    encoding_source: str  # mark, utf-8, zero bytes, guess, workbook, given
    delimiter: str
    sheets: tuple[Sheet, ...]
    names: tuple[str, ...] = ()  # of all sheets, also of those left out


def open_grid(file: BinaryIO, given: Given | None = None) -> Opened:
    """Find out what a file is, but for what is given, and return its rows as a stream.

    Raises UnreadableFile for what is no table, or no text in the encoding given.
    """
    given = given or Given()
    head = file.read(HEAD)
    file.seek(0)
    if not head.strip(b"\x00\r\n\t "):
        raise UnreadableFile(_("The file is empty."), "empty")
    if head.startswith(WORKBOOKS):
        return _open_workbook(file.read(), given)
    if head.startswith(NOT_TABLES):
        raise UnreadableFile(_("This is not a table. Save it as CSV or as an Excel workbook."), "wrong_kind")
    encoding, source = (_skip_mark(given.encoding, head), "given") if given.encoding else detect_encoding(head)
    errors = "strict" if given.encoding else "replace"
    try:
        sample = codecs.getincrementaldecoder(encoding)(errors).decode(head)
    except UnicodeDecodeError:
        raise _no_text(encoding) from None
    if _is_markup(sample):
        return _open_markup(file.read(), encoding, source)
    if not _is_text(sample):
        if given.encoding:
            raise _no_text(encoding)
        raise UnreadableFile(_("This is not a table. Save it as CSV or as an Excel workbook."), "wrong_kind")
    delimiter = given.delimiter or _choose_delimiter(sample)
    return Opened(encoding, source, delimiter, (Sheet("", _rows(file, encoding, delimiter, errors)),))


def _is_markup(sample: str) -> bool:
    """Tell a web page or XML that calls itself a workbook, as many systems export one."""
    start = sample[:2000].lstrip("\ufeff \t\r\n").casefold()
    return start.startswith("<") and ("<table" in sample[:HEAD].casefold() or "<workbook" in start)


def _open_markup(content: bytes, encoding: str, source: str) -> Opened:
    tables = read_tables(content.decode(encoding, "replace"))
    if not tables:
        raise UnreadableFile(_("The file is empty."), "empty")
    return Opened(encoding, source, "", tuple(Sheet("", iter(list(enumerate(rows, start=1)))) for rows in tables))


def _choose_delimiter(sample: str) -> str:
    """Choose the delimiter that parts the headings, else the one that gives most columns."""
    widest = choose_delimiter(sample)
    for delimiter in dict.fromkeys((widest, *DELIMITERS)):
        try:
            rows = list(islice(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), LINES))
        except csv.Error:
            continue
        if any(is_header(cells, below) for cells, below in pairwise(rows)):
            return delimiter
    return widest


def _skip_mark(encoding: str, head: bytes) -> str:
    """Return the encoding that also takes the mark a file begins with, if it is that encoding's own."""
    return next((name for mark, name in MARKS if head.startswith(mark) and encoding.startswith(name[:6])), encoding)


def _no_text(encoding: str, line: int = 1) -> UnreadableFile:
    said = _("Read as %(encoding)s this file is no text (line %(line)d). Choose another encoding.")
    return UnreadableFile(said % {"encoding": encoding.upper(), "line": line}, "encoding")


def _is_text(sample: str) -> bool:
    """Tell whether something decoded says anything: few control signs, and something that ends a cell or a line."""
    part = sample[:4000]
    strange = sum(unicodedata.category(c) in ("Cc", "Cn", "Co", "Cs") and c not in "\t\r\n" for c in part)
    return strange * 50 <= len(part) and (len(part) < 200 or any(c in ",;\t|\r\n" for c in part))


def _open_workbook(content: bytes, given: Given) -> Opened:
    sheets = tuple(Sheet(name, iter(grid)) for name, grid in read_workbook(content, given.sheet) if grid)
    if not sheets:
        raise UnreadableFile(_("The file is empty."), "empty")
    return Opened("workbook", "workbook", "", sheets, tuple(sheet.name for sheet in sheets))


def _rows(file: BinaryIO, encoding: str, delimiter: str, errors: str) -> Iterator[Row]:
    csv.field_size_limit(1 << 20)
    text = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
    reader = csv.reader((line.replace("\x00", "") for line in text), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        said = _("The file is cut off or damaged near line %(line)d: %(why)s.")
        raise UnreadableFile(said % {"line": line, "why": error}, "damaged") from None
    except UnicodeDecodeError:
        raise _no_text(encoding, line) from None
    finally:
        if not file.closed:  # a beginning alone was read, and the file closed before its rows were let go
            text.detach()


def detect_encoding(head: bytes) -> tuple[str, str]:
    """Return the encoding and how it is known: byte order mark, where zero bytes stand, UTF-8, or a guess
    by the words that a reading of the first lines gives."""
    for mark, name in MARKS:
        if head.startswith(mark):
            return name, "mark"
    even, odd = head[0:4000:2].count(0), head[1:4000:2].count(0)
    most = len(head[:4000]) // 8
    if odd > most and odd > even:
        return "utf-16-le", "zero bytes"
    if even > most:
        return "utf-16-be", "zero bytes"
    if b"\x00" in head[:4000]:
        raise UnreadableFile(_("This is not a table. Save it as CSV or as an Excel workbook."), "wrong_kind")
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head)
    except UnicodeDecodeError:
        return _guess(head), "guess"
    return "utf-8", "utf-8"


def _guess(head: bytes) -> str:
    scored = []
    for rank, encoding in enumerate(OLD_ENCODINGS):
        try:
            text = codecs.getincrementaldecoder(encoding)("strict").decode(head)
        except UnicodeDecodeError:
            continue
        scored.append((_header_words(text), -rank, encoding))
    return max(scored)[2] if scored else "cp1252"


def _header_words(text: str) -> int:
    """Count the cells of the first lines that say something in a language we know, beyond plain ASCII."""
    cells = [cell for line in text.splitlines()[:12] for cell in line.replace(";", ",").replace("\t", ",").split(",")]
    known = [cell for cell in cells[:120] if cell and not cell.isascii()]
    return sum(any(begins(cell, entries) for entries in HEADERS.values()) for cell in known)
