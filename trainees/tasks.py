"""Background work on messages. A task may run twice without harm: the row's claim decides."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from trainees.services import messages

SWEEP = timedelta(seconds=10)  # then others have their turn; the next sweep goes on where this one stopped


@shared_task
def send_message(*, key: str) -> None:
    """Send one queued mail."""
    messages.send_message(key=key, at=timezone.now())


@shared_task
def sweep_messages() -> None:
    """Send what was written in bulk, what a lost task or a dead worker left, and what was held back till now."""
    until = timezone.now() + SWEEP
    while keys := messages.due_messages(at=timezone.now()):
        for key in keys:
            if timezone.now() > until:
                sweep_messages.delay()
                return
            messages.send_message(key=key, at=timezone.now())
