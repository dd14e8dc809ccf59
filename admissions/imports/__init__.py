"""Reader of an applications file: file -> typed rows with line numbers, no database."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from trainees.identity import keyed_hash
from trainees.imports.table import Cell, Line, Synonyms, Table, read_table, text_of

FINGERPRINT = "application row"
_OTHERS = ("father", "husband", "guardian", "mother", "university", "institute", "course", "employer", "emergency")
FIELDS = {
    "timestamp": Synonyms(
        (
            "timestamp",
            "submitted at",
            "submission date",
            "submitted on",
            "submission time",
            "completion time",
            "date submitted",
        )
    ),
    "email": Synonyms(("email address", "email id", "email", "mail")),
    "full_name": Synonyms(
        ("full name", "applicant name", "candidate name", "your name", "name of applicant", "name"),
        (*_OTHERS, "urdu", "company", "user"),
    ),
    "father_or_husband_name": Synonyms(
        ("father husband name", "father name", "husband name", "guardian name", "father", "husband"),
        ("occupation", "cnic"),
    ),
    "cnic": Synonyms(
        ("cnic number", "cnic no", "cnic", "nic", "national identity", "identity card", "id card"),
        ("father", "name", "expiry", "copy", "issue"),
    ),
    "date_of_birth": Synonyms(("date birth", "birth date", "dob", "birthday", "birth")),
    "gender": Synonyms(("gender", "sex")),
    "mobile": Synonyms(
        (
            "mobile number",
            "mobile no",
            "mobile",
            "phone number",
            "phone",
            "cell number",
            "cell",
            "whatsapp",
            "contact number",
            "contact",
        ),
        ("father", "emergency"),
    ),
    "province": Synonyms(("province", "territory", "domicile province", "domicile"), ("district",)),
    "district": Synonyms(("district", "district domicile")),
    "city": Synonyms(
        (
            "city attend training",
            "training city",
            "preferred city",
            "city preference",
            "training location",
            "city",
            "location",
            "venue",
        ),
        ("district",),
    ),
    "category": Synonyms(
        (
            "fresh graduate working professional",
            "fresh graduate",
            "applying as",
            "graduate professional",
            "applicant type",
            "category",
            "working professional",
        )
    ),
    "degree": Synonyms(("last degree", "degree", "qualification", "education"), ("year",)),
    "university": Synonyms(("university institute", "university", "institute", "institution", "college")),
    "graduation_year": Synonyms(("year graduation", "graduation year", "passing year", "year passing", "year degree")),
    "employer": Synonyms(("current employer", "employer", "organization", "organisation", "company", "designation")),
    "course_1": Synonyms(
        (
            "course first preference",
            "first preference",
            "preference 1",
            "course preference 1",
            "1st preference",
            "first choice",
            "1st choice",
            "choice 1",
            "course 1",
            "preferred course",
        ),
        ("second", "2nd", "city"),
    ),
    "course_2": Synonyms(
        (
            "course second preference",
            "second preference",
            "preference 2",
            "course preference 2",
            "2nd preference",
            "second choice",
            "2nd choice",
            "choice 2",
            "course 2",
            "alternate course",
        ),
        ("first", "1st", "city"),
    ),
    "declaration": Synonyms(("declare", "declaration", "undertaking", "certify", "agree", "correct best knowledge")),
}
REQUIRED = ("full_name", "email", "cnic", "mobile", "date_of_birth", "course_1")


@dataclass(frozen=True)
class ApplicantRow:
    """One data row: its place in the file, its cells by field, and the fingerprint of the whole row."""

    row: int
    line: int
    cells: Mapping[str, Cell]
    is_blank: bool
    is_header: bool
    fingerprint: str
    occurrence: int

    def text(self, field: str) -> str:
        return text_of(self.cells.get(field))


@dataclass(frozen=True)
class ApplicantFile:
    """A file that was read: its headers, the header of each of our fields that it has, and its rows."""

    name: str
    headers: tuple[str, ...]
    columns: Mapping[str, str]
    rows: list[ApplicantRow]

    @property
    def fields(self) -> frozenset[str]:
        """Return which of our fields it has."""
        return frozenset(self.columns)


def read_applicants(
    path: Path,
    *,
    size_limit: int,
    name: str = "",
    sheet: str = "",
    mapping: Mapping[str, str] | None = None,
) -> ApplicantFile:
    """Read an applications file (CSV, xlsx, xls, ods). Raises UnreadableFile before anything is written."""
    table = read_table(path, FIELDS, required=REQUIRED, size_limit=size_limit, sheet=sheet, mapping=mapping)
    met: Counter[str] = Counter()
    rows = []
    for line in table.lines:
        fingerprint = _fingerprint(line)
        met[fingerprint] += 1
        rows.append(_read_row(table, line, fingerprint, met[fingerprint]))
    while rows and rows[-1].is_blank and path.suffix.lower() not in (".csv", ".tsv", ".txt"):
        rows.pop()  # a workbook's used area often ends in rows that only were formatted
    columns = {field: table.headers[index] for field, index in table.columns.items()}
    return ApplicantFile(name or path.name, table.headers, columns, rows)


def _read_row(table: Table, line: Line, fingerprint: str, occurrence: int) -> ApplicantRow:
    texts = [text_of(cell).strip() for cell in line.cells]
    headers = [header.strip() for header in table.headers]
    return ApplicantRow(
        row=line.row,
        line=line.line,
        cells={name: line.cell(index) for name, index in table.columns.items()},
        is_blank=not any(texts),
        is_header=sum(a == b != "" for a, b in zip(texts, headers, strict=False)) > len(headers) / 2,
        fingerprint=fingerprint,
        occurrence=occurrence,
    )


def _fingerprint(line: Line) -> str:
    """Know a row again. Keyed: a plain hash would give the identity number away to who knows the other cells."""
    texts = [text_of(cell) for cell in line.cells]
    plain = hashlib.sha256(json.dumps(texts, ensure_ascii=False).encode()).hexdigest()
    return keyed_hash(FINGERPRINT, plain)
