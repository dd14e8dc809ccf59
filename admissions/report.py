"""The report of an import: a line per row of the file, safe to open in a spreadsheet."""

from collections.abc import Iterable, Iterator

from admissions.rules import Understood

VALUES = (
    *("full_name", "cnic", "email", "mobile", "date_of_birth", "gender", "province", "city"),
    *("category", "course_1", "course_2"),
)


def report_rows(rows: Iterable[Understood]) -> Iterator[list[str]]:
    """Yield the header and a line per row; a text that a spreadsheet would run is quoted."""
    yield ["row", "line", "verdict", "codes", "message", *VALUES]
    for each in rows:
        understood = [_safe(str(each.values.get(name) or "")) for name in VALUES]
        yield [str(each.row.row), str(each.row.line), each.verdict, " ".join(each.codes), each.message, *understood]


def _safe(text: str) -> str:
    """Quote a formula; a phone number may begin with a plus."""
    return f"'{text}" if text[:1] in "=@\t\r" or (text[:1] in "+-" and not text[1:].isdigit()) else text
