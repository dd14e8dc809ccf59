"""An act on more rows than a page may wait for: tried by the worker, confirmed, then done by the worker.

The row of the run is the job, and each of its rows holds what became of it, written in the transaction of the act
itself. So a run that was cut off is taken up where it stood, and nothing is done twice or without being noted.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from audit.services import record
from portal.lists.acts import Act, Trail, find, state_of, try_row
from portal.lists.catalogue import LISTS
from portal.lists.cells import read
from portal.lists.shape import OfficeList
from portal.models import ActRow, ActRun
from trainees.models import User

PART = 20  # rows, and the rest of their group: a part is tried in one transaction, which holds its locks so long
SLICE = timedelta(seconds=8)  # of a message, so that nothing urgent waits for a long run
ATTEMPTS = 5  # at one row, before the run is given up
KEPT = timedelta(days=30)

State, Verdict = ActRun.State, ActRow.Verdict


class ClaimLost(Exception):
    """Another worker has this run now, or it was stopped."""


@transaction.atomic
def request_run(
    *, office_list: OfficeList, act: Act, rows: QuerySet[Any], values: Mapping[str, Any], by: User, at: datetime
) -> ActRun:
    """Keep which rows are chosen and how they stand, and have the act tried on them. Three queries and a bulk."""
    chosen = list(_share(act, rows))
    run = ActRun.objects.create(
        list=office_list.name, act=act.key, values=dict(values), by=by, total=len(chosen), created_at=at
    )
    ActRow.objects.bulk_create(
        (ActRow(run=run, part=part, row_id=row.pk, was=state_of(act, row)) for part, row in chosen), batch_size=500
    )
    transaction.on_commit(lambda: ring(run.pk), robust=True)
    return run


def _share(act: Act, rows: QuerySet[Any]) -> Iterator[tuple[int, Any]]:
    """Yield each row with the number of its part; what shares a group is in one part. One query."""
    assert act.rows is not None  # noqa: S101 - an act that leads elsewhere has no rows
    found = list(act.rows().filter(pk__in=rows.order_by().values("pk")).order_by("pk"))
    found.sort(key=lambda row: read(row, act.group))
    part = size = 0
    for _group, members in groupby(found, key=lambda row: read(row, act.group)):
        if size >= PART:
            part, size = part + 1, 0
        for row in members:
            size += 1
            yield part, row


@transaction.atomic
def confirm_run(*, run: ActRun, by: User, at: datetime) -> bool:
    """Have the act done that was tried; return False when it was confirmed before. Three queries."""
    tried = ActRun.objects.filter(pk=run.pk, state=State.LOOKED)
    fresh: dict[str, Any] = {"done": 0, "refused": 0, "mails": 0, "effects": {}, "attempts": 0}
    if not tried.update(state=State.DOING, confirmed_at=at, claimed_until=None, **fresh):
        return False
    ActRow.objects.filter(run=run).update(verdict=Verdict.WAITING, reason="")
    record(
        act="list.act_start", by=by, at=at, subject=run, detail={"list": run.list, "act": run.act, "rows": run.total}
    )
    transaction.on_commit(lambda: ring(run.pk), robust=True)
    return True


@transaction.atomic
def stop_run(*, run: ActRun, by: User, at: datetime) -> bool:
    """Leave the rows alone that were not acted on yet; return False when nothing is in work. Three queries."""
    if not ActRun.objects.filter(pk=run.pk, state=State.DOING).update(state=State.STOPPED, ended_at=at):
        return False
    run.refresh_from_db()
    _record_end(run, by, at)
    return True


def work_on(*, run_id: int, clock: Callable[[], datetime]) -> bool:
    """Try or do the rows that wait, if this caller wins the claim; return whether none is left.

    After some seconds the rest is left to the next message. A row that breaks off again and again ends the run.
    """
    started, token = clock(), secrets.token_hex(16)
    lease = {"claim_token": token, "claimed_until": _lease(started), "attempts": F("attempts") + 1}
    if not ActRun.objects.free(started).filter(pk=run_id).update(**lease):
        return False
    run = ActRun.objects.select_related("by").get(pk=run_id)
    held = ActRun.objects.filter(pk=run_id, claim_token=token, state=run.state)
    act = find_act(run)
    if run.attempts > ATTEMPTS or not may_still(run):
        held.update(state=State.FAILED, ended_at=started)
        return False
    values = read_values(act, run)
    waiting = list(run.rows.filter(verdict=Verdict.WAITING).order_by("part", "id"))
    try:
        for rows in _steps(run, waiting):
            if clock() - started > SLICE:
                held.update(claimed_until=None)
                transaction.on_commit(lambda: ring(run_id), robust=True)
                return False
            _step(run, held, act, rows, values, clock())
        return _end(run, held, clock())
    except ClaimLost:
        return False


def _steps(run: ActRun, waiting: list[ActRow]) -> Iterator[list[ActRow]]:
    """Part by part while looking, so that what follows from each other is seen together; row by row while doing."""
    if run.state == State.DOING:
        return ([row] for row in waiting)
    return (list(rows) for _part, rows in groupby(waiting, key=lambda row: row.part))


def _step(
    run: ActRun, held: QuerySet[ActRun], act: Act, rows: list[ActRow], values: Mapping[str, Any], at: datetime
) -> None:
    """Try or do some rows; what became of them is noted with the act, or after the attempt was taken back."""
    ids = [row.row_id for row in rows]
    is_trial = run.state == State.LOOKING
    with transaction.atomic():
        if is_trial:
            act.lock(sorted(ids), values)
        trail = Trail()
        found = find(act, ids, LISTS[run.list].rows(run.by))
        for row in rows:
            row.reason = try_row(act, found[row.row_id], row.was, values, by=run.by, at=at)
            row.verdict = Verdict.REFUSED if row.reason else Verdict.DONE
        effects, mails = trail.follow(by=run.by, at=at)
        if is_trial:
            transaction.set_rollback(True)
        else:
            _note(run, held, rows, effects, mails, at)
    if is_trial:
        with transaction.atomic():
            _note(run, held, rows, effects, mails, at)


def _note(
    run: ActRun, held: QuerySet[ActRun], rows: list[ActRow], effects: Counter[str], mails: int, at: datetime
) -> None:
    """Write down what became of some rows and renew the claim. Raises ClaimLost."""
    refused = sum(row.verdict == Verdict.REFUSED for row in rows)
    run.effects = Counter(run.effects) + effects
    counts = {"done": F("done") + len(rows) - refused, "refused": F("refused") + refused, "mails": F("mails") + mails}
    if not held.update(**counts, effects=run.effects, attempts=0, claimed_until=_lease(at)):
        raise ClaimLost
    ActRow.objects.bulk_update(rows, ["verdict", "reason"])


@transaction.atomic
def _end(run: ActRun, held: QuerySet[ActRun], at: datetime) -> bool:
    if run.state == State.LOOKING:
        return held.update(state=State.LOOKED, claimed_until=None) == 1
    if not held.update(state=State.DONE, ended_at=at, claimed_until=None):
        return False
    run.refresh_from_db()
    _record_end(run, run.by, at)
    return True


def _record_end(run: ActRun, by: User, at: datetime) -> None:
    detail = {"act": run.act, "done": run.done, "refused": run.refused, "left": run.left}
    record(act="list.act", by=by, at=at, subject=run, detail=detail)


def find_act(run: ActRun) -> Act:
    return next(each for each in LISTS[run.list].acts if each.key == run.act)


def may_still(run: ActRun) -> bool:
    """Tell whether who asked may do this now, and what was typed can still be read: both may change meanwhile."""
    act = find_act(run)
    may = run.by.is_active and LISTS[run.list].may_see(run.by) and act.may(run.by)
    return bool(may and (act.form is None or act.form(run.values).is_valid()))


def read_values(act: Act, run: ActRun) -> Mapping[str, Any]:
    """Return what was typed, read by the act's form again."""
    if act.form is None:
        return {}
    form = act.form(run.values)
    form.full_clean()
    values: dict[str, Any] = form.cleaned_data
    return values


def due_runs(*, at: datetime) -> list[int]:
    """Return those with work to do that nobody does. One query."""
    return list(ActRun.objects.free(at).order_by("id").values_list("pk", flat=True))


@transaction.atomic
def delete_old_rows(*, at: datetime) -> int:
    """Forget the rows and what was typed of runs older than a month; their counts stay. Return how many rows."""
    old = ActRun.objects.filter(created_at__lt=at - KEPT).exclude(state__in=ActRun.IN_WORK)
    gone, _by_model = ActRow.objects.filter(run__in=old).delete()
    old.filter(state=State.LOOKED).update(state=State.STOPPED, ended_at=at)
    old.exclude(values={}).update(values={})
    return gone


def ring(run_id: int) -> None:
    """Tell the worker; by name, since the tasks call the services."""
    current_app.send_task("portal.tasks.act_on_rows", kwargs={"run_id": run_id})


def _lease(at: datetime) -> datetime:
    return at + timedelta(seconds=settings.CLAIM_LEASE_SECONDS)
