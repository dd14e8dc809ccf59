"""One act on the timetables of many cohorts: previewed together, carried out one by one by the worker."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime

from celery import current_app
from django.db import transaction

from audit.services import record
from cohorts.models import Cohort, Holiday, TimetableChange
from cohorts.services.schedule.outlook import NothingToChange, Outlook, look_ahead
from cohorts.services.schedule.wishes import SkipDates, SwitchPlace, wish_as_json
from trainees.models import User


def preview_programme(*, cohorts: Sequence[Cohort], wish: SkipDates | SwitchPlace, at: datetime) -> list[Outlook]:
    """Return what `wish` would do to each of these cohorts that it touches. Seven queries whatever their number."""
    return [each for each in look_ahead(cohorts=cohorts, wish=wish, at=at) if not _untouched(each)]


def _untouched(outlook: Outlook) -> bool:
    return any(isinstance(each, NothingToChange) for each in outlook.refusals)


@transaction.atomic
def change_programme(
    *,
    cohorts: Sequence[Cohort],
    wish: SkipDates | SwitchPlace,
    by: User | None,
    at: datetime,
    reason: str = "",
    holiday_name: str = "",
) -> str:
    """Put one wish to many cohorts: a row for each, which the worker carries out. Returns the group's name.

    Each cohort is changed in a transaction of its own, so that one that refuses stops no other; what it
    refuses stands in its row. With `holiday_name` the dates are entered as holidays too. Raises
    NothingToChange when there is no cohort.
    """
    if not cohorts:
        raise NothingToChange
    if isinstance(wish, SkipDates) and holiday_name.strip():
        _enter_holidays(wish.dates, holiday_name.strip(), by, at)
    group = secrets.token_hex(8)
    common = {"kind": wish.kind, "wish": wish_as_json(wish), "reason": reason.strip()[:200], "group": group}
    rows = [TimetableChange(cohort=cohort, by=by, created_at=at, **common) for cohort in cohorts]
    TimetableChange.objects.bulk_create(rows)
    detail = {"group": group, "kind": wish.kind, "cohorts": [cohort.code for cohort in cohorts]}
    record(act="timetable.programme", by=by, at=at, subject=cohorts[0].course.programme, detail=detail)
    transaction.on_commit(lambda: current_app.send_task("cohorts.tasks.sweep_timetables"), robust=True)
    return group


def _enter_holidays(dates: Sequence[date], name: str, by: User | None, at: datetime) -> None:
    standing = set(Holiday.objects.filter(date__in=list(dates)).values_list("date", flat=True))
    rows = Holiday.objects.bulk_create(Holiday(date=day, name=name) for day in dates if day not in standing)
    for holiday in rows:
        record(act="holiday.add", by=by, at=at, subject=holiday, detail={"date": str(holiday.date), "name": name})
