"""Reasons as sentences in the reader's language."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

SIMPLE = {
    "no_attendance": lazy("No session with attendance."),
    "not_assessed": lazy("No scores are kept in this cohort: attendance alone decides."),
    "work_done": lazy("%(name)s handed in."),
    "work_missing": lazy("%(name)s is required and has no score."),
}


def describe(reason: dict[str, Any]) -> str:
    """Return a reason of an outcome, or a condition on the way to it, as a sentence."""
    if reason["code"] in SIMPLE:
        said = str(SIMPLE[reason["code"]]) % reason
        return f"{said} {_describe_statement(reason)}" if "by" in reason else said
    if reason["code"].startswith("attendance"):
        return _describe_attendance(reason)
    if reason["code"].startswith("score"):
        return _describe_score(reason)
    on = date_format(date.fromisoformat(reason["on"]), "j F Y")
    return _("Exception by %(by)s on %(on)s: %(reason)s") % {**reason, "on": on}


def _describe_statement(reason: dict[str, Any]) -> str:
    on = date_format(date.fromisoformat(reason["on"]), "j F Y")
    return _("Stated by %(by)s on %(on)s: %(reason)s") % {**reason, "on": on}


def _describe_attendance(reason: dict[str, Any]) -> str:
    units = _("minutes") if reason["counted_by"] == "minutes" else _("sessions")
    needed = reason["needed"] if reason.get("inclusive", True) else _("more than %s") % reason["needed"]
    values = {**reason, "possible": f"{reason['possible']:,}", "units": units, "needed": needed}
    if reason.get("missed"):
        values["dates"] = join_dates([date.fromisoformat(day) for day in reason["missed"]])
        text = _("Attended %(percent)s %% of %(possible)s %(units)s, %(needed)s %% needed; missed %(dates)s.")
    else:
        text = _("Attended %(percent)s %% of %(possible)s %(units)s, %(needed)s %% needed.")
    return text % values


def _describe_score(reason: dict[str, Any]) -> str:
    text = _("Scored %(percent)s %% of all assessments, %(needed)s %% needed.") % reason
    if reason.get("unscored"):
        text += " " + _("No score yet: %s.") % ", ".join(reason["unscored"])
    return text


def join_dates(days: Sequence[date]) -> str:
    """Return dates in order, each month named once: 14, 18, 21 May, 2 June."""
    ordered = sorted(set(days))
    pattern = "F" if len({day.year for day in ordered}) < 2 else "F Y"
    months = groupby(ordered, key=lambda day: (day.year, day.month))
    parts = []
    for _month, group in months:
        here = list(group)
        parts.append(", ".join(str(day.day) for day in here) + " " + date_format(here[0], pattern))
    return ", ".join(parts)
