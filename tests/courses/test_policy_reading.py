"""The completion rule of the courses file is read exactly, or refused by the name of its field (R17, R30)."""

import pytest
from django.core.exceptions import ValidationError

from courses.imports import read_courses

WORKS = [{"name": "Quiz", "weight": 40}, {"name": "Final project", "weight": 60}]


def read(**rule):
    entry = {"code": "AI", "title": "AI", "contact_hours": 12, "completion_rule": rule}
    return read_courses([entry])[0].policy


@pytest.mark.parametrize(
    ("said", "read_as"),
    [
        ("minutes present inside the scheduled time / scheduled minutes of all held sessions", "minutes"),
        ("Minutes", "minutes"),
        ("sessions attended of all held", "sessions"),
        ("Session", "sessions"),
    ],
)
def test_minutes_or_sessions_is_what_the_text_begins_with(said, read_as):
    assert read(counted_by=said).counted_by == read_as


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"counted_by": "hours"}, "counted_by"),
        ({"counted_by": "of all sessions"}, "counted_by"),
        ({"inclusive": "no"}, "inclusive"),
        ({"inclusive": 0}, "inclusive"),
        ({"final_project_required": "yes", "assessments": WORKS}, "final_project_required"),
        ({"final_project_required": True}, "final_project_required"),
        ({"assessments": [{**WORKS[0], "required": "false"}]}, "required"),
    ],
)
def test_what_cannot_be_read_is_named_and_never_guessed(rule, field):
    with pytest.raises(ValidationError) as refused:
        read(**rule)

    assert f": {field}: " in refused.value.messages[0]


def test_the_minimum_is_inclusive_unless_the_file_says_no():
    assert (read().inclusive, read(inclusive=True).inclusive, read(inclusive=False).inclusive) == (True, True, False)


def test_a_required_project_is_the_one_called_so_or_marked_so():
    called = read(final_project_required=True, assessments=WORKS)
    marked = read(assessments=[{**WORKS[0], "required": True}, WORKS[1]])

    assert [work.required for work in called.assessments] == [False, True]
    assert [work.required for work in marked.assessments] == [True, False]
