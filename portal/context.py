"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from courses.models import Programme


def site(request: HttpRequest) -> dict[str, Any]:
    """Give templates the running programme (one query, only where it is shown) and the site's address."""
    return {
        "programme": SimpleLazyObject(lambda: Programme.objects.latest_first().first()),
        "SITE_URL": settings.SITE_URL,
    }
