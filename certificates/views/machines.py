"""What machines read: credentials, the issuer's keys, status lists, and how to verify without us.

Nothing is signed here: the worker did, and every answer could lie on any static host. They are sent as
application/json because common verifiers parse nothing else.
"""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from certificates.codes import normalise
from certificates.credential.build import as_json
from certificates.credential.did import did_document, did_of
from certificates.models import Credential, Key, StatusList
from certificates.services.keys import published_keys
from certificates.throttle import VerifyThrottle

MAX_AGE = 60  # seconds that a revocation may take to be seen


@require_safe
def credential_json(request: HttpRequest, code: str) -> HttpResponse:
    """The credential with its embedded proof."""
    return _credential(request, code, "document", "application/json")


@require_safe
def credential_jwt(request: HttpRequest, code: str) -> HttpResponse:
    """The same content as a JWT."""
    return _credential(request, code, "jwt", "application/vc+jwt")


def _credential(request: HttpRequest, code: str, form: str, content_type: str) -> HttpResponse:
    if not VerifyThrottle().allow_request(request, None):
        return render(request, "429.html", status=429)
    text = Credential.objects.filter(certificate__code=normalise(code)).values_list(form, flat=True).first()
    if text is None:
        raise Http404
    return _open(HttpResponse(text, content_type=content_type))


@require_safe
def did(request: HttpRequest) -> HttpResponse:
    """The did:web document: every public key that a living credential was signed with."""
    document = did_document(settings.SITE_URL, published_keys())
    return _open(HttpResponse(as_json(document), content_type="application/json"))


@require_safe
def status_list(request: HttpRequest, number: int) -> HttpResponse:
    """A signed status list as the worker left it."""
    row = get_object_or_404(StatusList.objects.exclude(document=""), number=number)
    return _open(HttpResponse(row.document, content_type="application/json"))


@require_safe
def trust(request: HttpRequest) -> HttpResponse:
    """Keys in use and retired, the root certificate, and the steps to verify without us."""
    keys = list(Key.objects.order_by("-id"))
    context = {"did": did_of(settings.SITE_URL), "keys": keys, "host": settings.SITE_HOST, "site": settings.SITE_URL}
    return render(request, "certificates/trust.html", context)


@require_safe
def key_certificate(request: HttpRequest, name: str) -> HttpResponse:
    """The certificate of the root or of a key that signs files."""
    key = get_object_or_404(Key.objects.exclude(kind=Key.Kind.CREDENTIAL), name=name)
    return _open(HttpResponse(key.public, content_type="application/x-pem-file"))


def _open(response: HttpResponse) -> HttpResponse:
    """Let verifiers of any site read it, briefly cached, and search engines leave it out."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = f"public, max-age={MAX_AGE}"
    response["X-Robots-Tag"] = "noindex"
    return response
