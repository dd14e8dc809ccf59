"""One certificate for the office, with the ways to the acts on it."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from certificates.models import Certificate, ProblemReport
from certificates.permissions import can_revoke, can_view
from certificates.picture import picture_of
from certificates.rules import Printed, verdict_on
from certificates.services.life import compare_names


@login_required
@require_GET
def show_certificate(request: HttpRequest, code: str) -> HttpResponse:
    """One certificate for the office, with the ways to the acts on it."""
    if not can_view(request.user):
        raise PermissionDenied
    certificates = Certificate.objects.with_look_ups().select_related(
        "enrolment__trainee", "batch", "replaces", "replaced_by", "revoked_by"
    )
    certificate = get_object_or_404(certificates, code=code)
    printed = Printed(**certificate.printed)
    zone = printed.time_zone or settings.TIME_ZONE
    context = {
        "certificate": certificate,
        "verdict": verdict_on(certificate.state, certificate.expires_on, zone, timezone.now()),
        "names": compare_names(certificate),
        "picture": picture_of(certificate) if certificate.imported_at is None else "",
        "may_revoke": can_revoke(request.user),
        "reports": ProblemReport.objects.filter(code=certificate.code, settled_at__isnull=True).count(),
    }
    return render(request, "certificates/certificate.html", context)
