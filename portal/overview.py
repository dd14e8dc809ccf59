"""The overview of the programme office: numbers with the addresses of the lists behind them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from cohorts.models import City
from courses.models import Course
from portal.charts import draw_funnel, draw_places, draw_weeks
from portal.figures import Choice, Programme, SplitRow, count_programme, read_weeks, worst_cohorts
from portal.figures.needs import list_needs, read_programme
from trainees.models import Trainee

MINIMUM = 75  # drawn while no policy is chosen; cohorts are judged by their own
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
    ("s1", "to_start", lazy("To start")),
    ("s2", "on_track", lazy("On track")),
    ("s3", "at_risk", lazy("At risk")),
    ("s4", "completed", lazy("Completed")),
    ("s5", "not_completed", lazy("Not completed")),
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
    programme = read_programme()
    figures = count_programme(choice)
    weeks = read_weeks(choice)
    names = name_splits()
    mondays, rows = worst_cohorts(choice, weeks, names["course"])
    split = str(given.get("split", ""))
    return {
        "programme": programme,
        "choice": choice,
        "fields": _fields(choice, names),
        "now": at,
        "counts": figures.counts,
        "funnel": [_number(figures, choice, *each) for each in FUNNEL],
        "picture": draw_funnel(sum_steps(figures), programme.seat_target if programme and choice.is_all else 0),
        "parts": [_part(figures, choice, *each) for each in PARTS],
        "places": draw_places([(tone, str(label), figures.counts[name]) for tone, name, label in PARTS]),
        "others": [_link(figures, choice, name) for name in ("waiting", "left", "cannot_reach")],
        "needs": list_needs(programme, figures.counts, at=at) if programme and choice.is_all else [],
        "forecast": _forecast(figures),
        "weeks": weeks,
        "lines": [
            draw_weeks(
                [(week.monday, week.permille) for week in weeks if week.possible], minimum=MINIMUM, narrow=narrow
            )
            for narrow in (False, True)
        ],
        "mondays": mondays,
        "rows": [_heat(row) for row in rows],
        "split": _split(figures, choice, split if split in SPLITS else "province", names),
    }


def sum_steps(figures: Programme) -> list[tuple[str, int]]:
    """Return the funnel as (label, number)."""
    return [(str(label), figures.counts[name]) for name, label, _page, _more in FUNNEL]


def _number(
    figures: Programme, choice: Choice, name: str, label: Any, page: str, more: dict[str, str]
) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "n": figures.counts[name],
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


def _forecast(figures: Programme) -> dict[str, int]:
    """The least and the most that will complete: without and with those at risk who can still reach it."""
    counts = figures.counts
    least = counts["completed"] + counts["on_track"]
    return {"least": least, "most": least + counts["at_risk"] - counts["cannot_reach"], "open": counts["to_start"]}


def _heat(row: Any) -> dict[str, Any]:
    return {"code": row.code, "course": row.course, "city": row.city, "cells": [_cell(each) for each in row.cells]}


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


def _split(figures: Programme, choice: Choice, name: str, names: dict[str, dict[str, Any]]) -> dict[str, Any]:
    rows = [_split_row(row, choice, name, names[name]) for row in figures.splits[name] if row.counts["placed"]]
    return {
        "name": name,
        "label": SPLITS[name],
        "columns": [label for _key, label in SPLIT_COLUMNS],
        "rows": rows,
        "total": _split_row(figures.total, choice, "", {}),
        "also": [(label, choice.query(split=other)) for other, label in SPLITS.items() if other != name],
    }


def _split_row(row: SplitRow, choice: Choice, name: str, names: dict[str, Any]) -> dict[str, Any]:
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
        "women": row.women_percent,
        "attended": row.attended,
    }
