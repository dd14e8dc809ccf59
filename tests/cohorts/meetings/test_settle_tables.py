"""How a table is read is settled by a person: encoding, delimiter, sheet, headings, columns."""

import io

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook

from cohorts.models import ReportPerson
from tests.cohorts.meetings.files import HEADER, NAMES, row, table
from tests.cohorts.meetings.reports import add, add_failing, facts, people, settle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


def test_an_encoding_is_changed_and_names_read_by_it(cohort):
    content = table([["Имя", "Время входа", "Время выхода"], ["Сара", "04.05.2020 10:00", "04.05.2020 13:00"]])
    file = add(cohort, content.encode("cp1251"))

    settle(file, encoding="cp1256")
    wrong = set(people())
    settle(file, encoding="cp1251")

    assert set(people()) == {"Сара"} != wrong
    assert (facts(file)["encoding"], facts(file)["encoding_source"]) == ("cp1251", "given")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_an_encoding_in_which_the_file_is_no_text_is_refused_and_changes_nothing(cohort, encoding):
    file = add(cohort, table([HEADER, *(row(name) for name in NAMES)]))
    before = people()

    with pytest.raises(ValidationError, match="this file is no text") as caught:
        settle(file, encoding=encoding)

    assert set(caught.value.message_dict) == {"encoding"}
    assert people() == before
    file.refresh_from_db()
    assert (file.state, file.settled) == ("read", {})


def test_text_of_another_encoding_than_utf_8_is_refused_as_utf_8(cohort):
    file = add(cohort, table([HEADER, row("Zoë Müller")]).encode("cp1252"))

    with pytest.raises(ValidationError, match="no text"):
        settle(file, encoding="utf-8")


def test_utf_16_with_its_mark_may_be_named(cohort):
    file = add(cohort, table([HEADER, row("Sara Ahmed Khan")], "\t").encode("utf-16"))

    settle(file, encoding="utf-16-le", delimiter="\t")

    assert people() == {"Sara Ahmed Khan": ("match", 10800)}


def test_a_delimiter_is_changed(cohort):
    content = "Name|Join Time|Leave Time|Note\r\n" + "".join(
        f"{name}|2020-05-04 10:00|2020-05-04 13:00|a,b,c,d,e,f,g,h\r\n" for name in NAMES
    )
    file = add(cohort, content)
    met = dict.fromkeys(NAMES, ("match", 10800))
    assert people() == met  # more commas than bars, but the bars part the headings

    effect = settle(file, delimiter=";")
    assert effect.after != effect.before  # whole lines as names
    settle(file, delimiter="|")

    assert (people(), facts(file)["delimiter"]) == (met, "|")


def test_one_sheet_of_a_workbook_is_chosen(cohort):
    book = Workbook()
    for name, who in (("Old", "Hina Malik"), ("New", "Bilal Raza")):
        sheet = book.create_sheet(name)
        for cells in (["Name", "Join Time", "Leave Time"], [who, "2020-05-04 10:00", "2020-05-04 13:00"]):
            sheet.append(cells)
    del book["Sheet"]
    raw = io.BytesIO()
    book.save(raw)
    file = add(cohort, raw.getvalue(), "week.xlsx")
    assert set(people()) == {"Hina Malik", "Bilal Raza"}

    settle(file, sheet="New")

    assert set(people()) == {"Bilal Raza"}
    with pytest.raises(ValidationError, match="no sheet Other"):
        settle(file, sheet="Other")


def test_headings_that_nobody_knows_are_pointed_at(cohort):
    rows = [["Report of today"], ["x", "y"], *([name, "180"] for name in NAMES)]
    file = add_failing(cohort, table(rows))

    settle(file, header_line=2, columns={0: "name", 1: "duration"})

    assert people() == dict.fromkeys(NAMES, ("match", 10800))
    assert facts(file)["header_line"] == 2


@pytest.mark.parametrize(("line", "why"), [(40, "the file ends with line 5"), (2, "it is empty")])
def test_a_heading_line_that_the_file_does_not_have_is_refused(cohort, line, why):
    file = add(cohort, table([HEADER, [], *(row(name) for name in NAMES[:3])]))

    with pytest.raises(ValidationError, match=f"Line {line} cannot be the headings: {why}") as caught:
        settle(file, header_line=line)

    assert set(caught.value.message_dict) == {"header_line"}


def test_a_column_is_given_another_meaning(cohort):
    rows = [[*HEADER, "Account"], *([*row(f"guest {n}"), name] for n, name in enumerate(NAMES))]
    file = add(cohort, table(rows))
    assert set(people()) == {"guest 0", "guest 1", "guest 2", "guest 3"}

    settle(file, header_line=1, columns={0: "nothing", 6: "name"})

    assert people() == dict.fromkeys(NAMES, ("match", 10800))


def test_joining_and_leaving_are_swapped(cohort):
    rows = [["Name", "Left", "Joined"], *([name, "2020-05-04 10:00", "2020-05-04 13:00"] for name in NAMES)]
    file = add_failing(cohort, table(rows))

    settle(file, header_line=1, columns={1: "join", 2: "leave"})

    assert people() == dict.fromkeys(NAMES, ("match", 10800))


def test_rows_of_the_waiting_room_can_be_counted_in(cohort):
    rows = [[*HEADER, "In Waiting Room"], [*row("Sara Ahmed Khan"), "Yes"], [*row("Bilal Raza"), "No"]]
    file = add(cohort, table(rows))
    assert set(people()) == {"Bilal Raza"}

    settle(file, header_line=1, columns={6: "nothing"})

    assert set(people()) == {"Sara Ahmed Khan", "Bilal Raza"}


def test_a_column_of_marks_without_a_day_is_of_this_session(cohort):
    sheet = table([["Roll", "Student", "First class"], *([n, name, "P"] for n, name in enumerate(NAMES, 1))])
    file = add_failing(cohort, sheet)

    settle(file, header_line=1, columns={0: "nothing", 1: "name", 2: "mark"})

    met = ReportPerson.objects.filter(rows__gt=0)
    assert {each.label: (each.verdict, each.status) for each in met} == dict.fromkeys(NAMES, ("match", "present"))


def test_a_column_that_only_some_lines_reach_is_no_error(cohort):
    rows = [["Report"], HEADER[:4], *(row(name)[:4] for name in NAMES), ["a", "b", "c", "d", "e", "f", "g", "h"]]
    file = add(cohort, table(rows))

    settle(file, header_line=2, columns={7: "stamp"})

    assert {label for label, (verdict, _seconds) in people().items() if verdict == "match"} == set(NAMES)


def test_columns_that_leave_nobody_are_refused(cohort):
    file = add(cohort, table([HEADER, *(row(name) for name in NAMES)]))

    with pytest.raises(ValidationError, match="no row with a person and a time"):
        settle(file, header_line=1, columns={2: "leave", 3: "nothing", 1: "join"})

    assert set(people()) == set(NAMES)
