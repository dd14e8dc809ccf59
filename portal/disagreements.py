"""Certificates that no longer agree with what they certify: shown to the office, never changed by themselves (R45)."""

from django.db.models import F, Q, QuerySet

from certificates.models import Certificate
from cohorts.models import Enrolment
from portal.models import CohortCell, StaleCohort


def find_disagreements() -> QuerySet[Certificate]:
    """Live certificates whose holder is not completed any more, or is called otherwise than printed. One query.

    Only cohorts are looked at of which a summary says so, or whose summary may be out of date.
    """
    outcome = ~Q(enrolment__status=Enrolment.Status.COMPLETED)
    name = ~Q(name=F("enrolment__trainee__full_name"))
    live = Certificate.objects.filter(outcome | name, state=Certificate.State.ISSUED)
    counted = CohortCell.objects.filter(disagree__gt=0).values("cohort")
    stale = StaleCohort.objects.values("cohort_id")
    return live.filter(enrolment__cohort__in=counted.union(stale))
