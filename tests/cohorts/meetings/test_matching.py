"""Who a label is: certain evidence only, never a guess between two people (issue 4 §4, R29)."""

import pytest

from cohorts.imports.meetings.matching import Person, Roster, Seen, candidates, match
from cohorts.imports.meetings.words import fold
from tests.cohorts.meetings.files import roster

NAMES = ("Sara Ahmed Khan", "Bilal Raza", "Hina Malik", "Muhammad Usman", "Muhammad Usman", "Anum", "Muhammad Khalid")
SARA, BILAL, HINA, USMAN, USMAN_2, ANUM, KHALID = range(1, 8)


@pytest.fixture
def people():
    return roster(*NAMES)


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("Sara Ahmed Khan", SARA),
        ("SARA  ahmed KHAN", SARA),
        ("Sára Ahmed Khán", SARA),
        ("SaraAhmedKhan", SARA),
        ("sara.ahmed_khan", SARA),
        ("Engr. Bilal Raza", BILAL),
        ("Bilal Raza S/O Raza Ahmed", BILAL),
        ("Hina Malik (Guest)", HINA),
        ("Hina Malik [she/her]", HINA),
        ("Hina Malik | Lahore", HINA),
        ("AI-ONL-01 Hina Malik", HINA),
        ("Ali (Sara Ahmed Khan)", SARA),
        ("Khalid (Muhammad Khalid)", KHALID),
        ("Mohd. Khalid", KHALID),
        ("M. Khalid", KHALID),
        ("T-20-00003", HINA),
        ("T-20-00003 Hina", HINA),
        ("t2000003 hina malik", HINA),
        ("Muhammad Usman T-20-00005", USMAN_2),
        ("anum", ANUM),
        ("Bilal Raza (Host)", BILAL),
    ],
)
def test_a_certain_label_is_found(people, label, found):
    assert match(Seen(label), people).id == found


@pytest.mark.parametrize(
    ("label", "why"),
    [
        ("Muhammad Usman", "shared name"),
        ("muhammad USMAN", "shared name"),
        ("iPhone", "device"),
        ("Galaxy A51", "device"),
        ("Redmi Note 8", "device"),
        ("Zoom user", "device"),
        ("Anum's iPhone", "device"),
        ("iPhone von Bilal", "device"),
        ("student", "device"),
        ("sara", "unknown"),
        ("muham", "unknown"),
        ("Sara Khan", "unknown"),
        ("Passing Stranger", "unknown"),
        ("T-20-00099 Somebody", "number of another cohort"),
        ("T-20-00002 Sara Ahmed Khan", "name of somebody else"),
        ("T-20-00002 Zubair", "number and name disagree"),
        ("", "unknown"),
        ("=HYPERLINK(1)", "unknown"),
    ],
)
def test_what_is_not_certain_waits(people, label, why):
    verdict = match(Seen(label), people)

    assert (verdict.verdict, verdict.id, verdict.why) == ("review", None, why)


def test_an_address_decides_whatever_the_label_and_its_case(people):
    for label in ("Galaxy A51", "sara", "Sara"):
        assert match(Seen(label, "SARA.Ahmed.Khan.1@example.org"), people).id == SARA


def test_an_address_tells_apart_who_share_a_name(people):
    assert match(Seen("Muhammad Usman", "muhammad.usman.5@example.org"), people).id == USMAN_2


def test_the_address_of_one_under_the_name_of_another_waits(people):
    assert match(Seen("Hina Malik", "bilal.raza.2@example.org"), people).why == "name of somebody else"


def test_an_address_that_siblings_share_needs_the_name():
    shared = ("family@example.org",)
    people = Roster((Person(1, "T-1", ("Ali Khan",), shared), Person(2, "T-2", ("Sara Khan",), shared)))

    assert match(Seen("Sara Khan", "family@example.org"), people).id == 2
    assert match(Seen("iPad", "family@example.org"), people).why == "shared"


def test_address_and_number_of_two_people_wait(people):
    assert match(Seen("T-20-00003", "bilal.raza.2@example.org"), people).why == "address and number disagree"


def test_the_last_digits_of_a_number_count_with_the_name_only(people):
    assert match(Seen("muhammad usman", number="005"), people).id == USMAN_2
    assert match(Seen("Mustapha", number="3"), people).id is None
    assert match(Seen("Heena Malik", number="3"), people).id == HINA
    assert match(Seen("Bilal Raza", number="3"), people).why == "evidence disagrees"


def test_a_name_in_urdu_is_found_by_the_urdu_name():
    people = Roster((Person(1, "T-1", ("Sara Khan", "سارہ خان"), ()), Person(2, "T-2", ("Ali Raza", "علی رضا"), ())))

    assert match(Seen("علي رضا"), people).id == 2


@pytest.mark.parametrize(
    "seen",
    [
        Seen("Somebody", "TEACHER@example.org"),
        Seen("teacher ONE"),
        Seen("Dr. Teacher One (Host)"),
        Seen("Guest Lecturer (Host)"),
        Seen("Office", role="host"),
    ],
)
def test_hosts_and_instructors_are_told_apart(people, seen):
    assert match(seen, people).verdict == "ignore"


def test_an_instructor_with_a_trainees_name_waits():
    people = roster("Ali Khan", instructor="Ali Khan")

    assert match(Seen("Ali Khan"), people).why == "instructor's name"


def test_a_confirmed_alias_is_found_again_unless_it_is_a_device_or_two_peoples():
    aliases = {fold("bilo bhai"): {BILAL}, fold("iPhone"): {BILAL}, fold("usman"): {USMAN, USMAN_2}}
    people = roster(*NAMES, aliases=aliases)

    assert match(Seen("BILO Bhai"), people).id == BILAL
    assert match(Seen("iPhone"), people).id is None
    assert match(Seen("Usman"), people).id is None


def test_an_alias_never_beats_the_whole_name_of_another():
    people = roster(*NAMES, aliases={fold("Hina Malik"): {SARA}})

    assert match(Seen("Hina Malik"), people).why == "evidence disagrees"


def test_candidates_are_those_it_may_be_with_the_reason(people):
    assert [each.id for each in candidates(Seen("Muhammad Usman"), people)][:2] == [USMAN, USMAN_2]
    assert candidates(Seen("hin"), people)[0].reasons == ("begins",)
    assert candidates(Seen("Anum's iPhone"), people)[0].id == ANUM
    assert candidates(Seen("Galaxy A51"), people) == []


def test_candidates_not_met_yet_come_first(people):
    both = candidates(Seen("Muhammad Usman"), people, met=[USMAN])

    assert [each.id for each in both][:2] == [USMAN_2, USMAN]
