"""Reports in other languages, encodings and ways of writing a moment."""

import pytest

from cohorts.imports.meetings.clock import read_duration, read_stamp
from tests.cohorts.meetings.files import judge_one, read, table
from tests.cohorts.meetings.joins import INSIDE, LANGUAGES, PEOPLE, ROWS, SLASHES, SLOTS, inside, joins


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_understood_in_any_language(language):
    headers, write, answers, delimiter, encoding = LANGUAGES[language]
    reading = read(table(joins(headers, write, answers), delimiter), encoding=encoding)

    outcome = judge_one(reading, SLOTS, PEOPLE)

    assert reading.tally.waiting == 1
    assert inside(outcome) == INSIDE
    assert [each.seen.label for each in outcome.people if each.verdict.verdict == "ignore"] == ["Teacher One"]


@pytest.mark.parametrize("headers", ["Jina|Barua pepe|Muda wa kujiunga|Muda wa kuondoka", "Tên|Thư|Giờ vào|Giờ ra"])
def test_a_language_that_we_do_not_know_is_read_by_what_stands_in_the_cells(headers):
    first, *rest = (row[:4] for row in joins(headers, SLASHES, "a b"))
    rows = [first, *(row for row, (*_joined, waits) in zip(rest, ROWS, strict=True) if not waits)]

    assert inside(judge_one(read(table(rows)), SLOTS, PEOPLE)) == INSIDE


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h 2m 3s", 3723),
        ("1 hr 2 min", 3720),
        ("62", 3720),
        ("PT1H2M", 3720),
        ("01:02:03", 3723),
        ("2m 10s", 130),
        ("1 Std. 2 Min.", 3720),
        ("1 saat 2 dk", 3720),
        ("1 小时 2 分钟", 3720),
        ("1 گھنٹہ 2 منٹ", 3720),
        ("٦٢", 3720),
        ("many", None),
        ("", None),
        ("1 parsec", None),
    ],
)
def test_durations_in_any_dress(text, seconds):
    assert read_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "day", "seconds"),
    [
        ("5/11/2020, 9:51:00 AM", "5/11/2020", 35_460),
        ("\u200e5\u200e/\u200e11\u200e/\u200e2020, 9:51:00\u202fAM", "5/11/2020", 35_460),
        ("11.05.20 12:00:01 a. m.", "11/05/20", 1),
        ("2020-05-11T09:51:00", "2020-05-11", 35_460),
        ("11. Mai 2020 09:51:00", "2020-05-11", 35_460),
        ("11 مئی 2020 09:51", "2020-05-11", 35_460),
        ("2020年5月11日 下午1:05:00", "2020-05-11", 47_100),
        ("12:05 PM", "", 43_500),
    ],
)
def test_moments_in_any_dress(text, day, seconds):
    stamp = read_stamp(text)

    assert (stamp.day, stamp.seconds) == (day, seconds)


@pytest.mark.parametrize("text", ["Ali Khan", "25:61:00", "31/02/2020", "", "12", "99:99"])
def test_what_is_no_moment_is_none(text):
    assert read_stamp(text) is None
