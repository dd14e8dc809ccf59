"""The little language of a design: named fields, escaped, fitted on request; blocks for what may be missing.

`{{ field }}` prints a field, `{{ field | fit WIDTH LARGEST SMALLEST FACE }}` sets it on one line, or two, within
a width in points, and `{% if field %} ... {% endif %}` leaves out what has no text. Nothing else is understood:
a design comes from people and runs nothing (R62).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils.translation import gettext as _

from certificates.rules import FACES, Printed, day_text, fit_text, particulars, period

TOKEN = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})", re.DOTALL)
FIELD = re.compile(r"\{\{\s*(\w+)\s*(?:\|\s*fit\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+(\w+)\s*)?\}\}")
OPENING = re.compile(r"\{%\s*if\s+(\w+)\s*%\}")
CLOSING = re.compile(r"\{%\s*endif\s*%\}")
SIGNATORIES = 2

Piece = Callable[[dict[str, str]], str]


@dataclass(frozen=True)
class Problem:
    """What is wrong with a design, and in which line."""

    line: int
    text: str


def fields_of(printed: Printed) -> dict[str, str]:
    """Return every field that a design may print, as text."""
    fields = {
        "name": printed.name,
        "name_ur": printed.name_ur,
        "programme": printed.programme,
        "organisation": printed.organisation,
        "course": printed.course,
        "course_code": printed.course_code,
        "cohort": printed.cohort,
        "contact_hours": str(printed.contact_hours or ""),
        "starts_on": day_text(printed.starts_on),
        "ends_on": day_text(printed.ends_on),
        "period": period(printed),
        "particulars": particulars(printed),
        "issued_on": day_text(printed.issued_on),
        "valid_until": day_text(printed.valid_until),
        "serial": printed.serial,
        "verify_url": printed.verify_url,
        "short_url": printed.verify_url.split("://", 1)[-1],
    }
    for number in range(SIGNATORIES):
        person = printed.signatories[number] if number < len(printed.signatories) else {}
        fields |= {f"signatory_{number + 1}_{part}": person.get(part, "") for part in ("name", "title")}
    return fields


def compile_markup(markup: str) -> tuple[list[Piece], list[Problem]]:
    """Return the pieces that make a page from fields, and what is wrong; nothing is right until no problem is left."""
    pieces: list[Piece] = []
    problems: list[Problem] = []
    stack: list[tuple[str, list[Piece], int]] = []
    current = pieces
    for token, line in _tokens(markup):
        if opening := OPENING.fullmatch(token):
            problems += _unknown(opening[1], line)
            stack.append((opening[1], current, line))
            current = []
        elif CLOSING.fullmatch(token) and stack:
            name, outer, _line = stack.pop()
            outer.append(_block(name, current))
            current = outer
        elif field := FIELD.fullmatch(token):
            problems += [*_unknown(field[1], line), *_wrong_fit(field, line)]
            current.append(_field(field))
        elif token.startswith(("{{", "{%")):
            problems.append(Problem(line, _("not understood: %s") % token))
        else:
            current.append(_text(token))
    problems += [Problem(line, _("{%% if %s %%} is not closed") % name) for name, _outer, line in stack]
    return pieces, problems


def _tokens(markup: str) -> Iterator[tuple[str, int]]:
    line = 1
    for token in TOKEN.split(markup):
        yield token, line
        line += token.count("\n")


def _unknown(name: str, line: int) -> list[Problem]:
    if name in FIELDS:
        return []
    return [
        Problem(line, _("there is no field %(name)s; there are: %(all)s") % {"name": name, "all": ", ".join(FIELDS)})
    ]


def _wrong_fit(field: re.Match[str], line: int) -> list[Problem]:
    if field[5] and (field[1] == "name_ur") != (field[5] == "urdu"):
        return [Problem(line, _("name_ur, and it alone, is measured in the face urdu, which it is printed in"))]
    if field[5] is None or field[5] in FACES:
        return []
    return [
        Problem(line, _("there is no face %(name)s; there are: %(all)s") % {"name": field[5], "all": ", ".join(FACES)})
    ]


def _text(text: str) -> Piece:
    return lambda _fields: text


def _block(name: str, pieces: list[Piece]) -> Piece:
    return lambda fields: "".join(piece(fields) for piece in pieces) if fields[name] else ""


def _field(field: re.Match[str]) -> Piece:
    """Print a field; the Urdu name as a section, so that the engine finds it in the file's structure."""
    name, face = field[1], field[5]
    tag = 'section lang="ur" dir="rtl"' if name == "name_ur" else "span"
    if face is None and tag == "span":
        return lambda fields: escape(fields[name])
    if face is None:
        return lambda fields: f"<{tag}>{escape(fields[name])}</section>"
    width, largest, smallest = (float(field[n]) for n in (2, 3, 4))

    def fitted(fields: dict[str, str]) -> str:
        size, lines = fit_text(fields[name], width=width, sizes=(largest, smallest), face=face)
        return f'<{tag} class=fit style="font-size: {size}pt">{"<br>".join(map(escape, lines))}</{tag.split()[0]}>'

    return fitted


NOTHING: dict[str, Any] = {
    **dict.fromkeys(("code", "serial", "verify_url", "name", "name_ur"), ""),
    **dict.fromkeys(("programme", "organisation", "course", "course_code", "cohort"), ""),
    **dict.fromkeys(("starts_on", "ends_on", "issued_on"), "2000-01-01"),
}
FIELDS = tuple(fields_of(Printed(**NOTHING, contact_hours=0)))
