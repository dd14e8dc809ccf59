"""A file of scores: a row per trainee, a column per assessment. File -> typed rows, no database."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cohorts.rules.points import read_points
from trainees.imports.table import Line, Synonyms, Table, UnreadableFile, match_headers, read_table, text_of
from trainees.rules import ascii_digits, clean_text

PEOPLE = {
    "number": Synonyms(
        ("trainee no", "trainee number", "trainee id", "registration no", "roll no", "number"), ("mobile", "phone")
    ),
    "email": Synonyms(("email address", "email", "mail")),
}


PERCENT = re.compile(r"(?<!\d)(?<!\d )[%٪]|\bpercent")  # the unit of a column; in "Quiz (30 %)" it is the weight


@dataclass(frozen=True)
class Column:
    """An assessment that a column may hold: its id, its name, and the most points."""

    id: int
    name: str
    points: int


@dataclass(frozen=True)
class ScoreRow:
    """One row: who, what was scored in hundredths by assessment, and what could not be read."""

    row: int
    line: int
    who: str
    scores: dict[int, int]
    problems: tuple[str, ...] = ()


def read_scores(path: Path, columns: Sequence[Column], *, size_limit: int) -> list[ScoreRow]:
    """Read CSV, xlsx, xls or ods. An empty cell says nothing about a score; below "Quiz %" 60 is 60 %.

    Raises UnreadableFile, also for a file that names nobody or no assessment, that has no row, two columns for
    one assessment, a heading in two lines, or scores on two sheets.
    """
    fields = {**PEOPLE, **{str(each.id): Synonyms((_words(each.name),)) for each in columns}}
    table = read_table(path, fields, required=(), size_limit=size_limit)
    if not set(PEOPLE) & set(table.columns):
        _refuse_two_lines(table, PEOPLE, table.above)
        number = {"number": PEOPLE["number"]}  # an address below is a trainee's, not a heading
        _refuse_two_lines(table, number, *table.lines[:1])
        raise UnreadableFile(_("No column holds the trainee number or the e-mail address."), "missing_columns")
    if not any(str(each.id) in table.columns for each in columns):
        works = {name: meant for name, meant in fields.items() if name not in PEOPLE}
        _refuse_two_lines(table, works, *table.lines[:1], table.above)
        names = ", ".join(each.name for each in columns)
        raise UnreadableFile(_("No column is called as an assessment: %s.") % names, "missing_columns")
    if table.rivals:
        names = ", ".join(table.rivals)
        raise UnreadableFile(
            _("More than one sheet holds scores: %s. Save each as a file of its own.") % names, "sheets"
        )
    _refuse_doubles(table, columns)
    percents = {each.id for each in columns if PERCENT.search(_header(table, each))}
    rows = [_read_row(table, line, columns, percents) for line in table.lines]
    rows = [row for row in rows if row.who or row.scores or row.problems]
    if not rows:
        raise UnreadableFile(_("There is no row below the heading."), "empty")
    return rows


def _refuse_two_lines(table: Table, missing: Mapping[str, Synonyms], *lines: Line | None) -> None:
    """Say that what is missing in the heading stands in the line beside it, as under a merged cell."""
    for line in lines:
        if line is not None and match_headers([text_of(cell) for cell in line.cells], missing, {}):
            first, second = sorted((table.line, line.line))
            text = _(
                "The heading stands in two lines, %(first)d and %(second)d. Write the name of each column into "
                "line %(second)d, without merged cells, and delete line %(first)d."
            )
            raise UnreadableFile(text % {"first": first, "second": second}, "two_lines")


def _refuse_doubles(table: Table, columns: Sequence[Column]) -> None:
    """Two columns of one name may hold two different scores; nobody is guessed for."""
    headers = [_words(header) for header in table.headers]
    for each in columns:
        if str(each.id) in table.columns and headers.count(headers[table.columns[str(each.id)]]) > 1:
            raise UnreadableFile(_("Two columns are called %s. Leave one.") % each.name, "double_column")


def _header(table: Table, column: Column) -> str:
    place = table.columns.get(str(column.id))
    return "" if place is None else table.headers[place].casefold()


def _words(name: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", name.casefold()))


def _read_row(table: Table, line: Line, columns: Sequence[Column], percents: set[int]) -> ScoreRow:
    number = clean_text(text_of(line.cell(table.columns.get("number"))), 30)
    who = number or clean_text(text_of(line.cell(table.columns.get("email"))), 254).lower()
    scores: dict[int, int] = {}
    problems = []
    for column in columns:
        if str(column.id) not in table.columns:
            continue
        typed = ascii_digits(text_of(line.cell(table.columns[str(column.id)]))).strip()
        if column.id in percents and typed[-1:].isdigit():
            typed += "%"
        try:
            points = read_points(typed, column.points)
        except ValidationError as error:
            problems.append(f"{column.name}: {error.messages[0]}")
            continue
        if points is not None:
            scores[column.id] = points
    return ScoreRow(line.row, line.line, who, scores, tuple(problems))
