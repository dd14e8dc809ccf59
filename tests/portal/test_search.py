"""Search for the office: what is found, in which order, and that a page without scripts does the same."""

import re

import pytest

from certificates.services.issue import issue_certificates
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
from portal.palette import find, mark
from tests.factories import LATER, make_cohort, make_enrolment, make_instructor, make_office, make_trainee

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    """Two of one name in two spellings and one who is certified, in a cohort taught by a third."""
    cohort = make_cohort("BC-LHE-01", city="LHE")
    instructor = make_instructor(cohort)
    instructor.full_name = "Usman Ghani"
    instructor.save()
    names = ("Zahra Usman", "Othman Zaidi", "Muhammad Usman")
    enrolments = [make_enrolment(cohort, make_trainee(full_name=name)) for name in names]
    for session in cohort.sessions.all():
        marks = [Mark(each.pk, "present" if n != 1 else "absent") for n, each in enumerate(enrolments)]
        mark_attendance(session=session, marks=marks, version=None, by=None, at=LATER)
    close_cohort(cohort=cohort, by=None, at=LATER)
    issue_certificates(cohort=cohort, by=None, at=LATER)
    enrolments[2].certificates.update(state="issued", issued_at=LATER, sha256="0" * 64)
    return enrolments


@pytest.fixture
def office(client):
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")
    return client


def found(words):
    return {group.kind: group.hits for group in find(words, user=make_office())}


def test_people_come_first_with_where_they_stand(people):
    hits = found("usman")

    assert list(hits) == ["people", "certificates", "cohorts"]
    assert [(re.sub("<.*?>", "", hit.title), hit.badge) for hit in hits["people"]] == [
        ("Muhammad Usman", "Certified"),
        ("Zahra Usman", "Completed"),
    ]
    assert hits["people"][0].title == "Muhammad <mark>Usman</mark>"
    assert ("Attendance", "100.0 %") in hits["people"][0].facts
    assert hits["cohorts"][0].detail == "taught by <mark>Usman</mark> Ghani"


def test_a_name_is_found_in_another_spelling_after_those_as_typed(people):
    make_trainee(full_name="Mohd Aslam")

    assert [hit.title for hit in found("Muhammad")["people"]] == ["<mark>Muhammad</mark> Usman", "Mohd Aslam"]


def test_a_certificate_is_found_by_the_beginning_of_its_code_and_a_person_by_the_number(people):
    certificate = people[2].certificates.get()

    code = found(f"{certificate.code[:4]}-{certificate.code[4:8]}")["certificates"][0]
    person = found(people[0].trainee.number)["people"][0]

    assert code.url == f"/manage/certificates/{certificate.code}/"
    assert person.url == f"/manage/trainees/{people[0].trainee.number}/"


def test_pages_are_found_by_their_words():
    assert [hit.url for hit in found("missing reg")["pages"]] == ["/manage/registers/"]


def test_what_was_typed_is_marked_and_never_taken_for_markup():
    assert mark("<b>Ali</b> & Ali", "ali b>") == (
        "&lt;<mark>b&gt;Ali</mark>&lt;/<mark>b&gt;</mark> &amp; <mark>Ali</mark>"
    )


@pytest.mark.parametrize("typed", ["", "a", " ", "\x00", "%%", "'\";--", "ی", "x" * 5000, "🙂🙂"])
def test_whatever_is_typed_gets_an_answer(office, typed):
    answer = office.post("/manage/search/", {"q": typed})
    assert answer.status_code == 405

    answer = office.get("/manage/search/", {"q": typed.replace("\x00", "")})
    assert answer.status_code == 200


def test_the_page_without_scripts_and_the_palette_show_the_same_hits(people, office):
    page = office.get("/manage/search/?q=usman").content.decode()
    part = office.get("/manage/search/?q=usman&part=hits").content.decode()

    assert part.strip() in page
    assert "<html" not in part
    assert 'id="palette"' in page


@pytest.mark.parametrize("count", [1, 5])
def test_it_costs_the_same_for_one_hit_and_for_many(office, django_assert_max_num_queries, count):
    cohort = make_cohort("AI-LHE-01")
    for _ in range(count):
        make_enrolment(cohort, make_trainee(full_name="Usman Ghani"))

    with django_assert_max_num_queries(12):
        office.get("/manage/search/?q=usman")
