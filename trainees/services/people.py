"""Making a trainee: the account, the person, the consent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from audit.services import record
from trainees.models import Consent, NumberSequence, Trainee, User
from trainees.rules import read_name, require


class CnicAlreadyRegistered(ValidationError):
    """The identity number belongs to a person who is registered already."""

    def __init__(self) -> None:
        text = _("A person with this CNIC is registered already. Sign in, or ask the programme office.")
        super().__init__({"cnic": ValidationError(text, code="cnic_registered")})


class EmailAlreadyRegistered(ValidationError):
    """The address belongs to another account."""

    def __init__(self) -> None:
        text = _("This e-mail address has an account already. Sign in to register.")
        super().__init__({"email": ValidationError(text, code="email_registered")})


def hash_password(password: str | None) -> str:
    """Hash before the transaction: argon2 takes longer than all its statements (docs/architecture.md)."""
    return make_password(password)


@transaction.atomic
def create_trainee(
    *,
    person: Mapping[str, Any],
    number_prefix: str,
    by: User | None,
    at: datetime,
    password_hash: str = "",
    consent_version: str = "",
) -> Trainee:
    """Create account, trainee and consent from the fields of `person` (names as in `Trainee`).

    A `number` in `person` is kept (a roster made elsewhere), else the next of `number_prefix` is given.
    An address that has an account already makes a trainee without one when there is no password
    (siblings share a contact), and is refused when there is. Raises CnicAlreadyRegistered,
    EmailAlreadyRegistered. At most 9 queries.
    """
    person = dict(person)
    email = person["email"].strip().lower()
    if Trainee.objects.with_cnic(person["cnic"]).exists():
        raise CnicAlreadyRegistered
    taken = User.objects.filter(email=email).exists()
    if taken and password_hash:
        raise EmailAlreadyRegistered
    user = None if taken else _create_user(email, person["full_name"], password_hash)
    number = person.pop("number", "")
    if number:
        _pass_over(number)
    number = number or next_number(prefix=number_prefix)
    trainee = Trainee.objects.create(**{**person, "email": email, "number": number, "user": user, "created_at": at})
    if consent_version:
        Consent.objects.create(trainee=trainee, text_version=consent_version, given_at=at)
    record(act="trainee.create", by=by, at=at, subject=trainee, detail={"number": number})
    return trainee


def next_number(*, prefix: str) -> str:
    """Give the next trainee number of `prefix`; must run inside a transaction. Two queries.

    The update locks the sequence's row until the commit, so that no number is given twice.
    """
    if not NumberSequence.objects.filter(prefix=prefix).update(last=F("last") + 1):
        NumberSequence.objects.get_or_create(prefix=prefix)
        NumberSequence.objects.filter(prefix=prefix).update(last=F("last") + 1)
    return str(NumberSequence.objects.get(prefix=prefix))


def _pass_over(number: str) -> None:
    """Let the sequence go on after a number that was given elsewhere."""
    prefix, _dash, digits = number.rpartition("-")
    if prefix and digits.isdecimal() and len(digits) < 9:
        NumberSequence.objects.get_or_create(prefix=prefix)
        NumberSequence.objects.filter(prefix=prefix, last__lt=int(digits)).update(last=int(digits))


def _create_user(email: str, full_name: str, password_hash: str) -> User:
    user = User(email=email, full_name=full_name, password=password_hash or make_password(None))
    user.save(force_insert=True)
    return user


@transaction.atomic
def correct_name(*, trainee: Trainee, full_name: str, by: User | None, at: datetime) -> Trainee:
    """Put the name right that certificates will print; those already issued keep theirs (R52, R57).

    Raises ValidationError for what is no name. Two queries.
    """
    name = require(read_name(full_name))
    before, trainee.full_name = trainee.full_name, name
    trainee.save(update_fields=["full_name"])
    record(act="trainee.name", by=by, at=at, subject=trainee, detail={"from": before, "to": name})
    return trainee


@transaction.atomic
def change_contact(*, trainee: Trainee, contact: Mapping[str, str], by: User | None, at: datetime) -> Trainee:
    """Change the phone or the district of a person. Two queries."""
    changed = [name for name in ("mobile", "district") if name in contact]
    for name in changed:
        setattr(trainee, name, contact[name])
    trainee.save(update_fields=changed)
    record(act="trainee.contact", by=by, at=at, subject=trainee, detail={"changed": changed})
    return trainee
