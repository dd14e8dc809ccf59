"""Background work on certificates. The row is the job; a lost or doubled message changes nothing."""

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
        store=render.store_file,
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
    """Prepare the steps before the first certificate."""
    make_steps()


@shared_task
def render_certificate(*, certificate_id: int) -> None:
    """Draw one certificate."""
    render.render_certificate(certificate_id=certificate_id, steps=make_steps(), clock=timezone.now)


@shared_task
def sign_status_lists() -> None:
    """Sign the status lists that are behind, and again what a compromised key signed."""
    credentials.sign_status_lists(ring=ring(), clock=timezone.now)
    credentials.renew_credentials(ring=ring())


@shared_task
def ring_batch(*, batch_id: int) -> None:
    """Send a task for each waiting certificate of a batch."""
    waiting = Certificate.objects.drawable().filter(batch=batch_id).order_by("id")
    for certificate_id in waiting.values_list("pk", flat=True):
        issue.ring(certificate_id)


@shared_task
def sweep_certificates() -> None:
    """Ring again for certificates whose task was lost or whose worker died; tell who began it that all is done."""
    for certificate_id in render.due_certificates(at=timezone.now()):
        issue.ring(certificate_id)
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
