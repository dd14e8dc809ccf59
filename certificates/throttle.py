"""How often one address may look codes up: an office of twenty passes, a guesser does not (R27)."""

from django.conf import settings
from rest_framework.throttling import SimpleRateThrottle


class VerifyThrottle(SimpleRateThrottle):
    """Counts look-ups per address, for the page and the API alike."""

    scope = "verify"

    def get_rate(self) -> str:
        rates: dict[str, str] = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]  # type: ignore[assignment]
        return rates[self.scope]

    def get_cache_key(self, request: object, view: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}  # type: ignore[arg-type]
