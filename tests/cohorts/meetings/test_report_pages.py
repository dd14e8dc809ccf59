"""The pages of a report: from upload to marks, for instructor and office, closed to others."""

import pytest

from tests.cohorts.meetings.files import NAMES, row
from tests.cohorts.meetings.reports import marks, person, upload
from tests.factories import make_cohort, make_instructor, make_office

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


def test_the_pages_walk_from_upload_to_marks(cohort, teacher, client):
    client.force_login(teacher)
    session = cohort.sessions.get(number=1)
    address = f"/teach/sessions/{session.pk}/report/"

    assert b"Nothing is written before you confirm" in client.get(address).content
    client.post(f"{address}files/", {"names": "1. Sara Ahmed Khan\n2. bilo\n"})
    page = client.get(address).content.decode()
    assert "<q>bilo</q>" in page
    bilal = cohort.enrolments.get(trainee__full_name="Bilal Raza")
    client.post(f"/teach/report-people/{person('bilo').pk}/", {"enrolment": bilal.pk, "remember": "1"})
    client.post(f"{address}confirm/", {"absent_rest": "1"})

    assert marks() == {
        "Sara Ahmed Khan": ("present", 180),
        "Bilal Raza": ("present", 180),
        "Hina Malik": ("absent", 0),
        "Usman Butt": ("absent", 0),
    }
    texts = {
        tab: client.get(f"{address}?tab={tab}").content.decode() for tab in ("review", "found", "ignored", "unmet")
    }
    shown = {tab: [name for name in NAMES if f'<th scope="row">{name}<' in text] for tab, text in texts.items()}
    assert shown == {
        "review": [],
        "found": ["Sara Ahmed Khan", "Bilal Raza"],
        "ignored": [],
        "unmet": ["Hina Malik", "Usman Butt"],
    }


def test_what_makes_no_sense_is_answered_and_changes_nothing(cohort, teacher, client):
    client.force_login(teacher)
    report = upload(cohort, row("bilo")).file.report
    address = f"/teach/sessions/{report.session_id}/report/"

    answers = [
        client.post(f"/teach/report-people/{person('bilo').pk}/", {"enrolment": value}, follow=True).content.decode()
        for value in ("choose", "x", "9" * 30, "999999")
    ]
    empty = client.post(f"{address}files/", {}, follow=True).content.decode()

    assert [each.count("Choose a trainee.") for each in answers] == [1, 1, 1, 0]
    assert "not on the register of the session" in answers[3]
    assert "Choose a file, or paste a list of names." in empty
    assert person("bilo").verdict == "review"
    assert client.get(f"{address}?person=abc&tab=nonsense").status_code == 200


def test_another_instructor_neither_sees_the_report_nor_decides(cohort, client):
    report = upload(cohort, row("bilo")).file.report
    client.force_login(make_instructor(make_cohort()))

    assert client.get(f"/teach/sessions/{report.session_id}/report/").status_code == 404
    assert client.post(f"/teach/report-people/{person('bilo').pk}/", {"enrolment": ""}).status_code == 404
    assert person("bilo").verdict == "review"


def test_the_office_may_confirm_too(cohort, client):
    office = make_office("Programme office")
    client.force_login(office)
    report = upload(cohort, row("Sara Ahmed Khan")).file.report

    client.post(f"/teach/sessions/{report.session_id}/report/confirm/", {"absent_rest": "1"})

    assert marks()["Sara Ahmed Khan"] == ("present", 180)
