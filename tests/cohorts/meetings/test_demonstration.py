"""The 44 files of the demonstration in twelve formats, each person against the answers (issue 4 §4)."""

import pytest

from tests.cohorts.meetings.demonstration import Programme, score


@pytest.fixture(scope="module")
def table():
    return score(Programme())


def test_every_format_is_understood_and_finds_its_session(table):
    assert len(table) == 12
    assert sum(counts["files"] for counts in table.values()) == 44
    assert sum(counts["wrong sessions"] for counts in table.values()) == 0


def test_everyone_who_can_be_found_is_found_and_nobody_else(table):
    assert {
        name: counts["match"] - counts["found"] for name, counts in table.items() if counts["match"]
    } == dict.fromkeys((name for name, counts in table.items() if counts["match"]), 0)
    assert sum(counts["found"] for counts in table.values()) == 1367
    assert sum(counts["wrong"] for counts in table.values()) == 0


def test_who_is_not_certain_waits_and_the_instructor_is_ignored(table):
    assert sum(counts["review"] for counts in table.values()) == 92
    assert sum(counts["review missed"] + counts["ignore missed"] for counts in table.values()) == 0


def test_seconds_agree_where_the_file_has_moments(table):
    assert sum(counts["union off"] for counts in table.values()) == 0
    assert sum(counts["inside off"] for counts in table.values()) == 0


def test_marks_of_registers_and_forms_are_exact(table):
    assert sum(counts["marks"] for counts in table.values()) == 240
    assert sum(counts["marks off"] for counts in table.values()) == 0
