"""Confirming an address: the link in the mail, and what opening it proves."""

from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.utils.crypto import salted_hmac
from rest_framework.authtoken.models import Token

from audit.services import record
from trainees.models import Trainee, User

SALT = "confirm-address"
LINK_LIVES = timedelta(days=60)  # longer than any hold, so that a late click is told what happened


def make_link_token(trainee: Trainee) -> str:
    """Return the signed part of the confirmation link; it names the person and fits this address only."""
    return signing.dumps([trainee.pk, _fingerprint(trainee.email)], salt=SALT)


def read_link_token(token: str) -> Trainee | None:
    """Return the person whom a link is about, or None when it is forged, old or of a former address. One query."""
    try:
        pk, fingerprint = signing.loads(token, salt=SALT, max_age=LINK_LIVES)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    trainee = Trainee.objects.select_related("user").filter(pk=pk).first()
    return trainee if trainee and _fingerprint(trainee.email) == fingerprint else None


@transaction.atomic
def prove_address(*, trainee: Trainee, at: datetime) -> Trainee:
    """Record that the owner of the address stands by this person; attach them to the account of that address.

    An account that a registration made and nobody has confirmed belongs to whoever opens a link first: if it
    was made for somebody else, that person leaves it until their own link is opened, and its password is void,
    so that nobody prepares an account for another's address. A repeat changes nothing. At most six queries.
    """
    current = Trainee.objects.select_related("user").get(pk=trainee.pk)
    if current.email_confirmed_at is not None:
        return current
    account = current.user or User.objects.filter(email=current.email).first()
    if account and not account.address_proven:
        _take_over(account, current)
    current.user, current.email_confirmed_at = account, at
    current.save(update_fields=["user", "email_confirmed_at"])
    record(act="trainee.confirm_address", by=account, at=at, subject=current)
    return current


def _take_over(account: User, trainee: Trainee) -> None:
    if trainee.user_id != account.pk:
        Trainee.objects.filter(user=account, email_confirmed_at__isnull=True).update(user=None)
        Token.objects.filter(user=account).delete()
        account.set_unusable_password()
    account.address_proven = True
    account.save(update_fields=["address_proven", "password"])


def _fingerprint(email: str) -> str:
    return salted_hmac(SALT, email).hexdigest()[:16]
