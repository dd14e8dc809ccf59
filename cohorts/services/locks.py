"""Locking several rows at once."""

from typing import Any

from django.db.models import QuerySet


def lock_in_order(rows: QuerySet[Any]) -> list[int]:
    """Lock rows in the order of their ids, so that two who lock the same never wait for each other. One query.

    Cohorts come first, then their sessions, courses, venues, accounts. Returns the ids.
    """
    locked = rows.select_for_update(no_key=True, of=("self",)).order_by("id")
    return list(locked.values_list("pk", flat=True))
