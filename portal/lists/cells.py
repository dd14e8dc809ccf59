"""What stands in a cell: small functions from a row to text, escaped."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language

Cell = Callable[[Any], str]


def read(row: Any, path: str) -> Any:
    """Return what a dotted path leads to; None where it breaks off."""
    for name in path.split("."):
        if row is None:
            return None
        row = getattr(row, name)
    return row


def text(path: str) -> Cell:
    """The value itself; nothing for None."""

    def draw(row: Any) -> str:
        value = read(row, path)
        return "" if value is None else conditional_escape(value)

    return draw


def words(path: str) -> Cell:
    """The words for a choice, as `get_status_display` has them."""
    start, _dot, name = path.rpartition(".")

    def draw(row: Any) -> str:
        owner = read(row, start) if start else row
        if owner is None:
            return ""
        value = getattr(owner, name)
        return _words_of(owner._meta.model, name, get_language()).get(value) or conditional_escape(value)

    return draw


@cache
def _words_of(model: Any, name: str, language: str | None) -> dict[Any, str]:
    """Return the words of each choice in a language: to translate them row by row costs a third of a page."""
    return {value: conditional_escape(label) for value, label in model._meta.get_field(name).flatchoices}


def day(path: str) -> Cell:
    """A date, as 4 May 2020."""
    return _dated(path, "j M Y")


def moment(path: str) -> Cell:
    """A moment in local time, as 4 May 2020 10:00."""
    return _dated(path, "j M Y H:i")


def link(url: str, path: str, shown: Cell) -> Cell:
    """A link by the name of an address and the path of its one argument; plain where there is none."""

    def draw(row: Any) -> str:
        argument = read(row, path)
        if argument in (None, ""):
            return shown(row)
        return format_html('<a href="{}">{}</a>', reverse(url, args=[argument]), shown(row) or "–")

    return draw


def lines(first: Cell, *others: Cell) -> Cell:
    """A cell with grey lines under it; empty ones are left out."""

    def draw(row: Any) -> str:
        below = ((each,) for each in (other(row) for other in others) if each)
        return format_html("{}{}", first(row), format_html_join("", "<small>{}</small>", below))

    return draw


def unbroken(shown: Cell) -> Cell:
    """A cell that stays on one line, as a code or a date."""
    return lambda row: format_html('<span class="hn-nowrap">{}</span>', text) if (text := shown(row)) else ""


def chip(shown: Cell, path: str, tones: Mapping[Any, str]) -> Cell:
    """A badge in the tone of a value; a value without a tone is plain grey text."""

    def draw(row: Any) -> str:
        tone = tones.get(read(row, path))
        if tone is None:
            return format_html('<span class="hn-quiet">{}</span>', shown(row))
        return format_html('<span class="hn-chip {}">{}</span>', tone, shown(row))

    return draw


def in_table(columns: Iterable[Any]) -> Cell:
    """Return what draws the cells of a row but its first: a template would spend more on tags than on what is shown."""
    frames = [(each.draw, *_frame(each)) for each in columns]

    def draw(row: Any) -> str:
        drawn = ((full, empty, shown(row)) for shown, full, empty in frames)
        cells = (f"{full if text else empty}{conditional_escape(text)}</td>" for full, empty, text in drawn)
        return mark_safe("".join(cells))  # noqa: S308 - escaped in the line before

    return draw


def _frame(column: Any) -> tuple[str, str]:
    """Return the tag that opens a cell of a column, and that of an empty one: it needs no title on a phone."""
    kind = ' class="hn-n"' if column.number else ""
    return f'<td role="cell"{kind} data-title="{escape(column.title)}">', f'<td role="cell"{kind}>'


def _dated(path: str, form: str) -> Cell:
    def draw(row: Any) -> str:
        value = read(row, path)
        if value is None:
            return ""
        return date_format(localtime(value) if hasattr(value, "hour") else value, form)

    return unbroken(draw)
