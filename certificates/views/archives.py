"""The ZIP of a cohort: ask for it, watch it, take it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from certificates.models import Archive
from certificates.permissions import can_issue, can_view
from certificates.services.archive import KEPT, note_download, request_archive
from cohorts.models import Cohort


@login_required
@require_POST
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for the ZIP of a cohort."""
    if not can_issue(request.user):
        raise PermissionDenied
    cohort = get_object_or_404(Cohort, code=code)
    try:
        archive = request_archive(cohort=cohort, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("certificates_issue", code)
    return redirect("archive", archive.pk)


@login_required
@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a ZIP is; htmx asks for the card alone."""
    archive = _visible(request, pk)
    template = "certificates/archive_card.html" if getattr(request, "htmx", False) else "certificates/archive.html"
    until = archive.ready_at + KEPT if archive.ready_at else None
    return render(request, template, {"archive": archive, "until": until})


@login_required
@require_GET
def download(request: HttpRequest, pk: int) -> FileResponse:
    """Give the file; who took it is written down."""
    archive = _visible(request, pk)
    if archive.state != Archive.State.READY or not archive.path.exists():
        raise Http404
    note_download(archive=archive, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    name = f"certificates-{archive.cohort.code}.zip"
    response = FileResponse(archive.path.open("rb"), content_type="application/zip", filename=name, as_attachment=True)
    response["Cache-Control"] = "private, no-store"
    return response


def _visible(request: HttpRequest, pk: int) -> Archive:
    if not can_view(request.user):
        raise PermissionDenied
    return get_object_or_404(Archive.objects.select_related("cohort__course"), pk=pk)
