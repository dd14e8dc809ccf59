"""Certificates that no longer agree with what they certify: shown to the office, never changed by themselves (R45)."""

from django.db.models import F, Q, QuerySet

from certificates.models import Certificate
from cohorts.models import Enrolment


def find_disagreements() -> QuerySet[Certificate]:
    """Live certificates whose holder is not completed any more, or is called otherwise than printed. One query."""
    outcome = ~Q(enrolment__status=Enrolment.Status.COMPLETED)
    name = ~Q(name=F("enrolment__trainee__full_name"))
    return Certificate.objects.filter(outcome | name, state=Certificate.State.ISSUED)
