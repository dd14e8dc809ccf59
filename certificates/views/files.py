"""The stored file, for its holder and the office."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET

from certificates.codes import normalise
from certificates.models import Certificate


@login_required
@require_GET
def newest(request: HttpRequest, code: str) -> HttpResponse:
    """Lead to the file's present edition."""
    certificate = get_object_or_404(
        Certificate.objects.visible_to(request.user).exclude(sha256=""), code=normalise(code)
    )
    return redirect("certificate_pdf", certificate.code, certificate.edition)


@login_required
@require_GET
def download(request: HttpRequest, code: str, edition: int) -> FileResponse:
    """Give the stored file to its holder or the office: always the same bytes (R53).

    Its edition is part of the address, so that no kept copy hides a later one (R65).
    """
    files = Certificate.objects.visible_to(request.user).exclude(sha256="")
    certificate = get_object_or_404(files, code=normalise(code), edition=edition)
    try:
        file = certificate.path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    name = f"certificate-{certificate.serial}-{certificate.edition}.pdf"
    response = FileResponse(file, content_type="application/pdf", filename=name, as_attachment=True)
    response["Cache-Control"] = "private, no-cache"
    return response
