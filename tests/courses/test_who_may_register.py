"""Who may register, as the courses file says it."""

import pytest

from courses.imports import UnreadableEntry, read_courses, read_programme
from courses.models import Course
from courses.services import import_courses
from tests.factories import BEFORE

pytestmark = pytest.mark.django_db


def document(**fields):
    return {"courses": [{"code": "AI", "title": "Artificial Intelligence", "contact_hours": 12, **fields}]}


def load(**fields):
    given = document(**fields)
    import_courses(programme=read_programme(given), courses=read_courses(given), by=None, at=BEFORE)
    course = Course.objects.get()
    return course.categories, course.earliest_graduation_year, course.minimum_age


def test_a_file_says_who_may_register_and_one_that_does_not_leaves_it():
    assert load() == ([], None, None)
    assert load(categories=["graduate"], earliest_graduation_year=2018, minimum_age=18) == (["graduate"], 2018, 18)
    assert load() == (["graduate"], 2018, 18)
    assert load(categories=[]) == ([], 2018, 18)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"categories": ["student"]}, "categories: must be a list of graduate, professional"),
        ({"categories": "graduate"}, "categories: give a list of texts"),
        ({"earliest_graduation_year": 19}, "earliest_graduation_year: must lie between 1950 and 2100"),
        ({"minimum_age": "old"}, "minimum_age: give a whole number"),
    ],
)
def test_a_wrong_answer_names_its_field(fields, message):
    with pytest.raises(UnreadableEntry, match=message):
        read_courses(document(**fields))
