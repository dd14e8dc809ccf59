"""The secret address of a person's calendar, and whether the person wants reminders."""

from datetime import datetime

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from audit.services import record
from trainees.models import User


def make_calendar_secret(user: User) -> str:
    """Return the secret part of the address: 160 bits that only this server can make; nothing of it is stored."""
    sealed = salted_hmac("calendar", f"{user.pk}/{user.calendar_edition}", algorithm="sha256").hexdigest()
    return f"{user.pk:x}-{sealed[:40]}"


def find_calendar_owner(secret: str) -> User | None:
    """Return whose calendar an address names; None for a wrong, renewed or closed one. One query."""
    number, _dash, _sealed = secret.partition("-")
    if not number.isascii() or not number.isalnum() or len(number) > 15:
        return None
    try:
        user = User.objects.filter(pk=int(number, 16), is_active=True).first()
    except ValueError:
        return None
    return user if user is not None and constant_time_compare(make_calendar_secret(user), secret) else None


@transaction.atomic
def renew_calendar(*, user: User, at: datetime) -> None:
    """Give the calendar another secret address; the old one answers no more."""
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    locked.calendar_edition += 1
    locked.save(update_fields=["calendar_edition"])
    record(act="account.calendar_renew", by=locked, at=at, subject=locked)


@transaction.atomic
def set_reminders(*, user: User, wanted: bool, at: datetime) -> None:
    """Switch the reminders of an account on or off; the same wish again changes nothing."""
    if user.wants_reminders == wanted:
        return
    user.wants_reminders = wanted
    user.save(update_fields=["wants_reminders"])
    record(act="account.reminders", by=user, at=at, subject=user, detail={"wanted": wanted})
