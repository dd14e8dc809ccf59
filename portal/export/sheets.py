"""Rows as CSV and XLSX: no cell is ever a formula, and Urdu opens intact in Excel."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

BOM = "\ufeff"  # without it Excel reads UTF-8 as Latin letters
STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the wide ones mean the same to Excel
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
CELL_LIMIT = 32_767  # characters; Excel calls a file with a longer cell damaged
ROWS_PER_PIECE = 500
MOMENT, WIDTH = "yyyy-mm-dd hh:mm", 18  # of a column, in letters: Excel shows ### for a date that does not fit
ZONE = ZoneInfo("Asia/Karachi")


class _Echo:
    """A file for the CSV writer that keeps nothing: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def stream_csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield the file in pieces of some hundred rows."""
    writer = csv.writer(_Echo())
    piece = [BOM, writer.writerow([make_safe(each) for each in head])]
    for row in rows:
        piece.append(writer.writerow([make_safe(shown(each)) for each in row]))
        if len(piece) >= ROWS_PER_PIECE:
            yield "".join(piece)
            piece = []
    yield "".join(piece)


def write_csv(file: IO[bytes], head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write the same into a file."""
    for piece in stream_csv(head, rows):
        file.write(piece.encode())


def write_xlsx(file: IO[bytes], head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a workbook, row by row; texts are texts, whatever they begin with, and moments are moments."""
    from openpyxl import Workbook  # noqa: PLC0415 - 9 MB, for the few who ask for a workbook
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Hunar")
    sheet.freeze_panes = "A2"
    for n in range(len(head)):
        sheet.column_dimensions[get_column_letter(n + 1)].width = WIDTH
    sheet.append([_cell(sheet, each) for each in head])
    for values in rows:
        sheet.append([_cell(sheet, each) for each in values])
    book.save(file)


def make_safe(text: Any) -> Any:
    """Return a text that no spreadsheet takes for a formula: an apostrophe goes before one that might be."""
    return f"'{text}" if isinstance(text, str) and text.startswith(STARTS_FORMULA) else text


def shown(value: Any) -> Any:
    """Return a value as a person reads it: local time, nothing for None."""
    if isinstance(value, datetime):
        return value.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
    return "" if value is None else value


def _cell(sheet: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - as above

    cell = WriteOnlyCell(sheet, value=None)
    if isinstance(value, str):
        cell.data_type = "s"  # also when it begins with an equals sign
        cell._value = NOT_IN_XML.sub("", value)[:CELL_LIMIT]
    elif isinstance(value, datetime):
        cell.value = value.astimezone(ZONE).replace(tzinfo=None)
        cell.number_format = MOMENT
    else:
        cell.value = value
    return cell
