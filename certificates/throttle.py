"""How often one address may look codes up: an office of twenty passes, a guesser does not (R27).

Two budgets per address, settings both: a generous one, and a scarce one for what can be a guess. A
guess is a code that nothing has, and an older serial that was counted up: its neighbours are easily thought of.
A random code is not (75 bits), so a known one passes an address that has used its guesses up.
"""

import hashlib
import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework.throttling import BaseThrottle

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class TooManyLookUps(ValidationError):
    """This address has used its budget up; it may go on in `wait` seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(_("Too many look-ups. Please wait a minute."), code="throttled")
        self.wait = wait


class VerifyThrottle(BaseThrottle):
    """The budget of look-ups, in the shape that the API's views ask for."""

    scope = "verify"

    def allow_request(self, request: Any, view: Any) -> bool:
        return _spend(self.scope, self.get_ident(request))

    def wait(self) -> int:
        return _seconds_left(self.scope)


class GuessThrottle(VerifyThrottle):
    """The budget of look-ups that can be guesses."""

    scope = "verify_unknown"


class ReportThrottle(VerifyThrottle):
    """The budget of reports."""

    scope = "report"


def spend(throttle: VerifyThrottle, request: Any) -> None:
    """Take one look-up from a budget. Raises TooManyLookUps."""
    if not throttle.allow_request(request, None):
        raise TooManyLookUps(throttle.wait())


def _spend(scope: str, address: str) -> bool:
    """Count in the running window. The cost does not grow with the rate; the address is kept as a hash."""
    limit, seconds = _rate(scope)
    who = hashlib.sha256(address.encode()).hexdigest()[:32]
    key = f"{scope}-{who}-{int(time.time()) // seconds}"
    cache.add(key, 0, timeout=2 * seconds)
    try:
        return cache.incr(key) <= limit
    except ValueError:  # it was dropped to make room
        return True


def _seconds_left(scope: str) -> int:
    seconds = _rate(scope)[1]
    return seconds - int(time.time()) % seconds


def _rate(scope: str) -> tuple[int, int]:
    rates: dict[str, str] = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]  # type: ignore[assignment]
    number, unit = rates[scope].split("/")
    return int(number), SECONDS[unit[0]]
