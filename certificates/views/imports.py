"""Older certificates from a file: upload, every verdict, then the act (R30)."""

from collections import Counter
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from certificates.imports import read_old_certificates
from certificates.permissions import can_issue
from certificates.services.old import Verdict, import_old_certificates
from trainees.imports.uploads import keep_upload, path_of

SHOWN = 100


@login_required
@require_http_methods(["GET", "POST"])
def import_old(request: HttpRequest) -> HttpResponse:
    """Upload, preview, confirm: nothing is written before the last step."""
    if not can_issue(request.user):
        raise PermissionDenied
    if request.method == "GET":
        return render(request, "certificates/import.html")
    try:
        token = request.POST.get("token") or _keep(request)
        verdicts = _examine(request, token, dry_run="confirm" not in request.POST)
    except ValidationError as error:
        return render(request, "certificates/import.html", {"errors": error.messages}, status=422)
    counts = Counter(each.verdict for each in verdicts)
    if "confirm" in request.POST:
        text = ngettext("%(n)d certificate taken over.", "%(n)d certificates taken over.", counts["created"])
        messages.success(request, text % {"n": counts["created"]})
        return redirect("certificates")
    refused = [each for each in verdicts if each.verdict == "rejected"]
    context = {"token": token, "counts": dict(counts), "total": len(verdicts), "refused": refused[:SHOWN]}
    return render(request, "certificates/import_preview.html", context)


def _keep(request: HttpRequest) -> str:
    upload = request.FILES.get("file")
    if upload is None:
        raise ValidationError(_("Choose a file."), code="required")
    return keep_upload(upload)


def _examine(request: HttpRequest, token: str, *, dry_run: bool) -> list[Verdict]:
    path: Path | None = path_of(token)
    if path is None:
        raise ValidationError(_("The uploaded file is gone; upload it again."), code="gone")
    rows = read_old_certificates(path, size_limit=settings.UPLOAD_MAX_BYTES)
    return import_old_certificates(
        rows=rows,
        by=request.user,  # type: ignore[arg-type]
        at=timezone.now(),
        dry_run=dry_run,
    )
