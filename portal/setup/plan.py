"""Where and when a standing cohort is held: changed with a look at every session that moves."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from audit.history import Words, list_changes
from cohorts.models import Cohort, Room
from cohorts.permissions import can_reschedule
from cohorts.services.schedule import CohortPlan, NothingToChange, change_plan, preview_plan
from cohorts.services.venues import rooms_of
from cohorts.timetable_forms import DayField, ReasonFields
from portal.setup.access import digest_of, is_confirmed, require_setup
from portal.setup.cohort_forms import PlaceChoice, read_slot
from portal.setup.cohort_views import is_choice
from portal.setup.forms import LinesField

WORDS: dict[str, Any] = {
    "mode": _("Held"),
    "city": _("City"),
    "place": _("Venue and room"),
    "weekly_pattern": _("Weekly pattern"),
    "starts_on": _("Starts"),
}


class PlanForm(PlaceChoice, ReasonFields):
    """Where and when a cohort is held, and from which date on."""

    from_date = DayField(
        label=_("From this date on"), help_text=_("Sessions before it, and all that were held or marked, stay.")
    )
    link = forms.URLField(
        label=_("Link to join"),
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text=_("For online sessions; empty: each keeps its own."),
    )
    pattern = LinesField(
        read_slot,
        rows=4,
        label=_("Weekly pattern"),
        help_text=_("One a line: MO 10:00-13:00. Another pattern lays the sessions ahead anew, minute for minute."),
    )
    field_order = ("from_date", "mode", "city", "place", "link", "pattern", "reason")

    def __init__(self, data: Any, *, cohort: Cohort, rooms: list[Room]) -> None:
        tomorrow = timezone.now().astimezone(ZoneInfo(cohort.time_zone)).date() + timedelta(days=1)
        slots = [f"{slot['weekday']} {slot['start']}-{slot['end']}" for slot in cohort.weekly_pattern]
        stands = {
            "from_date": max(tomorrow, cohort.starts_on),
            "mode": cohort.mode,
            "city": cohort.city,
            "place": str(cohort.held_in_id or ""),
            "pattern": "\n".join(slots),
        }
        super().__init__(data, initial=stands)
        self.offer_rooms(rooms)
        self.fields["pattern"].required = bool(slots)  # where sessions were listed one by one there is none

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.check_place(data)
        return data

    @property
    def plan(self) -> CohortPlan:
        data = self.cleaned_data
        return CohortPlan(
            data["mode"], data["city"], self.rooms.get(data["place"]), tuple(data["pattern"]), data["link"]
        )


@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """Another mode, city, room or weekly pattern: first every session before and after, then the act."""
    if refusal := require_setup(request):
        return refusal
    if not can_reschedule(request.user):
        raise PermissionDenied
    cohort = get_object_or_404(Cohort.objects.select_related("course__programme", "held_in__venue"), code=code)
    form = PlanForm(request.POST or None, cohort=cohort, rooms=_rooms(cohort))
    context: dict[str, Any] = {"form": form, "cohort": cohort}
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = {"plan": form.plan, "from_date": form.cleaned_data["from_date"], "at": timezone.now()}
        try:
            look = _look(cohort, given)
            shown = [look["changes"], look["outlook"].lines]
            if is_confirmed(request, shown):
                told = change_plan(cohort=cohort, by=request.user, reason=form.cleaned_data["reason"], **given)  # type: ignore[arg-type]
                said = ngettext(
                    "%(code)s is changed; %(n)d person is told.", "%(code)s is changed; %(n)d people are told.", told
                )
                messages.success(request, said % {"code": code, "n": told})
                return redirect("setup_cohort", code)
            context |= look | {"digest": digest_of(request, shown)}
        except ValidationError as error:
            context["refused"] = error.messages
    is_wrong = form.errors or "refused" in context
    return render(request, "portal/setup/plan.html", context, status=422 if is_wrong else 200)


def _look(cohort: Cohort, given: dict[str, Any]) -> dict[str, Any]:
    """Return what would change; what stands in its way is a refusal, but where only the cohort changes."""
    changed, outlook = preview_plan(cohort=cohort, **given)
    words: Words = {name: (str(label), {}) for name, label in WORDS.items()}
    refused = [each for each in outlook.refusals if not (changed and isinstance(each, NothingToChange))]
    context: dict[str, Any] = {"changes": list_changes(changed, words), "outlook": outlook}
    return context | ({"refused": [text for each in refused for text in each.messages]} if refused else {})


def _rooms(cohort: Cohort) -> list[Room]:
    """Return the rooms that can be chosen, and the one it is held in whatever became of it. Two queries."""
    own = cohort.held_in_id
    return [room for room in rooms_of() if room.pk == own or _is_offered(room)]


def _is_offered(room: Room) -> bool:
    return not (room.retired_at or room.venue.retired_at) and is_choice(room)
