"""Who may set the programme up."""

import json
from hashlib import sha256

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from cohorts.views.manage import require_office


def require_setup(request: HttpRequest, right: str = "cohorts.change_cohort") -> HttpResponse | None:
    """The office that may change cohorts sets the programme up; auditors do not. `right`: another one to ask for."""
    if refusal := require_office(request):
        return refusal
    if not request.user.has_perm(right):
        raise PermissionDenied
    return None


def digest_of(request: HttpRequest) -> str:
    """Return a digest of what was typed; the button that confirms carries it: what was shown is what is done."""
    ours = ("confirm", "csrfmiddlewaretoken")
    typed = {name: [each for each in request.POST.getlist(name) if each] for name in request.POST if name not in ours}
    said = json.dumps({name: values for name, values in typed.items() if values}, sort_keys=True)
    return sha256(said.encode()).hexdigest()[:32]


def is_confirmed(request: HttpRequest) -> bool:
    """Tell whether the person confirms exactly what a preview has shown."""
    return request.POST.get("confirm") == digest_of(request)
