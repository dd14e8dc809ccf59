"""Reports of many layouts: blocks, sections, logs, summaries; what is no report; what is kept of one."""

import pytest

from cohorts.imports.meetings.reading import Reading
from tests.cohorts.meetings.files import judge_one, read, table
from tests.cohorts.meetings.joins import INSIDE, LANGUAGES, PEOPLE, ROWS, SLOTS, at, by, inside, joins
from trainees.imports.table import UnreadableFile


def test_the_block_about_the_meeting_is_no_person():
    headers, write, answers, _delimiter, _encoding = LANGUAGES["German"]
    block = [["Meeting-ID", "Thema", "Startzeit", "Endzeit", "Benutzer-E-Mail", "Dauer (Minuten)", "Teilnehmer"]]
    block += [["810", "KI", "11.05.2020 09:51:00", "11.05.2020 13:06:00", "x@example.org", "195", "6"], []]

    reading = read(table([*block, *joins(headers, write, answers)], ";"))

    assert reading.header_line == 4
    assert inside(judge_one(reading, SLOTS, PEOPLE)) == INSIDE


def test_a_webinar_has_sections_and_people_who_did_not_come():
    write = by("%b %d, %Y %I:%M:%S %p")
    head = ["Attended", "User Name (Original Name)", "Email", "Join Time", "Leave Time", "Time in Session (minutes)"]
    came = [["Yes", label, "", write(at(start)), write(at(end)), end - start] for label, start, end, w in ROWS if not w]
    rows = [["Attendee Report"], ["Report Generated:", "May 12, 2020 4:28 PM"], ["Host Details"], head, came[-1]]
    rows += [["Panelist Details"], head, *came[:2], ["Attendee Details"], head, *came[2:-1]]
    rows += [["No", "Zain Ali", "", "--", "--", "--"]]

    reading = read(table(rows))
    outcome = judge_one(reading, SLOTS, PEOPLE)

    assert reading.tally.not_attended == 1
    assert inside(outcome) == INSIDE


def test_two_columns_of_one_name_are_the_name_shown_and_the_original():
    rows = [["Name (original name)", "Name (original name)", "Join time", "Leave time"]]
    rows += [["Khan", "Sara Ahmed Khan", "05/11/2020 10:00:00 AM", "05/11/2020 11:00:00 AM"]]

    assert inside(judge_one(read(table(rows)), SLOTS, PEOPLE)) == {1: 3600}


@pytest.mark.parametrize(
    ("headers", "joined", "left"),
    [
        ("Vollständiger Name|Benutzeraktion|Zeitstempel", "Beigetreten", "Verlassen"),
        ("Nom complet|Action de l’utilisateur|Horodateur", "A rejoint", "A quitté"),
        ("Koko nimi|Käyttäjän toiminto|Aikaleima", "Liittynyt", "Poistunut"),
    ],
)
def test_a_log_of_joining_and_leaving_ends_with_the_session(headers, joined, left):
    rows = [headers.split("|")]
    for label, start, end in (("Sara Ahmed Khan", 0, 30), ("Bilal Raza", 5, 60), ("Bilal Raza", 10, 90)):
        rows += [[label, joined, by("%d.%m.%Y, %H:%M:%S")(at(start))], [label, left, by("%d.%m.%Y, %H:%M:%S")(at(end))]]
    rows += [["Hina Malik", joined, by("%d.%m.%Y, %H:%M:%S")(at(60))]]

    outcome = judge_one(read(table(rows, "\t"), encoding="utf-16"), SLOTS, PEOPLE)

    assert inside(outcome) == {1: 1800, 2: 85 * 60, 3: 7200}


def test_a_live_event_log_in_utc_is_understood_by_its_header():
    rows = [["Session Id", "Participant Id", "Full Name", "User Agent", "UtcEventTimestamp", "Action", "Role"]]
    for action, minutes in (("Joined", 0), ("Left", 60)):
        moment = by("%m/%d/%Y %I:%M:%S %p")(at(minutes, -5))
        rows += [["a", "p1", "Sara Ahmed Khan", "Mozilla", moment, action, "Attendee"]]

    assert inside(judge_one(read(table(rows)), SLOTS, PEOPLE)) == {1: 3600}


def test_single_joins_count_before_a_summary_of_the_same_people():
    summary = ["Name", "First Join", "Last Leave", "In-Meeting Duration", "Email", "Participant ID (UPN)", "Role"]
    write = by("%m/%d/%y, %I:%M:%S %p")
    rows = [["1. Summary"], ["Meeting title", "AI"], [], ["2. Participants"], summary]
    rows += [["Bilal Raza", write(at(0)), write(at(180)), "1h 0m 0s", "", "", "Attendee"]]
    activities = [["Bilal Raza", write(at(0)), write(at(30)), "30m 0s", "", "Attendee"]]
    activities += [["Bilal Raza", write(at(150)), write(at(180)), "30m 0s", "", "Attendee"]]
    detail = [[], ["3. In-Meeting Activities"], ["Name", "Join Time", "Leave Time", "Duration", "Email", "Role"]]

    whole = read(table([*rows, *detail, *activities], "\t"), encoding="utf-16")
    alone = read(table(rows, "\t"), encoding="utf-16")

    assert inside(judge_one(whole, SLOTS, PEOPLE)) == {2: 3600}
    assert inside(judge_one(alone, SLOTS, PEOPLE)) == {2: 3600}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\x00\x00\r\n", "empty"),
        (b"%PDF-1.7 x", "wrong_kind"),
        (b"\x00\x01\x02\x03abc" * 100, "wrong_kind"),
        (b"PK\x03\x04 not a workbook", "damaged"),
        (b"a,b\n1,2\n", "no_header"),
        (b"Name,Join time,Leave time\nAli,never,ever\n", "no_rows"),
        (b"First Name,Last Name,Email,Registration Time\nA,B,a@example.org,2020-05-01 10:00:00\n", "registrations"),
    ],
)
def test_what_is_no_attendance_is_refused_with_its_code(content, code):
    with pytest.raises(UnreadableFile) as caught:
        read(content)

    assert caught.value.code == code


def test_what_a_file_says_survives_storing():
    headers, write, answers, _delimiter, _encoding = LANGUAGES["English, US"]
    reading = read(table(joins(headers, write, answers)))

    assert Reading.from_json(reading.to_json()) == reading
