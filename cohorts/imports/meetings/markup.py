"""Tables in HTML or in the XML of Excel 2003, which systems export under the name of a workbook."""

from html.parser import HTMLParser

ROWS, CELLS = ("tr", "row"), ("td", "th", "cell")


def read_tables(text: str) -> list[list[list[str]]]:
    """Return the rows of each table that has any, cell by cell."""
    parser = _Tables()
    parser.feed(text)
    parser.close()
    return [rows for rows in parser.tables if rows]


class _Tables(HTMLParser):
    """Collects cells; a cell that is not closed ends with the next, as browsers read it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self.cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table" or not self.tables:
            self._end_cell()
            self.tables.append([])
        if tag in ROWS:
            self._end_cell()
            self.tables[-1].append([])
        elif tag in CELLS and self.tables[-1]:
            self._end_cell()
            self.cell = []
            self._skip_to(dict(attrs).get("ss:index"))
        elif tag == "br" and self.cell is not None:
            self.cell.append(" ")

    def _skip_to(self, index: str | None) -> None:
        row = self.tables[-1][-1]
        if index and index.isdecimal() and len(row) < int(index) - 1 < 200:
            row += [""] * (int(index) - 1 - len(row))

    def handle_endtag(self, tag: str) -> None:
        if tag in (*CELLS, *ROWS, "table"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def _end_cell(self) -> None:
        if self.cell is not None:
            self.tables[-1][-1].append(" ".join("".join(self.cell).split()))
            self.cell = None
