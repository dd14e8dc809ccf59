"""Making a trainee: the account, the person, the consent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Value
from django.utils.translation import gettext as _

from audit.services import record
from trainees.models import Consent, NumberSequence, Trainee, User


class CnicAlreadyRegistered(ValidationError):
    """The identity number belongs to a person who is registered already."""

    def __init__(self) -> None:
        text = _("A person with this CNIC is registered already. Sign in, or ask the programme office.")
        super().__init__({"cnic": ValidationError(text, code="cnic_registered")})


def hash_password(password: str | None) -> str:
    """Hash before the transaction: argon2 takes longer than all its statements (docs/architecture.md)."""
    return make_password(password)


def add_trainee(
    *,
    person: Mapping[str, Any],
    number_prefix: str,
    by: User | None,
    at: datetime,
    password_hash: str = "",
    consent_version: str = "",
) -> Trainee:
    """Create account, trainee and consent from the fields of `person` (names as in `Trainee`), in the caller's
    transaction.

    A `number` in `person` is kept (a roster made elsewhere), else the next of `number_prefix` is given; a
    `language` is that of a new account. An address that has an account already makes a trainee without one:
    siblings share a contact, and the account is not touched. An account made with a password stands for an
    address that is still to be confirmed. Raises CnicAlreadyRegistered. Six queries.

    The number's row is locked first: two registrations of one person come one after the other.
    """
    person = dict(person)
    email = person["email"].strip().lower()
    given, language = person.pop("number", ""), person.pop("language", "")
    if given:
        _pass_over(given)
    number = given or next_number(prefix=number_prefix)
    user = None
    if not _refuse_known(person["cnic"], email):
        user = _create_user(email, person["full_name"], password_hash, language)
    trainee = Trainee(**{**person, "email": email, "number": number, "user": user, "created_at": at})
    trainee.save(force_insert=True)
    if consent_version:
        Consent.objects.create(trainee=trainee, text_version=consent_version, given_at=at)
    record(act="trainee.create", by=by, at=at, subject=trainee, detail={"number": number})
    return trainee


create_trainee = transaction.atomic(add_trainee)  # the same, whole or not at all on its own


def next_number(*, prefix: str) -> str:
    """Give the next trainee number of `prefix`; must run inside a transaction. One query after the first.

    The update locks the sequence's row until the commit, so that no number is given twice.
    """
    table = NumberSequence._meta.db_table
    with connection.cursor() as cursor:
        for _attempt in (1, 2):
            cursor.execute(f"UPDATE {table} SET last = last + 1 WHERE prefix = %s RETURNING last", [prefix])  # noqa: S608
            if row := cursor.fetchone():
                return str(NumberSequence(prefix=prefix, last=row[0]))
            NumberSequence.objects.get_or_create(prefix=prefix)
    raise NumberSequence.DoesNotExist(prefix)


def _refuse_known(cnic: str, email: str) -> bool:
    """Tell whether the address has an account. Raises CnicAlreadyRegistered. One query for both questions."""
    people = Trainee.objects.with_cnic(cnic).values_list(Value("cnic"))
    accounts = User.objects.filter(email=email).values_list(Value("email"))
    found = {each for (each,) in people.union(accounts)}
    if "cnic" in found:
        raise CnicAlreadyRegistered
    return "email" in found


def _pass_over(number: str) -> None:
    """Let the sequence go on after a number that was given elsewhere."""
    prefix, _dash, digits = number.rpartition("-")
    if prefix and digits.isdecimal() and len(digits) < 9:
        NumberSequence.objects.get_or_create(prefix=prefix)
        NumberSequence.objects.filter(prefix=prefix, last__lt=int(digits)).update(last=int(digits))


def _create_user(email: str, full_name: str, password_hash: str, language: str) -> User:
    user = User(
        email=email,
        full_name=full_name,
        password=password_hash or make_password(None),
        language=language if language in User.Language.values else User.Language.ENGLISH,
        address_proven=not password_hash,
    )
    user.save(force_insert=True)
    return user
