"""Acts on more rows than a page may wait for: tried by the worker, confirmed, done row by row, taken up again."""

import html
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from cohorts.models import Enrolment
from portal.lists import act_views, acts, records, runs
from portal.models import ActRow, ActRun
from tests.factories import LATER, make_cohort, make_enrolment, make_office
from tests.portal.test_list_acts import BACKEND, HIDDEN
from trainees.models import Message

pytestmark = pytest.mark.django_db
URL = "/manage/lists/trainees/act/"


@pytest.fixture
def office(client, monkeypatch):
    """Two rows are many here."""
    monkeypatch.setattr(act_views, "AT_ONCE", 2)
    monkeypatch.setattr(runs, "PART", 1)
    client.force_login(make_office("Programme office", "Programme lead"), backend=BACKEND)
    return client


def make_people(count=3):
    return [make_enrolment(make_cohort(city="LHE")) for _ in range(count)]


def ask(client, act="withdraw", query="city=LHE", **values):
    """Choose all that match and have the act tried; return the run."""
    page = client.post(URL, {"act": act, "all": "yes", "query": query})
    held = {key: html.unescape(value) for key, value in HIDDEN.findall(page.content.decode())}
    answer = client.post(URL, {**held, "step": "preview", **values})
    run = ActRun.objects.latest("id")
    assert answer.url == reverse("act_run", args=[run.pk])
    return run


def work(run):
    done = runs.work_on(run_id=run.pk, clock=timezone.now)
    run.refresh_from_db()
    return done


def answer(client, run, step):
    return client.post(reverse("act_run", args=[run.pk]), {"step": step})


def confirmed(client):
    """Return a run that was tried and confirmed."""
    run = ask(client, reason="x")
    work(run)
    answer(client, run, "do")
    return run


def page_of(client, run, **query):
    return client.get(reverse("act_run", args=[run.pk]), query).content.decode()


def statuses():
    return set(Enrolment.objects.values_list("status", flat=True))


def test_many_rows_are_tried_confirmed_and_done_once(office):
    cohorts = [make_cohort(city="LHE", capacity=2) for _ in range(2)]
    people = [make_enrolment(cohort) for cohort in cohorts for _ in range(2)]
    outside = make_enrolment(make_cohort(city="KHI"))
    standing = AuditEntry.objects.count()

    run = ask(office, reason="moved away")
    assert (run.total, run.state, run.values) == (4, "looking", {"reason": "moved away"})
    assert "Nothing is done yet" in page_of(office, run)
    assert work(run)

    assert (run.state, run.done, run.refused, run.effects) == ("looked", 4, 0, {"enrolment.withdraw": 4})
    page = page_of(office, run)
    assert "Withdraw 4 people" in page
    assert "moved away" in page
    assert "Would be done <b>4</b>" in page
    assert (AuditEntry.objects.count(), Message.objects.count()) == (standing, 0)
    assert statuses() == {"enrolled"}

    answer(office, run, "do")
    assert work(run)

    assert (run.state, run.done, run.refused, run.effects) == ("done", 4, 0, {"enrolment.withdraw": 4})
    left = Enrolment.objects.filter(pk__in=[each.pk for each in people])
    assert set(left.values_list("status", "withdrawal_reason")) == {("withdrawn", "moved away")}
    outside.refresh_from_db()
    assert outside.status == "enrolled"
    assert AuditEntry.objects.get(act="list.act_start").detail["rows"] == 4
    assert AuditEntry.objects.get(act="list.act").detail == {"act": "withdraw", "done": 4, "refused": 0, "left": 0}
    assert all(each.trainee.full_name in page_of(office, run) for each in people)

    answer(office, run, "do")
    assert not work(run)
    assert AuditEntry.objects.filter(act="enrolment.withdraw").count() == Message.objects.count() == 4


def test_what_follows_within_a_cohort_is_foreseen_together(office):
    cohort = make_cohort(city="LHE", capacity=3)
    for _ in range(3):
        make_enrolment(cohort)
    waits = make_enrolment(cohort)

    run = ask(office, query="city=LHE&status=enrolled", reason="x")
    work(run)

    assert set(run.rows.values_list("part", flat=True)) == {0}
    assert run.effects == {"enrolment.withdraw": 3, "enrolment.offer": 1}
    answer(office, run, "do")
    work(run)
    assert run.effects == {"enrolment.withdraw": 3, "enrolment.offer": 1}
    waits.refresh_from_db()
    assert waits.status == "offered"


def test_refusals_and_changes_are_listed_by_name_with_their_reason(office):
    people = make_people()
    run = ask(office, act="no_show")
    work(run)
    assert (run.done, run.refused) == (0, 3)
    page = page_of(office, run)
    assert "Nothing of this can be done now" in page
    assert all(each.trainee.full_name in page for each in people)

    run = ask(office, reason="x")
    work(run)
    Enrolment.objects.filter(pk=people[1].pk).update(status="withdrawn", withdrawn_at=LATER)
    answer(office, run, "do")
    work(run)

    assert (run.done, run.refused) == (2, 1)
    page = page_of(office, run, show="refused")
    assert people[1].trainee.full_name in page
    assert "It changed since you looked" in page
    assert people[0].trainee.full_name not in page


def test_a_run_that_was_cut_off_is_taken_up_where_it_stood(office, monkeypatch):
    people = make_people(4)
    run = confirmed(office)
    find, looked = runs.find, []

    def break_off(act, ids, seen):
        looked.append(ids)
        if len(looked) == 3:
            raise RuntimeError("the worker died")
        return find(act, ids, seen)

    with monkeypatch.context() as patch:
        patch.setattr(runs, "find", break_off)
        with pytest.raises(RuntimeError):
            work(run)
    run.refresh_from_db()
    assert (run.done, run.state) == (2, "doing")
    assert not work(run)  # somebody may still be at it

    later = timezone.now() + timedelta(hours=1)
    assert runs.due_runs(at=later) == [run.pk]
    assert runs.work_on(run_id=run.pk, clock=lambda: later)
    run.refresh_from_db()
    assert (run.done, run.refused, run.state) == (4, 0, "done")
    assert AuditEntry.objects.filter(act="enrolment.withdraw").count() == len(people)


def test_a_row_that_always_breaks_off_ends_the_run_and_leaves_the_rest_alone(office, monkeypatch):
    make_people()
    run = confirmed(office)
    monkeypatch.setattr(runs, "find", lambda *_given: 1 / 0)
    moments = [timezone.now() + timedelta(hours=n) for n in range(runs.ATTEMPTS + 1)]

    for moment in moments[:-1]:
        with pytest.raises(ZeroDivisionError):
            runs.work_on(run_id=run.pk, clock=lambda moment=moment: moment)
    assert not runs.work_on(run_id=run.pk, clock=lambda: moments[-1])

    monkeypatch.undo()
    run.refresh_from_db()
    assert (run.state, run.done, run.left) == ("failed", 0, 3)
    assert "It broke off" in page_of(office, run)
    assert runs.due_runs(at=moments[-1] + timedelta(days=1)) == []
    assert statuses() == {"enrolled"}


def test_stopping_leaves_the_rest_alone(office, monkeypatch):
    people = make_people(4)
    run = confirmed(office)
    step, stepped = runs._step, []

    def stop_after_two(*given):
        step(*given)
        stepped.append(given)
        if len(stepped) == 2:
            answer(office, run, "stop")

    monkeypatch.setattr(runs, "_step", stop_after_two)
    assert not work(run)

    assert (run.state, run.done, run.left) == ("stopped", 2, 2)
    now = [Enrolment.objects.get(pk=each.pk).status for each in people]
    assert now == ["withdrawn", "withdrawn", "enrolled", "enrolled"]
    assert AuditEntry.objects.get(act="list.act").detail["left"] == 2
    assert "left alone" in page_of(office, run)


def test_a_long_run_gives_way_after_some_seconds(office, django_capture_on_commit_callbacks):
    make_people(4)
    run, now = ask(office, reason="x"), timezone.now()
    ticks = iter(now + timedelta(seconds=3 * n) for n in range(100))

    with django_capture_on_commit_callbacks() as rung:
        assert not runs.work_on(run_id=run.pk, clock=lambda: next(ticks))

    run.refresh_from_db()
    assert 0 < run.done < 4
    assert len(rung) == 1
    assert run.claimed_until is None


def test_who_may_no_longer_do_it_does_nothing(office):
    make_people()
    run = confirmed(office)
    run.by.groups.clear()

    assert not work(run)

    assert run.state == "failed"
    assert statuses() == {"enrolled"}


def test_the_list_names_each_act_by_its_words(office):
    assert {each.name: each.acts for each in act_views.LISTS.values() if each.acts} == records.ACTS_OF
    make_people()
    ask(office, reason="x")

    assert "Trainees: Withdraw" in office.get("/manage/acts/").content.decode()


def test_only_who_asked_finds_the_run(office, client):
    make_people()
    run = ask(office, reason="x")
    assert [each.pk for each in office.get("/manage/acts/").context["object_list"]] == [run.pk]

    client.force_login(make_office("Programme office"), backend=BACKEND)

    assert client.get(reverse("act_run", args=[run.pk])).status_code == 404
    assert answer(client, run, "do").status_code == 404
    assert list(client.get("/manage/acts/").context["object_list"]) == []


def test_nothing_is_chosen_by_looking_and_a_missing_reason_is_asked_for(office):
    make_people()
    given = {"act": "withdraw", "all": "yes", "query": "city=LHE", "step": "preview"}

    assert office.get(URL, {**given, "reason": "x"}).context["count"] == 3
    assert "This field is required" in office.post(URL, given).content.decode()

    assert not ActRun.objects.exists()


def test_more_than_an_act_takes_is_refused(office):
    make_people()
    most = {each.key: each.most for each in act_views.LISTS["trainees"].acts}
    assert (most["move"], most["withdraw"]) == (acts.AT_ONCE, acts.MOST)
    assert acts.MOST >= 2_000

    given = {"act": "withdraw", "row": [each.pk for each in Enrolment.objects.all()]}
    refused = office.post(URL, given, follow=True)

    assert "More than 2 rows are chosen" in refused.content.decode()


def test_rows_and_what_was_typed_are_forgotten_after_a_month(office):
    make_people()
    run = ask(office, reason="somebody's illness")
    work(run)

    assert runs.delete_old_rows(at=run.created_at + timedelta(days=29)) == 0
    assert runs.delete_old_rows(at=run.created_at + timedelta(days=31)) == 3

    run.refresh_from_db()
    assert (run.values, run.state, ActRow.objects.count()) == ({}, "stopped", 0)
    assert "never confirmed" in page_of(office, run)
    answer(office, run, "do")
    run.refresh_from_db()
    assert run.state == "stopped"


@pytest.mark.parametrize("count", [3, 6])
def test_the_page_of_a_run_costs_the_same_whatever_its_rows(office, django_assert_num_queries, count):
    make_people(count)
    run = ask(office, reason="x")
    work(run)
    page_of(office, run)

    with django_assert_num_queries(11):  # one of them for the side bar
        page_of(office, run)
