"""The outbox of mails: a row per mail, written with its cause, sent once by the worker."""

import secrets
from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q

from audit.services import record
from trainees.models import Message, User

ATTEMPTS = 5
BACK_OFF = timedelta(seconds=30)


def queue_message(*, key: str, to: str, subject: str, text: str, at: datetime, html: str = "") -> None:
    """Write one mail into the outbox inside the caller's transaction; the worker is told after the commit.

    `key` names the cause and edition: a second call with it changes nothing (R69). One query.
    """
    message = Message(key=key, to=to, subject=subject, text=text, html=html, created_at=at)
    Message.objects.bulk_create([message], ignore_conflicts=True)
    transaction.on_commit(lambda: _ring(key), robust=True)


def send_message(*, key: str, at: datetime) -> bool:
    """Send one queued mail if this caller wins its claim. Return whether it went out.

    The claim is one conditional update, so a task delivered twice sends once. A refused mail is tried
    again with growing pauses by the sweep and is `failed` after five attempts. Three queries.
    """
    token = secrets.token_hex(16)
    if not _claim(key, token, at):
        return False
    message = Message.objects.get(key=key)
    try:
        _deliver(message)
    except OSError as error:  # smtplib's errors are OSErrors too
        _put_back(message, token, at, failure=f"{type(error).__name__}")
        return False
    Message.objects.filter(key=key, claim_token=token).update(
        state=Message.State.SENT, sent_at=at, claimed_until=None, failure=""
    )
    return True


def due_messages(*, at: datetime, limit: int = 500) -> list[str]:
    """Return the keys of queued mails that nobody holds. One query."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
    queued = Message.objects.filter(free, state=Message.State.QUEUED)
    return list(queued.order_by("id").values_list("key", flat=True)[:limit])


def _ring(key: str) -> None:
    """Tell the worker. By name: a service does not import the tasks that call it."""
    current_app.send_task("trainees.tasks.send_message", kwargs={"key": key})


def _claim(key: str, token: str, at: datetime) -> bool:
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
    lease = at + timedelta(seconds=settings.CLAIM_LEASE_SECONDS)
    claimed = Message.objects.filter(free, key=key, state=Message.State.QUEUED).update(
        claim_token=token, claimed_until=lease, attempts=F("attempts") + 1
    )
    return claimed == 1


def _deliver(message: Message) -> None:
    mail = EmailMultiAlternatives(message.subject, message.text, to=[message.to])
    mail.extra_headers["Message-ID"] = f"<message-{message.pk}@{settings.SITE_HOST}>"
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    mail.send()


def _put_back(message: Message, token: str, at: datetime, failure: str) -> None:
    given_up = message.attempts >= ATTEMPTS
    Message.objects.filter(pk=message.pk, claim_token=token).update(
        state=Message.State.FAILED if given_up else Message.State.QUEUED,
        claimed_until=None if given_up else at + BACK_OFF * 2**message.attempts,
        failure=failure,
    )


@transaction.atomic
def retry_failed(*, by: User | None, at: datetime) -> int:
    """Let every failed mail wait again; the sweep sends them. Return how many."""
    failed = list(Message.objects.filter(state=Message.State.FAILED).order_by("id"))
    for message in failed:
        record(act="message.retry", by=by, at=at, subject=message)
    return Message.objects.filter(pk__in=[message.pk for message in failed]).update(
        state=Message.State.QUEUED, attempts=0, claimed_until=None, failure=""
    )
