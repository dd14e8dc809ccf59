"""The outbox of mails: a row per mail, written with its cause, sent once by the worker."""

import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from audit.services import record
from trainees.models import Message, User

ATTEMPTS = 5
BACK_OFF = timedelta(seconds=30)
INTERRUPTED = "interrupted while it was handed over: it may have arrived; a retry sends it again"


class NotWaiting(ValidationError):
    """The mail is no longer queued, so it can be neither cancelled nor changed."""

    def __init__(self) -> None:
        super().__init__(_("This mail has gone out or was given up already."), code="not_waiting")


@dataclass(frozen=True)
class Attachment:
    """A text file that goes with a mail, as a calendar."""

    name: str
    type: str  # with its parameters, as `text/calendar; method=PUBLISH`
    content: str


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail to queue. `key` names what, whom and edition; `cause` the act that wrote many; `about` a cohort."""

    key: str
    to: str
    subject: str
    text: str
    html: str = ""
    kind: str = ""
    cause: str = ""
    about: str = ""
    trainee_id: int | None = None
    language: str = ""
    send_after: datetime | None = None
    attachments: tuple[Attachment, ...] = ()


def queue_message(*, at: datetime, ring: bool = True, **fields: Any) -> None:
    """Write one mail (the fields of `Mail`) into the outbox inside the caller's transaction.

    The worker is told after the commit, or by a caller that writes many, one by one (`ring` False). `key` names
    the cause and edition: a second call with it changes nothing (R69). One query.
    """
    mail = Mail(**fields)
    Message.objects.bulk_create([_row(mail, at)], ignore_conflicts=True)
    if ring:
        transaction.on_commit(lambda: _ring("send_message", key=mail.key), robust=True)


def queue_messages(*, mails: Iterable[Mail], at: datetime) -> None:
    """Write many mails at once, as `queue_message` does (R66). A query per 200 mails, and one bell for all."""
    rows = [_row(mail, at) for mail in mails]
    Message.objects.bulk_create(rows, batch_size=200, ignore_conflicts=True)
    if rows:
        transaction.on_commit(lambda: _ring("sweep_messages"), robust=True)


def send_message(*, key: str, at: datetime) -> bool:
    """Send one queued mail if this caller wins its claim. Return whether it went out.

    The claim is one conditional update, so a task delivered twice sends once. A refused mail is tried
    again with growing pauses by the sweep and is `failed` after five attempts. A mail whose worker died
    while handing it over is sent again only where that replaces the first copy (files); a mail server
    would deliver two, so there it is `failed` and left to a person. Three queries.
    """
    message = _waiting(at).filter(key=key).first()
    if message is None or not (token := _claim(message, at)):
        return False
    connection = get_connection()
    if _was_interrupted(message) and not getattr(connection, "replaces_repeats", False):
        _put_back(message, token, at, failure=INTERRUPTED, given_up=True)
        return False
    try:
        _deliver(message, connection)
    except OSError as error:  # smtplib's errors are OSErrors too
        _put_back(message, token, at, failure=f"{type(error).__name__}", given_up=message.attempts + 1 >= ATTEMPTS)
        return False
    Message.objects.filter(key=key, claim_token=token).update(
        state=Message.State.SENT, sent_at=at, claimed_until=None, failure=""
    )
    return True


def due_messages(*, at: datetime, limit: int = 500) -> list[str]:
    """Return the keys of queued mails whose time has come and that nobody holds. One query."""
    return list(_waiting(at).order_by("id").values_list("key", flat=True)[:limit])


def _row(mail: Mail, at: datetime) -> Message:
    fields = {name: getattr(mail, name) for name in Mail.__dataclass_fields__ if name != "attachments"}
    fields["subject"] = " ".join(mail.subject.split())[:200]
    return Message(**fields, attachments=[asdict(each) for each in mail.attachments], created_at=at)


def _ring(task: str, **arguments: str) -> None:
    """Tell the worker. By name: a service does not import the tasks that call it."""
    current_app.send_task(f"trainees.tasks.{task}", kwargs=arguments)


def _waiting(at: datetime) -> models.QuerySet[Message]:
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
    due = Q(send_after__isnull=True) | Q(send_after__lte=at)
    return Message.objects.filter(free & due, state=Message.State.QUEUED)


def _claim(message: Message, at: datetime) -> str:
    """Take the mail as it was read; return the claim's token, or nothing if somebody was faster."""
    token = secrets.token_hex(16)
    lease = at + timedelta(seconds=settings.CLAIM_LEASE_SECONDS)
    claimed = _waiting(at).filter(pk=message.pk, claim_token=message.claim_token)
    won = claimed.update(claim_token=token, claimed_until=lease, attempts=F("attempts") + 1, failure="")
    return token if won else ""


def _was_interrupted(message: Message) -> bool:
    """Tell whether an earlier claim ran out: a refusal leaves its reason behind, a death leaves none."""
    return bool(message.claim_token) and not message.failure


def _deliver(message: Message, connection: BaseEmailBackend) -> None:
    mail = EmailMultiAlternatives(message.subject, message.text, to=[message.to], connection=connection)
    mail.extra_headers["Message-ID"] = f"<message-{message.pk}@{settings.SITE_HOST}>"
    if message.language:
        mail.extra_headers["Content-Language"] = message.language
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    for each in message.attachments:
        mail.attach(each["name"], each["content"], each["type"])
    mail.send()


def _put_back(message: Message, token: str, at: datetime, *, failure: str, given_up: bool) -> None:
    Message.objects.filter(pk=message.pk, claim_token=token).update(
        state=Message.State.FAILED if given_up else Message.State.QUEUED,
        claimed_until=None if given_up else at + BACK_OFF * 2 ** (message.attempts + 1),
        failure=failure,
    )


@transaction.atomic
def retry_failed(*, by: User | None, at: datetime, message: Message | None = None) -> int:
    """Let every failed mail (or the one given) wait again; the worker sends them. Return how many."""
    found = Message.objects.filter(state=Message.State.FAILED)
    failed = list((found if message is None else found.filter(pk=message.pk)).order_by("id"))
    for each in failed:
        record(act="message.retry", by=by, at=at, subject=each)
    transaction.on_commit(lambda: _ring("sweep_messages"), robust=True)
    return Message.objects.filter(pk__in=[each.pk for each in failed]).update(
        state=Message.State.QUEUED, attempts=0, claimed_until=None, claim_token="", failure=""
    )


@transaction.atomic
def cancel_message(*, message: Message, by: User | None, at: datetime) -> None:
    """Take back a mail that has not gone out (R72). Raises NotWaiting when it has, or is on its way."""
    waits = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at) | ~Q(failure="")
    found = Message.objects.filter(waits, pk=message.pk, state=Message.State.QUEUED)
    if not found.update(state=Message.State.CANCELLED):
        raise NotWaiting
    record(act="message.cancel", by=by, at=at, subject=message)


def cancel_queued(*, causes: Iterable[str], at: datetime) -> int:
    """Take back every mail of these causes that has not gone out and is not on its way. One query."""
    held = Q(claimed_until__gte=at, failure="")
    waiting = Message.objects.filter(cause__in=list(causes), state=Message.State.QUEUED).exclude(held)
    return waiting.update(state=Message.State.CANCELLED)
