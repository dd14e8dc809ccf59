"""The public page of a certificate: its state, in words, for anybody."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from certificates.codes import LENGTH, grouped, is_code, normalise
from certificates.models import Certificate
from certificates.picture import draw_picture
from certificates.rules import Printed
from certificates.throttle import VerifyThrottle


@require_GET
def verify_form(request: HttpRequest) -> HttpResponse:
    """Where a code is typed in."""
    if typed := request.GET.get("code", "").strip():
        return redirect("verify", normalise(typed)[:32] or "-")
    return render(request, "certificates/verify_form.html")


@require_GET
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Say whether a certificate is valid, to anybody. At most two queries; a revoked one answers 200 (R54, R58)."""
    throttle = VerifyThrottle()
    if not throttle.allow_request(request, None):  # type: ignore[arg-type]
        return render(request, "429.html", status=429)
    normalised = normalise(code)
    certificate = look_up(normalised)
    printed = certificate.printed if certificate else {}
    context = {
        "certificate": certificate,
        "printed": printed,
        **{name: date.fromisoformat(printed[name]) for name in ("starts_on", "ends_on", "issued_on") if printed},
        "verdict": verdict_of(certificate, normalised),
        "picture": draw_picture(Printed(**printed)) if certificate else "",
        "typed": grouped(normalised[:32]),
        "now": timezone.now(),
    }
    response = render(request, "certificates/verify.html", context, status=200 if certificate else 404)
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "no-store"
    return response


def look_up(code: str) -> Certificate | None:
    """Return the certificate of a normalised code that is or was issued. One query, none for a malformed code."""
    if not is_code(code):
        return None
    public = Certificate.objects.exclude(state__in=[Certificate.State.PENDING, Certificate.State.FAILED])
    return public.select_related("replaced_by").filter(code=code).first()


def verdict_of(certificate: Certificate | None, code: str) -> str:
    """Return valid, revoked, replaced, mistyped or unknown."""
    if certificate is not None:
        return "valid" if certificate.state == Certificate.State.ISSUED else certificate.state
    return "unknown" if len(code) == LENGTH and is_code(code) else "mistyped"
