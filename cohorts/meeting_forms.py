"""What a person says about a file of attendance: one form for a file, every field empty unless they settled it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cohorts.imports.meetings.given import DELIMITERS, ENCODINGS, LAST_HEADER_LINE, MEANINGS, NOTHING, Given
from cohorts.imports.meetings.instants import COMMON_ZONES
from cohorts.imports.meetings.looking import Look
from cohorts.meeting_words import DELIMITER_NAMES, ENCODING_NAMES, MEANING_NAMES, ORDER_NAMES, SIGN_NAMES

FIND_OUT = ("", _("find out"))
PREFIX = "column-"


def typed_opening(data: QueryDict) -> Given:
    """Return how a file is opened by what was typed, as far as that can be meant; the form says what cannot."""
    typed = {name: str(data.get(name, "")) for name in ("encoding", "delimiter", "sheet", "header_line")}
    line = typed["header_line"]
    return Given(
        encoding=typed["encoding"] if typed["encoding"] in ENCODINGS else "",
        delimiter=typed["delimiter"] if typed["delimiter"] in DELIMITERS else "",
        sheet=typed["sheet"][:100],
        header_line=min(int(line), LAST_HEADER_LINE) if line.isdecimal() and len(line) < 6 else 0,
    )


class SettleForm(forms.Form):
    """How a file is opened, where its headings stand, what its columns mean, how its days and clocks are meant."""

    encoding = forms.ChoiceField(label=_("Encoding"), required=False, choices=[FIND_OUT, *ENCODING_NAMES.items()])
    delimiter = forms.ChoiceField(
        label=_("Columns are parted by"), required=False, choices=[FIND_OUT, *DELIMITER_NAMES.items()]
    )
    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    header_line = forms.IntegerField(
        label=_("Line of the headings"), required=False, min_value=1, max_value=LAST_HEADER_LINE
    )
    date_order = forms.ChoiceField(label=_("Order of a date"), required=False, choices=[FIND_OUT, *ORDER_NAMES.items()])
    time_zone = forms.CharField(label=_("Clocks in the file run in"), required=False, max_length=60)
    late_sign = forms.ChoiceField(
        label=_("Sign L of a register"), required=False, choices=[FIND_OUT, *SIGN_NAMES.items()]
    )

    def __init__(self, data: Any, *, given: Given, look: Look | None, read: dict[str, Any]) -> None:
        """Show what is `given`; `read` is what was found out, `look` the beginning of the file."""
        plain = given.to_json()
        columns = {f"{PREFIX}{at}": meaning for at, meaning in plain.pop("columns", {}).items()}
        super().__init__(data, initial={**plain, **columns})
        self.heads_at = given.header_line or read.get("header_line", 0)
        self.look = look
        self.zones = COMMON_ZONES
        self.column_errors: list[str] = []
        self.fields["time_zone"].widget.attrs |= {"list": "zones", "placeholder": _("find out")}
        self.fields["header_line"].widget.attrs["placeholder"] = self.heads_at or _("find out")
        self._drop_fields(read)
        self._add_columns(
            {at: MEANING_NAMES.get(name, FIND_OUT[1]) for name, at in read.get("at", {}).items()}
            | {at: _("marks of its day") for at in read.get("marks", ())}
        )

    def _drop_fields(self, read: dict[str, Any]) -> None:
        """Leave out what this file cannot have: an encoding of a workbook, sheets of a text, signs of no register."""
        sheets = self.look.sheets if self.look else ()
        is_workbook = bool(sheets) or read.get("encoding") == "workbook"
        for name in ("encoding", "delimiter"):
            if is_workbook:
                del self.fields[name]
        if len(sheets) > 1:
            self.fields["sheet"].choices = [("", _("all")), *((name, name) for name in sheets)]  # type: ignore[attr-defined]
        else:
            del self.fields["sheet"]
        if read.get("kind") not in (None, "register"):
            del self.fields["late_sign"]

    def _add_columns(self, found: dict[int, Any]) -> None:
        """Add a field for each column; the first choice says what was found out."""
        meanings = [(name, MEANING_NAMES[name]) for name in (*MEANINGS, NOTHING)]
        for column in self.look.columns if self.look else ():
            first = _("found: %s") % found[column.at] if column.at in found else FIND_OUT[1]
            field = forms.ChoiceField(required=False, choices=[("", first), *meanings])
            field.label = column.heading or _("(no heading)")
            field.help_text = " · ".join(column.examples)
            self.fields[f"{PREFIX}{column.at}"] = field

    def column_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(PREFIX)]

    def own_fields(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields]

    def opening_fields(self) -> list[forms.BoundField]:
        return self.own_fields("encoding", "delimiter", "sheet", "header_line")

    def timing_fields(self) -> list[forms.BoundField]:
        return self.own_fields("date_order", "time_zone", "late_sign")

    def add_refusal(self, error: ValidationError) -> None:
        """Show why the service refused: at the field it names, or above the form where that is not in it."""
        named = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        self.column_errors = named.pop("columns", [])
        for name, texts in named.items():
            self.add_error(name if name in self.fields else None, texts)

    def given(self) -> Given:
        """Return what a valid form settles; columns are those under a heading line, the one found if none is given."""
        cleaned = self.cleaned_data
        columns = {int(name[len(PREFIX) :]): value for name, value in cleaned.items() if name[:7] == PREFIX and value}
        header_line = cleaned["header_line"] or (self.heads_at if columns else 0)
        names = ("encoding", "delimiter", "sheet", "date_order", "time_zone", "late_sign")
        plain = {name: cleaned.get(name, "") for name in names}
        return Given(**plain, columns=columns, header_line=header_line)
