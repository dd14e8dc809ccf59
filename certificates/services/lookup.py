"""Looking a certificate up by what somebody typed or scanned, and counting that it was done."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from certificates.codes import grouped, is_code, normalise
from certificates.models import Certificate
from certificates.rules import verdict_on

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LookUp:
    """What a look-up found. `verdict`: valid, revoked, replaced, expired, mistyped or unknown."""

    code: str
    verdict: str
    certificate: Certificate | None = None

    @property
    def can_be_a_guess(self) -> bool:
        return self.certificate is None or self.certificate.imported_at is not None

    @property
    def grouped(self) -> str:
        return grouped(self.code) if self.certificate is None else self.certificate.printed_code

    @property
    def successor(self) -> Certificate | None:
        """The certificate that took its place, once it is made."""
        made = getattr(self.certificate, "replaced_by", None)
        return made if made is not None and made.issued_at else None


def look_up(*, typed: str, at: datetime) -> LookUp:
    """Find what was issued under a code, or an older serial, in any case and spacing (R51). One query.

    What is not the form of a code, or whose check character is wrong, is mistyped and told apart from unknown.
    """
    code = normalise(typed)
    found = Certificate.objects.public().select_related("replaced_by").filter(code=code).first() if code else None
    if found is None:
        return LookUp(code, "unknown" if is_code(code) else "mistyped")
    zone = found.printed.get("time_zone") or settings.TIME_ZONE
    return LookUp(code, verdict_on(found.state, found.expires_on, zone, at), found)


def count_look_up(*, certificate: Certificate, at: datetime) -> None:
    """Add one to the day's count of a certificate; nothing is kept about who looked. One statement.

    A database that cannot write now must not hide a verdict: the count is lost, the page is not.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [certificate.pk, timezone.localdate(at).isoformat()])
    except DatabaseError:
        logger.warning("a look-up of certificate %s was not counted", certificate.code)


_COUNT = """
    INSERT INTO certificates_lookups (certificate_id, day, count) VALUES (%s, %s, 1)
    ON CONFLICT (certificate_id, day) DO UPDATE SET count = certificates_lookups.count + 1
"""
