"""Two people act on the same rows at the same moment, and two workers on one run: each row is acted on once."""

from contextlib import suppress
from dataclasses import replace
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import OperationalError, connection

from audit.models import AuditEntry
from cohorts.models import Enrolment
from cohorts.services.enrolment import leaving
from portal.lists import runs
from portal.lists.acts import carry_out, choose, preview_act
from portal.lists.bulk_people import OF_ENROLMENTS
from portal.lists.catalogue import LISTS
from portal.models import ActRun
from portal.models.lists import ActRunQuerySet
from tests.factories import BEFORE, make_cohort, make_enrolment, make_office
from tests.races.test_places import remove_lock, run_together
from trainees.models import Message

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]  # one race at a time
WITHDRAW = next(each for each in OF_ENROLMENTS if each.key == "withdraw")
WHY = {"reason": "x"}


def withdrawn():
    return AuditEntry.objects.filter(act="enrolment.withdraw").count()


def wait_at(barrier):
    """Wait for the other, but not for one that has broken off or that a lock keeps away."""
    with suppress(BrokenBarrierError):
        barrier.wait()


def until_one_ends(barrier, act):
    """Return the act, after which nobody is waited for any longer."""

    def run():
        try:
            return act()
        finally:
            barrier.abort()

    return run


class Rows:
    """Two full cohorts with a line of three each, and two people of the office who chose the same eight people."""

    def __init__(self):
        self.cohorts = [make_cohort(capacity=4) for _ in range(2)]
        self.people = [make_enrolment(cohort) for _ in range(4) for cohort in self.cohorts]
        for cohort in self.cohorts:
            for _ in range(3):
                make_enrolment(cohort)
        self.office = [make_office("Programme office") for _ in range(2)]
        self.chosen = choose(WITHDRAW, Enrolment.objects.filter(pk__in=[each.pk for each in self.people]))

    def act(self, user):
        return lambda: carry_out(act=WITHDRAW, chosen=self.chosen, values=WHY, by=user, at=BEFORE)


def test_two_people_who_withdraw_the_same_rows_withdraw_each_once():
    rows = Rows()

    first, second = run_together([rows.act(user) for user in rows.office])

    assert sorted(first.done + second.done) == sorted(each.trainee.full_name for each in rows.people)
    assert len(first.refused) + len(second.refused) == withdrawn() == 8
    assert {reason for _name, reason in first.refused + second.refused} <= {
        "It changed since you looked; look again.",
        "This enrolment is over and cannot be changed.",
    }
    assert Enrolment.objects.filter(status="offered").count() == 6
    told = list(Message.objects.values_list("kind", "trainee"))
    assert len(told) == len(set(told)) == 8 + 6


def test_without_the_lock_somebody_is_withdrawn_twice(monkeypatch):
    """PostgreSQL then withdraws twice; SQLite, whose lock is the IMMEDIATE transaction, breaks off."""
    rows = Rows()
    remove_lock(monkeypatch)
    barrier, read = Barrier(2, timeout=60), leaving.read_open
    monkeypatch.setattr(leaving, "read_open", lambda enrolment: (read(enrolment), wait_at(barrier))[0])

    results = run_together([until_one_ends(barrier, rows.act(user)) for user in rows.office])

    assert withdrawn() > 8 or any(isinstance(each, OperationalError) for each in results)


def look_crosswise(act):
    """Look at two people of two cohorts, and at two others of the same in the other order, at the same moment."""
    one, other = make_cohort(), make_cohort()
    there = [make_enrolment(cohort).pk for cohort in (one, other)]
    back = [make_enrolment(cohort).pk for cohort in (other, one)]
    pairs = [choose(act, Enrolment.objects.filter(pk__in=ids)) for ids in (there, back)]
    users = [make_office("Programme office") for _ in pairs]
    looks = [
        lambda chosen=chosen, by=by: preview_act(act=act, chosen=chosen, values=WHY, by=by, at=BEFORE)
        for chosen, by in zip(pairs, users, strict=True)
    ]
    return run_together(looks)


def test_two_looks_at_crossing_cohorts_wait_for_each_other():
    results = look_crosswise(WITHDRAW)

    assert [each.done and each.refused for each in results] == [[], []]
    assert withdrawn() == 0


def test_without_the_locks_in_order_two_looks_break_off(monkeypatch):
    monkeypatch.delitem(connection.settings_dict["OPTIONS"], "transaction_mode", raising=False)
    barrier = Barrier(2, timeout=15)  # less than SQLite's writers wait for each other

    def do(*given, **more):
        WITHDRAW.do(*given, **more)
        wait_at(barrier)

    results = look_crosswise(replace(WITHDRAW, do=do, lock=lambda ids, values: None))

    assert any(isinstance(each, OperationalError) for each in results)


def make_run(rows):
    by = rows.office[0]
    asked = Enrolment.objects.filter(pk__in=rows.chosen)
    run = runs.request_run(office_list=LISTS["trainees"], act=WITHDRAW, rows=asked, values=WHY, by=by, at=BEFORE)
    assert work(run)()
    assert runs.confirm_run(run=run, by=by, at=BEFORE)
    return run


def hold_together(monkeypatch, count):
    """Let that many workers claim one run before the first begins: no claim keeps another away."""
    monkeypatch.setattr(ActRunQuerySet, "free", lambda self, at: self.filter(state__in=ActRun.IN_WORK))
    barrier, ask = Barrier(count, timeout=60), runs.may_still
    monkeypatch.setattr(runs, "may_still", lambda run: (wait_at(barrier), ask(run))[1])


def work(run):
    return lambda: runs.work_on(run_id=run.pk, clock=lambda: BEFORE)


def test_workers_that_hold_the_same_run_do_each_row_once(monkeypatch):
    """As when a worker was given up for dead and was not: the later claim is the one that counts."""
    run = make_run(Rows())
    hold_together(monkeypatch, 4)

    results = run_together([work(run)] * 4)

    assert sorted(results) == [False, False, False, True]
    run.refresh_from_db()
    assert (run.state, run.done, run.refused, withdrawn()) == ("done", 8, 0, 8)
    assert AuditEntry.objects.filter(act="list.act").count() == 1


def test_without_the_claim_the_same_workers_miscount(monkeypatch):
    """They go from row to row together, so that each row is tried by all of them before one can end."""
    run = make_run(Rows())
    monkeypatch.setattr(runs.secrets, "token_hex", lambda size: "everybody's")
    hold_together(monkeypatch, 4)
    barrier, step = Barrier(4, timeout=60), runs._step
    monkeypatch.setattr(runs, "_step", lambda *given: (wait_at(barrier), step(*given)))

    results = run_together([until_one_ends(barrier, work(run))] * 4)

    run.refresh_from_db()
    assert run.done != 8 or run.refused or any(isinstance(each, Exception) for each in results)


def test_a_run_is_confirmed_once_by_many_taps():
    rows = Rows()
    asked = Enrolment.objects.filter(pk__in=rows.chosen)
    by = rows.office[0]
    run = runs.request_run(office_list=LISTS["trainees"], act=WITHDRAW, rows=asked, values=WHY, by=by, at=BEFORE)
    work(run)()

    results = run_together([lambda: runs.confirm_run(run=run, by=by, at=BEFORE)] * 4)

    assert sorted(results) == [False, False, False, True]
    assert AuditEntry.objects.filter(act="list.act_start").count() == 1
