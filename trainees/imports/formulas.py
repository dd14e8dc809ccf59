"""Formulas of a workbook whose result was never stored: a program wrote them and no spreadsheet has opened them."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

from lxml import etree
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string

RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
PIECE = 1 << 20


def find_formulas(content: bytes) -> dict[str, list[tuple[int, int, str]]]:
    """Return by sheet the row, the column (both from 0) and the text of each formula without a result.

    A reader of values takes such a cell for an empty one. Empty for what is no xlsx. Raises what zipfile and lxml
    raise for a damaged file.
    """
    found: dict[str, list[tuple[int, int, str]]] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name, path in _sheets(archive):
            if _holds_formula(archive, path):
                with archive.open(path) as sheet:
                    found[name] = list(_read(sheet))
    return found


def put_formulas(rows: list[list[Any]], formulas: Iterable[tuple[int, int, str]]) -> None:
    """Write formulas where a reader of values found nothing."""
    for row, column, text in formulas:
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text


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


def _read(sheet: IO[bytes]) -> Iterator[tuple[int, int, str]]:
    for _event, cell in etree.iterparse(sheet, tag="{*}c", resolve_entities=False):
        formula, value = cell.find("{*}f"), cell.find("{*}v")
        if formula is not None and (value is None or not value.text) and cell.get("r"):
            letters, row = coordinate_from_string(cell.get("r"))
            yield row - 1, column_index_from_string(letters) - 1, f"={formula.text or ''}"
        cell.clear()
