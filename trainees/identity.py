"""Identity numbers at rest: sealed with a key that can be rotated, found again by a keyed hash.

The keys lie in files beside the secret key (settings), one encryption key per file, named by its number; the
highest number seals, each opens what it sealed. A dump of the database says nothing without them.
"""

import base64
import hashlib
import hmac
import re
import secrets
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from trainees.keyfile import read_or_make_secret

NONCE_BYTES = 12
TOKEN = re.compile(r"(\d+)\$([A-Za-z0-9_-]+={0,2})")
CNIC = re.compile(r"[1-8][0-9]{12}")


class CannotOpen(Exception):
    """What was sealed cannot be opened: its key is missing, or it was altered."""


def seal(text: str) -> str:
    """Return `text` encrypted (AES-256-GCM) under the newest key, as `<key number>$<nonce and cipher text>`."""
    keys = _keys()
    number = max(keys)
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = keys[number].encrypt(nonce, text.encode(), None)
    return f"{number}${base64.urlsafe_b64encode(nonce + sealed).decode()}"


def unseal(token: str) -> str:
    """Return what was sealed. Raises CannotOpen, without quoting anything of it."""
    match = TOKEN.fullmatch(token)
    if match is None:
        raise CannotOpen("A value is not sealed.")
    number, data = int(match[1]), base64.urlsafe_b64decode(match[2])
    if number not in _keys():
        forget_keys()  # another process may have rotated
    if number not in _keys():
        raise CannotOpen(f"The key {number} is missing under {settings.CNIC_KEYS_DIR}.")
    try:
        return _keys()[number].decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], None).decode()
    except InvalidTag:
        raise CannotOpen(f"A value was not sealed with our key {number}, or was altered.") from None


def newest_key() -> int:
    """Return the number of the key that seals."""
    return max(_keys())


def add_key() -> int:
    """Make a key with the next number, which seals from now on, and return the number."""
    forget_keys()
    number = newest_key() + 1
    read_or_make_secret(settings.CNIC_KEYS_DIR / str(number))
    forget_keys()
    return newest_key()


def forget_keys() -> None:
    """Read the key files anew when next needed."""
    _keys.cache_clear()


@cache
def _keys() -> dict[int, AESGCM]:
    files = [path for path in settings.CNIC_KEYS_DIR.iterdir() if path.name.isdecimal()]
    return {int(path.name): AESGCM(hashlib.sha256(path.read_bytes().strip()).digest()) for path in files}


def hash_cnic(cnic: str) -> str:
    """Return the keyed hash by which a number is found and held unique; only 13 digits have one."""
    if not CNIC.fullmatch(cnic):
        raise ValueError("A CNIC has 13 digits, from 1 to 8 first.")
    return keyed_hash("cnic", cnic)


def keyed_hash(purpose: str, text: str) -> str:
    """Return HMAC-SHA256 as 64 hexadecimal digits; equal texts of different purposes do not meet."""
    said = f"{purpose}:{text}".encode()
    return hmac.new(settings.CNIC_HASH_KEY.encode(), said, hashlib.sha256).hexdigest()
