"""Background work on certificates. The row is the job; a lost or doubled message changes nothing."""

from typing import Any

from celery import shared_task
from celery.signals import worker_process_init
from django.utils import timezone

from certificates.models import Certificate
from certificates.pdf.engine import Engine
from certificates.services import issue, render

_engines: dict[str, Engine] = {}


def engine() -> Engine:
    """Return this process' engine; the first call makes it."""
    return _engines.setdefault("engine", Engine()) if not _engines else _engines["engine"]


@worker_process_init.connect
def warm_up(**_kwargs: Any) -> None:
    """Prepare fonts, style and frame before the first certificate."""
    engine()


@shared_task
def render_certificate(*, certificate_id: int) -> None:
    """Draw one certificate."""
    render.render_certificate(certificate_id=certificate_id, draw=engine().draw, clock=timezone.now)


@shared_task
def ring_batch(*, batch_id: int) -> None:
    """Send a task for each waiting certificate of a batch."""
    waiting = Certificate.objects.drawable().filter(batch=batch_id).order_by("id")
    for certificate_id in waiting.values_list("pk", flat=True):
        issue.ring(certificate_id)


@shared_task
def sweep_certificates() -> None:
    """Ring again for certificates whose task was lost or whose worker died."""
    for certificate_id in render.due_certificates(at=timezone.now()):
        issue.ring(certificate_id)
