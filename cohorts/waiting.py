"""What a page says of a place that is not settled yet: the position in the line, or an offer and its deadline."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.formats import date_format

from cohorts.charts import draw_clock
from cohorts.models import Enrolment
from cohorts.rules.places import describe_left
from cohorts.services.tallies import policy_of

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MONDAY = date(2020, 1, 6)


def describe_place(enrolment: Enrolment, now: datetime) -> dict[str, Any]:
    """Return what the partials under `cohorts/me/` show of a waiting or offered enrolment. At most two queries."""
    if enrolment.status == Enrolment.Status.WAITLISTED:
        return {"position": Enrolment.objects.with_position().get(pk=enrolment.pk).place_in_line}
    if enrolment.offered_at is None or enrolment.offer_expires_at is None:
        return {}
    left = max(timedelta(0), enrolment.offer_expires_at - now)
    return {
        "offer_left": describe_left(left),
        "offer_clock": draw_clock(left / (enrolment.offer_expires_at - enrolment.offered_at)),
        "offer_times": describe_times(enrolment.cohort.weekly_pattern),
        "policy": policy_of(enrolment.cohort),
    }


def describe_times(pattern: Sequence[Mapping[str, str]]) -> str:
    """Say when a cohort meets in a week: "Mon, Wed 18:30 – 21:30"; days of the same hours stand together."""
    days: dict[tuple[str, str], list[str]] = {}
    for slot in pattern:
        day = MONDAY + timedelta(days=WEEKDAYS.index(slot["weekday"]))
        days.setdefault((slot["start"], slot["end"]), []).append(date_format(day, "D"))
    return "; ".join(f"{', '.join(names)} {start} – {end}" for (start, end), names in days.items())
