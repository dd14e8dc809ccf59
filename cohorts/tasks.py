"""Background work on places. A task may run twice without harm: what ran out is read again under the lock."""

from celery import shared_task
from django.utils import timezone

from cohorts.services.enrolment.leaving import due_cohorts, release_expired


@shared_task
def sweep_places() -> None:
    """Free the places whose hold or offer has run out, and ask the next in line."""
    now = timezone.now()
    for cohort in due_cohorts(at=now):
        release_expired(cohort=cohort, at=now)
