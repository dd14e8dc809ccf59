"""Files of the known kinds as other systems, languages and hands make them: understood, exact, nobody for another."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.cohorts.meetings.files import KARACHI, judge_one, read, roster, slot, table

NAMES = ("Sara Ahmed Khan", "Bilal Raza", "Hina Malik", "Usman Butt", "Zain Naqvi", "Iqra Khatoon")
SLOTS = [slot(n, day) for n, day in enumerate(("2020-05-04", "2020-05-11", "2020-05-12", "2020-11-05"), 1)]
SESSION = SLOTS[1]
STAYS = [(1200 * n, 7200 + 300 * n) for n in range(len(NAMES))]  # seconds after the start: joined, left
HEADER = ["Name", "Email", "Join Time", "Leave Time", "Duration (Minutes)"]


def local(second):
    return datetime.fromtimestamp(SESSION.start + second, ZoneInfo(KARACHI)).replace(tzinfo=None)


def us(moment):
    return f"{moment:%m/%d/%Y %I:%M:%S %p}"


def twelve(before, after, day="{d.day}/{d.month}/{d.year}", wanted="{day} {h}:{d:%M:%S} {half}"):
    def write(d):
        return wanted.format(day=day.format(d=d), h=d.hour % 12 or 12, d=d, half=after if d.hour > 11 else before)

    return write


def rows_of(write=us, header=HEADER, label=lambda name: name, email=""):
    people = [
        [label(name), email, write(local(a)), write(local(b)), (b - a) // 60]
        for name, (a, b) in zip(NAMES, STAYS, strict=True)
    ]
    return [list(header), *people]


def met(content, name="report.csv", wanted=()):
    outcome = judge_one(read(content, name), SLOTS, roster(*NAMES), wanted=wanted)
    return {NAMES[pk - 1]: outcome.stay(pk).seconds_in_session for pk in outcome.of}


EXACT = {name: b - a for name, (a, b) in zip(NAMES, STAYS, strict=True)}


@pytest.mark.parametrize(
    "write",
    [
        twelve("قبل دوپہر", "بعد دوپہر"),
        twelve("ق.ظ.", "ب.ظ."),
        twelve("π.μ.", "μ.μ."),
        twelve("SA", "CH"),
        twelve("de.", "du.", "{d.year}. {d:%m}. {d:%d}."),
        twelve("dop.", "odp.", "{d:%d.%m.%Y}"),
        twelve("fm", "em", "{d:%Y-%m-%d}"),
        twelve("ก่อนเที่ยง", "หลังเที่ยง"),
        twelve("ДП", "ПП", "{d:%d.%m.%Y}"),
        twelve("오전", "오후", "{d.year}. {d.month}. {d.day}.", "{day} {half} {h}:{d:%M:%S}"),
        twelve("午前", "午後", "{d:%Y/%m/%d}", "{day} {half}{h}:{d:%M:%S}"),
        lambda d: f"{(d - datetime(1899, 12, 30)).total_seconds() / 86400:.8f}",
        lambda d: str(int(d.replace(tzinfo=ZoneInfo(KARACHI)).timestamp())),
        lambda d: str(int(d.replace(tzinfo=ZoneInfo(KARACHI)).timestamp() * 1000)),
        lambda d: f"{d - timedelta(hours=5):%Y-%m-%dT%H:%M:%S.250Z}",
    ],
)
def test_moments_are_read_in_any_clock(write):
    assert met(table(rows_of(write))) == EXACT


def test_headings_part_the_columns_where_cells_hold_more_of_another_sign():
    rows = [[*row, "a,b,c,d,e,f" if n else "Note"] for n, row in enumerate(rows_of())]

    assert met(table(rows, "|")) == EXACT


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_without_headings_is_read_by_its_cells(delimiter):
    assert met(table(rows_of()[1:], delimiter)) == EXACT


def test_blank_lines_and_sums_do_not_end_or_join_a_table():
    lines = table(rows_of()).split("\r\n")
    lines[3:3] = ["", ",,,,", ""]
    content = "\r\n".join([*lines, "Total,,,,720", "", "Total,,05/11/2020 09:00:00 AM,05/11/2020 01:00:00 PM,240"])

    assert met(content) == EXACT


def test_days_may_stand_in_a_column_of_their_own():
    one = [["Name", "Date", "Time In", "Time Out"]]
    two = [["Name", "Join Date", "Join Time", "Leave Date", "Leave Time"]]
    for name, (a, b) in zip(NAMES, STAYS, strict=True):
        clocks = [f"{local(a):%I:%M:%S %p}", f"{local(b):%I:%M:%S %p}"]
        one.append([name, f"{local(a):%d/%m/%Y}", *clocks])
        two.append([name, f"{local(a):%m/%d/%Y}", clocks[0], f"{local(b):%m/%d/%Y}", clocks[1]])

    assert met(table(one)) == met(table(two)) == EXACT


def test_a_web_page_that_calls_itself_a_workbook_is_read():
    cells = "".join(f"<tr>{''.join(f'<td>{cell}' for cell in row)}</tr>" for row in rows_of())
    page = f"<html><head><title>x</title></head><body><table border=1>{cells}</table></body></html>"

    assert met(page, "report.xls") == EXACT
    assert met(page.encode("utf-16"), "report.xls") == EXACT


def test_the_xml_of_an_old_workbook_is_read_with_cells_left_out():
    def cell(at, value):
        return f'<Cell ss:Index="{at}"><Data ss:Type="String">{value}</Data></Cell>' if value else ""

    lines = ["".join(cell(at, value) for at, value in enumerate(row, 1)) for row in rows_of()]
    inside = "".join(f"<Row>{line}</Row>" for line in lines)
    book = f'<?xml version="1.0"?><Workbook xmlns:ss="x"><Worksheet><Table>{inside}</Table></Worksheet></Workbook>'

    assert met(book, "report.xls") == EXACT


def test_last_name_first_is_a_name_unless_it_is_two_peoples():
    turned = table(rows_of(label=lambda name: f"{name.split()[-1]}, {' '.join(name.split()[:-1])}"))
    assert met(turned) == EXACT

    outcome = judge_one(read(turned), SLOTS, roster(*NAMES, "Raza Bilal"))

    assert {each.seen.label for each in outcome.waiting()} == {"Raza, Bilal"}


def test_a_list_may_say_late_and_leave():
    said = ("Present", "P", "Late", "L", "Leave", "Absent")
    rows = [["Name", "Status"], *([name, sign] for name, sign in zip(NAMES, said, strict=True))]

    outcome = judge_one(read(table(rows), "2020-05-11.csv"), SLOTS, roster(*NAMES), wanted={SESSION.id})

    assert [outcome.of[n][0].status for n in range(1, 7)] == ["present", "present", "late", "late", "excused", "absent"]


@pytest.mark.parametrize(
    ("label", "email"),
    [
        ("Bilal Raza", "sara.ahmed.khan.1@example.org"),  # address of one, name of another
        ("T-20-00003 Usman Butt", ""),  # number of one, name of another
        ("T-21-00003", ""),  # number of another year
        ("Raza", ""),
        ("Sara", ""),
        ("Bilal R.", ""),
        ("Hina Malik's iPhone (Zain Naqvi)", ""),
        ("Sara Ahmed Khan, Bilal Raza", ""),  # two on one device
        ("iPhone", ""),
        ("Malik Hina Khan", ""),
        ("Zain Naqvi Junior", ""),
    ],
)
def test_who_is_not_certain_is_matched_to_nobody(label, email):
    rows = [HEADER, [label, email, us(local(0)), us(local(3600)), 60]]

    outcome = judge_one(read(table(rows)), SLOTS, roster(*NAMES))

    assert outcome.of == {}
