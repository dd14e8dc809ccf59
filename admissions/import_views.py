"""The upload of an applications file: read, look, correct what was assumed, confirm (R30)."""

import csv
from collections import Counter
from itertools import accumulate
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from admissions.imports import FIELDS, REQUIRED, read_applicants
from admissions.permissions import can_import
from admissions.report import report_rows
from admissions.rules import Understood, describe, field_of
from admissions.services import Examined, examine_applications, import_applications
from audit.services import record
from cohorts.views.manage import require_office
from trainees.imports.table import MissingColumns
from trainees.imports.uploads import keep_upload, path_of
from trainees.permissions import can_see_cnic
from trainees.rules import mask_cnic, mask_typed_cnic

PREVIEW_ROWS = 60
ORDERS = {
    "dmy": gettext_lazy("day first"),
    "mdy": gettext_lazy("month first"),
    "ymd": gettext_lazy("year first"),
}


@require_http_methods(["GET", "POST"])
@never_cache
def import_file(request: HttpRequest) -> Any:
    """Upload, preview, correct, confirm: nothing is written before the last step."""
    if refusal := require_office(request):
        return refusal
    if not can_import(request.user):
        raise PermissionDenied
    if request.method == "GET":
        return render(request, "admissions/import.html")
    if "discard" in request.POST:
        return _discard(request)
    token = request.POST.get("token", "")
    try:
        token = token or _keep(request)
        examined = _examine(request, token)
        if "download" in request.POST:
            return _download(request, examined)
        return _confirm(request, examined, token) if "confirm" in request.POST else _preview(request, examined, token)
    except MissingColumns as error:
        context = {"token": token, "missing": error.missing, "columns": _columns(error.headers, _found(error))}
        return render(request, "admissions/columns.html", context, status=422)
    except ValidationError as error:
        return render(request, "admissions/import.html", {"errors": error.messages}, status=422)


def _keep(request: HttpRequest) -> str:
    upload = request.FILES.get("file")
    if upload is None:
        raise ValidationError(_("Choose a file."), code="required")
    request.session["import_name"] = (upload.name or "")[:120]
    return keep_upload(upload)


def _discard(request: HttpRequest) -> HttpResponse:
    _forget(request.POST.get("token", ""))
    messages.success(request, _("The file is deleted; nothing was written."))
    return redirect("manage_applications")


def _forget(token: str) -> None:
    if path := path_of(token):
        path.unlink(missing_ok=True)


def _examine(request: HttpRequest, token: str) -> Examined:
    path = path_of(token)
    if path is None:
        raise ValidationError(_("The uploaded file is gone; upload it again."), code="gone")
    chosen = {name: request.POST.get(f"column-{name}") for name in FIELDS}
    file = read_applicants(
        path,
        size_limit=settings.UPLOAD_MAX_BYTES,
        name=request.session.get("import_name", "upload"),
        mapping={name: header for name, header in chosen.items() if header is not None},
    )
    order = request.POST.get("order", "")
    return examine_applications(file=file, at=timezone.now(), order=order if order in ORDERS else "")


def _preview(request: HttpRequest, examined: Examined, token: str) -> HttpResponse:
    rejected = [each for each in examined.rows if each.verdict == "rejected"]
    review = [each for each in examined.rows if each.verdict == "review"]
    sent = [each.submitted_at for each in examined.rows if each.submitted_at]
    counts = examined.counts()
    context = {
        "token": token,
        "file": examined.file,
        "counts": dict(counts),
        "parts": _parts(counts),
        "order": examined.order,
        "orders": ORDERS.items(),
        "is_order_given": request.POST.get("order", "") in ORDERS,
        "columns": _columns(examined.file.headers, examined.file.columns),
        "first": min(sent, default=None),
        "last": max(sent, default=None),
        "doubts": _count(each.doubts for each in review),
        "reasons": _count(each.problems for each in rejected),
        "review": [_show(each, each.doubts) for each in review[:PREVIEW_ROWS]],
        "review_total": len(review),
        "rejected": [_show(each, each.problems) for each in rejected[:PREVIEW_ROWS]],
        "rejected_total": len(rejected),
    }
    return render(request, "admissions/preview.html", context)


def _parts(counts: Counter[str]) -> list[dict[str, Any]]:
    """Return the pieces of the bar under the sum."""
    names = ("created", "unchanged", "review", "duplicates", "rejected")
    starts = accumulate((counts[name] for name in names), initial=0)
    return [{"name": name, "start": start, "size": counts[name]} for name, start in zip(names, starts, strict=False)]


def _columns(headers: Any, found: Any) -> list[dict[str, Any]]:
    """Return our fields in order, each with the header that stands for it and those it could be."""
    choices = [header for header in headers if header.strip()]
    return [
        {
            "name": name,
            "label": name.replace("_", " "),
            "header": found.get(name, ""),
            "choices": choices,
            "is_required": name in REQUIRED,
        }
        for name in FIELDS
    ]


def _found(error: MissingColumns) -> dict[str, str]:
    return {name: error.headers[index] for name, index in error.columns.items()}


def _count(rows: Any) -> list[tuple[str, int]]:
    """Return what is said of the rows with how many they are; a row counts under its first code, so it adds up."""
    return [(describe([code]), number) for code, number in Counter(codes[0] for codes in rows if codes).most_common()]


def _show(each: Understood, codes: list[str]) -> dict[str, Any]:
    """A row for the page: the field that the first code is about as it was typed, the CNIC masked."""
    name = field_of(codes[0])
    typed = each.row.text(name) if name else ""
    return {
        "line": each.row.line,
        "name": each.values.get("full_name") or "–",
        "field": name.replace("_", " "),
        "typed": mask_typed_cnic(typed) if name == "cnic" else typed,
        "message": each.message,
    }


def _confirm(request: HttpRequest, examined: Examined, token: str) -> HttpResponse:
    counts = import_applications(examined=examined, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    _forget(token)
    said = _("%(rows)d rows read, %(created)d new applications accepted.")
    messages.success(request, said % {"rows": len(examined.rows), "created": counts["created"]})
    return redirect("manage_applications")


def _download(request: HttpRequest, examined: Examined) -> HttpResponse:
    """Every row with its verdict; whole identity numbers only for who may see them. The export is recorded."""
    by: Any = request.user
    detail = {"list": "verdicts", "kind": "csv", "rows": len(examined.rows), "file": examined.file.name}
    record(act="list.export", by=by, at=timezone.now(), subject=by, detail=detail)
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")  # Excel takes it for UTF-8 by this
    answer["Content-Disposition"] = 'attachment; filename="verdicts.csv"'
    head, *rows = report_rows(examined.rows)
    if not can_see_cnic(by):
        place = head.index("cnic")
        rows = [[*row[:place], mask_cnic(row[place]), *row[place + 1 :]] for row in rows]
    csv.writer(answer).writerows([head, *rows])
    return answer
