"""Finding people: the index of words says the same as reading every key, and follows every write."""

import pytest
from django.db import connection

from admissions.filters import ApplicationFilter
from admissions.models import Application
from tests.factories import LATER, make_course, make_trainee
from trainees import finding
from trainees.finding import find_people
from trainees.models import Trainee
from trainees.services.names import correct_name
from trainees.words import index_words

pytestmark = pytest.mark.django_db
NAMES = ("Muhammad Ahmed", "Mohd Ahmad Noor", "Ahmadullah Khan", "Noor Jehan", "Zainab Batool")
SEARCHES = ("Ahmed", "M. Ahmad", "noor", "nr", "احمد", "Khan Ahmadullah", "Batool zaynab", "Qazalbash")


@pytest.fixture
def people():
    return [make_trainee(full_name=name) for name in NAMES]


def found(value):
    return set(Trainee.objects.filter(find_people(value)).values_list("full_name", flat=True))


@pytest.mark.parametrize("value", SEARCHES)
def test_few_are_found_by_the_index_and_many_by_their_keys_alike(people, value, monkeypatch):
    by_index = found(value)
    monkeypatch.setattr(finding, "FEW", -1)

    assert by_index == found(value)
    assert (value == "Qazalbash") == (not by_index)


def test_the_index_follows_changes_and_removals(people):
    correct_name(trainee=people[4], full_name="Hina Batool", by=None, at=people[4].created_at)
    Trainee.objects.filter(pk=people[3].pk).delete()

    assert found("Zainab") == set()
    assert found("Hina") == {"Hina Batool"}
    assert found("Jehan") == set()


def test_a_number_is_found_by_any_part_of_it(people):
    assert found(people[0].number[-4:]) == {people[0].full_name}


def test_a_table_that_was_rebuilt_gets_its_index_back(people):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER trainees_trainee_words_insert")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or the table waits for the end of the transaction
            cursor.execute("DROP INDEX trainees_trainee_words")
    make_trainee(full_name="Kiran Shah")

    index_words()

    assert found("Kiran") == {"Kiran Shah"}


def test_a_rare_name_is_found_without_reading_the_table(people):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # five rows are read faster than any index

    plan = Trainee.objects.filter(search_key__words=["zn"]).explain()

    assert "trainees_trainee_words" in plan if connection.vendor == "postgresql" else "VIRTUAL TABLE INDEX" in plan
    assert "SCAN trainees_trainee\n" not in plan


def test_applications_are_found_by_name_in_any_spelling_and_by_the_beginning_of_an_address():
    programme = make_course().programme
    for n, (name, email) in enumerate([("Mohd Ahmed", "m.a@example.org"), ("Hina Khan", "hina@example.org")]):
        Application.objects.create(
            programme=programme,
            verdict="accepted",
            status="accepted",
            submitted_at=LATER,
            source="test",
            row=n,
            line=n,
            fingerprint=str(n),
            full_name=name,
            email=email,
        )

    def listed(value):
        return [each.full_name for each in ApplicationFilter({"search": value}, Application.objects.all()).qs]

    assert listed("Muhammad Ahmad") == ["Mohd Ahmed"]
    assert listed("HINA@") == ["Hina Khan"]
    assert listed("Zulfiqar") == listed("a@") == []
