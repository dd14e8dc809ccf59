"""The public page of a certificate: its state in words, colour and shape, for anybody."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from certificates.codes import normalise
from certificates.models import Certificate
from certificates.picture import picture_of
from certificates.services.lookup import LookUp, count_look_up, look_up
from certificates.throttle import GuessThrottle, TooManyLookUps, VerifyThrottle, spend

# The page is the same for everybody: it asks for no session, so that three statements are enough.
FOR_ANYBODY: dict[str, Any] = {"is_for_anybody": True, "user": AnonymousUser(), "messages": ()}
DATES = ("starts_on", "ends_on", "issued_on")


@require_safe
def verify_form(request: HttpRequest) -> HttpResponse:
    """Where a code is typed in."""
    if typed := request.GET.get("code", "").strip():
        return redirect("verify", normalise(typed)[:40] or "-")
    return render(request, "certificates/verify_form.html")


@require_safe
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Say how it stands with a certificate, to anybody. At most three statements; a revoked one answers 200 (R54)."""
    try:
        found = look_up_for(request, code)
    except TooManyLookUps as error:
        response = render(request, "429.html", FOR_ANYBODY, status=429)
        response["Retry-After"] = str(error.wait)
        return response
    context = {"found": found, "now": timezone.now(), "zone": _zone_name(), **FOR_ANYBODY}
    if found.certificate is not None:
        context |= _facts(found.certificate)
    response = render(request, "certificates/verify.html", context, status=200 if found.certificate else 404)
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def picture(request: HttpRequest, code: str, edition: int) -> HttpResponseBase:
    """The picture that goes with a shared link, while its certificate is valid. One query; nothing is counted."""
    found = get_object_or_404(Certificate, code=normalise(code), edition=edition, state=Certificate.State.ISSUED)
    try:
        file = found.picture_path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, content_type="image/png")
    response["Cache-Control"] = "public, max-age=3600"
    response["X-Robots-Tag"] = "noindex"
    return response


vars(verify)["is_for_anybody"] = True  # so that no middleware asks who reads it


def look_up_for(request: Any, typed: str) -> LookUp:
    """Look a code up within the budgets of the asker's address, and count it. Two statements. Raises TooManyLookUps."""
    now = timezone.now()
    found = look_up(typed=typed, at=now)
    spend(GuessThrottle() if found.can_be_a_guess else VerifyThrottle(), request)
    if found.certificate is not None and request.method == "GET":
        count_look_up(certificate=found.certificate, at=now)
    return found


def _facts(certificate: Certificate) -> dict[str, Any]:
    """What the page shows of a certificate: printed facts only (R58)."""
    printed = certificate.printed
    return {
        "certificate": certificate,
        "printed": printed,
        **{name: date.fromisoformat(printed[name]) for name in DATES if printed.get(name)},
        "is_over": certificate.revoked_at is not None,
        "picture": picture_of(certificate) if certificate.sha256 and not certificate.revoked_at else "",
    }


def _zone_name() -> str:
    return _("Pakistan time") if settings.TIME_ZONE == "Asia/Karachi" else settings.TIME_ZONE
