"""Finding people: the index of words says the same as reading every key, and follows every write."""

import random

import pytest
from django.db import connection

from admissions.filters import ApplicationFilter
from admissions.models import Application
from certificates.models import Certificate
from tests.factories import LATER, make_course, make_trainee
from trainees.finding import find_beginning, find_names, find_people
from trainees.models import Message, Trainee
from trainees.rules.search import fold_number, search_key, search_words
from trainees.services.names import correct_name
from trainees.words import index_words, renew_keys

pytestmark = pytest.mark.django_db
NAMES = ("Muhammad Ahmed", "Mohd Ahmad Noor", "Ahmadullah Khan", "Noor Jehan", "Zainab Batool")
SEARCHES = ("Ahmed", "M. Ahmad", "noor", "nr", "احمد", "Khan Ahmadullah", "Batool zaynab", "Qazalbash")


@pytest.fixture
def people():
    return [make_trainee(full_name=name) for name in NAMES]


def found(value, way="by_index"):
    return set(Trainee.objects.filter(getattr(find_people(value), way)).values_list("full_name", flat=True))


def begins_a_word(key, value):
    words = search_words(value)
    return bool(words) and all(any(own.startswith(word) for own in key.split()) for word in words)


def is_either_end(number, value):
    return fold_number(number).startswith(fold_number(value)) or fold_number(number).endswith(fold_number(value))


@pytest.mark.parametrize("value", SEARCHES)
def test_a_name_is_found_in_any_spelling(people, value):
    expected = {name for name in NAMES if begins_a_word(search_key(name), value)}

    assert found(value) == found(value, "by_row") == expected
    assert (value == "Qazalbash") == (not expected)


def test_both_ways_find_what_the_plain_words_say_whoever_is_there_and_whatever_is_typed():
    chance = random.Random(20)
    people = make_many(300, chance)
    searches = [type_something(chance, people) for _ in range(150)]

    for value in searches:
        if any(letter.isdigit() for letter in value):
            expected = {each.pk for each in people if is_either_end(each.number, value)}
        else:
            keys = {each.pk: search_key(each.full_name, each.full_name_ur) for each in people}
            expected = {pk for pk, key in keys.items() if begins_a_word(key, value)}
        meant = find_people(value)
        for way in (meant.by_index, meant.by_row):
            assert set(Trainee.objects.filter(way).values_list("pk", flat=True)) == expected, value


def make_many(count, chance):
    """People with names of several spellings and scripts, and numbers of several makers."""
    latin = (
        "Muhammad",
        "Mohd",
        "M.",
        "Ahmed",
        "Ahmad",
        "Ahmadullah",
        "Khan",
        "Noor",
        "Nur",
        "Zain-ul-Abideen",
        "O'Neil",
    )
    urdu = ("محمد", "احمد", "نور", "خان", "زینب", "Мария", "")
    makers = ("BN-20-{:06d}", "bn-21-{:05d}", "Tr/{}", "20{:04d}", "PSEB-20-{:05d}")
    rows = [
        Trainee(
            number=chance.choice(makers).format(n),
            full_name=" ".join(chance.choices(latin, k=chance.randint(1, 4))),
            full_name_ur=" ".join(chance.choices(urdu, k=2)).strip(),
            cnic=f"3{n:012d}",
            email=f"t{n}@example.org",
            created_at=LATER,
        )
        for n in range(1, count + 1)
    ]
    return Trainee.objects.bulk_create(rows)


def type_something(chance, people):
    """What somebody may type who looks for one of the people, or for nobody."""
    person = chance.choice(people)
    words = f"{person.full_name} {person.full_name_ur}".split()
    some = " ".join(chance.sample(words, chance.randint(1, min(3, len(words)))))
    number = person.number[chance.randint(0, 8) :]
    urdu = number.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    return chance.choice(
        (
            some,
            some[: chance.randint(1, 6)],
            some.upper(),
            person.number,
            number,
            number.lower(),
            urdu,
            "Qazalbash",
            "999999",
        )
    )


@pytest.mark.parametrize(
    "typed", ["BN-20-000777", "bn-20-000777", "BN20000777", "BN-20-0007", "20-000777", "000777", "777", "۷۷۷", " 777 "]
)
def test_a_number_is_found_by_either_end_however_it_is_typed(people, typed):
    Trainee.objects.filter(pk=people[0].pk).delete()
    Trainee.objects.bulk_create([Trainee(number="BN-20-000777", full_name="Hina", cnic="3" * 13, created_at=LATER)])

    assert found(typed) == found(typed, "by_row") == {"Hina"}


def test_the_middle_of_a_number_finds_nobody(people):
    assert found(people[0].number[2:-1]) == set()


def test_the_index_follows_changes_and_removals(people):
    correct_name(trainee=people[4], full_name="Hina Batool", by=None, at=people[4].created_at)
    Trainee.objects.filter(pk=people[3].pk).delete()

    assert found("Zainab") == set()
    assert found("Hina") == {"Hina Batool"}
    assert found("Jehan") == set()


@pytest.mark.parametrize("typed", ["-", "%", "'; --", "🙂", "   "])
def test_what_holds_no_letter_finds_nobody(people, typed):
    assert found(typed) == found(typed, "by_row") == set()


def test_keys_that_are_not_what_the_rules_make_are_written_anew(people):
    Trainee.objects.filter(pk=people[0].pk).update(search_key="")
    before = Trainee.objects.get(pk=people[1].pk).search_key

    renew_keys(Trainee)

    assert found("Ahmed") == {"Muhammad Ahmed", "Mohd Ahmad Noor", "Ahmadullah Khan"}
    assert Trainee.objects.get(pk=people[1].pk).search_key == before


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


SEARCHED = {
    "trainees_trainee_words": (Trainee, find_people("Zain")),
    "trainee_number_start": (Trainee, find_beginning("number_start", "BN20")),
    "trainee_number_end": (Trainee, find_beginning("number_end", "777")),
    "message_address": (Message, find_beginning("to", "t777@")),
    "application_address": (Application, find_beginning("email", "t777@")),
    "admissions_application_words": (Application, find_names("Zain")),
    "certificates_certificate_words": (Certificate, find_names("Zain")),
    "certificates_certificate_code": (Certificate, find_beginning("code", "0007")),
}


@pytest.mark.parametrize("index", SEARCHED)
def test_what_is_searched_is_found_without_reading_the_table(index):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # no row is read faster than by any index
    model, meant = SEARCHED[index]

    plan = model.objects.filter(meant.by_index).values("pk").explain()

    if connection.vendor == "sqlite":
        own = {"certificates_certificate_code": "sqlite_autoindex_certificates_certificate"}.get(index, index)
        index = "VIRTUAL TABLE INDEX" if index.endswith("_words") else own
    assert index in plan
    assert f"SCAN {model._meta.db_table}\n" not in plan


def test_both_ends_of_a_number_are_looked_up():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")

    plan = Trainee.objects.filter(find_people("777").by_index).values("pk").explain()

    assert ("MULTI-INDEX OR" if connection.vendor == "sqlite" else "BitmapOr") in plan


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
