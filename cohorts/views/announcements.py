"""Writing to people: the office to any list, instructors to their own cohorts."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cohorts.announcement_forms import LetterForm
from cohorts.filters import EnrolmentFilter
from cohorts.models import Announcement, Cohort
from cohorts.permissions import can_announce, can_manage, can_write_to
from cohorts.services import announcements as service


@login_required
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, code: str = "") -> HttpResponse:
    """Write a letter: the list it goes to, the text, what three people would read; then send or schedule it."""
    cohort = get_object_or_404(Cohort.objects.managed_by(request.user), code=code) if code else None
    if not (can_write_to(request.user, cohort) if cohort else can_announce(request.user)):
        raise PermissionDenied
    wanted = _filter(request.POST if request.method == "POST" else request.GET)
    form = LetterForm(request.POST or None, initial=_initial(request))
    user: Any = request.user
    people = service.recipients_of(by=user, cohort=cohort, filter=wanted)
    context: dict[str, Any] = {
        "cohort": cohort,
        "form": form,
        "people_count": people.count(),
        "filter": wanted,
        "base": _base(request),
    }
    narrowed = wanted if "ids" in wanted else {"status": "enrolled", **wanted}
    form_of_list = EnrolmentFilter(narrowed).form
    context["list_query"] = urlencode(narrowed) if can_manage(user) and not cohort else ""
    context["fields"] = [field for field in form_of_list if not field.is_hidden]
    context["set_filters"] = [_set_filter(field, wanted) for field in context["fields"] if field.value()]
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("act") == "yes":
                return _send(request, form, cohort, wanted)
            form.letter.check()
            context["written"] = [service.write_to(each, form.letter) for each in service.choose_examples(people)]
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "cohorts/announcements/write.html", context)


@login_required
@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One announcement and how far its mails are."""
    announcement = _visible(request, pk)
    context = {
        "announcement": announcement,
        "mails": service.count_mails([announcement]).get(announcement.pk, {}),
        "base": _base(request),
        "may_act": _may_act(request, announcement),
        "office": can_manage(request.user),
    }
    return render(request, "cohorts/announcements/announcement.html", context)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what has not gone out."""
    announcement = _visible(request, pk)
    if not _may_act(request, announcement):
        raise PermissionDenied
    user: Any = request.user
    try:
        spared = service.cancel_announcement(announcement=announcement, by=user, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Cancelled; %d people do not get it.") % spared)
    return redirect("announcement", pk)


def _send(request: HttpRequest, form: LetterForm, cohort: Cohort | None, wanted: dict[str, str]) -> HttpResponse:
    user: Any = request.user
    made = service.announce(
        letter=form.letter,
        cohort=cohort,
        filter=wanted,
        by=user,
        at=timezone.now(),
        send_after=form.cleaned_data["send_after"],
    )
    messages.success(request, _("It goes to %d people.") % made.recipients)
    return redirect("announcement", made.pk)


def _filter(data: QueryDict) -> dict[str, str]:
    """Return what of the enrolments' filter is set."""
    return {name: str(data[name]) for name in EnrolmentFilter.base_filters if data.get(name)}


def _set_filter(field: Any, wanted: dict[str, str]) -> dict[str, Any]:
    """Return a filter as its list has it: label, value, and the address without it; none for what always holds."""
    value = dict(getattr(field.field, "choices", ())).get(field.value(), field.value())
    rest = {name: each for name, each in wanted.items() if name != field.name}
    return {"label": field.label, "value": value, "link": f"?{urlencode(rest)}" if field.name in wanted else ""}


def _initial(request: HttpRequest) -> dict[str, Any]:
    """Return the text of an older announcement, to send a mended one after cancelling it (R72)."""
    pk = request.GET.get("again", "")
    found = Announcement.objects.visible_to(request.user).filter(pk=pk) if pk.isdecimal() and len(pk) < 10 else None
    fields = found.values("subject", "body", "subject_ur", "body_ur").first() if found is not None else None
    return dict(fields or {})


def _visible(request: HttpRequest, pk: int) -> Announcement:
    visible = Announcement.objects.visible_to(request.user).select_related("cohort", "by")
    return get_object_or_404(visible, pk=pk)


def _may_act(request: HttpRequest, announcement: Announcement) -> bool:
    if can_announce(request.user):
        return True
    return announcement.cohort is not None and can_write_to(request.user, announcement.cohort)


def _base(request: HttpRequest) -> str:
    return "base_staff.html" if can_manage(request.user) else "cohorts/teach/base.html"
