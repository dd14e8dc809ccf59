"""Drawing: claim a row, draw, store the file, mark it issued and queue the mail; may run twice without harm."""

import hashlib
import logging
import os
import secrets
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from certificates.models import Certificate
from certificates.rules import Printed
from certificates.services.credentials import Signed, store_credential

ATTEMPTS = 3
RING_AGAIN = timedelta(seconds=60)
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Steps:
    """How a certificate is made, step by step; `certificates.tasks.make_steps` prepares them once per worker."""

    certify: Callable[[Certificate], Signed]
    draw: Callable[[Certificate, Signed], bytes]
    seal: Callable[[bytes, datetime], bytes]
    show: Callable[[Printed], bytes]  # the picture that goes with a shared link
    store: Callable[[Path, bytes], None]
    announce: Callable[..., None]  # by (certificate=, at=), inside the transaction that marks the row issued


@dataclass(frozen=True)
class Made:
    """What the steps made and nobody keeps yet."""

    signed: Signed
    content: bytes
    picture: bytes


def render_certificate(*, certificate_id: int, steps: Steps, clock: Callable[[], datetime]) -> bool:
    """Draw one waiting certificate if this caller wins its claim. Return whether it was issued.

    The claim is one conditional update with a token and a lease, so of several callers one draws; a worker
    that dies leaves a lease that runs out. The row, the credential and the mail are one transaction, and the
    file is complete before it is committed.
    """
    token = secrets.token_hex(16)
    if not _claim(certificate_id, token, clock()):
        return False
    certificate = Certificate.objects.get(pk=certificate_id)
    try:
        signed = steps.certify(certificate)
        content = steps.seal(steps.draw(certificate, signed), clock())
        made = Made(signed, content, steps.show(Printed(**certificate.printed)))
        return _finish(certificate, token, made, steps, clock())
    except Exception as error:
        where = "".join(traceback.format_tb(error.__traceback__))  # without its words, which may hold a name
        logger.error("certificate %s could not be drawn: %s\n%s", certificate.code, type(error).__name__, where)
        _give_back(certificate, token, clock(), error)
        return False


def due_certificates(*, at: datetime, limit: int = 500) -> list[int]:
    """Return waiting certificates that nobody holds and whose ring was not answered; note the new ring. Two queries."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
    quiet = Q(rung_at__isnull=True) | Q(rung_at__lt=at - RING_AGAIN)
    waiting = Certificate.objects.drawable().filter(free, quiet).order_by("id")
    ids = list(waiting.values_list("pk", flat=True)[:limit])
    Certificate.objects.filter(pk__in=ids).update(rung_at=at)
    return ids


def store_file(path: Path, content: bytes) -> None:
    """Write a file that is either whole or not there, whatever happens to the process or the machine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _claim(certificate_id: int, token: str, at: datetime) -> bool:
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
    waiting = Certificate.objects.drawable().filter(free, pk=certificate_id)
    lease = at + timedelta(seconds=settings.CLAIM_LEASE_SECONDS)
    return waiting.update(claim_token=token, claimed_until=lease, attempts=F("attempts") + 1) == 1


def _give_back(certificate: Certificate, token: str, at: datetime, error: Exception) -> None:
    """Wait and try again, or say in words why it failed; the text of the error may hold a name and is left out."""
    given_up = certificate.attempts >= ATTEMPTS
    Certificate.objects.filter(pk=certificate.pk, claim_token=token, state=Certificate.State.PENDING).update(
        state=Certificate.State.FAILED if given_up else Certificate.State.PENDING,
        claimed_until=None if given_up else at + timedelta(seconds=5 * 2**certificate.attempts),
        rung_at=None,
        failure=_("Could not be drawn (%s).") % type(error).__name__,
    )


@transaction.atomic
def _finish(certificate: Certificate, token: str, made: Made, steps: Steps, at: datetime) -> bool:
    held = Certificate.objects.filter(pk=certificate.pk, claim_token=token, state=Certificate.State.PENDING)
    issued = held.update(
        state=Certificate.State.ISSUED,
        issued_at=at,
        sha256=hashlib.sha256(made.content).hexdigest(),
        size=len(made.content),
        claimed_until=None,
        failure="",
    )
    if issued:
        # Only now: a worker whose lease ran out must not write over the file of the one that came after it.
        steps.store(certificate.path, made.content)
        steps.store(certificate.picture_path, made.picture)
        store_credential(certificate, made.signed)
        steps.announce(certificate=certificate, at=at)
    return issued == 1
