"""Handing a list over as a file: a short one at once, a long one by the worker."""

import tempfile
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cohorts.views.manage import require_office
from portal.export.services import KEPT, WRITERS, note_download, record_export, request_export
from portal.lists.catalogue import LISTS
from portal.lists.shape import Asked
from portal.models import Export

AT_ONCE = 5_000  # rows: a workbook of these takes half a second, and other pages wait for that long
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_GET
def export_list(request: HttpRequest, name: str, kind: str) -> Any:
    """The list with filters, columns and order of its address, as a file; who took what is recorded. Four queries.

    Beyond some thousand rows the worker makes it, in the order of entry, so that no page waits for it. A column
    that stands on the page only (a masked number, a count of mails) is left out.
    """
    if refusal := require_office(request):
        return refusal
    user: Any = request.user
    office_list, now = LISTS.get(name), timezone.now()
    if office_list is None or kind not in TYPES:
        raise Http404
    if not (office_list.may_see(user) and office_list.may_export):
        raise PermissionDenied
    asked = Asked(office_list, user, request.GET)
    number = asked.rows.order_by().count()
    if number > AT_ONCE:
        query = asked.link().removeprefix("?")
        export = request_export(name=name, kind=kind, query=query, total=number, by=user, at=now)
        messages.info(request, _("The list is long: it is being made, and a mail says when it is ready."))
        return redirect("exports_show", export.pk)
    with transaction.atomic():
        record_export(asked, kind, rows=number, by=user, at=now)
    file = tempfile.TemporaryFile(prefix="hunar-export-")  # noqa: SIM115 - the response closes it
    WRITERS[kind](file, asked.head, asked.read_at_once())
    file.seek(0)
    return _hand_over(file, f"{name}-{now:%Y-%m-%d}.{kind}", kind)


@require_GET
def show_export(request: HttpRequest, pk: int) -> HttpResponse:
    """How far one file is; htmx asks for the card alone. Four queries."""
    if refusal := require_office(request):
        return refusal
    export = _own(request, pk)
    template = "portal/exports/card.html" if getattr(request, "htmx", False) else "portal/exports/export.html"
    return render(request, template, {"export": export, "until": export.ready_at + KEPT if export.ready_at else None})


@require_GET
def download_export(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """The file, for the person who asked for it; who took it is written down. Five queries."""
    if refusal := require_office(request):
        return refusal
    export = _own(request, pk)
    if export.state != Export.State.READY or not export.path.is_file():
        raise Http404
    note_download(export=export, by=request.user, at=timezone.now())
    return _hand_over(export.path.open("rb"), f"{export.list}-{export.created_at:%Y-%m-%d}.{export.kind}", export.kind)


def _own(request: HttpRequest, pk: int) -> Export:
    return get_object_or_404(Export, pk=pk, by=request.user)


def _hand_over(file: Any, name: str, kind: str) -> FileResponse:
    answer = FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[kind])
    answer["Cache-Control"] = "private, no-store"
    return answer
