"""What people asked of the office: changes of name and erasures, with the answer to each."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certificates.models import Certificate
from cohorts.views.manage.access import require_office
from portal.disagreements import find_disagreements
from portal.people.erase import decide_erasure
from portal.people.names import find_unprintable
from trainees.forms import DecisionForm
from trainees.models import ErasureRequest, NameChange, Request
from trainees.services.names import decide_name_change

SHOWN = 20  # of each kind; the next follow when these are decided


@require_GET
def list_requests(request: HttpRequest) -> HttpResponse:
    """The first of those that wait, oldest first, then the last that were decided. Ten queries."""
    if refusal := require_office(request):
        return refusal
    names, erasures = _waiting(NameChange), _waiting(ErasureRequest)
    context = {
        "names": [(each, find_unprintable((each.new_name, each.new_name_ur))) for each in names[:SHOWN]],
        "names_total": names.count(),
        "erasures": erasures[:SHOWN],
        "erasures_total": erasures.count(),
        "decided": [*_decided(NameChange), *_decided(ErasureRequest)],
        "outdated": _outdated(),
        "may_decide": request.user.has_perm("trainees.change_trainee"),
        "may_replace": request.user.has_perm("certificates.revoke_certificate"),
    }
    return render(request, "portal/people/requests.html", context)


def _waiting(model: type[Request]) -> QuerySet[Any]:
    found = model._default_manager.filter(status="waiting").select_related("trainee").defer("trainee__cnic")
    return found.order_by("requested_at", "id")


def _decided(model: type[Request]) -> QuerySet[Any]:
    found = model._default_manager.filter(decided_at__isnull=False).select_related("trainee", "decided_by")
    return found.defer("trainee__cnic").order_by("-decided_at", "-id")[:SHOWN]


def _outdated() -> QuerySet[Certificate]:
    """Return valid certificates whose holder had the name changed since: a replacement is due (R52, R56)."""
    changed = NameChange.objects.filter(status=NameChange.Status.APPROVED).values("trainee_id")
    renamed = find_disagreements().exclude(name=F("enrolment__trainee__full_name"))
    found = renamed.filter(enrolment__trainee__in=changed).select_related("enrolment__trainee")
    return found.only("code", "serial", "name", "enrolment__trainee__full_name").order_by("-issued_at", "-id")[:50]


@require_POST
def decide_name(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or refuse a change of name; the person is told."""
    return _decide(request, NameChange, pk, lambda found, facts: decide_name_change(change=found, **facts))


@require_POST
def decide_erasure_request(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or refuse an erasure; the person is told."""
    return _decide(request, ErasureRequest, pk, lambda found, facts: decide_erasure(request=found, **facts))


def _decide(request: HttpRequest, model: type[Request], pk: int, act: Any) -> HttpResponse:
    if refusal := require_office(request):
        return refusal
    if not request.user.has_perm("trainees.change_trainee"):
        raise PermissionDenied
    found: Any = get_object_or_404(model._default_manager, pk=pk)
    form = DecisionForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError([error for errors in form.errors.values() for error in errors])
        approve, note = form.cleaned_data["decision"] == "approve", form.cleaned_data["note"]
        act(found, {"approve": approve, "note": note, "by": request.user, "at": timezone.now()})
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Decided; the person is told."))
    return redirect("manage_requests")
