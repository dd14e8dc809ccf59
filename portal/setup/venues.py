"""The venues and their rooms."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from audit.history import history_of, list_changes, words_of
from audit.services import compare
from cohorts.models import Cohort, Room, Session, Venue
from cohorts.services.venues import describe_venue, save_venue
from portal.setup.access import digest_of, is_confirmed, require_setup
from portal.setup.forms import VenueForm


@require_GET
def venues(request: HttpRequest) -> HttpResponse:
    """Every venue with its rooms and what meets there. Six queries."""
    if refusal := require_setup(request):
        return refusal
    open_cohorts = Q(rooms__cohorts__isnull=False) & ~Q(rooms__cohorts__state=Cohort.State.CLOSED)
    named = Room.objects.filter(retired_at__isnull=True).exclude(name="").order_by("name")
    found = Venue.objects.annotate(n=Count("rooms__cohorts", filter=open_cohorts, distinct=True))
    found = found.prefetch_related(Prefetch("rooms", named)).order_by("retired_at", "city", "name")
    return render(request, "portal/setup/venues.html", {"venues": found})


@require_http_methods(["GET", "POST"])
def venue(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A venue, new or standing; a preview of what changes and who meets there."""
    if refusal := require_setup(request):
        return refusal
    kept = get_object_or_404(Venue, pk=pk) if pk is not None else None
    form = VenueForm(request.POST or None, initial=_values_of(kept) if kept else None)
    if kept and kept.rooms.filter(Q(cohorts__isnull=False) | Q(sessions__isnull=False)).exists():
        form.fields["city"].disabled = True  # a cohort's city is its own; the house does not walk away from it
    context: dict[str, Any] = {"form": form, "title": kept.name if kept else _("New venue"), "thing": kept}
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("city", "name", "address", "map_url")}
        rooms = form.cleaned_data["rooms"]
        by: Any = request.user
        save = partial(save_venue, venue=kept, values=values, rooms=rooms, by=by, at=timezone.now())
        try:
            changes = _preview(kept, save)
            if is_confirmed(request, changes):
                messages.success(request, _("%s is saved.") % save().name)
                return redirect("setup_venues")
        except ValidationError as error:
            form.add_error("name", error)
        else:
            context["digest"] = digest_of(request, changes)
            context["changes"] = list_changes(changes, words_of(form))
            context["notes"] = _concerned(kept) if kept else []
    context |= {"kind": "venue", "history": history_of(kept, words_of(form))}
    return render(request, "portal/setup/form.html", context, status=422 if form.errors else 200)


def _values_of(venue: Venue) -> dict[str, Any]:
    return {**describe_venue(venue), "city": venue.city, "rooms": "\n".join(describe_venue(venue)["rooms"])}


def _preview(venue: Venue | None, save: Callable[[], Venue]) -> dict[str, list[Any]]:
    """Save, look at what has changed, and take it back."""
    stood = describe_venue(venue) if venue else {}
    with transaction.atomic():
        changed = compare(stood, describe_venue(save()))
        transaction.set_rollback(True)
    return changed


def _concerned(venue: Venue) -> list[str]:
    """Say what meets there. Two queries."""
    ahead = Session.objects.countable().filter(held_in__venue=venue, starts_at__gt=timezone.now())
    text = ngettext(
        "%d session to come is held there; a new name reaches it and people's calendars. Nobody is written to.",
        "%d sessions to come are held there; a new name reaches them and people's calendars. Nobody is written to.",
        ahead.count(),
    )
    return [text % ahead.count()]
