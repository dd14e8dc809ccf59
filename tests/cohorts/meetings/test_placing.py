"""Day, time zone and session of a report, where the file leaves them open."""

import pytest

from cohorts.imports.meetings.placing import place
from tests.cohorts.meetings.files import KARACHI, judge_one, read, slot, table
from tests.cohorts.meetings.joins import INSIDE, LANGUAGES, PEOPLE, SLOTS, at, by, inside, joins

BOTH_DAYS = [slot(1, "2020-05-06"), slot(2, "2020-06-05")]  # 6 May, 5 June
TWO_READINGS = "Name,Join time,Leave time\r\nBilal Raza,06/05/2020 10:00:00,06/05/2020 13:00:00\r\n"


@pytest.mark.parametrize(
    ("shift", "zone"),
    [(-5, "UTC"), (-9, "America/New_York"), (-12, "America/Los_Angeles"), (-4, "Europe/London"), (-1, "Asia/Dubai")],
)
def test_the_time_zone_is_found_by_the_sessions_time(shift, zone):
    headers, write, answers, _delimiter, _encoding = LANGUAGES["English, US"]
    reading = read(table(joins(headers, write, answers, shift)))

    placed = place(reading, SLOTS, KARACHI)

    assert (placed.zone.value, placed.zone.source, placed.zone.sure) == (zone, "session", False)
    assert inside(judge_one(reading, SLOTS, PEOPLE)) == INSIDE


@pytest.mark.parametrize("pattern", ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%dT%H:%M:%S.000+00:00"])
def test_an_offset_in_the_file_is_taken_as_it_says(pattern):
    reading = read(table(joins("Name|Email|Join|Leave|Duration|Guest|Waiting room", by(pattern), "Yes No", -5)))

    assert place(reading, SLOTS, KARACHI).zone.source == "file"
    assert inside(judge_one(reading, SLOTS, PEOPLE)) == INSIDE


def test_a_report_across_midnight_belongs_to_the_day_it_starts():
    night = [slot(1, "2020-05-11", "22:00", "01:00"), slot(2, "2020-05-13", "22:00", "01:00")]
    rows = [["Name", "Join time", "Leave time"], ["Bilal Raza", "05/11/2020 10:05:00 PM", "05/12/2020 12:50:00 AM"]]

    assert inside(judge_one(read(table(rows)), night, PEOPLE)) == {2: 9900}


@pytest.mark.parametrize(("wanted", "day"), [((1,), "2020-05-06"), ((2,), "2020-06-05")])
def test_a_date_with_two_readings_is_that_of_the_session_meant(wanted, day):
    placed = place(read(TWO_READINGS), BOTH_DAYS, KARACHI, wanted=wanted)

    assert placed.days == (day,)
    assert set(placed.stays) == set(wanted)


def test_a_date_with_two_readings_and_no_hint_is_assumed_and_said_to_be():
    order = place(read(TWO_READINGS), BOTH_DAYS, KARACHI).order

    assert (order.source, order.sure) == ("assumed", False)


@pytest.mark.parametrize(
    ("headers", "write", "name"),
    [
        ("Vorname|Nachname|E-Mail-Adresse|Dauer|Beitrittszeit|Zeit des Verlassens", "%H:%M", "2020-05-11 10_00 AI.csv"),
        ("Prénom|Nom|Adresse e-mail|Durée|Heure d'arrivée|Heure de départ", "%H:%M", "Présence 11-05-2020.csv"),
        ("名|姓|メールアドレス|時間|参加時刻|退出時刻", "%H:%M", "2020-05-11.csv"),
        ("First name|Last name|Email|Duration|Time joined|Time exited", "%I:%M %p", "5-11-20 Attendance.csv"),
    ],
)
def test_clocks_without_a_day_take_it_from_the_name_of_the_file(headers, write, name):
    rows = [headers.split("|"), ["Bilal", "Raza", "", "1 h 0 min", at(0).strftime(write), at(60).strftime(write)]]

    assert inside(judge_one(read(table(rows), name), SLOTS, PEOPLE)) == {2: 3600}


def test_clocks_without_any_day_need_the_session_meant():
    rows = [["Name", "Time joined", "Time exited"], ["Bilal Raza", "10:00 AM", "11:00 AM"]]
    reading = read(table(rows), "attendance.csv")

    assert place(reading, SLOTS, KARACHI).unplaced
    assert inside(judge_one(reading, SLOTS, PEOPLE, wanted={2})) == {2: 3600}


@pytest.mark.parametrize("day", ["2020-05-12", "12-05-2020", "20200512", "5-12-20"])
def test_a_list_takes_its_day_from_the_name_of_the_file(day):
    placed = place(read("Sara Ahmed Khan\nBilal Raza\n", f"Attendance {day}.txt"), SLOTS, KARACHI)

    assert list(placed.marks) == [2]


def test_two_sessions_of_one_day_are_kept_apart():
    slots = [slot(1, "2020-05-16", "09:30", "12:30"), slot(2, "2020-05-16", "14:00", "17:00")]
    rows = [["Name", "Join time", "Leave time"]]
    rows += [["Sara Ahmed Khan", "2020-05-16 09:30:00", "2020-05-16 12:30:00"]]
    rows += [["Bilal Raza", "2020-05-16 14:00:00", "2020-05-16 17:00:00"]]

    placed = place(read(table(rows)), slots, KARACHI)

    assert {pk: placed.stays[pk][pk - 1].seconds_in_session for pk in placed.stays} == {1: 10_800, 2: 10_800}
