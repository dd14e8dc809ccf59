"""Background work on messages. A task may run twice without harm: the row's claim decides."""

from celery import shared_task
from django.utils import timezone

from trainees.services import messages


@shared_task
def send_message(*, key: str) -> None:
    """Send one queued mail."""
    messages.send_message(key=key, at=timezone.now())


@shared_task
def sweep_messages() -> None:
    """Send what a lost task or a dead worker left in the outbox."""
    now = timezone.now()
    for key in messages.due_messages(at=now):
        messages.send_message(key=key, at=timezone.now())
