"""Where an enrolment stands on its way: one definition for the dashboard's numbers and the lists behind them."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cohorts.models import Cohort, Enrolment

Status, Standing = Enrolment.Status, Enrolment.Standing


def among(choices: Any, field: str, *values: str) -> Q:
    """Match frequent values by leaving out the others: SQLite looks up what is named, and would sort tens of
    thousands of rows for a page that the order of the list finds after some hundred."""
    return ~Q(**{f"{field}__in": [each for each in choices if each not in values]})


RUNS = among(Status, "status", Status.ENROLLED) & ~Q(cohort__state=Cohort.State.PLANNED)
WATCHED = among(Standing, "standing", Standing.AT_RISK, Standing.CANNOT_REACH)

STAGES = {
    "waiting": (_("On a waiting list"), Q(status=Status.WAITLISTED)),
    "placed": (_("Placed"), among(Status, "status", *Enrolment.TAKING_A_PLACE)),
    "to_start": (
        _("To start, or offered"),
        Q(status=Status.OFFERED) | Q(status=Status.ENROLLED, cohort__state=Cohort.State.PLANNED),
    ),
    "attending": (_("Attending"), RUNS),
    "on_track": (_("On track"), RUNS & ~WATCHED),
    "at_risk": (_("At risk or out of reach"), RUNS & WATCHED),
    "cannot_reach": (_("Cannot reach the minimum"), RUNS & among(Standing, "standing", Standing.CANNOT_REACH)),
    "completed": (_("Completed"), among(Status, "status", Status.COMPLETED)),
    "not_completed": (_("Not completed"), among(Status, "status", Status.NOT_COMPLETED)),
    "left": (_("Withdrawn or did not come"), Q(status__in=Enrolment.LEFT)),
}
