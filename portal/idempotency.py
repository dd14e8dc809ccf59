"""A repeated write with the same Idempotency-Key is answered the same and changes nothing.

The row that remembers it stands in `audit`, the lowest app: it is a note of what was done, and belongs to no
one resource.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from audit.models import IdempotentRequest

KEPT = timedelta(days=1)
ABANDONED = timedelta(minutes=2)  # a first request that never came back
WRITES = ("POST", "PUT", "PATCH", "DELETE")


class IdempotencyMiddleware:
    """Remember the answers of API writes that carry the header. Three queries for those, none for others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get("Idempotency-Key", "").replace("\x00", "")[:200]
        is_secret = request.path.startswith("/api/v1/auth/")  # a token is never stored
        if not key or is_secret or request.method not in WRITES or not request.path.startswith("/api/v1/"):
            return self.get_response(request)
        fingerprint = _digest(request.method or "", request.get_full_path(), request.body)
        row, is_first = _claim(_principal(request), key, fingerprint)
        if not is_first:
            return _repeat(row, fingerprint)
        return self._answer(request, row)

    def _answer(self, request: HttpRequest, row: IdempotentRequest) -> HttpResponse:
        response = self.get_response(request)
        unkept = "no-store" in response.headers.get("Cache-Control", "")  # an identity number
        if response.status_code >= 500 or response.status_code in (401, 429) or response.streaming or unkept:
            row.delete()  # nothing was done, or it may not be stored; the same key may try again
        else:
            row.status, row.body = response.status_code, response.content.decode()
            row.save(update_fields=["status", "body"])
        return response


def _claim(principal: str, key: str, fingerprint: str) -> tuple[IdempotentRequest, bool]:
    now = timezone.now()
    mine = IdempotentRequest.objects.filter(principal=principal, key=key)
    mine.filter(created_at__lt=now - KEPT).delete()
    mine.filter(status__isnull=True, created_at__lt=now - ABANDONED).delete()
    try:
        with transaction.atomic():
            fields = {"principal": principal, "key": key, "fingerprint": fingerprint, "created_at": now}
            return IdempotentRequest.objects.create(**fields), True
    except IntegrityError:
        return mine.get(), False


def _repeat(row: IdempotentRequest, fingerprint: str) -> HttpResponse:
    if row.fingerprint != fingerprint:
        detail = "This Idempotency-Key was used for another request."
        return JsonResponse({"code": "idempotency_key_reused", "detail": detail, "fields": {}}, status=409)
    if row.status is None:
        detail = "The first request with this Idempotency-Key is still being answered."
        return JsonResponse({"code": "in_progress", "detail": detail, "fields": {}}, status=409)
    return HttpResponse(row.body, status=row.status, content_type="application/json")


def _principal(request: HttpRequest) -> str:
    who = request.headers.get("Authorization", "") or f"user {request.user.pk}"
    return _digest(who)


def _digest(*parts: str | bytes) -> str:
    """Keyed: a plain hash of a body would let a reader of the table try out the identity numbers in it."""
    joined = b"\n".join(part if isinstance(part, bytes) else part.encode() for part in parts)
    return hmac.new(settings.SECRET_KEY.encode(), joined, hashlib.sha256).hexdigest()
