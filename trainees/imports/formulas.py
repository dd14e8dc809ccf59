"""What a reader of a workbook's values misreads: formulas without a stored result, and numbers shown as percent.

A program wrote such a formula and no spreadsheet has opened it: it would be an empty cell. Who types 45% into a
spreadsheet has a cell of 0.45.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import IO, Any

from lxml import etree
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string

RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
PIECE = 1 << 20
QUOTED = re.compile(r'"[^"]*"|\\.')  # of a number's format: a sign in it is only shown
PERCENT_FORMATS = ("9", "10")  # 0% and 0.00%, which every spreadsheet knows by these numbers


def find_written(content: bytes) -> dict[str, list[tuple[int, int, str]]]:
    """Return by sheet the row, the column (both from 0) and the text, as a person wrote it, of each such cell.

    Empty for what is no xlsx. Raises what zipfile and lxml raise for a damaged file.
    """
    found: dict[str, list[tuple[int, int, str]]] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        percents = _percent_styles(archive)
        for name, path in _sheets(archive):
            if percents or _holds_formula(archive, path):
                with archive.open(path) as sheet:
                    found[name] = list(_read(sheet, percents))
    return found


def put_written(rows: list[list[Any]], written: Iterable[tuple[int, int, str]]) -> None:
    """Write what was found over what a reader of values took it for."""
    for row, column, text in written:
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text


def _percent_styles(archive: zipfile.ZipFile) -> set[str]:
    """Return the numbers of the cell styles that show a number as percent."""
    if "xl/styles.xml" not in archive.namelist():
        return set()
    formats = {each.get("numFmtId"): each.get("formatCode", "") for each in _parse(archive, "xl/styles.xml", "numFmt")}
    percents = {*PERCENT_FORMATS, *(number for number, code in formats.items() if "%" in QUOTED.sub("", code))}
    styles = [list(each) for each in _parse(archive, "xl/styles.xml", "cellXfs")]
    cells = styles[0] if styles else []
    return {str(n) for n, style in enumerate(cells) if style.get("numFmtId") in percents}


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return
    relations = {each.get("Id"): each.get("Target") for each in _parse(archive, "xl/_rels/workbook.xml.rels", "*")}
    for sheet in _parse(archive, "xl/workbook.xml", "sheet"):
        target = str(relations.get(sheet.get(RELATION), ""))
        path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if path in names:
            yield str(sheet.get("name")), path


def _parse(archive: zipfile.ZipFile, path: str, tag: str) -> list[Any]:
    with archive.open(path) as file:
        return [each for _event, each in etree.iterparse(file, tag=f"{{*}}{tag}", resolve_entities=False)]


def _holds_formula(archive: zipfile.ZipFile, path: str) -> bool:
    """Look for the mark of a formula without building a tree: most sheets have none."""
    with archive.open(path) as sheet:
        tail = b""
        while piece := sheet.read(PIECE):
            if b"<f>" in tail + piece or b"<f " in tail + piece or b":f>" in tail + piece:
                return True
            tail = piece[-2:]
    return False


def _read(sheet: IO[bytes], percents: set[str]) -> Iterator[tuple[int, int, str]]:
    for _event, cell in etree.iterparse(sheet, tag="{*}c", resolve_entities=False):
        if cell.get("r") and (text := _written(cell, percents)):
            letters, row = coordinate_from_string(cell.get("r"))
            yield row - 1, column_index_from_string(letters) - 1, text
        cell.clear()


def _written(cell: Any, percents: set[str]) -> str:
    formula, value = cell.find("{*}f"), cell.find("{*}v")
    if value is None or not value.text:
        return f"={formula.text or ''}" if formula is not None else ""
    if cell.get("s") not in percents or cell.get("t", "n") != "n":
        return ""
    try:  # the shortest number that is stored so: 0.55 is kept as 0.55000000000000004
        number = Decimal(repr(float(value.text))) * 100
    except ValueError:
        return ""
    return f"{number.normalize():f}%" if number.is_finite() else ""
