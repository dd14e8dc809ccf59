"""What a person settled about a file: how it is opened, where its headings stand, what its columns mean."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

ENCODINGS = (
    *("utf-8", "utf-16-le", "utf-16-be", "cp1252", "cp1256", "cp1251", "cp1254", "cp1250", "cp1253", "cp1255"),
    *("gb18030", "big5", "cp932", "cp949"),
)
DELIMITERS = (",", ";", "\t", "|")
ORDERS = ("dmy", "mdy", "ymd")
NOTHING = "nothing"
MARK = "mark"  # a column of a register that holds the marks of the session it was added to
MEANINGS = (
    *("name", "first", "last", "original", "email", "number", "join", "leave", "duration", "stamp", "action"),
    *("answer", "attended", "waiting", "guest", "role", MARK),
)
LATE_SIGNS = ("late", "excused")
LAST_HEADER_LINE = 1000


@dataclass(frozen=True)
class Given:
    """What is settled of one file; what is empty is found out. `columns` goes from position to meaning."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_line: int = 0
    columns: Mapping[int, str] = field(default_factory=dict)
    late_sign: str = ""  # what L stands for in a register
    date_order: str = ""
    time_zone: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return what is settled and nothing else."""
        plain = {**asdict(self), "columns": {str(at): meaning for at, meaning in sorted(self.columns.items())}}
        return {name: value for name, value in plain.items() if value}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Given":
        columns = {int(at): meaning for at, meaning in document.get("columns", {}).items()}
        return cls(**{**document, "columns": columns})

    @property
    def legend(self) -> dict[str, str]:
        return {"l": self.late_sign} if self.late_sign else {}


def check_given(given: Given) -> None:
    """Raise ValidationError, by field, for what cannot be meant: unknown words, a line before the first, two columns
    of one meaning."""
    errors: dict[str, ValidationError] = {}

    def refuse(name: str, text: str) -> None:
        errors[name] = ValidationError(text, code=name)

    if given.encoding and given.encoding not in ENCODINGS:
        refuse("encoding", _("This is no encoding that we read; choose one of the list."))
    if given.delimiter and given.delimiter not in DELIMITERS:
        refuse("delimiter", _("Choose a comma, a semicolon, a tab or a bar."))
    if not 0 <= given.header_line <= LAST_HEADER_LINE:
        refuse("header_line", _("Give a line from 1 to %(most)d.") % {"most": LAST_HEADER_LINE})
    if given.date_order and given.date_order not in ORDERS:
        refuse("date_order", _("Choose dmy, mdy or ymd."))
    if given.time_zone and given.time_zone not in available_timezones():
        refuse("time_zone", _("There is no time zone of this name; use one such as Asia/Karachi."))
    if given.late_sign and given.late_sign not in LATE_SIGNS:
        refuse("late_sign", _("L is late or leave; choose one."))
    if text := _why_no_columns(given.columns):
        refuse("columns", text)
    if errors:
        raise ValidationError(dict(errors))


def _why_no_columns(columns: Mapping[int, str]) -> str:
    if unknown := {meaning for meaning in columns.values() if meaning not in (*MEANINGS, NOTHING)}:
        return _("No column can mean “%s”.") % min(unknown)[:40]
    counts = Counter(meaning for meaning in columns.values() if meaning not in (NOTHING, "original"))
    for meaning, count in counts.items():
        if count > 1:
            numbers = sorted(at + 1 for at, each in columns.items() if each == meaning)
            facts = {"columns": _(" and ").join(map(str, numbers)), "meaning": meaning}
            return _("Columns %(columns)s are both called “%(meaning)s”; only one can be. Change one of them.") % facts
    return ""
