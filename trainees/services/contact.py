"""How a person is reached: phone, district, language, and an e-mail address that counts once its link is opened."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from audit.services import record
from trainees import notices
from trainees.models import Message, Trainee, User
from trainees.rules import read_email, require

SALT = "trainees.address"
LINK_VALID = timedelta(hours=48)
REQUESTS_A_DAY = 5


class LinkDead(ValidationError):
    """The link was used, is too old, or another address was asked for since."""

    def __init__(self) -> None:
        super().__init__(_("This link does not count any more. Ask for a new one on your profile page."), code="link")


@transaction.atomic
def change_contact(*, trainee: Trainee, contact: Mapping[str, str], by: User | None, at: datetime) -> Trainee:
    """Change the phone or the district of a person. Two queries."""
    changed = [name for name in ("mobile", "district") if name in contact and contact[name] != getattr(trainee, name)]
    for name in changed:
        setattr(trainee, name, contact[name])
    if changed:
        trainee.save(update_fields=changed)
        record(act="trainee.contact", by=by, at=at, subject=trainee, detail={"changed": changed})
    return trainee


@transaction.atomic
def choose_language(*, user: User, language: str, at: datetime) -> User:
    """Set the language of a person's mails and pages. Raises ValidationError for another one. Two queries."""
    if language not in User.Language.values:
        raise ValidationError({"language": ValidationError(_("Choose one of the answers."), code="language")})
    if user.language != language:
        user.language = language
        user.save(update_fields=["language"])
        record(act="user.language", by=user, at=at, subject=user, detail={"to": language})
    return user


@transaction.atomic
def request_address(*, trainee: Trainee, email: str, by: User, at: datetime) -> Trainee:
    """Note a wanted address and write to it; it counts when its link is opened (R40: in lower case).

    Whether somebody else uses it is not told: siblings may share one. Raises ValidationError for what is no
    address, the one that counts already, or more than five requests a day. Five queries.
    """
    wanted = require(read_email(email))
    if wanted == trainee.email:
        raise ValidationError({"email": ValidationError(_("This is your address already."), code="same")})
    asked = Message.objects.filter(trainee=trainee, kind="confirm_address", created_at__gt=at - timedelta(days=1))
    if asked.count() >= REQUESTS_A_DAY:
        text = _("Five links were sent today; look into the mailbox, also among unwanted mail, or try tomorrow.")
        raise ValidationError({"email": ValidationError(text, code="too_many")})
    trainee.email_wanted = wanted
    trainee.save(update_fields=["email_wanted"])
    fingerprint = _print_of(trainee)
    token = signing.dumps([trainee.pk, fingerprint], salt=SALT)
    link = settings.SITE_URL + reverse("me_confirm_address", args=[token])
    key = f"confirm-address-{fingerprint[:20]}-{at.timestamp():.0f}"  # a second press in a second sends nothing
    notices.ask_to_confirm_address(trainee=trainee, link=link, key=key, at=at)
    record(act="trainee.request_address", by=by, at=at, subject=trainee)
    return trainee


def read_token(token: str) -> Trainee:
    """Return the person whose wanted address a link confirms. Raises LinkDead. One query."""
    try:
        pk, fingerprint = signing.loads(token, salt=SALT, max_age=LINK_VALID)
    except signing.BadSignature:
        raise LinkDead from None
    trainee = Trainee.objects.filter(pk=pk).exclude(email_wanted="").select_related("user").first()
    if trainee is None or fingerprint != _print_of(trainee):
        raise LinkDead
    return trainee


@transaction.atomic
def confirm_address(*, token: str, at: datetime) -> Trainee:
    """Let the wanted address count; the old one is told. Raises LinkDead. At most ten queries.

    The account signs in with it too, unless the account looks after other people or the address is another's.
    """
    found = read_token(token)
    trainee = Trainee.objects.select_for_update(no_key=True, of=("self",)).select_related("user").get(pk=found.pk)
    if _print_of(trainee) != _print_of(found):
        raise LinkDead
    old, trainee.email, trainee.email_wanted = trainee.email, trainee.email_wanted, ""
    trainee.email_confirmed_at = at
    trainee.save(update_fields=["email", "email_wanted", "email_confirmed_at"])
    moved = trainee.user is not None and _move_account(trainee.user, old, trainee.email)
    record(act="trainee.address", by=trainee.user, at=at, subject=trainee, detail={"sign_in": moved})
    notices.tell_address_changed(trainee=trainee, old=old, at=at)
    return trainee


def _move_account(user: User, old: str, new: str) -> bool:
    shared = Trainee.objects.filter(user=user).count() > 1
    if user.email != old or shared or User.objects.filter(email=new).exists():
        return False
    user.email, user.address_proven = new, True
    user.save(update_fields=["email", "address_proven"])
    EmailAddress.objects.filter(user=user).delete()  # or the old one could still reset the password
    return True


def _print_of(trainee: Trainee) -> str:
    """Stand for both addresses in a link, so that it is dead once either has changed."""
    return signing.Signer(salt=SALT).signature(f"{trainee.pk} {trainee.email} {trainee.email_wanted}")
