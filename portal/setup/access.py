"""Who may set the programme up."""

import json
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from cohorts.views.manage import require_office


def require_setup(request: HttpRequest, right: str = "cohorts.change_cohort") -> HttpResponse | None:
    """The office that may change cohorts sets the programme up; auditors do not. `right`: another one to ask for."""
    if refusal := require_office(request):
        return refusal
    if not request.user.has_perm(right):
        raise PermissionDenied
    return None


def digest_of(request: HttpRequest, shown: Any) -> str:
    """Return a digest of what was typed and of what a preview showed of it; the button that confirms carries it.

    What was shown is what is done: where something else has changed meanwhile, the same answers do something else.
    """
    ours = ("confirm", "csrfmiddlewaretoken")
    typed = {name: [each for each in request.POST.getlist(name) if each] for name in request.POST if name not in ours}
    given = {name: values for name, values in typed.items() if values}
    said = json.dumps([given, shown], sort_keys=True, default=str)
    return sha256(said.encode()).hexdigest()[:32]


def is_confirmed(request: HttpRequest, shown: Any) -> bool:
    """Tell whether the person confirms exactly what a preview has shown; say so where that is no longer what it was."""
    given = request.POST.get("confirm")
    confirmed = given == digest_of(request, shown)
    if given and not confirmed:
        messages.warning(request, _("This is no longer what was shown. Look again, then confirm."))
    return confirmed
