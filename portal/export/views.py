"""Handing a list over as a file."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from audit.services import record
from cohorts.views.manage import require_office
from portal.export.lists import LISTS
from portal.export.sheets import stream_csv, write_xlsx

XLSX_ROWS = 20_000  # a workbook is packed before it is sent; beyond this the CSV streams at once
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PRIVATE = {"search", "page"}  # what was typed may be a name


@require_GET
def export_list(request: HttpRequest, name: str, kind: str) -> Any:
    """The list with the filters of its address, as CSV or XLSX; who took what is recorded. Four queries."""
    if refusal := require_office(request):
        return refusal
    if name not in LISTS or kind not in ("csv", "xlsx"):
        raise Http404
    export, now = LISTS[name], timezone.now()
    rows = export.narrow(request.user, request.GET)
    number = rows.count()
    if kind == "xlsx" and number > XLSX_ROWS:
        messages.error(request, _("A workbook holds at most %d rows here; take the CSV.") % XLSX_ROWS)
        return redirect(f"/manage/{name}/?{request.GET.urlencode()}")
    filters = {key: str(value) for key, value in request.GET.items() if value and key not in PRIVATE}
    record_export(name=name, kind=kind, fields=export.head, rows=number, filters=filters, by=request.user, at=now)
    return _respond(f"{name}-{now:%Y-%m-%d}.{kind}", export.head, export.read(rows))


@transaction.atomic
def record_export(
    *, name: str, kind: str, fields: list[str], rows: int, filters: dict[str, str], by: Any, at: datetime
) -> None:
    """Write down who took which list, with its fields, filters and number of rows. One query."""
    detail = {"list": name, "kind": kind, "fields": fields, "rows": rows, "filters": filters}
    record(act="list.export", by=by, at=at, subject=by, detail=detail)


def _respond(file_name: str, head: list[str], rows: Any) -> HttpResponse | StreamingHttpResponse | FileResponse:
    if file_name.endswith(".xlsx"):
        return FileResponse(write_xlsx(head, rows), as_attachment=True, filename=file_name, content_type=XLSX)
    answer = StreamingHttpResponse(stream_csv(head, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return answer
