"""Asking to be forgotten; the office decides (R77), `portal.people.erase` carries it out over all apps."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from trainees.models import ErasureRequest, Trainee, User
from trainees.rules import clean_text
from trainees.services.names import RequestWaits


@transaction.atomic
def request_erasure(*, trainee: Trainee, reason: str, by: User, at: datetime) -> ErasureRequest:
    """Ask for the removal of everything personal. Raises RequestWaits, ValidationError. Four queries."""
    said = clean_text(reason)
    if len(said) > 500:
        raise ValidationError({"reason": ValidationError(_("At most 500 characters."), code="too_long")})
    locked = Trainee.objects.select_for_update(no_key=True).get(pk=trainee.pk)
    if locked.erasurerequests.filter(status=ErasureRequest.Status.WAITING).exists():
        raise RequestWaits
    made = ErasureRequest.objects.create(trainee=locked, reason=said, requested_at=at, requested_by=by)
    record(act="erasure.request", by=by, at=at, subject=made)
    return made
