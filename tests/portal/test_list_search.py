"""Searching in a list of the office: what is found, in which spelling, and that the page says so."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from admissions.models import Application
from certificates.models import Certificate
from portal.lists.catalogue import LISTS
from tests.factories import LATER, make_cohort, make_enrolment, make_office, make_trainee, numbers
from tests.portal.test_lists import BACKEND, add_row_to_every_list, make_application, names
from trainees import words
from trainees.models import Trainee, User
from trainees.services.messages import queue_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    user = make_office()
    User.objects.filter(pk=user.pk).update(email="me@example.org")
    client.force_login(user, backend=BACKEND)
    return client


@pytest.mark.parametrize("typed", ["Ahmad", "احمد", "Mohd Ahmed", "محمد"])
@pytest.mark.parametrize("name", ["trainees", "messages", "applications", "certificates"])
def test_lists_find_a_person_by_any_spelling(office, name, typed):
    enrolment = make_enrolment(make_cohort(), make_trainee(full_name="Muhammad Ahmed Raza"))
    other = make_enrolment(make_cohort(), make_trainee(full_name="Sana Bilal"))
    for each in (enrolment, other):
        queue_message(
            key=f"k{each.pk}", to="a@example.org", subject="S", text="T", at=LATER, trainee_id=each.trainee_id
        )

        full_name = each.trainee.full_name
        make_application(next(numbers), each.cohort, full_name=full_name)
        old = {"imported_at": LATER, "state": "issued", "issued_at": LATER, "created_at": LATER}
        facts = {"code": f"C{each.pk}", "serial": f"C-{each.pk}", "status_index": each.pk, "policy_version": 1}
        Certificate.objects.create(name=full_name, printed={}, **old, **facts)

    found = office.get(LISTS[name].address, {"search": typed})

    assert len(found.context["rows"]) == 1
    assert "Muhammad Ahmed Raza" in names(found)[0]


@pytest.mark.parametrize("name", ["trainees", "messages", "applications", "certificates"])
def test_a_search_says_what_it_finds(office, name):
    add_row_to_every_list()
    found = str(LISTS[name].filters.finds)

    assert found in office.get(LISTS[name].address, {"search": "usman"}).content.decode()
    assert found not in office.get(LISTS[name].address).content.decode()


@pytest.mark.parametrize(
    ("typed", "finds"),
    [("Abdul", True), ("rahman", True), ("ahman", False), ("{start}", True), ("{end}", True), ("{middle}", False)],
)
def test_a_name_is_found_by_its_first_letters_and_a_number_by_either_end(office, typed, finds):
    trainee = make_trainee(full_name="Abdulla Rahman")
    make_enrolment(make_cohort(), trainee)
    n = trainee.number
    typed = typed.format(start=n[:4].lower(), end=n[-4:], middle=n[2:-1])

    assert len(office.get("/manage/trainees/", {"search": typed}).context["rows"]) == finds


@pytest.mark.parametrize("name", ["trainees", "messages", "applications", "certificates"])
def test_a_common_name_is_looked_for_among_what_the_other_filters_find(office, monkeypatch, name):
    for _ in range(3):
        add_row_to_every_list()
    Trainee.objects.update(search_key=" prsn ")
    Application.objects.update(search_key=" prsn ")
    Certificate.objects.update(search_key=" prsn ")
    chosen = {
        "trainees": {"status": "enrolled"},
        "messages": {"state": "queued"},
        "applications": {"status": "in_review"},
        "certificates": {"state": "issued"},
    }

    def read(common):
        monkeypatch.setattr(words, "COMMON", common)
        with CaptureQueriesContext(connection) as queries:
            page = office.get(LISTS[name].address, {"search": "person", **chosen[name]})
        by_words = [each["sql"] for each in queries if re.search(r"IN \(SELECT rowid|to_tsquery", each["sql"])]
        return [each.pk for each in page.context["object_list"]], len(queries), bool(by_words)

    rare, common = read(99), read(2)

    assert len(rare[0]) == 3
    assert rare[:2] == common[:2]
    assert (rare[2], common[2]) == (True, connection.vendor != "sqlite")
