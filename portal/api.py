"""The API's root: routes, sign-in by token, and one shape for every refusal."""

from typing import Any

from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import DataError
from django.shortcuts import get_object_or_404
from django.urls import include, path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import exceptions, permissions, serializers
from rest_framework.authtoken.models import Token
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView, exception_handler

from certificates.permissions import can_issue, can_view
from certificates.serializers import BatchSerializer
from certificates.services.issue import issue_certificates
from certificates.services.preview import preview_issue
from certificates.viewsets import BatchViewSet, CertificateViewSet, VerifyView
from cohorts.enrolment_viewsets import EnrolmentViewSet, RegistrationView
from cohorts.models import Cohort
from cohorts.services.attendance import StaleRegister
from cohorts.services.errors import Conflict
from cohorts.viewsets import CohortViewSet, SessionViewSet
from courses.viewsets import CourseViewSet, ProgrammeViewSet
from trainees.viewsets import TraineeViewSet


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every refusal as {code, detail, fields}; our own refusals of state are 409."""
    if isinstance(error, ValidationError):
        return _refuse(error)
    if isinstance(error, DataError):
        return Response({"code": "invalid", "detail": "A value is out of range.", "fields": {}}, status=400)
    response = exception_handler(error, context)
    if response is None:
        return None
    fields: dict[str, Any] = {}
    if isinstance(error, exceptions.ValidationError):
        fields = response.data if isinstance(response.data, dict) else {"non_field_errors": response.data}
        response.data = {"code": "invalid", "detail": "Some fields are not right.", "fields": fields}
        return response
    codes = error.get_codes() if isinstance(error, exceptions.APIException) else "not_found"
    code = codes if isinstance(codes, str) else "error"
    detail = response.data.get("detail", "") if isinstance(response.data, dict) else ""
    response.data = {"code": code, "detail": str(detail), "fields": {}}
    return response


def _refuse(error: ValidationError) -> Response:
    if hasattr(error, "error_dict"):
        fields = {name: [str(each) for each in found] for name, found in error.message_dict.items()}
        code = next(iter(error.error_dict.values()))[0].code or "invalid"
    else:
        fields, code = {}, getattr(error, "code", None) or error.error_list[0].code or "invalid"
    body: dict[str, Any] = {"code": code, "detail": " ".join(error.messages), "fields": fields}
    if isinstance(error, StaleRegister):
        body["version"] = error.saved.session.version
        body["saved"] = error.saved.changed
        body["differences"] = [
            {"enrolment": each.enrolment_id, "stands": each.stands, "wanted": each.wanted}
            for each in error.saved.differences
        ]
    if isinstance(error, Conflict):
        body |= error.extra
    return Response(body, status=409 if isinstance(error, Conflict) or code == "cnic_registered" else 400)


class TokenSerializer(serializers.Serializer[Any]):
    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=128, trim_whitespace=False)


class TokenView(APIView):
    """Sign in by e-mail and password."""

    permission_classes = [permissions.AllowAny]
    authentication_classes: list[Any] = []
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "token"

    @extend_schema(request=TokenSerializer, responses={200: dict})
    def post(self, request: Request) -> Response:
        """Return the token to send as `Authorization: Token ...`. An unknown address takes as long as a known one."""
        parsed = TokenSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        email = parsed.validated_data["email"].strip().lower()
        user = authenticate(request._request, username=email, password=parsed.validated_data["password"])
        if user is None:
            body = {"code": "bad_credentials", "detail": "E-mail or password is wrong.", "fields": {}}
            return Response(body, status=400)
        return Response({"token": Token.objects.get_or_create(user=user)[0].key})


class CohortCertificatesView(APIView):
    """Issue the certificates of a cohort."""

    @extend_schema(request=None, responses={201: BatchSerializer})
    def post(self, request: Request, code: str) -> Response:
        """Make the batch; with `?dry_run=1` only say who would get one, who not, and why."""
        if not (can_issue(request.user) and can_view(request.user)):
            raise exceptions.PermissionDenied
        cohort = get_object_or_404(Cohort, code=code)
        if request.query_params.get("dry_run", "").lower() in ("1", "true", "yes"):
            return Response(_preview_body(cohort))
        batch = issue_certificates(cohort=cohort, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        waiting = {"waiting": batch.total, "done": 0, "failed": 0, "last_issued": None}
        for name, value in waiting.items():
            setattr(batch, name, value)
        return Response(BatchSerializer(batch).data, status=201)


def _preview_body(cohort: Cohort) -> dict[str, Any]:
    preview = preview_issue(cohort=cohort)
    return {
        "cohort": cohort.code,
        "total": preview.total,
        "due": [each.trainee.number for each in preview.due],
        "unprintable": [
            {"trainee": each.trainee.number, "reason": problem.reason, "proposal": problem.proposal}
            for each, problem in preview.unprintable
        ],
        "refused": [{"trainee": each.enrolment.trainee.number, "reason": each.reason} for each in preview.refused],
    }


router = DefaultRouter()
router.include_root_view = False
router.register("programmes", ProgrammeViewSet)
router.register("courses", CourseViewSet)
router.register("cohorts", CohortViewSet)
router.register("trainees", TraineeViewSet, basename="trainee")
router.register("enrolments", EnrolmentViewSet, basename="enrolment")
router.register("sessions", SessionViewSet, basename="session")
router.register("certificates", CertificateViewSet, basename="api-certificate")
router.register("batches", BatchViewSet, basename="api-batch")

urlpatterns = [
    path("v1/auth/token/", TokenView.as_view(), name="api-token"),
    path("v1/registrations/", RegistrationView.as_view(), name="api-registrations"),
    path("v1/cohorts/<str:code>/certificates/", CohortCertificatesView.as_view(), name="api-cohort-certificates"),
    path("v1/verify/<str:code>/", VerifyView.as_view(), name="api-verify"),
    path("v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("v1/", include(router.urls)),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
]
