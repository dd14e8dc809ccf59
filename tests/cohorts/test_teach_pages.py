"""An instructor's own pages: the day, the cohorts, one cohort."""

from datetime import timedelta

import pytest
import time_machine

from cohorts.models import MeetingReport
from cohorts.services.attendance import Mark, close_register, mark_attendance, note_walk_in
from tests.factories import START, make_cohort, make_enrolment, make_instructor

pytestmark = pytest.mark.django_db
END = START + timedelta(hours=3)


@pytest.fixture
def cohort(client):
    made = make_cohort()
    client.force_login(make_instructor(made), backend="django.contrib.auth.backends.ModelBackend")
    return made


def read(client, address, at=END):
    with time_machine.travel(at, tick=False):
        return client.get(address).content.decode()


def test_every_page_leads_to_the_four_others_and_says_where_one_is(client, cohort):
    for address in ("/teach/", "/teach/cohorts/", "/teach/warnings/", "/teach/requests/"):
        page = read(client, address)
        tabs = page[page.index("hn-metabs") : page.index("</nav>", page.index("hn-metabs"))]
        assert tabs.count("<a ") == 4
        assert f'href="{address}" aria-current="page"' in tabs


def test_a_past_register_and_every_ledger_can_be_reached_long_afterwards(client, cohort):
    enrolment, session = make_enrolment(cohort), cohort.sessions.order_by("number")[0]
    mark_attendance(session=session, marks=[Mark(enrolment.pk, "late", 100)], version=None, by=None, at=END)
    close_register(session=session, by=None, at=END)
    later = END + timedelta(days=90)

    assert f'href="/teach/cohorts/{cohort.code}/"' in read(client, "/teach/cohorts/", later)
    page = read(client, f"/teach/cohorts/{cohort.code}/", later)

    for address in (f"sessions/{session.pk}/", f"sessions/{session.pk}/ledger/", f"enrolments/{enrolment.pk}/ledger/"):
        assert f'href="/teach/{address}"' in page
    assert "1 of 1 here · closed" in page
    assert page.count("No register yet") == cohort.sessions.count() - 1


@pytest.mark.parametrize("people", [1, 3])
def test_the_pages_ask_the_same_number_of_statements(client, cohort, people, django_assert_num_queries):
    session = cohort.sessions.order_by("number")[0]
    marks = [Mark(make_enrolment(cohort).pk, "present") for _ in range(people)]
    mark_attendance(session=session, marks=marks, version=None, by=None, at=END)
    for name in ("Ali", "Sana")[:people]:
        note_walk_in(session=session, name=name, by=None, at=END)
    read(client, "/teach/")
    for address, count in (("/teach/", 12), ("/teach/cohorts/", 5), (f"/teach/cohorts/{cohort.code}/", 10)):
        with django_assert_num_queries(count):
            read(client, address)


def test_a_session_that_another_instructor_holds_is_told_and_leads_nowhere(client, cohort):
    enrolment, session = make_enrolment(cohort), cohort.sessions.order_by("number")[0]
    session.instructors.add(make_instructor(cohort))
    mark_attendance(session=session, marks=[Mark(enrolment.pk, "absent")], version=None, by=None, at=END)
    note_walk_in(session=session, name="Hina", by=None, at=END)

    for address in (f"/teach/cohorts/{cohort.code}/", f"/teach/enrolments/{enrolment.pk}/ledger/", "/teach/"):
        assert f'"/teach/sessions/{session.pk}/' not in read(client, address)
    assert "0 of 1 here" in read(client, f"/teach/cohorts/{cohort.code}/")


def test_the_day_names_what_is_left_unmarked_and_when_it_closes_by_itself(client, cohort):
    people = [make_enrolment(cohort) for _ in range(3)]
    session = cohort.sessions.order_by("number")[0]
    mark_attendance(session=session, marks=[Mark(people[0].pk, "present")], version=None, by=None, at=START)

    page = read(client, "/teach/", END + timedelta(hours=4))

    assert "2 unmarked" in page
    assert "closes by itself on" in page


def test_names_that_wait_are_on_the_day_until_they_are_settled(client, cohort):
    session = cohort.sessions.order_by("number")[0]
    report = MeetingReport.objects.create(session=session, created_at=END)
    file = report.files.create(name="zoom.csv", sha256="0" * 64, size=1, uploaded_at=END, state="read")
    for label in ("iPhone", "Galaxy"):
        report.people.create(file=file, label=label, mark="", line=1, verdict="review")
    walk_in = note_walk_in(session=session, name="Hina", by=None, at=END)

    page = read(client, "/teach/")
    assert "2 names to confirm" in page
    assert f'href="/teach/sessions/{session.pk}/report/"' in page
    assert "1 name to confirm" in page

    walk_in.delete()
    report.people.all().delete()
    assert "to confirm" not in read(client, "/teach/")


@pytest.mark.parametrize("minutes", ["181", "9999", "-5", "1.5", "²", "ten"])
def test_a_lateness_that_cannot_be_is_refused_and_stays_typed(client, cohort, minutes):
    enrolment, session = make_enrolment(cohort), cohort.sessions.order_by("number")[0]
    typed = {f"mark-{enrolment.pk}": "late", f"minutes-{enrolment.pk}": minutes, f"shown-{enrolment.pk}": ""}
    with time_machine.travel(END, tick=False):
        answer = client.post(f"/teach/sessions/{session.pk}/", typed | {"version": "0"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"between 0 and 180; {minutes} was typed" in page
    assert f'value="{minutes}"' in page
    assert not session.records.exists()


@pytest.mark.parametrize("minutes", ["25", "۲۵", "٢٥"])
def test_minutes_late_are_read_in_any_digits(client, cohort, minutes):
    enrolment, session = make_enrolment(cohort), cohort.sessions.order_by("number")[0]
    typed = {f"mark-{enrolment.pk}": "late", f"minutes-{enrolment.pk}": minutes, f"shown-{enrolment.pk}": ""}
    with time_machine.travel(END, tick=False):
        client.post(f"/teach/sessions/{session.pk}/", typed | {"version": "0"})

    assert session.records.get().minutes == 155
