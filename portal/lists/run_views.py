"""The page of an act on many rows: how far it is, what would happen, what was done, and each row with its reason."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods

from cohorts.views.manage import require_office
from portal.lists.acts import find
from portal.lists.catalogue import LISTS
from portal.lists.cells import read
from portal.lists.effects import describe_effects
from portal.lists.runs import KEPT, confirm_run, find_act, may_still, stop_run
from portal.models import ActRow, ActRun

PAGE = 100
FORESEEN = {"refused": _lazy("Would be refused"), "done": _lazy("Would be done"), "waiting": _lazy("Waiting")}


@require_http_methods(["GET", "POST"])
def act_run(request: HttpRequest, pk: int) -> HttpResponse:
    """How far one run is; htmx asks for the card alone. A POST confirms or stops it. Eight queries."""
    if refusal := require_office(request):
        return refusal
    run = get_object_or_404(ActRun.objects.select_related("by"), pk=pk, by=request.user)
    if request.method == "POST":
        return _answer(request, run)
    template = "portal/lists/run_card.html" if getattr(request, "htmx", False) else "portal/lists/run.html"
    return render(request, template, _context(request, run))


def _answer(request: HttpRequest, run: ActRun) -> HttpResponse:
    now, user, step = timezone.now(), run.by, request.POST.get("step")
    if step == "stop":
        stop_run(run=run, by=user, at=now)
    elif step == "do" and not may_still(run):
        messages.error(request, _("You may not do this any more, or what was typed does not hold any more."))
    elif step == "do" and not confirm_run(run=run, by=user, at=now):
        messages.info(request, _("This was confirmed before."))
    return redirect("act_run", run.pk)


def _context(request: HttpRequest, run: ActRun) -> dict[str, Any]:
    act = find_act(run)
    fields = act.form.base_fields if act.form else {}
    given = [(fields[name].label, value) for name, value in run.values.items() if value]
    context = {"run": run, "act": act, "list": LISTS[run.list], "given": given, "until": run.created_at + KEPT}
    if run.state in ActRun.IN_WORK:
        return context
    shown = request.GET.get("show", "")
    if shown not in ActRow.Verdict.values:
        shown = ActRow.Verdict.REFUSED if run.refused else ActRow.Verdict.DONE
    counts = {"refused": run.refused, "done": run.done, "waiting": run.left}
    words = dict(ActRow.Verdict.choices) if run.confirmed_at else FORESEEN
    tabs = [(name, words[name], n) for name, n in counts.items() if n]
    page = Paginator(run.rows.filter(verdict=shown).order_by("id"), PAGE).get_page(request.GET.get("page"))
    context |= {"shown": shown, "tabs": tabs, "page": page, "names": _name(run, list(page))}
    return context | {"effects": describe_effects(run.effects, run.mails), "button": act.button(run.done)}


def _name(run: ActRun, rows: list[ActRow]) -> list[tuple[str, str]]:
    """Return the name and the reason of each row. A name is read from the row itself, as it is now. One query."""
    act = find_act(run)
    found = find(act, [row.row_id for row in rows], LISTS[run.list].rows(run.by))
    names = {pk: _("A row that is gone") if each is None else str(read(each, act.name)) for pk, each in found.items()}
    return [(names[row.row_id], row.reason) for row in rows]
