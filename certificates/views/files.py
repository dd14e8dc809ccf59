"""The stored file, for its holder and the office."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from certificates.codes import normalise
from certificates.models import Certificate


@login_required
@require_GET
def download(request: HttpRequest, code: str) -> FileResponse:
    """Give the stored file to its holder or the office: always the same bytes (R53)."""
    certificate = get_object_or_404(Certificate.objects.visible_to(request.user), code=normalise(code))
    if not certificate.sha256:
        raise Http404
    try:
        file = certificate.path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    name = f"certificate-{certificate.serial}-{certificate.edition}.pdf"
    response = FileResponse(file, content_type="application/pdf", filename=name, as_attachment=True)
    response["Cache-Control"] = "private, no-cache"
    return response
