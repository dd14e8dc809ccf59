"""Where an enrolment stands on its way: one definition for the dashboard's numbers and the lists behind them."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cohorts.models import Cohort, Enrolment

Status, Standing = Enrolment.Status, Enrolment.Standing
RUNS = Q(status=Status.ENROLLED) & ~Q(cohort__state=Cohort.State.PLANNED)
WATCHED = Q(standing__in=[Standing.AT_RISK, Standing.CANNOT_REACH])

STAGES = {
    "waiting": (_("On a waiting list"), Q(status=Status.WAITLISTED)),
    "placed": (_("Placed"), Q(status__in=Enrolment.TAKING_A_PLACE)),
    "to_start": (
        _("To start, or offered"),
        Q(status=Status.OFFERED) | Q(status=Status.ENROLLED, cohort__state=Cohort.State.PLANNED),
    ),
    "attending": (_("Attending"), RUNS),
    "on_track": (_("On track"), RUNS & ~WATCHED),
    "at_risk": (_("At risk or out of reach"), RUNS & WATCHED),
    "cannot_reach": (_("Cannot reach the minimum"), RUNS & Q(standing=Standing.CANNOT_REACH)),
    "completed": (_("Completed"), Q(status=Status.COMPLETED)),
    "not_completed": (_("Not completed"), Q(status=Status.NOT_COMPLETED)),
    "left": (_("Withdrawn or did not come"), Q(status__in=Enrolment.LEFT)),
}
