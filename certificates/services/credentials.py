"""What the worker signs with the programme's key: a credential for each certificate, and the status lists."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max

from certificates.credential.build import STATUS_LIST_LENGTH, as_json, build_credential, list_of, site_of
from certificates.credential.did import did_of
from certificates.credential.keys import load_credential_key, load_sealer
from certificates.credential.sign import CredentialKey, sign_document, sign_jwt
from certificates.credential.status import build_status_list
from certificates.models import Certificate, Credential, Key, StatusList
from certificates.pdf.seal import Sealer
from certificates.rules import Printed, end_of_validity
from certificates.services.keys import current_keys

ENDED = (Certificate.State.REVOKED, Certificate.State.REPLACED)


@dataclass(frozen=True)
class Signed:
    """A credential in both forms and the key that signed it, not stored yet."""

    document: str
    jwt: str
    key_id: int


class KeyRing:
    """The worker's private keys, each read once from its file; which is in use is asked of the database each time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loaded: dict[str, CredentialKey] = {}
        self._sealers: dict[str, Sealer] = {}

    def credential_key(self) -> tuple[Key, CredentialKey]:
        """One query. Raises KeyError without a key in use, KeyMissing without its file."""
        row = current_keys()[Key.Kind.CREDENTIAL]
        if row.name not in self._loaded:
            self._loaded[row.name] = CredentialKey(row.name, load_credential_key(self._folder, row.name))
        return row, self._loaded[row.name]

    def seal(self, content: bytes, at: datetime) -> bytes:
        """Return a drawn file with the signature of the document key. One query. Raises as above, and NoRoom."""
        return self.sealer().sign(content, at=at)

    def sealer(self) -> Sealer:
        """Return what signs files now. One query. Raises as above."""
        row = current_keys()[Key.Kind.DOCUMENT]
        if row.name not in self._sealers:
            self._sealers[row.name] = load_sealer(self._folder, row.name)
        return self._sealers[row.name]


def sign_credential(certificate: Certificate, *, ring: KeyRing) -> Signed:
    """Return the credential of a certificate; equal facts and an equal key give an equal one. One query."""
    printed = Printed(**certificate.printed)
    row, key = ring.credential_key()
    document = build_credential(
        printed,
        edition=certificate.edition,
        status_index=certificate.status_index,
        issued_at=certificate.created_at,
        expires_at=end_of_validity(printed),
    )
    did = did_of(site_of(printed))
    signed = sign_document(document, key=key, did=did, at=certificate.created_at)
    return Signed(as_json(signed), sign_jwt(document, key=key, did=did), row.pk)


def store_credential(certificate: Certificate, signed: Signed) -> None:
    """Keep the credential of a certificate, in place of an older one. One query."""
    row = Credential(certificate=certificate, document=signed.document, jwt=signed.jwt, key_id=signed.key_id)
    changed = ["document", "jwt", "key"]
    Credential.objects.bulk_create([row], update_conflicts=True, unique_fields=["certificate"], update_fields=changed)


def renew_credentials(*, ring: KeyRing, limit: int = 200) -> int:
    """Sign again what a compromised key signed, a part at a time. Return how many were; 0 when none is left."""
    lost = Credential.objects.filter(key__compromised=True).select_related("certificate").order_by("id")[:limit]
    for credential in lost:
        store_credential(credential.certificate, sign_credential(credential.certificate, ring=ring))
    return len(lost)


def sign_status_lists(*, ring: KeyRing, clock: Callable[[], datetime]) -> int:
    """Sign each list that is behind its certificates, make those that are missing. Return how many were signed.

    Two queries when nothing changed.
    """
    highest = Certificate.objects.aggregate(highest=Max("status_index"))["highest"] or 0
    numbers = set(range(1, list_of(highest)[0] + 1))
    behind = numbers - set(StatusList.objects.filter(version=F("signed_version")).values_list("number", flat=True))
    return sum(_sign_list(number, ring, clock()) for number in sorted(behind))


@transaction.atomic
def _sign_list(number: int, ring: KeyRing, at: datetime) -> bool:
    """Read the certificates while the list's row is locked, so that what ends meanwhile raises the version again."""
    StatusList.objects.get_or_create(number=number)
    row = StatusList.objects.select_for_update(no_key=True).get(number=number)
    if row.version == row.signed_version:
        return False
    first = (number - 1) * STATUS_LIST_LENGTH
    ended = Certificate.objects.filter(state__in=ENDED, status_index__range=(first, first + STATUS_LIST_LENGTH - 1))
    entries = [index - first for index in ended.values_list("status_index", flat=True)]
    site = settings.SITE_URL
    document = build_status_list(site, number=number, entries=entries, at=at)
    _row, key = ring.credential_key()
    row.document = as_json(sign_document(document, key=key, did=did_of(site), at=at))
    row.signed_version, row.signed_at = row.version, at
    row.save(update_fields=["document", "signed_version", "signed_at"])
    return True
