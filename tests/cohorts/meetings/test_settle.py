"""What was assumed of a file is shown and changed: encoding, delimiter, headings, columns, dates, clocks, signs."""

import io

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook

from audit.models import AuditEntry
from cohorts.imports.meetings.given import Given
from cohorts.models import Alias, MeetingFile, MeetingReport, ReportPerson
from cohorts.services.meetings import (
    add_file,
    confirm_report,
    decide_person,
    propose_report,
    read_kept,
    settle_file,
    share_files,
)
from tests.cohorts.meetings.files import HEADER, NAMES, row, table
from tests.factories import LATER, make_cohort, make_instructor, make_office

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


def add(cohort, content, name="participants.csv", number=1):
    content = content.encode() if isinstance(content, str) else content
    return add_file(session=cohort.sessions.get(number=number), name=name, chunks=[content], by=None, at=LATER).file


def add_failing(cohort, content, name="participants.csv"):
    with pytest.raises(ValidationError):
        add(cohort, content, name)
    return MeetingFile.objects.get()


def settle(file, **given):
    return settle_file(file=file, given=Given(**given), by=None, at=LATER)


def people():
    return {each.label: (each.verdict, each.seconds_in_session) for each in ReportPerson.objects.filter(rows__gt=0)}


def facts(file):
    return MeetingReport.objects.get().assumed[str(file.pk)]


def test_a_time_zone_settled_by_a_person_is_followed_at_once(cohort):
    file = add(cohort, table([HEADER, row("Sara Ahmed Khan", "04:30:00", "08:00:00")]))
    assert people() == {"Sara Ahmed Khan": ("match", 3 * 3600)}  # found to be UTC

    effect = settle(file, time_zone="Asia/Karachi")

    assert people() == {}
    assert (effect.before, effect.after) == ((1, 0), (0, 0))
    assert facts(file)["zone"] == {"value": "Asia/Karachi", "source": "given", "sure": True}


def test_two_files_of_a_report_keep_their_own_zones(cohort):
    first = add(cohort, table([HEADER, row("Sara Ahmed Khan", "05:00:00", "06:00:00")]))
    second = add(cohort, table([HEADER, row("Sara Ahmed Khan", "11:00:00", "12:00:00")]), "second.csv")

    settle(first, time_zone="UTC")
    settle(second, time_zone="Asia/Karachi")

    assert people() == {"Sara Ahmed Khan": ("match", 2 * 3600)}


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


@pytest.mark.parametrize(
    ("given", "field", "text"),
    [
        ({"columns": {0: "email", 1: "email"}, "header_line": 1}, "columns", "Columns 1 and 2 are both called"),
        ({"columns": {17: "email"}, "header_line": 1}, "columns", "There is no column 18: the table has 6"),
        ({"columns": {1: "shoe size"}, "header_line": 1}, "columns", "No column can mean"),
        ({"encoding": "rot13"}, "encoding", "no encoding that we read"),
        ({"delimiter": "x"}, "delimiter", "Choose a comma"),
        ({"header_line": -1}, "header_line", "Give a line from 1"),
        ({"date_order": "dym"}, "date_order", "dmy, mdy or ymd"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "no time zone of this name"),
        ({"time_zone": "\x00"}, "time_zone", "no time zone of this name"),
        ({"late_sign": "lazy"}, "late_sign", "late or leave"),
    ],
)
def test_nonsense_is_refused_by_field_and_changes_nothing(cohort, given, field, text):
    file = add(cohort, table([HEADER, *(row(name) for name in NAMES)]))
    before = people()

    with pytest.raises(ValidationError, match=text) as caught:
        settle(file, **given)

    assert set(caught.value.message_dict) == {field}
    assert people() == before
    assert not AuditEntry.objects.filter(act="meeting.settle").exists()


def test_columns_that_leave_nobody_are_refused(cohort):
    file = add(cohort, table([HEADER, *(row(name) for name in NAMES)]))

    with pytest.raises(ValidationError, match="no row with a person and a time"):
        settle(file, header_line=1, columns={2: "leave", 3: "nothing", 1: "join"})

    assert set(people()) == set(NAMES)


def test_a_sign_of_a_register_is_settled(cohort):
    sheet = table([["Name", "04 May 2020"], *zip(NAMES, "PLLA", strict=True)])
    file = add(cohort, sheet)
    assert {each.status for each in ReportPerson.objects.all()} == {"present", "late", "absent"}

    settle(file, late_sign="excused")

    assert {each.status for each in ReportPerson.objects.all()} == {"present", "excused", "absent"}


def test_a_column_of_marks_without_a_day_is_of_this_session(cohort):
    sheet = table([["Roll", "Student", "First class"], *([n, name, "P"] for n, name in enumerate(NAMES, 1))])
    file = add_failing(cohort, sheet)

    settle(file, header_line=1, columns={0: "nothing", 1: "name", 2: "mark"})

    met = ReportPerson.objects.filter(rows__gt=0)
    assert {each.label: (each.verdict, each.status) for each in met} == dict.fromkeys(NAMES, ("match", "present"))


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


def test_decisions_and_aliases_survive_another_reading_and_back(cohort):
    rows = [[*HEADER, "Account"], [*row("bilo"), "Sara Ahmed Khan"], [*row("stranger"), "Hina Malik"]]
    file = add(cohort, table(rows))
    bilal = cohort.enrolments.get(trainee__full_name="Bilal Raza")
    decide_person(person=ReportPerson.objects.get(label="bilo"), enrolment_id=bilal.pk, by=None, at=LATER)
    person = ReportPerson.objects.get(label="stranger")
    decide_person(person=person, enrolment_id=None, by=None, at=LATER, remember=True)
    Alias.objects.create(key="sara", label="sara", trainee=bilal.trainee, confirmed_at=LATER)

    settle(file, header_line=1, columns={0: "nothing", 6: "name"})
    between = people()
    settle(file)

    assert between == {"Sara Ahmed Khan": ("match", 10800), "Hina Malik": ("match", 10800)}
    assert people() == {"bilo": ("match", 10800), "stranger": ("ignore", 10800)}
    assert ReportPerson.objects.get(label="bilo").enrolment == bilal
    assert Alias.objects.count() == 1


def test_a_confirmed_report_is_provisional_again_its_marks_stay_and_the_audit_says_what_changed(cohort):
    teacher = make_instructor(cohort)
    file = add(cohort, table([HEADER, *(row(name) for name in NAMES)]))
    confirm_report(report=file.report, by=teacher, at=LATER)

    settle_file(file=file, given=Given(date_order="dmy"), by=teacher, at=LATER)

    report = MeetingReport.objects.get()
    assert (report.state, report.session.records.count()) == ("provisional", 4)
    entry = AuditEntry.objects.get(act="meeting.settle")
    assert (entry.by_id, entry.detail["changed"]) == (teacher.pk, {"date_order": ["", "dmy"]})
    assert propose_report(report)[0].marks == []  # 5 April is no session: nobody is absent by it


def test_a_large_file_is_tried_on_its_beginning_and_read_by_the_worker(cohort, monkeypatch):
    file = add(cohort, table([HEADER, *(row(name, "05:00:00", "08:00:00") for name in NAMES)]))
    for place in ("files", "settling"):
        monkeypatch.setattr(f"cohorts.services.meetings.{place}.AT_ONCE", 10)
    with pytest.raises(ValidationError, match="no text"):
        settle(file, encoding="utf-16-le")

    effect = settle(file, time_zone="UTC", header_line=1)
    with pytest.raises(ValidationError, match="is being read"):
        settle(file)
    read_kept(file_id=file.pk, at=LATER)

    assert effect.after is None
    assert people() == dict.fromkeys(NAMES, ("match", 10800))


def test_what_was_settled_goes_along_to_another_session(cohort):
    rows = [["a", "b"], *([name, "180"] for name in NAMES)]
    file = add_failing(cohort, table(rows))
    settle(file, header_line=1, columns={0: "name", 1: "duration"})

    shared = share_files(source=cohort.sessions.get(number=1), target=cohort.sessions.get(number=2), by=None, at=LATER)

    assert shared.files.get().settled == {"header_line": 1, "columns": {"0": "name", "1": "duration"}}
    assert shared.people.count() == 4


def test_the_page_shows_the_facts_and_their_fields_and_follows_a_change(cohort, client):
    file = add(cohort, table([HEADER, *(row(name, "05:00:00", "08:00:00") for name in NAMES)]))
    client.force_login(make_instructor(cohort))
    address = f"/teach/sessions/{file.report.session_id}/report/"

    page = client.get(f"{address}?change=1").content.decode()
    answer = client.post(
        f"/teach/report-files/{file.pk}/settle/", {"time_zone": "Asia/Karachi", "column-5": "nothing"}, follow=True
    )

    for field in ("encoding", "header_line", "columns", "date_order", "time_zone"):
        assert f"change=1#field-{field}" in page
        assert f'id="field-{field}"' in page
    assert 'id="field-delimiter"' in page
    assert "Read again: 0 found (before: 4), 0 to review (before: 0)" in answer.content.decode()
    file.refresh_from_db()
    assert file.settled == {"time_zone": "Asia/Karachi", "header_line": 1, "columns": {"5": "nothing"}}
    client.post(f"/teach/report-files/{file.pk}/settle/", {"reset": "1"})
    file.refresh_from_db()
    assert (file.settled, len(people())) == ({}, 4)


def test_the_page_answers_nonsense_at_its_field_and_keeps_what_was_typed(cohort, client):
    file = add(cohort, table([HEADER, *(row(name) for name in NAMES)]))
    client.force_login(make_office())
    wrong = [
        ({"header_line": "900"}, "the file ends with line 5"),
        ({"header_line": "x"}, "Enter a whole number"),
        ({"encoding": "utf-16-le"}, "this file is no text"),
        ({"column-0": "email", "column-1": "email"}, "are both called"),
        ({"column-0": "zzz"}, "Select a valid choice"),
        ({"time_zone": "Mars/Olympus"}, "no time zone of this name"),
    ]

    for data, text in wrong:
        answer = client.post(f"/teach/report-files/{file.pk}/settle/", data)
        assert answer.status_code == 422
        assert text in answer.content.decode()

    assert 'value="Mars/Olympus"' in answer.content.decode()
    assert MeetingFile.objects.get().settled == {}


def test_a_file_that_nobody_understood_has_its_form_open(cohort, client):
    file = add_failing(cohort, table([["a", "b"], *([name, "180"] for name in NAMES)]))
    client.force_login(make_office())

    page = client.get(f"/teach/sessions/{file.report.session_id}/report/").content.decode()

    assert "Say below how it is meant" in page
    assert "Sara Ahmed Khan · 180" in page


def test_the_columns_under_a_heading_line_just_typed_can_be_settled_with_it(cohort, client):
    file = add_failing(cohort, table([["Report"], ["a", "b"], *([name, "180"] for name in NAMES)]))
    client.force_login(make_office())
    address = f"/teach/report-files/{file.pk}/settle/"

    wrong = client.post(address, {"header_line": "2", "column-0": "email", "column-1": "nothing"})
    right = client.post(address, {"header_line": "2", "column-0": "name", "column-1": "duration"}, follow=True)

    page = wrong.content.decode()
    assert wrong.status_code == 422
    assert "Sara Ahmed Khan · Bilal Raza" in page
    assert '<option value="nothing" selected>' in page
    assert "Read again: 4 found (before: 0)" in right.content.decode()
    assert people() == dict.fromkeys(NAMES, ("match", 10800))


def test_a_stranger_settles_nothing(cohort, client):
    file = add(cohort, table([HEADER, row("Sara Ahmed Khan")]))
    client.force_login(make_instructor(make_cohort()))

    assert client.post(f"/teach/report-files/{file.pk}/settle/", {"reset": "1"}).status_code == 404


def test_a_column_that_only_some_lines_reach_is_no_error(cohort):
    rows = [["Report"], HEADER[:4], *(row(name)[:4] for name in NAMES), ["a", "b", "c", "d", "e", "f", "g", "h"]]
    file = add(cohort, table(rows))

    settle(file, header_line=2, columns={7: "stamp"})

    assert {label for label, (verdict, _seconds) in people().items() if verdict == "match"} == set(NAMES)
