"""Background work on applications. A task may run twice without harm: the run's claim decides."""

from celery import shared_task
from django.utils import timezone

from admissions.services import run_placing, waiting_placings

TIME_LIMIT = 3600  # seconds; some ten thousand people. The claim is renewed with each of them


@shared_task(time_limit=TIME_LIMIT)
def give_places(*, placing_id: int) -> None:
    """Carry out one run."""
    run_placing(placing_id=placing_id, clock=timezone.now)


@shared_task(time_limit=TIME_LIMIT)
def sweep_placings() -> None:
    """Take up what a lost task or a dead worker left."""
    for placing_id in waiting_placings(at=timezone.now()):
        run_placing(placing_id=placing_id, clock=timezone.now)
