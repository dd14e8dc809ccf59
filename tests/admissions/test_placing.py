"""A run that gives places: foreseen, once at a time, and gone on with after a crash."""

from datetime import timedelta
from random import Random

import pytest

from admissions import views
from admissions.models import Application, Placing
from admissions.services import placing, request_placing, run_placing, waiting_placings
from admissions.services.placing import PlacingRuns
from cohorts.models import Cohort, Enrolment
from cohorts.services.attendance import Mark, mark_attendance
from tests.admissions.test_places import make_application
from tests.factories import LATER, make_cohort, make_course, make_enrolment, make_office
from trainees.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def wishes():
    """Six wishes for three places and a line of two."""
    ai, ds = make_course("AI"), make_course("DS")
    make_cohort("AI-KHI", course=ai, city="KHI", mode="classroom", capacity=2, waitlist_limit=1)
    make_cohort("AI-ONL", course=ai, capacity=1, waitlist_limit=1)
    make_cohort("DS-LHE", course=ds, city="LHE", capacity=9)
    return [make_application(ai, ds) for _ in range(6)]


def run(placing_run, at=LATER):
    return run_placing(placing_id=placing_run.pk, clock=lambda: at)


def rehearse():
    """Foresee in the background; return the rehearsal."""
    asked = request_placing(by=make_office(), at=LATER, is_rehearsal=True)
    assert run(asked)
    asked.refresh_from_db()
    return asked


def counts_of(placing_run):
    placing_run.refresh_from_db()
    return placing_run.placed, placing_run.waitlisted, placing_run.left


def test_what_is_foreseen_comes_true(wishes):
    rehearsal = rehearse()
    assert not Enrolment.objects.exists()
    assert not Message.objects.exists()

    asked = request_placing(by=make_office(), at=LATER)
    assert run(asked)

    codes = dict(Cohort.objects.values_list("pk", "code"))
    foreseen = {codes[pk]: counts for pk, *counts in rehearsal.foreseen}
    assert foreseen == {"AI-KHI": [2, 1, 0], "AI-ONL": [1, 1, 0]}
    assert (rehearsal.state, rehearsal.total, *counts_of(rehearsal)) == ("finished", 6, 3, 2, 1)
    for code, (placed, waitlisted, _left) in foreseen.items():
        mine = Enrolment.objects.filter(cohort__code=code)
        assert (mine.filter(status="enrolled").count(), mine.filter(status="waitlisted").count()) == (
            placed,
            waitlisted,
        )
    assert counts_of(asked) == (3, 2, 1)
    assert (asked.state, asked.total, asked.done) == ("finished", 6, 6)


@pytest.mark.parametrize("seed", range(3))
def test_any_mixture_of_wishes_is_foreseen(seed, django_assert_num_queries):
    dice = Random(seed)
    courses = [make_course(code) for code in ("AI", "DS", "CC")]
    cities = ["KHI", "LHE", "ONL"]
    for course in courses:
        for city in cities:
            for _ in range(dice.randint(0, 2)):
                make_cohort(course=course, city=city, capacity=dice.randint(1, 3), waitlist_limit=dice.randint(0, 2))
    for _ in range(40):
        second = dice.choice([None, *courses])
        make_application(dice.choice(courses), second, city=dice.choice([*cities, ""]))

    with django_assert_num_queries(2):
        placing.foresee_places(at=LATER)
    rehearsal = rehearse()
    asked = request_placing(by=make_office(), at=LATER)
    run(asked)

    assert counts_of(asked) == counts_of(rehearsal)
    assert Enrolment.objects.count() == rehearsal.placed + rehearsal.waitlisted
    for cohort in Cohort.objects.with_places().filter(pk__in=[row[0] for row in rehearsal.foreseen]):
        assert [cohort.pk, cohort.taken, cohort.waiting, cohort.places_left] in rehearsal.foreseen


def test_nobody_is_placed_where_every_session_is_over():
    """Its sessions would all count as missed for them."""
    ai = make_course("AI")
    over, coming = (
        make_cohort("AI-1", course=ai, capacity=5, sessions=1),
        make_cohort("AI-2", course=ai, capacity=1, waitlist_limit=0),
    )
    mark_attendance(
        session=over.sessions.get(),
        marks=[Mark(make_enrolment(over).pk, "present")],
        version=None,
        by=None,
        at=LATER,
    )
    for _ in range(2):
        make_application(ai, None)

    rehearsal = rehearse()
    run(request_placing(by=make_office(), at=LATER))

    assert (rehearsal.placed, rehearsal.waitlisted, rehearsal.left) == (1, 0, 1)
    assert [over.enrolments.count(), coming.enrolments.count()] == [1, 1]


def test_one_run_at_a_time(wishes):
    office = make_office()
    asked = request_placing(by=office, at=LATER)
    with pytest.raises(PlacingRuns):
        request_placing(by=office, at=LATER)
    run(asked)
    assert request_placing(by=office, at=LATER).total == 1


def test_a_second_message_for_the_same_run_does_nothing(wishes):
    asked = request_placing(by=make_office(), at=LATER)
    assert run(asked)
    assert not run(asked)
    assert counts_of(asked) == (3, 2, 1)
    assert Enrolment.objects.count() == Message.objects.filter(kind__in=["enrolled", "waitlisted"]).count() == 5


@pytest.mark.parametrize("dies_at", [1, 3, 6])
def test_a_run_that_was_cut_off_goes_on(wishes, monkeypatch, dies_at):
    asked = request_placing(by=make_office(), at=LATER)
    real, calls = placing._place, []

    def die(*arguments):
        calls.append(arguments)
        if len(calls) == dies_at:
            raise RuntimeError("the worker is gone")
        return real(*arguments)

    monkeypatch.setattr(placing, "_place", die)
    with pytest.raises(RuntimeError):
        run(asked)
    assert waiting_placings(at=LATER) == []  # its claim still holds

    later = LATER + timedelta(minutes=10)
    assert waiting_placings(at=later) == [asked.pk]
    assert run(asked, at=later)

    assert counts_of(asked) == (3, 2, 1)
    assert Application.objects.filter(status="placed").count() == Enrolment.objects.count() == 5


def test_who_lost_the_claim_stops(wishes):
    asked = request_placing(by=make_office(), at=LATER)

    def clock():
        if Enrolment.objects.count() == 2:
            Placing.objects.update(claim_token="another")
        return LATER

    assert not run_placing(placing_id=asked.pk, clock=clock)
    assert Enrolment.objects.count() == 2
    assert counts_of(asked) == (2, 0, 0)


def test_a_refused_person_does_not_hold_up_the_others(wishes, monkeypatch):
    asked = request_placing(by=make_office(), at=LATER)
    real = placing._trainee_of

    def refuse(application, *rest):
        if application.pk == wishes[0].pk:
            raise placing.ValidationError("no")
        return real(application, *rest)

    monkeypatch.setattr(placing, "_trainee_of", refuse)
    assert run(asked)
    assert counts_of(asked) == (3, 2, 1)
    wishes[0].refresh_from_db()
    assert wishes[0].status == "accepted"


def test_a_rehearsal_and_a_run_exclude_each_other_and_the_last_rehearsal_is_kept(wishes):
    first = request_placing(by=make_office(), at=LATER, is_rehearsal=True)
    with pytest.raises(PlacingRuns):
        request_placing(by=make_office(), at=LATER)
    assert run(first)
    assert not run(first)

    second = rehearse()
    assert list(Placing.objects.all()) == [second]
    assert run(request_placing(by=make_office(), at=LATER))
    assert Placing.objects.filter(pk=second.pk).exists()


def test_the_page_foresees_starts_and_follows(wishes, client, django_assert_num_queries):
    client.force_login(make_office())
    address = "/manage/applications/place/"
    page = client.get(address).content.decode()
    assert "Foresee what would happen" in page
    assert "Go through" not in page

    client.post(address, {"act": "foresee"})
    page = client.get(address).content.decode()
    assert "Being foreseen" in page
    assert "already" in client.post(address, follow=True).content.decode()
    asked = Placing.objects.get()
    assert "HX-Refresh" not in client.get(f"{address}{asked.pk}/").headers
    run(asked)
    assert client.get(f"{address}{asked.pk}/").headers["HX-Refresh"] == "true"
    with django_assert_num_queries(8):
        page = client.get(address).content.decode()
    assert "Go through 6 applications" in page
    assert "AI-KHI" in page

    client.post(address)
    asked = Placing.objects.get(is_rehearsal=False)
    page = client.get(address).content.decode()
    assert "0 / 6" in page
    assert "Go through" not in page
    assert "already" in client.post(address, follow=True).content.decode()

    run(asked)
    page = client.get(address).content.decode()
    assert "Finished" in page
    assert "Foresee what would happen" in page  # the last rehearsal is overtaken, and one is left
    assert client.get(f"{address}{asked.pk}/").headers["HX-Refresh"] == "true"


def test_a_page_of_cohorts_is_read_whatever_their_number(wishes, client, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(views, "COHORTS_SHOWN", 1)
    client.force_login(make_office())
    rehearse()

    for number, code in ((1, "AI-KHI"), (2, "AI-ONL")):
        with django_assert_num_queries(8):
            answer = client.get(f"/manage/applications/place/?page={number}")
        assert [row[0].code for row in answer.context["rows"]] == [code]


def test_nobody_is_told_to_wait_where_nobody_waits(client):
    client.force_login(make_office())
    assert "Nobody who is accepted waits" in client.get("/manage/applications/place/").content.decode()
