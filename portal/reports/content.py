"""What stands in a report: the same figures as the pages, at one moment, with the version of each policy."""

from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localdate

from cohorts import rules
from cohorts.models import Cohort
from cohorts.services.completion import collect_evidence
from cohorts.services.tallies import policy_of
from cohorts.views.manage.cohorts import cohorts_with_progress
from portal.figures import Choice, count_programme, read_weeks
from portal.overview import MINIMUM, PARTS, SPLITS, name_splits, sum_steps
from portal.week_chart import draw_weeks, forecast

STYLE = (
    ".hn-line{fill:none;stroke:#0b6e4f;stroke-width:2}.hn-dot{fill:#0b6e4f}.hn-rule{stroke:#e5e6de}"
    ".hn-min{stroke:#d2a541;stroke-dasharray:3 3;fill:none}.hn-axis{font:11px 'EB Garamond';fill:#4a5a52}"
)


def describe_programme(*, at: datetime) -> dict[str, Any]:
    """Return the funnel, where the placed stand, every split, the weeks and the cohorts. Ten queries."""
    figures = count_programme(Choice())
    weeks = read_weeks(Choice())
    names = name_splits()
    cohorts = list(cohorts_with_progress().select_related("course__programme", "policy").order_by("starts_on", "code"))
    return {
        "at": at,
        "programme": cohorts[0].course.programme if cohorts else None,
        "steps": sum_steps(figures),
        "counts": figures.counts,
        "parts": [(label, figures.counts[name]) for _tone, name, label in PARTS],
        "splits": [
            {"label": label, "rows": [(names[name].get(row.value) or "–", row) for row in figures.splits[name]]}
            for name, label in SPLITS.items()
        ],
        "total": figures.total,
        "weeks": weeks,
        "line": _with_style(draw_weeks(forecast(weeks, today=localdate(at)), minimum=MINIMUM)),
        "cohorts": cohorts,
    }


def _with_style(picture: str) -> SafeString:
    """Give a drawing the few rules that the style sheet of the pages gives it."""
    return mark_safe(picture.replace(">", f"><style>{STYLE}</style>", 1))  # noqa: S308 - our own drawing


def describe_cohort(*, cohort: Cohort, at: datetime) -> dict[str, Any]:
    """Return the sessions, and every person with counts, rates and reasons. Twelve queries."""
    cohort = cohorts_with_progress().select_related("course__programme", "policy").get(pk=cohort.pk)
    policy = policy_of(cohort)
    people = cohort.enrolments.on_register().select_related("trainee").defer("trainee__cnic")
    enrolments = list(people.order_by("trainee__full_name", "id"))
    evidence = collect_evidence(cohort=cohort, policy=policy, enrolments=enrolments)
    return {
        "at": at,
        "programme": cohort.course.programme,
        "cohort": cohort,
        "policy": policy,
        "assessments": policy.assessments.order_by("number"),
        "instructors": cohort.instructors.all(),
        "sessions": cohort.sessions.order_by("number"),
        "rows": [
            {
                "enrolment": each,
                "rates": rules.compute_rates(each, policy),
                "reasons": [
                    rules.describe(reason)
                    for reason in each.reasons or rules.explain_progress(each, policy, evidence[each.pk])
                ],
            }
            for each in enrolments
        ],
    }
