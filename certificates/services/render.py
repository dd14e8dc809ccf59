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
    store: Callable[[Path, bytes], Path]  # writes a file under another name and returns it
    announce: Callable[..., None]  # by (certificate=, at=), inside the transaction that marks the row issued


@dataclass(frozen=True)
class Made:
    """What the steps made and nobody keeps yet."""

    signed: Signed
    content: bytes
    aside: dict[Path, Path]  # files that are written whole under another name, by the name they will have


def render_certificates(*, certificate_ids: list[int], steps: Steps, clock: Callable[[], datetime]) -> int:
    """Draw those of some waiting certificates that this caller wins. Return how many were issued.

    The claim is a token and a lease, so of several callers one draws; a worker that dies leaves a lease that
    runs out. A row, its credential and its mail are one transaction, and the
    file is complete before it is committed.
    """
    token = secrets.token_hex(16)
    _claim(certificate_ids, token, clock())
    won = Certificate.objects.filter(pk__in=certificate_ids, claim_token=token)
    claimed = won.select_related("enrolment__trainee__user").order_by("id")
    return sum(_render(each, token, steps, clock) for each in claimed)


def _render(certificate: Certificate, token: str, steps: Steps, clock: Callable[[], datetime]) -> bool:
    """Take the steps; what is slow is done before the transaction, since on SQLite only one may write at a time."""
    aside: dict[Path, Path] = {}
    try:
        signed = steps.certify(certificate)
        content = steps.seal(steps.draw(certificate, signed), clock())
        aside[certificate.path] = steps.store(certificate.path, content)
        shown = steps.show(Printed(**certificate.printed))
        aside[certificate.picture_path] = steps.store(certificate.picture_path, shown)
        return _finish(certificate, token, Made(signed, content, aside), steps, clock())
    except Exception as error:
        where = "".join(traceback.format_tb(error.__traceback__))  # without its words, which may hold a name
        logger.error("certificate %s could not be drawn: %s\n%s", certificate.code, type(error).__name__, where)
        _give_back(certificate, token, clock(), error)
        return False
    finally:
        for temporary in aside.values():
            temporary.unlink(missing_ok=True)


def due_certificates(*, at: datetime, limit: int = 500) -> list[int]:
    """Return waiting certificates that nobody holds and whose ring was not answered; note the new ring. Two queries."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
    quiet = Q(rung_at__isnull=True) | Q(rung_at__lt=at - RING_AGAIN)
    waiting = Certificate.objects.drawable().filter(free, quiet).order_by("id")
    ids = list(waiting.values_list("pk", flat=True)[:limit])
    Certificate.objects.filter(pk__in=ids).update(rung_at=at)
    return ids


def write_aside(path: Path, content: bytes) -> Path:
    """Write a file under another name in its folder; it is whole and on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def put_in_place(aside: dict[Path, Path]) -> None:
    """Give files of one folder their names, for good whatever happens to the machine.

    What a worker that was killed left beside them is removed.
    """
    for path, temporary in aside.items():
        temporary.replace(path)
        for left in path.parent.glob(f".{path.name}.*"):
            left.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def store_file(path: Path, content: bytes) -> None:
    """Write a file that is either whole or not there, whatever happens to the process or the machine."""
    put_in_place({path: write_aside(path, content)})


@transaction.atomic
def _claim(certificate_ids: list[int], token: str, at: datetime) -> None:
    """Take what is free; what another is taking at this moment is passed over, so that no two wait for each other."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
    waiting = Certificate.objects.drawable().filter(free, pk__in=certificate_ids)
    taken = list(waiting.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
    lease = at + timedelta(seconds=settings.CLAIM_LEASE_SECONDS)
    Certificate.objects.filter(pk__in=taken).update(claim_token=token, claimed_until=lease, attempts=F("attempts") + 1)


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
        put_in_place(made.aside)
        store_credential(certificate, made.signed)
        steps.announce(certificate=certificate, at=at)
    return issued == 1
