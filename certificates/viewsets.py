"""Certificates by the API: of the office and of their holders; verification for anybody."""

from collections.abc import Callable
from typing import Any

from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import permissions, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from certificates.codes import normalise
from certificates.filters import CertificateFilter
from certificates.models import Batch, Certificate
from certificates.permissions import can_issue, can_revoke, can_view
from certificates.serializers import (
    BatchSerializer,
    CertificateSerializer,
    ReplaceSerializer,
    RevokeSerializer,
    public_facts,
)
from certificates.services.batch import pause_batch, resume_batch, retry_batch
from certificates.services.life import replace_certificate, revoke_certificate
from certificates.throttle import TooManyLookUps
from certificates.views.public import look_up_for


class CertificateViewSet(viewsets.ReadOnlyModelViewSet[Certificate]):
    """Certificates by serial, in any spelling: an imported one may have signs in it that no address can hold."""

    queryset = Certificate.objects.none()
    serializer_class = CertificateSerializer
    lookup_field = "code"
    lookup_url_kwarg = "serial"
    lookup_value_regex = "[^/]+"
    filterset_class = CertificateFilter
    ordering_fields = ["id", "issued_at", "name"]

    def get_queryset(self) -> QuerySet[Certificate]:
        return Certificate.objects.visible_to(self.request.user).with_look_ups().order_by("-id")

    def get_object(self) -> Certificate:
        self.kwargs["serial"] = normalise(self.kwargs["serial"])
        return super().get_object()

    @extend_schema(request=RevokeSerializer, responses=CertificateSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, serial: str) -> Response:
        """Revoke, with a public reason of the list and a private note."""
        certificate = self._held(request)
        parsed = RevokeSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        revoked = revoke_certificate(
            certificate=certificate,
            **parsed.validated_data,
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
        return Response(self.get_serializer(revoked).data)

    @extend_schema(request=ReplaceSerializer, responses=CertificateSerializer)
    @action(detail=True, methods=["post"])
    def replace(self, request: Request, serial: str) -> Response:
        """Make a new certificate in the place of this one."""
        certificate = self._held(request)
        parsed = ReplaceSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        made = replace_certificate(
            certificate=certificate,
            **parsed.validated_data,
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
        return Response(self.get_serializer(made).data, status=201)

    @extend_schema(responses={(200, "application/pdf"): bytes})
    @action(detail=True)
    def pdf(self, request: Request, serial: str) -> Any:
        """The stored file: always the same bytes."""
        certificate = self.get_object()
        if not certificate.sha256 or not certificate.path.exists():
            raise NotFound("The file is not made yet.")
        name = f"certificate-{certificate.serial}-{certificate.edition}.pdf"
        return FileResponse(certificate.path.open("rb"), content_type="application/pdf", filename=name)

    def _held(self, request: Request) -> Certificate:
        certificate = self.get_object()
        if not can_revoke(request.user):
            raise PermissionDenied
        return certificate


class BatchViewSet(viewsets.ReadOnlyModelViewSet[Batch]):
    """Batches and how far they are."""

    queryset = Batch.objects.none()
    serializer_class = BatchSerializer
    ordering_fields = ["id", "started_at"]

    def get_queryset(self) -> QuerySet[Batch]:
        if not can_view(self.request.user):
            return Batch.objects.none()
        found = Batch.objects.with_progress().select_related("cohort")
        issued = Certificate.objects.filter(batch=OuterRef("pk")).order_by().values("batch")
        return found.annotate(last_issued=Subquery(issued.values(at=Max("issued_at")))).order_by("-id")

    @extend_schema(request=None, responses=BatchSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Let the failed wait again."""
        return self._act(request, retry_batch)

    @extend_schema(request=None, responses=BatchSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Hold what waits; what is in hand is finished."""
        return self._act(request, pause_batch)

    @extend_schema(request=None, responses=BatchSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Go on with what waits."""
        return self._act(request, resume_batch)

    def _act(self, request: Request, act: Callable[..., Any]) -> Response:
        batch = self.get_object()
        if not can_issue(request.user):
            raise PermissionDenied
        act(batch=batch, by=request.user, at=timezone.now())
        return Response(self.get_serializer(self.get_object()).data)


class VerifyView(APIView):
    """The public facts of a certificate, for anybody."""

    permission_classes = [permissions.AllowAny]
    authentication_classes: list[Any] = []

    @extend_schema(responses={200: dict})
    def get(self, request: Request, code: str) -> Response:
        """Answer valid, revoked, replaced or expired; 404 with the code `unknown` or `mistyped` otherwise."""
        try:
            found = look_up_for(request, code)
        except TooManyLookUps as error:
            raise Throttled(error.wait) from None
        if found.certificate is None:
            raise NotFound("No certificate has this code.", code=found.verdict)
        return Response(public_facts(found.certificate, found))
