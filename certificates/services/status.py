"""Whatever ends a certificate marks its status list, in the same transaction; the worker signs it soon after."""

from celery import current_app
from django.db import transaction
from django.db.models import F

from certificates.credential.build import list_of
from certificates.models import Certificate, StatusList


def mark_ended(*, certificate: Certificate) -> None:
    """Let the list of a certificate be signed anew; call it in the transaction that ends the certificate. One query."""
    number, _entry = list_of(certificate.status_index)
    if not StatusList.objects.filter(number=number).update(version=F("version") + 1):
        StatusList.objects.get_or_create(number=number)
    transaction.on_commit(ring_lists, robust=True)


def ring_lists() -> None:
    """Tell the worker now instead of at its next sweep."""
    current_app.send_task("certificates.tasks.sign_status_lists")
