"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from courses.models import Programme
from portal.side import count_side


def site(request: HttpRequest) -> dict[str, Any]:
    """Give templates the running programme, the numbers of the side bar and the site's address.

    One query each for the first two, only where they are shown.
    """
    return {
        "programme": SimpleLazyObject(lambda: Programme.objects.latest_first().first()),
        "side": SimpleLazyObject(lambda: count_side(request.user)),
        "SITE_URL": settings.SITE_URL,
    }
