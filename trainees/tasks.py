"""Background work on messages. A task may run twice without harm: the row's claim decides."""

from celery import shared_task
from django.utils import timezone

from trainees.services import messages


@shared_task
def send_message(*, message_id: int) -> None:
    """Send one queued mail."""
    messages.send_message(message_id=message_id, at=timezone.now())


@shared_task
def sweep_messages() -> None:
    """Send what a lost task or a dead worker left in the outbox."""
    now = timezone.now()
    for message_id in messages.due_messages(at=now):
        messages.send_message(message_id=message_id, at=timezone.now())
