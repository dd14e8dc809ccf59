"""The page of a cohort: at risk first, what a filter leaves, and acts that show their effect before they are done."""

import re
from datetime import timedelta

import pytest
import time_machine

from cohorts.models import AttendanceRecord, Cohort, Enrolment
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort, grant_exception
from cohorts.services.enrolment import withdraw
from tests.factories import LATER, make_cohort, make_enrolment, make_office, make_trainee

pytestmark = pytest.mark.django_db
NAMES = ("Amna Good", "Bilal Poor", "Chand Lost", "Dua Late")


@pytest.fixture
def office(client):
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def cohort():
    """Sixteen sessions, eight held: one never missed, one may miss no more, one is out of reach, one came late."""
    cohort = make_cohort("AI-LHE-01", city="LHE", sessions=16, capacity=4, waitlist_limit=5)
    people = [make_enrolment(cohort, make_trainee(full_name=name)) for name in NAMES]
    for number, session in enumerate(cohort.sessions.order_by("number")[:8], 1):
        poor, lost = number in (1, 4), number > 3
        late = "late" if number == 2 else "present"
        statuses = ("present", "absent" if poor else "present", "absent" if lost else "present", late)
        marks = [Mark(each.pk, status) for each, status in zip(people, statuses, strict=True)]
        mark_attendance(session=session, marks=marks, version=None, by=None, at=LATER)
    return cohort


def names_in(page):
    return [row.enrolment.trainee.full_name for group in page.context["groups"] for row in group["rows"]]


def test_those_who_cannot_reach_it_come_first_then_those_at_risk(cohort, office):
    page = office.get("/manage/cohorts/AI-LHE-01/")

    assert [group["code"] for group in page.context["groups"]] == ["cannot_reach", "at_risk", "on_track"]
    assert names_in(page)[:2] == ["Chand Lost", "Bilal Poor"]
    assert "5 in a row" in page.content.decode()
    assert re.search(r'href="/teach/enrolments/\d+/ledger/"><bdi>Chand Lost', page.content.decode())


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("show=at_risk", ["Chand Lost", "Bilal Poor", "Dua Late"]),
        ("show=missed_last", ["Chand Lost"]),
        ("show=unmarked", []),
        ("name=dua", ["Dua Late"]),
        ("name=دعا", ["Dua Late"]),
        ("name=Bilaal+Puur", ["Bilal Poor"]),
        ("name=.", []),
        ("show=nonsense", None),
    ],
)
def test_a_filter_leaves_whom_it_names_and_its_chip_says_how_many(cohort, office, query, left):
    page = office.get(f"/manage/cohorts/AI-LHE-01/?{query}")

    assert names_in(page) == left if left is not None else len(names_in(page)) == 4
    chips = {key: n for key, _label, n in page.context["chips"]}
    if query.startswith("show=") and left is not None:
        assert chips[query.removeprefix("show=")] == len(left)


def test_a_number_is_found_however_it_is_typed(cohort, office):
    number = cohort.enrolments.get(trainee__full_name="Dua Late").trainee.number

    for typed in (number.lower(), number.replace("-", " "), number[-3:]):
        assert names_in(office.get("/manage/cohorts/AI-LHE-01/", {"name": typed})) == ["Dua Late"], typed


def test_every_number_above_the_marks_opens_a_list_of_that_length(cohort, office):
    withdraw(enrolment=cohort.enrolments.get(trainee__full_name="Dua Late"), by=None, at=LATER, notify=False)

    page = office.get("/manage/cohorts/AI-LHE-01/").content.decode()

    found = re.findall(r'<a href="([^"]+)" data-number="(\d+)"', page)
    assert [int(number) for _address, number in found] == [3, 1, 2, 1]  # placed, left, at risk, out of reach
    for address, number in found:
        assert office.get(address.replace("&amp;", "&")).context["paginator"].count == int(number), address


def test_the_one_green_act_is_what_comes_next(cohort, office):
    planned = cohort.sessions.get(number=9)
    green = re.compile(r'class="hn-btn hn-btn-main" href="([^"]+)"')

    for now, expected in (
        (planned.starts_at, f"/teach/sessions/{planned.pk}/"),  # the register of the session that is on
        (planned.ends_at + timedelta(days=30), f"/teach/sessions/{planned.pk}/"),  # the first that was left open
    ):
        with time_machine.travel(now, tick=False):
            assert green.findall(office.get("/manage/cohorts/AI-LHE-01/").content.decode()) == [expected]
    cohort.sessions.filter(number__gt=8).update(state="cancelled", cancel_reason="rain")
    with time_machine.travel(planned.ends_at + timedelta(days=60), tick=False):
        page = office.get("/manage/cohorts/AI-LHE-01/").content.decode()
    assert green.findall(page) == ["/manage/cohorts/AI-LHE-01/close/"]
    assert "Number of places" not in page  # it is over


def test_each_session_stands_over_its_marks_with_the_share_that_came(cohort, office):
    columns = office.get("/manage/cohorts/AI-LHE-01/").context["matrix"].columns

    assert [column.percent for column in columns] == [75, 100, 100, 50, 75, 75, 75, 75, *[None] * 8]


def test_the_page_costs_the_same_for_one_and_for_many(office, django_assert_num_queries):
    for code, people in (("A-1", 1), ("A-2", 5)):
        cohort = make_cohort(code, sessions=4)
        for _ in range(people):
            make_enrolment(cohort)
        with django_assert_num_queries(16):  # one of them for the side bar
            office.get(f"/manage/cohorts/{code}/")


def test_more_places_show_who_would_be_asked_and_only_the_act_asks_them(cohort, office):
    waiting = [make_enrolment(cohort, make_trainee(full_name=name)) for name in ("Fifth One", "Sixth One")]

    page = office.get("/manage/cohorts/AI-LHE-01/capacity/?capacity=5").content.decode()
    assert "1 person gets an offer at once" in page
    assert "Fifth One" in page
    assert "Sixth One" not in page
    assert Cohort.objects.get(pk=cohort.pk).capacity == 4

    office.post("/manage/cohorts/AI-LHE-01/capacity/", {"capacity": 5})
    assert [Enrolment.objects.get(pk=each.pk).status for each in waiting] == ["offered", "waitlisted"]


@pytest.mark.parametrize("wanted", ["3", "0", "x", "99999999999999999999"])
def test_too_few_places_or_no_number_are_refused_in_words(cohort, office, wanted):
    page = office.get(f"/manage/cohorts/AI-LHE-01/capacity/?capacity={wanted}")

    assert page.status_code == 200
    assert "Make it" not in page.content.decode()


def test_an_excuse_shows_its_effect_and_never_covers_who_was_there(cohort, office):
    good, lost = (Enrolment.objects.get(trainee__full_name=name) for name in ("Amna Good", "Chand Lost"))
    session = cohort.sessions.get(number=8)
    wish = {"row": [good.pk, lost.pk], "session": session.pk}

    page = office.get("/manage/cohorts/AI-LHE-01/excuse/", wish).content.decode()
    assert "37.5 → <b>42.8</b>" in page
    assert "the mark stays" in page
    assert AttendanceRecord.objects.get(enrolment=lost, session=session).status == "absent"

    office.post("/manage/cohorts/AI-LHE-01/excuse/", {**wish, "reason": ""})
    assert AttendanceRecord.objects.get(enrolment=lost, session=session).status == "absent"


def test_the_excuse_is_written_with_its_reason(cohort, office, monkeypatch):
    lost = Enrolment.objects.get(trainee__full_name="Chand Lost")
    session = cohort.sessions.get(number=8)
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)

    office.post("/manage/cohorts/AI-LHE-01/excuse/", {"row": [lost.pk], "session": session.pk, "reason": "flood"})

    assert AttendanceRecord.objects.get(enrolment=lost, session=session).status == "excused"
    assert lost.changes.latest("id").reason == "flood"
    lost.refresh_from_db()
    assert lost.sessions_excused == 1


def test_nobody_chosen_is_said_and_strangers_are_left_out(cohort, office):
    stranger = make_enrolment(make_cohort("B-1"))

    page = office.get("/manage/cohorts/AI-LHE-01/excuse/", {"row": [stranger.pk, "x", "9" * 30]}).content.decode()

    assert "Nobody is chosen" in page


def test_the_chosen_are_acted_on_as_on_the_list_of_trainees_and_one_comes_back_here(cohort, office, client):
    address = "/manage/cohorts/AI-LHE-01/?show=at_risk"
    page = office.get(address).content.decode()
    lost = Enrolment.objects.get(trainee__full_name="Chand Lost")
    assert f'<input type="checkbox" name="row" value="{lost.pk}"' in page
    assert re.findall(r'formaction="/manage/lists/trainees/act/" name="act" value="(\w+)"', page) == [
        *("write", "move", "withdraw"),
    ]

    chosen = office.get("/manage/lists/trainees/act/", {"row": lost.pk, "act": "withdraw", "back": address})
    assert (chosen.context["count"], chosen.context["back"]) == (1, address)

    client.force_login(make_office("Auditor"), backend="django.contrib.auth.backends.ModelBackend")
    assert 'name="row"' not in client.get(address).content.decode()


@pytest.mark.parametrize("is_excepted", [False, True])
def test_a_closed_cohort_says_how_it_ended_and_where_an_exception_decided(cohort, office, is_excepted):
    cohort.sessions.filter(state="planned").update(state="cancelled", cancel_reason="The course ended early.")
    if is_excepted:
        lost = cohort.enrolments.get(trainee__full_name="Chand Lost")
        grant_exception(enrolment=lost, reason="Ill in May, the work was done.", by=None, at=LATER)
    close_cohort(cohort=cohort, by=None, at=LATER)

    page = office.get("/manage/cohorts/AI-LHE-01/")

    ended = [
        (group["code"], {row.enrolment.trainee.full_name for row in group["rows"]}) for group in page.context["groups"]
    ]
    others = {*NAMES} - {"Chand Lost"}
    lost = [] if is_excepted else [("not_completed", {"Chand Lost"})]
    assert ended == [*lost, ("completed", {*NAMES} if is_excepted else others)]
    assert page.content.decode().count("<small>by exception</small>") == is_excepted
