"""The overview of the programme office: numbers with the addresses of the lists behind them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from cohorts.models import City
from courses.models import Course
from portal.charts import draw_bar, draw_funnel, draw_places
from portal.figures import Choice, Programme, SplitRow, Week, count_programme, read_weeks, worst_cohorts
from portal.figures.needs import list_needs, read_programme
from portal.need_words import describe_need
from portal.week_chart import Point, draw_weeks, forecast
from trainees.models import Trainee

MINIMUM = 75  # drawn while no policy is kept; cohorts are judged by their own
WIDE, NARROW = (410.0, 34.0, 50.0), (340.0, 34.0, 50.0)
LIST, APPLICATIONS, CERTIFICATES = "/manage/trainees/", "/manage/applications/", "/manage/certificates/"
FUNNEL = (
    ("applied", lazy("Applied"), APPLICATIONS, {"stage": "applied"}),
    ("accepted", lazy("Accepted"), APPLICATIONS, {"stage": "accepted"}),
    ("placed", lazy("Placed"), LIST, {"stage": "placed"}),
    ("attending", lazy("Attending"), LIST, {"stage": "attending"}),
    ("at_risk", lazy("At risk"), LIST, {"stage": "at_risk"}),
    ("completed", lazy("Completed"), LIST, {"stage": "completed"}),
    ("certified", lazy("Certified"), CERTIFICATES, {"state": "issued", "placed": "true"}),
)
PARTS = (
    ("hn-s1", "to_start", lazy("To start")),
    ("hn-s2", "on_track", lazy("On track")),
    ("hn-s3", "at_risk", lazy("At risk")),
    ("hn-s4", "completed", lazy("Completed")),
    ("hn-s5", "not_completed", lazy("Not completed")),
)
SPLITS = {
    "province": lazy("Province"),
    "course": lazy("Course"),
    "city": lazy("City"),
    "gender": lazy("Gender"),
    "category": lazy("Graduate or professional"),
}
SPLIT_COLUMNS = (
    ("placed", lazy("Places")),
    ("at_risk", lazy("At risk")),
    ("completed", lazy("Completed")),
)


def build_overview(given: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """Return all that the page shows for the filters in its address. At most eleven queries."""
    choice = Choice.read(given)
    programme = read_programme(choice)
    figures = count_programme(choice)
    weeks = read_weeks(choice)
    names = name_splits()
    mondays, rows = worst_cohorts(choice, weeks, names["course"])
    split = str(given.get("split", ""))
    target = programme.seat_target if programme and choice.is_all else 0
    minimum = (programme and programme.minimum) or MINIMUM
    needs = list_needs(programme, figures.counts, at=at) if programme and choice.is_all else []
    top = max(target, figures.counts["applied"], 1)
    return {
        "programme": programme,
        "choice": choice,
        "chosen": [str(names[name].get(value, value)) for name in SPLITS if (value := getattr(choice, name))],
        "fields": _fields(choice, names),
        "now": at,
        "minimum": minimum,
        "counts": figures.counts,
        "funnel": [_number(figures, choice, top, *each) for each in FUNNEL],
        "picture": draw_funnel(sum_steps(figures), target),
        "parts": [_part(figures, choice, *each) for each in PARTS],
        "free": max(0, target - figures.counts["placed"]),
        "places": _draw_places(figures, target),
        "others": [_link(figures, choice, name) for name in ("cannot_reach", "waiting", "left")],
        "needs": [describe_need(need, at=at) for need in needs],
        "mondays": [_head(mondays, n) for n in range(len(mondays))],
        "rows": [_heat(row) for row in rows],
        "split": _split(figures, choice, split if split in SPLITS else "province", names, minimum),
        **_weeks(weeks, figures, minimum=minimum, target=target, at=at),
    }


def _draw_places(figures: Programme, target: int) -> Any:
    parts = [(tone, str(label), figures.counts[name]) for tone, name, label in PARTS]
    return draw_places([*parts, ("hn-s6", _("Free"), max(0, target - figures.counts["placed"]))])


def _weeks(weeks: list[Week], figures: Programme, *, minimum: int, target: int, at: datetime) -> dict[str, Any]:
    """Return the picture of the weeks in two widths, its table, and what it comes to."""
    points = forecast(weeks, today=localdate(at))
    held = [week for week in weeks if week.possible]
    change = (held[-1].permille or 0) - (held[-2].permille or 0) if len(held) > 1 else None
    return {
        "lines": [draw_weeks(points, minimum=minimum, target=target, size=size) for size in (WIDE, NARROW)],
        "points": [point for point in points if _says_something(point)],
        "held": len(held),
        "change": None
        if change is None
        else f"{'+' if change > 0 else '−' if change < 0 else '±'}{abs(change) / 10:.1f}",
        "is_fall": bool(change and change < 0),
        "forecast": sum_outlook(figures),
    }


def _signed(permille: int | None) -> str:
    if permille is None:
        return ""
    return f"{'+' if permille > 0 else '−' if permille < 0 else '±'}{abs(permille) / 10:.1f}"


def _says_something(point: Point) -> bool:
    week = point.week
    return bool(week.possible or week.holidays or week.completed or not point.is_past)


def _head(mondays: list[date], n: int) -> dict[str, Any]:
    """Return a week of the heat map's head: the month only where it changes, the year only where that does."""
    day, before = mondays[n], mondays[n - 1] if n else None
    return {
        "monday": day,
        "month": before is None or (before.year, before.month) != (day.year, day.month),
        "year": before is not None and before.year != day.year,
        "is_far": n < len(mondays) - 6,
    }


def sum_steps(figures: Programme) -> list[tuple[str, int]]:
    """Return the funnel as (label, number)."""
    return [(str(label), figures.counts[name]) for name, label, _page, _more in FUNNEL]


def _number(
    figures: Programme, choice: Choice, top: int, name: str, label: Any, page: str, more: dict[str, str]
) -> dict[str, Any]:
    n, tone = figures.counts[name], {"at_risk": "hn-s3", "certified": "hn-goldfill"}.get(name, "hn-fill")
    return {
        "name": name,
        "label": label,
        "n": n,
        "bar": draw_bar([(tone, min(1.0, n / top))]),
        "url": f"{page}?{choice.query(**more)}",
        "note": _note(name, figures),
    }


def _note(name: str, figures: Programme) -> str:
    counts = figures.counts
    notes = {
        "applied": _("repeats left out"),
        "accepted": _("%d to review") % counts["to_review"],
        "placed": _("%d waiting") % counts["waiting"],
        "attending": _("in running cohorts"),
        "at_risk": _("%d out of reach") % counts["cannot_reach"],
        "completed": _("%d did not") % counts["not_completed"],
        "certified": _("%d to be issued") % counts["due"],
    }
    return notes[name]


def _part(figures: Programme, choice: Choice, tone: str, name: str, label: Any) -> dict[str, Any]:
    return {"tone": tone, "label": label, **_link(figures, choice, name)}


def _link(figures: Programme, choice: Choice, name: str) -> dict[str, Any]:
    return {"name": name, "n": figures.counts[name], "url": f"{LIST}?{choice.query(stage=name)}"}


def sum_outlook(figures: Programme) -> dict[str, int]:
    """The least and the most that will complete: without and with those at risk who can still reach it."""
    counts = figures.counts
    least = counts["completed"] + counts["on_track"]
    return {"least": least, "most": least + counts["at_risk"] - counts["cannot_reach"], "open": counts["to_start"]}


def _heat(row: Any) -> dict[str, Any]:
    cells = [_cell(each) for each in row.cells]
    names = {"code": row.code, "course": row.course, "city": row.city, "is_closed": row.is_closed}
    return {**names, "to_date": _cell(row.to_date), "cells": cells}


def _cell(percent: int | None) -> dict[str, Any] | None:
    if percent is None:
        return None
    step = 1 if percent < 60 else 2 if percent < 75 else 3 if percent < 85 else 4 if percent < 95 else 5
    return {"percent": percent, "step": step}


def name_splits() -> dict[str, dict[str, Any]]:
    """Return what each value of a split is called. One query."""
    return {
        "course": dict(Course.objects.order_by("code").values_list("code", "title")),
        "city": dict(City.choices),
        "province": dict(Trainee.Province.choices),
        "gender": {"F": _("Women"), "M": _("Men")},
        "category": dict(Trainee.Category.choices),
    }


def _fields(choice: Choice, names: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "label": label, "value": getattr(choice, name), "options": names[name].items()}
        for name, label in SPLITS.items()
    ]


def _split(
    figures: Programme, choice: Choice, name: str, names: dict[str, dict[str, Any]], minimum: int
) -> dict[str, Any]:
    rows = [_split_row(row, choice, name, names[name], minimum) for row in figures.splits[name] if row.counts["placed"]]
    return {
        "name": name,
        "label": SPLITS[name],
        "columns": [label for _key, label in SPLIT_COLUMNS],
        "rows": rows,
        "show_women": not choice.gender and name != "gender",
        "women": figures.counts["women"],
        "others": figures.counts["placed"] - figures.counts["women"],
        "total": _split_row(figures.total, choice, "", {}, minimum),
        "also": [(label, choice.query(split=other)) for other, label in SPLITS.items() if other != name],
    }


def _split_row(row: SplitRow, choice: Choice, name: str, names: dict[str, Any], minimum: int) -> dict[str, Any]:
    more = {name: row.value} if name and row.value else {}
    numbers = [
        {
            "n": row.counts[key],
            # A person without the fact cannot be filtered for: that number has no list of its own.
            "url": f"{LIST}?{choice.query(stage=key, **more)}" if row.value or not name else "",
        }
        for key, _label in SPLIT_COLUMNS
    ]
    return {
        "name": names.get(row.value) or (_("Not known") if name else _("All")),
        "numbers": numbers,
        "bar": draw_bar([("hn-s2", row.counts["women"] / row.counts["placed"])]) if row.counts["placed"] else "",
        "women": row.women_percent,
        "attended": row.attended,
        "is_low": row.attended is not None and row.attended < minimum,
    }
