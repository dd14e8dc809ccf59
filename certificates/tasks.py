"""Background work on certificates. The row is the job; a lost or doubled message changes nothing."""

import gc
from functools import cache, partial
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init
from django.conf import settings
from django.utils import timezone

from certificates.messages import tell_issued
from certificates.models import Certificate
from certificates.pdf.engine import Engine
from certificates.pdf.preview import draw_preview
from certificates.rules import Printed
from certificates.services import archive, credentials, designs, ended, issue, render
from trainees.tasks import sweep_messages


@cache
def ring() -> credentials.KeyRing:
    """Return this process' private keys."""
    return credentials.KeyRing(settings.SIGNING_KEYS_DIR)


@cache
def make_steps() -> render.Steps:
    """Return how this process makes certificates: fonts, style and frame are prepared by the first call."""
    engine = Engine(designs.find_picture)
    return render.Steps(
        certify=partial(credentials.sign_credential, ring=ring()),
        draw=partial(draw_certificate, engine),
        seal=ring().seal,
        show=draw_preview,
        store=render.write_aside,
        announce=tell_issued,
    )


def draw_certificate(engine: Engine, certificate: Certificate, signed: credentials.Signed) -> bytes:
    """Draw a certificate in the design that its row names, with its credential attached."""
    printed = Printed(**certificate.printed)
    room = ring().sealer().room
    design = designs.find_design(certificate.template_version)
    return engine.draw(printed, signed.document, design, at=certificate.created_at, room=room)


@worker_process_init.connect
def warm_up(**_kwargs: Any) -> None:
    """Prepare the steps before the first certificate; what is there by then stays, and is not searched for garbage."""
    make_steps()
    gc.collect()
    gc.freeze()


@shared_task
def render_certificates(*, certificate_ids: list[int]) -> None:
    """Draw a few certificates and let their mails go; few, because what is urgent waits as long as one such task."""
    render.render_certificates(certificate_ids=certificate_ids, steps=make_steps(), clock=timezone.now)
    sweep_messages.delay()


@shared_task
def sign_status_lists() -> None:
    """Sign the status lists that are behind, and again what a compromised key signed."""
    credentials.sign_status_lists(ring=ring(), clock=timezone.now)
    credentials.renew_credentials(ring=ring())


@shared_task
def ring_batch(*, batch_id: int) -> None:
    """Send tasks for the waiting certificates of a batch."""
    waiting = Certificate.objects.drawable().filter(batch=batch_id).order_by("id")
    issue.ring(list(waiting.values_list("pk", flat=True)))


@shared_task
def sweep_certificates() -> None:
    """Ring again for certificates whose task was lost or whose worker died; tell who began it that all is done."""
    issue.ring(render.due_certificates(at=timezone.now()))
    ended.tell_ended(at=timezone.now())


@shared_task
def make_archive(*, archive_id: int) -> None:
    """Make one ZIP."""
    archive.make_archive(archive_id=archive_id, clock=timezone.now)


@shared_task
def sweep_archives() -> None:
    """Make what was asked for and forgotten; delete what is older than a week."""
    for archive_id in archive.due_archives(at=timezone.now()):
        archive.ring(archive_id)
    archive.delete_old_archives(at=timezone.now())
