"""The keys of the programme: made once, rotated by plan, taken out of use when they leaked."""

import secrets
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from audit.services import record
from certificates.credential import keys as files
from certificates.models import Credential, Key, StatusList
from trainees.models import User


@transaction.atomic
def make_keys(*, by: User | None, at: datetime) -> list[Key]:
    """Make whichever of root, document and credential key is not there yet; return the new ones.

    Raises KeyMissing when a key is in use but its file is not here: then it is elsewhere, or lost.
    """
    StatusList.objects.get_or_create(number=1)
    StatusList.objects.select_for_update(no_key=True).get(number=1)  # of two workers that start at once one makes them
    made = []
    for kind in Key.Kind.values:
        current = Key.objects.select_for_update(no_key=True).filter(kind=kind, retired_at=None).first()
        if current is None:
            made.append(_make(kind, by, at))
        elif kind != Key.Kind.ROOT and not files.key_path(settings.SIGNING_KEYS_DIR, current.name).exists():
            raise files.KeyMissing(files.key_path(settings.SIGNING_KEYS_DIR, current.name))
    return made


@transaction.atomic
def rotate_key(*, kind: str, reason: str, compromised: bool, by: User | None, at: datetime) -> Key:
    """Take the key of a kind out of use and make its successor; every status list will be signed anew.

    A retired key stays published while what it signed lives. A compromised one is published as such and no
    longer vouches; `unsigned_credentials` finds what has to be signed again. Raises ValidationError without a
    reason, KeyMissing without the root's file.
    """
    if not reason.strip():
        raise ValidationError({"reason": ValidationError(_("Say why the key is changed."), code="reason")})
    old = Key.objects.select_for_update(no_key=True).filter(kind=kind, retired_at=None)
    for key in old:
        key.retired_at, key.compromised, key.reason = at, compromised, reason.strip()[:200]
        key.save(update_fields=["retired_at", "compromised", "reason"])
        record(act="key.retire", by=by, at=at, subject=key, detail={"compromised": compromised, "reason": key.reason})
    made = _make(kind, by, at)
    if kind == Key.Kind.CREDENTIAL:
        StatusList.objects.update(version=F("version") + 1)
    return made


def published_keys() -> list[tuple[str, str]]:
    """Return name and Multikey of the keys in did.json: the one in use and those whose credentials live. One query."""
    trusted = Key.objects.filter(kind=Key.Kind.CREDENTIAL, compromised=False)
    living = trusted.filter(retired_at=None) | trusted.filter(pk__in=Credential.objects.values("key"))
    return list(living.order_by("id").values_list("name", "public"))


def current_keys() -> dict[str, Key]:
    """Return the key in use of each kind. One query."""
    return {key.kind: key for key in Key.objects.filter(retired_at=None)}


def _make(kind: str, by: User | None, at: datetime) -> Key:
    name = f"{kind}-{at:%Y%m%d}-{secrets.token_hex(8)}"  # a file left by a broken run is never in the way
    folder, host = settings.SIGNING_KEYS_DIR, settings.SITE_HOST
    if kind == Key.Kind.CREDENTIAL:
        public = files.make_credential_key(folder, name)
    elif kind == Key.Kind.ROOT:
        public = files.make_root(folder, name, host=host, at=at)
    else:
        root = Key.objects.get(kind=Key.Kind.ROOT, retired_at=None)
        public = files.make_document_key(folder, name, root=root.public, root_name=root.name, host=host, at=at)
    made = Key.objects.create(name=name, kind=kind, public=public, made_at=at)
    record(act="key.make", by=by, at=at, subject=made, detail={"name": name})
    return made
