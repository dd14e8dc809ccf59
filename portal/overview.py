"""The overview of the programme office: numbers with the addresses of the lists behind them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from cohorts.filters import KnownFilter
from cohorts.models import City
from courses.models import Course
from portal.charts import draw_bar, draw_funnel, draw_places, draw_shares
from portal.done import sum_done
from portal.figures import Choice, Programme, SplitRow, Week, count_programme, read_weeks
from portal.figures.needs import list_needs, read_programme
from portal.heat import build_heat
from portal.need_words import describe_need
from portal.standstill import find_standstill
from portal.waves import Waves, choose_waves
from portal.week_chart import Point, draw_weeks, forecast, show_past
from trainees.models import Trainee

MINIMUM = 75  # drawn while no policy is kept; cohorts are judged by their own
WIDE, NARROW = (410.0, 34.0, 50.0), (340.0, 34.0, 50.0)
LIST, APPLICATIONS, CERTIFICATES = "/manage/trainees/", "/manage/applications/", "/manage/certificates/"
COHORTS = "/manage/cohorts/"
FUNNEL = (
    ("applied", lazy("Applied"), APPLICATIONS, {"stage": "applied"}),
    ("accepted", lazy("Accepted"), APPLICATIONS, {"stage": "accepted"}),
    ("placed", lazy("Placed"), LIST, {"stage": "placed"}),
    ("attending", lazy("Attending"), LIST, {"stage": "attending"}),
    ("at_risk", lazy("At risk"), LIST, {"stage": "at_risk"}),
    ("completed", lazy("Completed"), LIST, {"stage": "completed"}),
    ("certified", lazy("Certified"), CERTIFICATES, {"state": "issued", "placed": "true"}),
)
BEFORE = {
    # of which number each stage is a share
    "accepted": ("applied", lazy("%d %% of applied")),
    "placed": ("accepted", lazy("%d %% of accepted")),
    "attending": ("placed", lazy("%d %% of placed")),
    "at_risk": ("attending", lazy("%d %% of attending")),
    "completed": ("judged", lazy("%d %% of those judged")),
    "certified": ("completed", lazy("%d %% of completed")),
}
NOTES = {
    # what stands under a number: the count, its words, and the list of that length
    "attending": ("running", lazy("running cohorts: %s"), COHORTS, {"state": "running"}),
    "applied": ("repeats", lazy("%s repeats left out"), APPLICATIONS, {"verdict": "duplicate"}),
    "accepted": ("to_review", lazy("%s to review"), APPLICATIONS, {"stage": "in_review"}),
    "placed": ("waiting", lazy("%s waiting"), LIST, {"stage": "waiting"}),
    "at_risk": ("cannot_reach", lazy("%s out of reach"), LIST, {"stage": "cannot_reach"}),
    "completed": ("not_completed", lazy("%s did not"), LIST, {"stage": "not_completed"}),
}
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
SWITCHES = {
    "places": {"funnel": ""},
    "share": {"funnel": "share"},
    "weeks": {"heat": ""},
    "sessions": {"heat": "session"},
}


def build_overview(given: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """Return all that the page shows for the filters in its address. At most twelve queries."""
    choice = Choice.read(given)
    programme = read_programme(choice)
    figures = count_programme(choice)
    weeks = read_weeks(choice)
    names = name_splits()
    view = _read_view(given)
    target = programme.seat_target if programme and choice.is_all else 0
    minimum = (programme and programme.minimum) or MINIMUM
    needs = list_needs(programme, figures.counts, at=at) if programme and choice.is_all else []
    figures.counts["running"] = programme.n_running if programme else 0
    figures.counts["judged"] = figures.counts["completed"] + figures.counts["not_completed"]
    as_share = view["funnel"] == "share"
    steps = [_number(figures, choice, target, *each, as_share=as_share) for each in FUNNEL]
    return {
        "programme": programme,
        "choice": choice,
        "chosen": [str(names[name].get(value, value)) for name in SPLITS if (value := getattr(choice, name))],
        "fields": _fields(choice, names),
        "now": at,
        "standstill": find_standstill(at=at),
        "minimum": minimum,
        "counts": figures.counts,
        "funnel": steps,
        "picture": draw_shares([(str(each["label"]), each["share"]) for each in steps])
        if as_share
        else draw_funnel(sum_steps(figures), target),
        "as_share": as_share,
        "switch": {name: choice.query(**{**view, **more}) for name, more in SWITCHES.items()},
        "view": view,
        "parts": [_part(figures, choice, *each) for each in PARTS],
        "free": max(0, target - figures.counts["placed"]),
        "places": _draw_places(figures, target),
        "left": _link(figures, choice, "left"),
        "needs": [describe_need(need, at=at) for need in needs],
        "done": sum_done(at=at) if programme and choice.is_all else None,
        **build_heat(choice, weeks, names["course"], by_session=view["heat"] == "session"),
        "split": _split(figures, choice, view, names, minimum),
        **_weeks(weeks, figures, minimum=minimum, target=target, at=at),
    }


def _read_view(given: Mapping[str, Any]) -> dict[str, str]:
    """Return how the page is to be shown: what the usual way is, is empty and leaves the address."""
    known = {"split": set(SPLITS) - {"province"}, "heat": {"session"}, "funnel": {"share"}}
    return {name: value if (value := str(given.get(name, ""))) in values else "" for name, values in known.items()}


def _draw_places(figures: Programme, target: int) -> Any:
    parts = [(tone, str(label), figures.counts[name]) for tone, name, label in PARTS]
    return draw_places([*parts, ("hn-s6", _("Free"), max(0, target - figures.counts["placed"]))])


def _weeks(weeks: list[Week], figures: Programme, *, minimum: int, target: int, at: datetime) -> dict[str, Any]:
    """Return the picture of the weeks in two widths, its table, and what it comes to."""
    points = forecast(weeks, today=localdate(at))
    waves = choose_waves([point.week for point in show_past(points)])
    held = [week for week in weeks if week.possible]
    change = (held[-1].permille or 0) - (held[-2].permille or 0) if len(held) > 1 else None
    return {
        "lines": [
            draw_weeks(points, minimum=minimum, target=target, waves=waves.drawn, size=size) for size in (WIDE, NARROW)
        ],
        "points": [(point, _rates(point, waves)) for point in points if _says_something(point)],
        "waves": waves,
        "held": len(held),
        "change": None
        if change is None
        else f"{'+' if change > 0 else '−' if change < 0 else '±'}{abs(change) / 10:.1f}",
        "is_fall": bool(change and change < 0),
        "forecast": sum_outlook(figures),
    }


def _rates(point: Point, waves: Waves) -> list[int | None]:
    """Return what each wave that is drawn attended in a week, in permille; none where it did not meet."""
    return [point.week.rates.get(wave.monday) for wave in waves.drawn]


def _says_something(point: Point) -> bool:
    week = point.week
    return bool(week.possible or week.holidays or week.completed or not point.is_past)


def sum_steps(figures: Programme) -> list[tuple[str, int]]:
    """Return the funnel as (label, number)."""
    return [(str(label), figures.counts[name]) for name, label, _page, _more in FUNNEL]


def _number(
    figures: Programme,
    choice: Choice,
    target: int,
    name: str,
    label: Any,
    page: str,
    more: dict[str, str],
    *,
    as_share: bool,
) -> dict[str, Any]:
    """Return a stage of the funnel; its bar is drawn against the places, or against the stage before."""
    n, tone = figures.counts[name], {"at_risk": "hn-s3", "certified": "hn-goldfill"}.get(name, "hn-fill")
    before, said = BEFORE.get(name, ("", ""))
    of = figures.counts[before] if before else n
    share = n / of if of else 0.0
    top = max(target, figures.counts["applied"], 1)
    return {
        "name": name,
        "label": label,
        "n": n,
        "share": share,
        "bar": draw_bar([(tone, min(1.0, share if as_share else n / top))]),
        "url": f"{page}?{choice.query(**more)}",
        "said": said % (n * 100 // of) if as_share and before and of else "",
        "note": _note(name, figures, choice),
    }


def _note(name: str, figures: Programme, choice: Choice) -> dict[str, Any]:
    """Return the words under a number, with the list that they count."""
    if name in NOTES:
        key, words, page, more = NOTES[name]
        n = figures.counts[key]
        return {"text": words % f"{n:,}", "n": n, "url": f"{page}?{choice.query(**more)}"}
    return {"text": _("%s to be issued") % f"{figures.counts['due']:,}"}


def _part(figures: Programme, choice: Choice, tone: str, name: str, label: Any) -> dict[str, Any]:
    return {"tone": tone, "label": label, **_link(figures, choice, name)}


def _link(figures: Programme, choice: Choice, name: str) -> dict[str, Any]:
    return {"name": name, "n": figures.counts[name], "url": f"{LIST}?{choice.query(stage=name)}"}


def sum_outlook(figures: Programme) -> dict[str, int]:
    """The least and the most that will complete: without and with those at risk who can still reach it."""
    counts = figures.counts
    least = counts["completed"] + counts["on_track"]
    return {"least": least, "most": least + counts["at_risk"] - counts["cannot_reach"], "open": counts["to_start"]}


def name_splits() -> dict[str, dict[str, Any]]:
    """Return what each value of a split is called. One query."""
    return {
        "course": dict(Course.objects.order_by("code").values_list("code", "title")),
        "city": dict(City.choices),
        "province": {**dict(Trainee.Province.choices), KnownFilter.NONE: _("Not known")},
        "gender": {"F": _("Women"), "M": _("Men"), KnownFilter.NONE: _("Not known")},
        "category": {**dict(Trainee.Category.choices), KnownFilter.NONE: _("Not known")},
    }


def _fields(choice: Choice, names: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "label": label, "value": getattr(choice, name), "options": names[name].items()}
        for name, label in SPLITS.items()
    ]


def _split(
    figures: Programme, choice: Choice, view: dict[str, str], names: dict[str, dict[str, Any]], minimum: int
) -> dict[str, Any]:
    name = view["split"] or "province"
    rows = [_split_row(row, choice, name, names[name], minimum) for row in figures.splits[name] if row.counts["placed"]]
    return {
        "name": name,
        "label": SPLITS[name],
        "columns": [label for _key, label in SPLIT_COLUMNS],
        "rows": rows,
        "show_women": not choice.gender and name != "gender",
        "genders": [
            {
                "tone": "hn-s2" if row.value == "F" else "hn-track",
                "name": names["gender"][row.value or KnownFilter.NONE],
                "n": row.counts["placed"],
                "url": f"{LIST}?{choice.query(stage='placed', gender=row.value or KnownFilter.NONE)}",
            }
            for row in sorted(figures.splits["gender"], key=lambda row: row.value != "F")
            if row.counts["placed"]
        ],
        "total": _split_row(figures.total, choice, "", {}, minimum),
        "also": [(label, choice.query(**{**view, "split": other})) for other, label in SPLITS.items() if other != name],
    }


def _split_row(row: SplitRow, choice: Choice, name: str, names: dict[str, Any], minimum: int) -> dict[str, Any]:
    more = {name: row.value or KnownFilter.NONE} if name else {}
    numbers = [
        {"n": row.counts[key], "url": f"{LIST}?{choice.query(stage=key, **more)}"} for key, _label in SPLIT_COLUMNS
    ]
    return {
        "name": names.get(row.value) or (_("Not known") if name else _("All")),
        "numbers": numbers,
        "bar": draw_bar([("hn-s2", row.counts["women"] / row.counts["placed"])]) if row.counts["placed"] else "",
        "women": row.women_percent,
        "attended": row.attended,
        "is_low": row.attended is not None and row.attended < minimum,
    }
