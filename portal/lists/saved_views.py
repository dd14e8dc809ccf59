"""Keeping, renaming, sharing and removing a view of a list."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cohorts.views.manage import require_office
from portal.lists import saved
from portal.lists.catalogue import LISTS
from portal.lists.shape import Asked
from portal.models import SavedView


@require_POST
def save(request: HttpRequest, name: str) -> HttpResponse:
    """Keep the list as it is shown under a name."""
    if refusal := require_office(request):
        return refusal
    office_list = LISTS.get(name)
    if office_list is None:
        raise Http404
    if not office_list.may_see(request.user):
        raise PermissionDenied
    asked = Asked(office_list, request.user, QueryDict(request.POST.get("query", "")))
    given = {"name": request.POST.get("name", ""), "is_shared": "shared" in request.POST}
    try:
        saved.save_view(asked=asked, by=request.user, at=timezone.now(), **given)  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The view is kept; it stands over the list."))
    return redirect(office_list.address + asked.link())


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, share or remove one's own view."""
    if refusal := require_office(request):
        return refusal
    view = get_object_or_404(SavedView, pk=pk, owner=request.user)
    try:
        if request.POST.get("act") == "remove":
            saved.remove_view(view=view, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        else:
            given = {"name": request.POST.get("name", ""), "is_shared": "shared" in request.POST}
            saved.change_view(view=view, by=request.user, at=timezone.now(), **given)  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(LISTS[view.list].url)
