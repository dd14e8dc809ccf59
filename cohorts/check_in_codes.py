"""The code on the instructor's screen: the session, the second it was made, and a keyed hash of both.

13 bytes of HMAC-SHA256 are 104 bits that nobody without the key can foretell; 21 bytes are 28 letters of
base 64 with no bit to spare, so no other spelling reads as the same code.
"""

import base64
import binascii
import hmac
import struct
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

CHANGES = 15  # seconds between two codes on the screen
VALID = 30  # seconds for which one is taken
AHEAD = 20  # seconds by which the clock of another server may be ahead
SALT = "cohorts.check_in"


class AlteredCode(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("This is not a check-in code of ours. Scan the code on the screen."), code="altered_code")


class ExpiredCode(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("This code has expired. Scan the one that is on the screen now."), code="expired_code")


def make_code(session_id: int, at: datetime) -> str:
    """Return the code of a session for this moment."""
    said = struct.pack(">II", session_id, int(at.timestamp()))
    return base64.urlsafe_b64encode(said + _seal(said)).decode()


def read_code(code: str, at: datetime) -> int:
    """Return the session of a fresh code. Raises AlteredCode, ExpiredCode."""
    try:
        data = base64.urlsafe_b64decode(code.encode("ascii"))
    except (UnicodeEncodeError, binascii.Error):
        raise AlteredCode from None
    said, seal = data[:8], data[8:]
    is_as_made = len(data) == 21 and base64.urlsafe_b64encode(data).decode() == code
    if not is_as_made or not hmac.compare_digest(seal, _seal(said)):
        raise AlteredCode
    session_id, made = struct.unpack(">II", said)
    if not -AHEAD <= at.timestamp() - made < VALID:
        raise ExpiredCode
    return int(session_id)


def _seal(said: bytes) -> bytes:
    return salted_hmac(SALT, said, algorithm="sha256").digest()[:13]
