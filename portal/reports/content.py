"""What stands in a report: the same figures as the pages, at one moment, with the version of each policy."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from cohorts import rules
from cohorts.matrix import Row, build_matrix
from cohorts.models import Cohort, Enrolment
from cohorts.services.completion import collect_evidence
from cohorts.services.tallies import policy_of
from cohorts.views.manage.cohorts import cohorts_with_progress
from courses.models import AttendancePolicy, Programme
from portal.charts import draw_funnel, draw_places
from portal.figures import Choice, Week, count_programme, read_weeks
from portal.models import FigureCheck
from portal.overview import MINIMUM, PARTS, SPLITS, name_splits, sum_outlook, sum_steps
from portal.reports.cohorts import Listing
from portal.week_chart import MOST_PAST, draw_weeks, forecast

SIZE = (640.0, 44.0, 58.0)
STYLE = (
    ".hn-line{fill:none;stroke:#0b6e4f;stroke-width:1.8}.hn-line-coming{stroke-dasharray:4 3}.hn-dot{fill:#0b6e4f}"
    ".hn-rule{stroke:#e5e6de}.hn-min{stroke:#b8892a;stroke-dasharray:3 3;fill:none}.hn-holiday{fill:#f1f0e8}"
    ".hn-target{stroke:#5f6e66;stroke-dasharray:1.5 3;fill:none}.hn-done{fill:#dcebe4}.hn-today{stroke:#5f6e66}"
    ".hn-fill,.hn-s2{fill:#0b6e4f}.hn-goldfill{fill:#b07d1e}.hn-flow{fill:#e4f1ea}.hn-s1{fill:#d9dbd0}"
    ".hn-s3{fill:#eebd68}.hn-s4{fill:#6db694}.hn-s5{fill:#c4573b}.hn-s6{fill:none;stroke:#7d8b83}"
    ".hn-axis{font-family:'EB Garamond';font-size:12px;fill:#4a5a52}.hn-axis-day{font-size:11px}"
    ".hn-axis-now{font-weight:600;fill:#0b5d43}.hn-axis-title{font-weight:600}"
)
SQUARES = {
    "present": '<rect x="{x}" width="8" height="8" rx="1.500" fill="#6db694"/>',
    "late": '<rect x="{x}" width="8" height="8" rx="1.500" fill="#cfe6da"/>',
    "excused": '<rect x="{y}" y=".5" width="7" height="7" rx="1.500" fill="none" stroke="#1b548c"/>',
    "absent": '<path d="M{y} .8l6.400 6.400m0-6.400l-6.400 6.400" stroke="#a3271d" stroke-width="1.600"/>',
    "unmarked": '<rect x="{y}" y=".5" width="7" height="7" rx="1.500" fill="none" stroke="#7d8b83" '
    'stroke-dasharray="1.500 1"/>',
    "planned": '<circle cx="{z}" cy="4" r=".8" fill="#7d8b83"/>',
    "cancelled": '<path d="M{y} 4h6" stroke="#7d8b83"/>',
}
LETTERS = {
    "present": "P",
    "late": "L",
    "excused": "E",
    "absent": "A",
    "unmarked": "–",
    "planned": ".",
    "cancelled": "x",
}


def describe_programme(*, listing: Listing, at: datetime) -> dict[str, Any]:
    """Return the funnel, where the placed stand, every split, the weeks, the policies, what is kept of the cohorts.

    Ten queries.
    """
    figures, weeks, names = count_programme(Choice()), read_weeks(Choice()), name_splits()
    steps = sum_steps(figures)
    programme = Programme.objects.latest_first().first()
    target = programme.seat_target if programme else 0
    parts = [(tone, str(label), figures.counts[name]) for tone, name, label in PARTS]
    if free := max(0, target - figures.counts["placed"]):
        parts.append(("hn-s6", _("Free"), free))
    line = draw_weeks(forecast(weeks, today=localdate(at)), minimum=MINIMUM, target=target, size=SIZE)
    return {
        "at": at,
        "programme": programme,
        "checked": FigureCheck.objects.order_by("-id").first(),
        "steps": steps,
        "funnel": _picture(draw_funnel(steps, target), _say(steps)),
        "counts": figures.counts,
        "parts": parts,
        "parts_sum": sum(number for _tone, _label, number in parts),
        "bar": _picture(draw_places(parts), _say((label, number) for _tone, label, number in parts)),
        "splits": [
            {
                "label": label,
                "rows": [(names[name].get(row.value) or _("Not known"), row) for row in figures.splits[name]],
            }
            for name, label in SPLITS.items()
        ],
        "total": figures.total,
        "weeks": weeks,
        "line": _picture(line, _say_weeks(weeks)),
        "outlook": sum_outlook(figures),
        "listing": listing,
        "policies": AttendancePolicy.objects.select_related("course").order_by("course__title", "version"),
    }


def _picture(drawing: str, words: str) -> SafeString:
    """Give a drawing the few rules that the style sheet of the pages gives it, and say it in words."""
    inner = f"><title>{escape(words)}</title><style>{STYLE}</style>"
    return mark_safe(drawing.replace(">", inner, 1))  # noqa: S308 - our own drawing


def _say(numbers: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{label} {number:,}" for label, number in numbers)


def _say_weeks(weeks: Sequence[Week]) -> str:
    """Say the attendance of the weeks that are drawn, one after the other."""
    held = [week for week in weeks if week.permille is not None][-MOST_PAST:]
    return ", ".join(f"{date_format(week.monday, 'j M Y')} {(week.permille or 0) // 10} %" for week in held)


def describe_cohort(*, cohort: Cohort, at: datetime) -> dict[str, Any]:
    """Return the sessions, and every person with marks, counts, rates and reasons. Fourteen queries."""
    cohort = cohorts_with_progress().select_related("course__programme", "policy").get(pk=cohort.pk)
    policy, sessions = policy_of(cohort), list(cohort.sessions.order_by("number"))
    matrix = build_matrix(cohort=cohort, sessions=sessions, policy=policy, now=at)
    people = [row.enrolment for row in matrix.rows]
    evidence = collect_evidence(cohort=cohort, policy=policy, enrolments=people)
    found = {each.pk: each.reasons or rules.explain_progress(each, policy, evidence[each.pk]) for each in people}
    unassessed = bool(people) and all(
        any(reason["code"] == "not_assessed" for reason in reasons) for reasons in found.values()
    )
    return {
        "at": at,
        "programme": cohort.course.programme,
        "cohort": cohort,
        "policy": policy,
        "assessments": policy.assessments.order_by("number"),
        "instructors": cohort.instructors.all(),
        "sessions": sessions,
        "average": matrix.average,
        "unassessed": unassessed,
        "rows": [_row(row, found[row.enrolment.pk]) for row in matrix.rows],
    }


def _row(row: Row, reasons: Sequence[Any]) -> dict[str, Any]:
    """Return a person; the reasons only where there is something to explain, an exception above all (R46)."""
    enrolment = row.enrolment
    watched = enrolment.standing in (Enrolment.Standing.AT_RISK, Enrolment.Standing.CANNOT_REACH)
    is_excepted = any(each["code"] == "exception" for each in reasons)
    is_explained = watched or is_excepted or enrolment.status == Enrolment.Status.NOT_COMPLETED
    said = [rules.describe(each) for each in reasons if is_explained and each["code"] != "not_assessed"]
    return {
        "enrolment": enrolment,
        "rates": row.rates,
        "is_watched": watched and enrolment.status == Enrolment.Status.ENROLLED,
        "strip": _draw_strip([mark for mark, _far in row.cells]),
        "reasons": said,
    }


def _draw_strip(marks: Sequence[str]) -> SafeString:
    """Return one square per session, in order."""
    words = " ".join(LETTERS[mark] for mark in marks if mark)
    shapes = [SQUARES[mark].format(x=n * 10, y=n * 10 + 0.8, z=n * 10 + 4) for n, mark in enumerate(marks) if mark]
    box = f'viewBox="0 0 {max(len(marks), 30) * 10} 8"'
    return mark_safe(f'<svg class="strip" {box}><title>{words}</title>{"".join(shapes)}</svg>')  # noqa: S308 - our own drawing
