"""The page of a report shows what was assumed of a file and takes what a person settles."""

import pytest

from cohorts.models import MeetingFile
from tests.cohorts.meetings.files import HEADER, NAMES, row, table
from tests.cohorts.meetings.reports import add, add_failing, people
from tests.factories import make_cohort, make_instructor, make_office

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


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

    assert client.post(f"/teach/report-files/{file.pk}/settle/", {"time_zone": "UTC"}).status_code == 404
    file.refresh_from_db()
    assert file.settled == {}
