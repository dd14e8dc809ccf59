"""Certificates that were made elsewhere before: a table with their serials -> typed rows, no database."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.utils.translation import gettext as _

from certificates.codes import normalise
from certificates.models import Certificate
from trainees.imports.table import Line, Synonyms, Table, read_table, text_of
from trainees.rules import clean_text, read_date

FIELDS = {
    "serial": Synonyms(("certificate serial", "certificate number", "certificate no", "serial", "number", "code")),
    "name": Synonyms(
        ("full name", "name as printed", "holder", "name"), ("ur", "urdu", "course", "father", "organisation")
    ),
    "name_ur": Synonyms(("name ur", "urdu name", "name in urdu", "name urdu")),
    "course": Synonyms(("course title", "course name", "course", "award"), ("code",)),
    "programme": Synonyms(("programme", "program")),
    "organisation": Synonyms(("organisation", "organization", "issuer", "issued by", "institute")),
    "cohort": Synonyms(("cohort", "batch", "class")),
    "contact_hours": Synonyms(("contact hours", "hours")),
    "starts_on": Synonyms(("starts on", "start date", "from")),
    "ends_on": Synonyms(("ends on", "end date", "to")),
    "issued_on": Synonyms(("issued on", "issue date", "date of issue", "issued"), ("by",)),
    "valid_until": Synonyms(("valid until", "valid to", "expires on", "expiry date", "expiry", "expires")),
    "state": Synonyms(("state", "status"), ("province",)),
    "reason": Synonyms(("revocation reason", "reason")),
    "revoked_on": Synonyms(("revoked on", "revocation date")),
}
REQUIRED = ("serial", "name", "course", "issued_on")
LIMITS = {"serial": 40, "name": 120, "name_ur": 120, "course": 120, "programme": 120, "organisation": 120, "cohort": 30}
DATES = ("issued_on", "starts_on", "ends_on", "valid_until", "revoked_on")
VALID = ("", "valid", "issued", "active")


@dataclass(frozen=True)
class OldRow:
    """One row: what was understood, or the problem that forbids it, with its remedy."""

    row: int
    line: int
    code: str
    texts: dict[str, str]
    dates: dict[str, date | None]
    contact_hours: int
    is_revoked: bool
    problem: str = ""


def read_old_certificates(path: Path, *, size_limit: int, date_order: str = "dmy") -> list[OldRow]:
    """Read a file (CSV, xlsx, xls, ods); its columns are found by meaning. Raises UnreadableFile."""
    table = read_table(path, FIELDS, required=REQUIRED, size_limit=size_limit)
    return [_read_row(table, line, date_order) for line in table.lines]


def _read_row(table: Table, line: Line, date_order: str) -> OldRow:
    typed = {name: text_of(line.cell(table.columns.get(name))) for name in FIELDS}
    texts = {name: clean_text(typed[name]) for name in (*LIMITS, "reason")}
    dates = {name: _date(line.cell(table.columns.get(name)), date_order) for name in DATES}
    hours = re.sub(r"\D.*", "", typed["contact_hours"].strip())
    state = clean_text(typed["state"]).casefold()
    return OldRow(
        row=line.row,
        line=line.line,
        code=normalise(texts["serial"]),
        texts=texts,
        dates=dates,
        contact_hours=int(hours[:5] or 0),
        is_revoked=state == "revoked",
        problem=_problem(texts, dates, typed, state),
    )


def _date(cell: object, order: str) -> date | None:
    return read_date(cell, order=order, pivot=2030) if cell not in (None, "") else None


def _problem(texts: dict[str, str], dates: dict[str, date | None], typed: dict[str, str], state: str) -> str:
    """Say in a sentence what forbids a row, or nothing."""
    for name in REQUIRED:
        if not typed[name].strip():
            return _("%(field)s is empty; fill it in.") % {"field": name}
    for name, limit in LIMITS.items():
        if len(texts[name]) > limit:
            return _("%(field)s is longer than %(limit)d characters; shorten it.") % {"field": name, "limit": limit}
    for name in DATES:
        if typed[name].strip() and dates[name] is None:
            return _("%(field)s is not a date; write it as 2018-05-31.") % {"field": name}
    if len(re.sub(r"[\s-]", "", texts["serial"])) == 13 and re.fullmatch(r"[\d\s-]+", texts["serial"]):
        return _("the serial looks like an identity number, which must never be public; give another serial.")
    if not normalise(texts["serial"]):
        return _("the serial has neither letters nor digits; give one that can be typed.")
    return _problem_of_state(texts, state)


def _problem_of_state(texts: dict[str, str], state: str) -> str:
    reasons = [str(reason.value) for reason in Certificate.OF_REVOCATION]
    if state == "revoked" and texts["reason"].casefold() not in reasons:
        return _("a revoked one needs its reason: %(reasons)s.") % {"reasons": ", ".join(reasons)}
    if state not in (*VALID, "revoked"):
        return _("the state must be valid or revoked.")
    return ""
