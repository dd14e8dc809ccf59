"""Looking at identity numbers, and turning the key that seals them."""

from datetime import datetime

from django.apps import apps
from django.db import models, transaction

from audit.services import record
from trainees.fields import EncryptedField
from trainees.identity import add_key
from trainees.models import Trainee, User

BATCH = 500


@transaction.atomic
def look_at_cnic(*, trainee: Trainee, by: User, at: datetime) -> str:
    """Return the whole number of one person and write down who looked (R75). One query."""
    record(act="trainee.look_at_cnic", by=by, at=at, subject=trainee)
    return trainee.cnic


@transaction.atomic
def find_by_cnic(*, cnic: str, by: User, at: datetime) -> Trainee | None:
    """Return the person with exactly this number, if any; finding somebody is a look, and recorded. Two queries."""
    trainee = Trainee.objects.with_cnic(cnic).first()
    if trainee is not None:
        record(act="trainee.find_by_cnic", by=by, at=at, subject=trainee)
    return trainee


def rotate_cnic_key() -> tuple[int, int]:
    """Make a new key and seal every encrypted value of the product anew; return the key's number and the rows.

    In batches of 500, each a transaction that locks its rows, so the product may go on working. A value that a
    running process sealed meanwhile with the old key stays readable as long as the old key's file lies there.
    """
    number = add_key()
    return number, sum(_seal_anew(model) for model in apps.get_models())


def _seal_anew(model: type[models.Model]) -> int:
    names = [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedField)]
    count, last = 0, 0
    while names:
        with transaction.atomic():
            rows = model._default_manager.select_for_update(no_key=True).filter(pk__gt=last).order_by("pk")
            batch = list(rows.only("pk", *names)[:BATCH])
            model._default_manager.bulk_update(batch, names, batch_size=100)
        if not batch:
            break
        count, last = count + len(batch), batch[-1].pk
    return count
