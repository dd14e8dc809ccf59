"""Registers of marks, forms and lists of names: who was there without a clock."""

import io
from datetime import timedelta

import openpyxl
import pytest

from cohorts.imports.meetings.placing import place
from tests.cohorts.meetings.files import KARACHI, judge_one, read, table
from tests.cohorts.meetings.joins import DAY, PEOPLE, SLOTS


def marks(rows):
    reading = read(table(rows)) if isinstance(rows, list) else read(rows, "register.xlsx")
    placed = place(reading, SLOTS, KARACHI)
    assert reading.kind == "register"
    return {
        pk: {reading.people[n].label: mark for n, mark in found.items()} for pk, found in sorted(placed.marks.items())
    }


@pytest.mark.parametrize(
    ("header", "days"),
    [
        (["11/5/20", "12/5/20", "13/5/20"], [1, 2, 3]),
        (["5/11", "5/12", "Total"], [1, 2]),
        (["11-May", "Tue 12 May", "May 13"], [1, 2, 3]),
        (["11", "12", "13"], [1, 2, 3]),
        (["Session 1", "S2", "Class 3"], [1, 2, 3]),
        (["۱۱/۵/۲۰۲۰", "۱۲/۵/۲۰۲۰", "کل"], [1, 2]),
    ],
)
def test_the_columns_of_a_register_are_days_however_they_are_written(header, days):
    rows = [
        ["Attendance, May 2020"],
        ["Sr", "Roll No", "Name", *header],
        ["1", "T-20-00002", "Bilal Raza", "P", "A", "L"],
    ]

    assert marks(rows) == {day: {"Bilal Raza": sign} for day, sign in zip(days, "PAL", strict=False)}


def test_a_register_with_names_and_days_on_two_lines():
    book = openpyxl.Workbook()
    for row in (
        ["Sr", "Trainee No", "Name", "May"],
        [None, None, None, DAY, DAY + timedelta(days=1)],
        [1, "T-20-00002", "Bilal Raza", "P", "A"],
    ):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)

    assert marks(content.getvalue()) == {1: {"Bilal Raza": "P"}, 2: {"Bilal Raza": "A"}}


@pytest.mark.parametrize(
    ("mark", "status"),
    [
        *[(sign, "present") for sign in ("P", "p", "✓", "✔", "1", "Present", "حاضر", "ح")],
        *[(sign, "absent") for sign in ("A", "ab", "✗", "0", "Absent", "غیر حاضر", "غ")],
        *[(sign, "late") for sign in ("L", "late", "L 10", "دیر")],
        *[(sign, "excused") for sign in ("Leave", "lv", "Sick", "رخصت", "چھٹی")],
        *[(sign, "") for sign in ("", "H", "Holiday", "-", "عید")],
        *[(sign, "?") for sign in ("zz", "?", "P/A")],
    ],
)
def test_the_signs_of_a_register(mark, status):
    rows = [["Name", "11/05/2020"], ["Bilal Raza", mark], ["Hina Malik", "P"], ["Anum Noor", "P"]]

    outcome = judge_one(read(table(rows)), SLOTS, PEOPLE)

    assert outcome.of[2][0].status == status


def test_the_legend_of_a_register_says_what_its_signs_mean():
    rows = [["P = Present, A = Absent, L = Leave"], ["Name", "11/05/2020"], ["Bilal Raza", "L"], ["Hina Malik", "P"]]

    assert judge_one(read(table(rows)), SLOTS, PEOPLE).of[2][0].status == "excused"


def test_a_form_is_presence_by_part_of_the_number_and_no_is_absent():
    rows = [["Timestamp", "Username", "Your Name", "Roll No.", "Are you present?"]]
    rows += [["05/11/2020 10:02:00", "", "bilal raza", "2", "Yes"], ["05/11/2020 10:03:00", "", "", "T-20-00003", "No"]]
    rows += [
        ["05/11/2020 10:04:00", "anum.noor.5@example.org", "A", "", "Yes"],
        ["05/11/2020 10:05:00", "", "x", "4", "Yes"],
    ]

    outcome = judge_one(read(table(rows)), SLOTS, PEOPLE)

    assert {pk: met[0].status for pk, met in outcome.of.items()} == {2: "present", 3: "absent", 5: "present"}


def test_a_pasted_list_of_names_is_read_line_by_line():
    text = "1. Sara Ahmed Khan ✅\n2) bilal raza - present\n• Hina Malik <hina.malik.3@example.org>\n\nunknown person\n"

    outcome = judge_one(read(text, "pasted"), SLOTS, PEOPLE, wanted={1})

    assert sorted(outcome.of) == [1, 2, 3]
    assert [each.seen.label for each in outcome.waiting()] == ["unknown person"]
