"""A new address that was confirmed settles a place that waited for one."""

from datetime import datetime

from django.db import transaction

from cohorts.services.enrolment import entry
from trainees.models import Trainee
from trainees.services.contact import confirm_address


@transaction.atomic
def confirm_new_address(*, token: str, at: datetime) -> Trainee:
    """Let the wanted address count, and a place that was held until an address is confirmed be theirs.

    Raises LinkDead. At most fourteen queries.
    """
    trainee = confirm_address(token=token, at=at)
    entry.confirm_address(trainee=trainee, at=at)
    return trainee
