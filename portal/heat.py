"""The heat map of the overview: the worst cohorts by week, or by their own last sessions."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.figures import Choice, HeatCell, HeatRow, Week, worst_cohorts

ON_PHONE = 6
STEPS = (60, 75, 85, 95)  # one edge is the usual minimum: warm below it, green above


def build_heat(choice: Choice, weeks: list[Week], titles: Mapping[str, str], *, by_session: bool) -> dict[str, Any]:
    """Return heads and rows of the map. Two queries."""
    mondays, rows = worst_cohorts(choice, weeks, dict(titles), by_session=by_session)
    return {
        "by_session": by_session,
        "mondays": [_head(mondays, n) for n in range(len(mondays))],
        "ago": range(len(rows[0].cells) - 1, -1, -1) if rows else (),
        "rows": [_row(row) for row in rows],
    }


def _head(mondays: list[date], n: int) -> dict[str, Any]:
    """Return a week of the map's head: the month only where it changes, the year only where that does."""
    day, before = mondays[n], mondays[n - 1] if n else None
    return {
        "monday": day,
        "month": before is None or (before.year, before.month) != (day.year, day.month),
        "year": before is not None and before.year != day.year,
        "is_far": n < len(mondays) - ON_PHONE,
    }


def _row(row: HeatRow) -> dict[str, Any]:
    names = {"code": row.code, "course": row.course, "city": row.city, "is_closed": row.is_closed}
    return {**names, "to_date": row.to_date, "cells": [_cell(each) for each in row.cells]}


def _cell(cell: HeatCell | None) -> dict[str, Any] | None:
    if cell is None:
        return None
    step = 1 + sum(cell.percent >= edge for edge in STEPS)
    return {"percent": cell.percent, "step": step, "session": cell.session, "number": cell.number, "day": cell.day}
