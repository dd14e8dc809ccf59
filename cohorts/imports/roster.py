"""A roster made elsewhere: who sits in which cohort. File -> typed rows, no database."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainees.imports.table import Line, Synonyms, Table, read_table, text_of
from trainees.rules import Reading, clean_text, read_cnic, read_email, read_gender, read_mobile, read_name

FIELDS = {
    "number": Synonyms(
        ("trainee no", "trainee number", "trainee id", "registration no", "roll no", "number"),
        ("cnic", "mobile", "phone"),
    ),
    "full_name": Synonyms(
        ("full name", "trainee name", "participant name", "name"), ("ur", "urdu", "father", "course", "cohort")
    ),
    "full_name_ur": Synonyms(("full name ur", "name urdu", "urdu name", "name in urdu")),
    "father_or_husband_name": Synonyms(("father", "husband", "guardian")),
    "cnic": Synonyms(("cnic", "nic", "identity", "id card")),
    "email": Synonyms(("email address", "email", "mail")),
    "mobile": Synonyms(("mobile", "phone", "cell", "whatsapp", "contact")),
    "gender": Synonyms(("gender", "sex")),
    "cohort": Synonyms(("cohort code", "cohort", "batch", "class", "section")),
    "status": Synonyms(("status", "enrolment status", "state"), ("province",)),
}
REQUIRED = ("full_name", "cnic", "email")
STATUSES = {
    "": "enrolled",
    "enrolled": "enrolled",
    "enroled": "enrolled",
    "confirmed": "enrolled",
    "active": "enrolled",
}
STATUSES |= {
    "waitlisted": "waitlisted",
    "waiting": "waitlisted",
    "waiting list": "waitlisted",
    "waitlist": "waitlisted",
}


@dataclass(frozen=True)
class RosterRow:
    """One row: what was understood, or the problems that forbid it."""

    row: int
    line: int
    person: dict[str, Any]
    cohort: str
    status: str
    problems: tuple[str, ...] = field(default=())

    @property
    def is_blank(self) -> bool:
        return self.problems == ("blank_row",)


def read_roster(path: Path, *, size_limit: int) -> list[RosterRow]:
    """Read a roster file (CSV, xlsx, xls, ods). Raises UnreadableFile."""
    table = read_table(path, FIELDS, required=REQUIRED, size_limit=size_limit)
    return [_read_row(table, line) for line in table.lines]


LIMITS = {"number": 30, "full_name_ur": 120, "father_or_husband_name": 120}
READERS: dict[str, Callable[[str], Reading]] = {
    "full_name": read_name,
    "cnic": read_cnic,
    "email": read_email,
}


def _read_row(table: Table, line: Line) -> RosterRow:
    typed = {name: text_of(line.cell(index)) for name, index in table.columns.items()}
    if not any(value.strip() for value in typed.values()):
        return RosterRow(line.row, line.line, {}, "", "", ("blank_row",))
    person: dict[str, Any] = {
        "number": clean_text(typed.get("number", "")),
        "full_name_ur": clean_text(typed.get("full_name_ur", "")),
        "father_or_husband_name": clean_text(typed.get("father_or_husband_name", "")),
        "mobile": read_mobile(typed.get("mobile", "")).value or "",
        "gender": read_gender(typed.get("gender", "")).value,
    }
    problems = ["too_long" for name, limit in LIMITS.items() if len(person[name]) > limit][:1]
    for name, read in READERS.items():
        reading = read(typed[name])
        person[name] = reading.value
        problems += [*reading.problems, *[doubt for doubt in reading.doubts if doubt in ("cnic_letter_o", "too_long")]]
    status = STATUSES.get(clean_text(typed.get("status", "")).casefold())
    if status is None:
        problems.append("status_unknown")
    return RosterRow(line.row, line.line, person, clean_text(typed.get("cohort", "")), status or "", tuple(problems))
