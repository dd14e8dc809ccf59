"""Cohorts, enrolments, sessions and registration by the API: the same services as the pages."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, permissions, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from cohorts import rules
from cohorts.filters import CohortFilter, EnrolmentFilter, SessionFilter
from cohorts.forms import CONSENT_VERSION
from cohorts.models import AttendanceRecord, Cohort, Enrolment, EnrolmentQuerySet, Session
from cohorts.permissions import can_close, can_correct, can_manage_enrolment, can_mark, can_withdraw
from cohorts.serializers import (
    CohortSerializer,
    EnrolmentSerializer,
    EnrolSerializer,
    RecordSerializer,
    RegisterSerializer,
    RegistrationSerializer,
    SessionSerializer,
    TransferSerializer,
    WithdrawSerializer,
)
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
from cohorts.services.enrolment import enrol, register, register_again, transfer, withdraw
from trainees.chosen import own_trainees
from trainees.models import Trainee


class CohortViewSet(viewsets.ReadOnlyModelViewSet[Cohort]):
    """Cohorts with their places, by code. Two queries a page."""

    queryset = Cohort.objects.with_places().select_related("course").order_by("starts_on", "id")
    serializer_class = CohortSerializer
    permission_classes = [permissions.AllowAny]
    lookup_field = "code"
    lookup_value_regex = "[^/]+"
    filterset_class = CohortFilter
    ordering_fields = ["code", "starts_on", "capacity"]

    @extend_schema(request=None, responses={200: dict})
    @action(detail=True, methods=["post"], permission_classes=[permissions.IsAuthenticated])
    def close(self, request: Request, code: str) -> Response:
        """Store the outcome of everybody and close the cohort."""
        cohort = self.get_object()
        if not can_close(request.user, cohort):
            raise PermissionDenied
        closing = close_cohort(cohort=cohort, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        counts = {"completed": len(closing.completed), "not_completed": len(closing.not_completed)}
        return Response({"code": cohort.code, "state": Cohort.State.CLOSED, **counts})

    @extend_schema(responses={200: dict})
    @action(detail=True, permission_classes=[permissions.IsAuthenticated])
    def progress(self, request: Request, code: str) -> Response:
        """How far a cohort is: sessions, standings, outcomes."""
        cohort = get_object_or_404(Cohort.objects.managed_by(request.user), code=code)
        sessions = cohort.sessions.values_list("state", flat=True)
        people = list(cohort.enrolments.values_list("status", "standing"))
        return Response(
            {
                "code": cohort.code,
                "state": cohort.state,
                "sessions": {state: list(sessions).count(state) for state in Session.State.values},
                "enrolments": {each: [s for s, _t in people].count(each) for each in Enrolment.Status.values},
                "standings": {each: [t for _s, t in people].count(each) for each in Enrolment.Standing.values},
            }
        )


class RegistrationView(APIView):
    """Register a new person for a cohort."""

    permission_classes = [permissions.AllowAny]
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "register"

    @extend_schema(request=RegistrationSerializer, responses={201: dict})
    def post(self, request: Request) -> Response:
        """Create account, trainee, consent and a place or a place in the line."""
        parsed = RegistrationSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        form = parsed.validated_data["form"]
        cohort = _cohort(parsed.validated_data["cohort"])
        enrolment = register(
            cohort=cohort,
            person=form.person,
            password=form.cleaned_data["password"],
            consent_version=CONSENT_VERSION,
            at=timezone.now(),
        )
        body = {
            "trainee": {"number": enrolment.trainee.number},
            "enrolment": EnrolmentSerializer(shown(enrolment)).data,
        }
        return Response(body, status=status.HTTP_201_CREATED)


class EnrolmentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Enrolment]):
    """Enrolments: one's own, those of own cohorts, or all for the office."""

    queryset = Enrolment.objects.none()
    serializer_class = EnrolmentSerializer
    filterset_class = EnrolmentFilter
    ordering_fields = ["id", "enrolled_at"]

    def get_queryset(self) -> QuerySet[Enrolment]:
        found = Enrolment.objects.visible_to(self.request.user)
        return with_position(found).order_by("id")

    @extend_schema(request=EnrolSerializer, responses={201: EnrolmentSerializer})
    def create(self, request: Request) -> Response:
        """Register oneself, one of the account's people by number, or for the office anybody."""
        parsed = EnrolSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        cohort, now = _cohort(parsed.validated_data["cohort"]), timezone.now()
        by: Any = request.user
        if number := parsed.validated_data.get("trainee"):
            trainee = self._trainee(number)
        elif (own := own_trainees(by).first()) is not None:
            trainee = own
        else:
            raise PermissionDenied
        act = register_again if trainee.user_id == by.pk else enrol
        enrolment = act(trainee=trainee, cohort=cohort, by=by, at=now)
        return Response(self.get_serializer(shown(enrolment)).data, status=status.HTTP_201_CREATED)

    def _trainee(self, number: str) -> Trainee:
        """Return one of the account's own people, or for the office anybody."""
        if own := own_trainees(self.request.user).filter(number=number).first():
            return own
        if not can_manage_enrolment(self.request.user):
            raise PermissionDenied
        trainee = Trainee.objects.filter(number=number).first()
        if trainee is None:
            raise NotFound("There is no such trainee.")
        return trainee

    @extend_schema(request=WithdrawSerializer, responses=EnrolmentSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Give the place back."""
        enrolment = self.get_object()
        if not can_withdraw(request.user, enrolment):
            raise PermissionDenied
        parsed = WithdrawSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        by: Any = request.user
        withdraw(enrolment=enrolment, by=by, at=timezone.now(), reason=parsed.validated_data["reason"])
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=TransferSerializer, responses=EnrolmentSerializer)
    @action(detail=True, methods=["post"])
    def transfer(self, request: Request, pk: str) -> Response:
        """Move to another cohort."""
        enrolment = self.get_object()
        if not can_manage_enrolment(request.user):
            raise PermissionDenied
        parsed = TransferSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        cohort, by = _cohort(parsed.validated_data["cohort"]), request.user
        moved = transfer(enrolment=enrolment, cohort=cohort, by=by, at=timezone.now())  # type: ignore[arg-type]
        return Response(self.get_serializer(shown(moved)).data)


def _cohort(code: str) -> Cohort:
    cohort = Cohort.objects.filter(code=code).first()
    if cohort is None:
        raise NotFound("There is no such cohort.")
    return cohort


def with_position(found: EnrolmentQuerySet) -> QuerySet[Enrolment]:
    """Join what the serializer reads, the place in the line too."""
    return (
        found.with_position()
        .select_related("trainee", "cohort__policy", "cohort__course")
        .prefetch_related("cohort__course__policies")
    )


def shown(enrolment: Enrolment) -> Enrolment:
    """Read an enrolment as the serializer shows it. Two queries."""
    return with_position(Enrolment.objects.filter(pk=enrolment.pk)).get()


class SessionViewSet(viewsets.ReadOnlyModelViewSet[Session]):
    """Sessions one may see, and their registers."""

    queryset = Session.objects.none()
    serializer_class = SessionSerializer
    filterset_class = SessionFilter
    ordering_fields = ["starts_at", "number"]

    def get_queryset(self) -> QuerySet[Session]:
        return Session.objects.visible_to(self.request.user).select_related("cohort").order_by("starts_at", "id")

    @extend_schema(methods=["PUT"], request=RegisterSerializer, responses={200: dict})
    @extend_schema(methods=["GET"], responses={200: dict})
    @action(detail=True, methods=["get", "put"])
    def attendance(self, request: Request, pk: str) -> Response:
        """Read the register, or save marks.

        Marks of people whom somebody else marked since `version` are not written: 409 with the differences;
        `saved` says how many others were.
        """
        session = self.get_object()
        if not can_mark(request.user, session):
            raise PermissionDenied
        if request.method == "PUT":
            parsed = RegisterSerializer(data=request.data)
            parsed.is_valid(raise_exception=True)
            saved = mark_attendance(
                session=session,
                marks=[_mark(each) for each in parsed.validated_data["marks"]],
                version=parsed.validated_data.get("version"),
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                channel="api",
                reason=parsed.validated_data["reason"],
                may_correct=can_correct(request.user),
            )
            saved.refuse_stale()
        return Response(register_body(session.pk))


def _mark(parsed: dict[str, Any]) -> Mark:
    return Mark(parsed["enrolment"], parsed["status"], parsed.get("minutes"), parsed.get("key"), parsed.get("at"))


def register_body(session_id: int) -> dict[str, Any]:
    """Return a register as the API shows it: version, marks, and who is on it. Four queries."""
    session = Session.objects.select_related("cohort__policy").get(pk=session_id)
    enrolments = session.cohort.enrolments.on_register().select_related("trainee").order_by("trainee__full_name", "id")
    policy = session.cohort.policy
    people = []
    for each in enrolments:
        rate = rules.compute_rates(each, policy).to_date if policy else None
        to_date = float(rate.percent) if rate else None
        people.append(
            {"enrolment": each.pk, "name": each.trainee.full_name, "number": each.trainee.number, "to_date": to_date}
        )
    marks = AttendanceRecord.objects.filter(session=session).order_by("enrolment_id")
    return {
        "session": session.pk,
        "version": session.version,
        "state": session.state,
        "marks": RecordSerializer(marks, many=True).data,
        "enrolments": people,
    }
