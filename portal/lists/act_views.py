"""Acting on many rows: chosen on a list, looked at first, then done; every refusal by name."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cohorts.views.manage import require_office
from portal.export.views import TYPES
from portal.lists.acts import (
    AT_ONCE,
    Act,
    Outcome,
    carry_out,
    choose,
    preview_act,
    read_chosen,
    too_many,
    write_chosen,
)
from portal.lists.catalogue import LISTS
from portal.lists.effects import describe_effects
from portal.lists.runs import request_run
from portal.lists.shape import Asked, OfficeList


@require_http_methods(["GET", "POST"])
def act_on(request: HttpRequest, name: str) -> HttpResponse:
    """Take a choice from a list, show what the act would do, and do it when a POST confirms that."""
    if refusal := require_office(request):
        return refusal
    if _given(request).get("act") in TYPES:
        return _take_away(request, name)
    office_list, act = _find(request, name)
    asked = Asked(office_list, request.user, QueryDict(_given(request).get("query", "")))
    back = _back(request, asked)
    try:
        if act.leads_to:
            return redirect(reverse(act.leads_to) + _lead(request, asked))
        count = _count(request, act, asked)
        many = count > AT_ONCE
        chosen = {} if many else _chosen(request, act, asked)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(back)
    context = {"list": office_list, "act": act, "back": back, "query": asked.link()[1:]}
    if many:
        return _ask_worker(request, act, asked, {**context, "count": count, "many": True})
    return _step(request, act, chosen, context)


def _take_away(request: HttpRequest, name: str) -> HttpResponse:
    """Lead to the file of what was ticked, or of all that match, with the columns and the order of the page."""
    office_list = LISTS.get(name)
    if office_list is None or "ids" not in office_list.filters.base_filters:
        raise Http404
    asked = Asked(office_list, request.user, QueryDict(_given(request).get("query", "")))
    ticked, query = _ticked(request), asked.link()
    if not _given(request).get("all"):
        if not ticked:
            messages.error(request, _("Choose some rows first."))
            return redirect(_back(request, asked))
        query = asked.link(**dict.fromkeys(asked.filters), ids=[",".join(map(str, ticked))])
    return redirect(reverse("export", args=[name, _given(request)["act"]]) + query)


def _ask_worker(request: HttpRequest, act: Act, asked: Asked, context: dict[str, Any]) -> HttpResponse:
    """Ask for what the act needs, and have it tried on many rows in the background."""
    is_asked = request.POST.get("step") == "preview"
    form = act.form(request.POST if is_asked else None) if act.form else None
    if not is_asked or (form is not None and not form.is_valid()):
        return render(request, "portal/lists/act.html", {**context, "form": form})
    user: Any = request.user
    values = {name: request.POST[name] for name in (form.fields if form else ()) if name in request.POST}
    run = request_run(office_list=asked.list, act=act, rows=asked.rows, values=values, by=user, at=timezone.now())
    return redirect("act_run", run.pk)


def _step(request: HttpRequest, act: Act, chosen: dict[int, str], context: dict[str, Any]) -> HttpResponse:
    """Ask for what the act needs, preview it, or do it."""
    step = request.POST.get("step", "")
    form = act.form(request.POST if step else None) if act.form else None
    if form is not None:
        act.fit(form, chosen)
    context |= {"form": form, "count": len(chosen), "chosen": write_chosen(chosen), "step": step}
    if form is None or (step and form.is_valid()):
        values, user = (form.cleaned_data if form else {}), request.user
        given: dict[str, Any] = {"act": act, "chosen": chosen, "values": values, "by": user, "at": timezone.now()}
        outcome = carry_out(**given) if step == "do" else preview_act(**given)
        context |= _told(act, outcome)
    return render(request, "portal/lists/act.html", context)


def _told(act: Act, outcome: Outcome) -> dict[str, Any]:
    effects = describe_effects(outcome.effects, outcome.mails)
    return {"outcome": outcome, "button": act.button(len(outcome.done)), "effects": effects}


def _given(request: HttpRequest) -> QueryDict:
    return request.POST if request.method == "POST" else request.GET


def _find(request: HttpRequest, name: str) -> tuple[OfficeList, Act]:
    office_list = LISTS.get(name)
    if office_list is None:
        raise Http404
    act = next((each for each in office_list.acts if each.key == _given(request).get("act")), None)
    if act is None:
        raise Http404
    if not (office_list.may_see(request.user) and act.may(request.user)):
        raise PermissionDenied
    return office_list, act


def _ticked(request: HttpRequest) -> list[int]:
    return [
        int(each) for each in _given(request).getlist("row") if each.isascii() and each.isdecimal() and len(each) < 19
    ]


def _rows(request: HttpRequest, asked: Asked) -> QuerySet[Any]:
    """Return the rows that were ticked, or all that match the list's filters."""
    if _given(request).get("all"):
        return asked.rows
    return asked.list.rows(request.user).filter(pk__in=_ticked(request))


def _count(request: HttpRequest, act: Act, asked: Asked) -> int:
    """Return how many rows are chosen. Raises ValidationError when it is none, or more than the act takes."""
    if "chosen" in request.POST:
        return len(read_chosen(request.POST["chosen"]))
    count = _rows(request, asked).order_by()[: act.most + 1].count()
    if not count:
        raise ValidationError(_("Choose some rows first."), code="none")
    most = act.most if _given(request).get("all") else AT_ONCE  # what was ticked stands on one page
    if count > most:
        raise too_many(most)
    return count


def _chosen(request: HttpRequest, act: Act, asked: Asked) -> dict[int, str]:
    """Return each chosen row with the state that it had when it was first shown."""
    if "chosen" in request.POST:
        chosen = read_chosen(request.POST["chosen"])
        visible = set(asked.list.rows(request.user).filter(pk__in=list(chosen)).values_list("pk", flat=True))
        return {pk: state for pk, state in chosen.items() if pk in visible}
    return choose(act, _rows(request, asked))


def _lead(request: HttpRequest, asked: Asked) -> str:
    """Return the query that carries the choice to another page: the filters, or what of them was ticked."""
    if _given(request).get("all"):
        return asked.link(order="", columns=[])
    ticked = _ticked(request)
    if not ticked:
        raise ValidationError(_("Choose some rows first."), code="none")
    return f"?{asked.list.lead_key}={','.join(map(str, ticked))}"


def _back(request: HttpRequest, asked: Asked) -> str:
    """Return where the choice was made: an address of ours, or the list."""
    back = _given(request).get("back", "")
    if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return back
    return asked.list.address + asked.link()
