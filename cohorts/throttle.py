"""How many registrations one network may send from the page: a class room does, a script that fills places not."""

from typing import Any

from rest_framework.throttling import AnonRateThrottle


class RegistrationThrottle(AnonRateThrottle):
    """The budget of a network. It is wider than the API's, since a whole campus may share one address."""

    scope = "register_page"


def may_register(request: Any) -> bool:
    """Take one registration from the budget of where a request comes from; no when it is used up."""
    view: Any = None  # the budget is the same wherever it is asked
    return RegistrationThrottle().allow_request(request, view)
