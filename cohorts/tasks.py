"""Background work on cohorts. A task may run twice without harm: what is to be done is read again under its lock."""

from celery import shared_task
from django.utils import timezone

from cohorts.services import schedule
from cohorts.services.enrolment.leaving import due_cohorts, release_expired


@shared_task
def sweep_places() -> None:
    """Free the places whose hold or offer has run out, and ask the next in line."""
    now = timezone.now()
    for cohort in due_cohorts(at=now):
        release_expired(cohort=cohort, at=now)


@shared_task
def sweep_timetables() -> None:
    """Carry out the changes of timetables that wait."""
    for change_id in schedule.waiting_changes():
        schedule.carry_out(change_id=change_id, at=timezone.now())
