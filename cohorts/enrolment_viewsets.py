"""Registration and enrolments by the API: the same services as the pages."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, permissions, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from cohorts.filters import EnrolmentFilter
from cohorts.forms import CONSENT_VERSION
from cohorts.models import Cohort, Enrolment, EnrolmentQuerySet
from cohorts.permissions import can_manage_enrolment, can_withdraw
from cohorts.serializers import (
    EnrolmentSerializer,
    EnrolSerializer,
    RegistrationSerializer,
    TransferSerializer,
    WithdrawSerializer,
)
from cohorts.services.enrolment import (
    accept_offer,
    decline_offer,
    enrol,
    mark_no_show,
    register,
    register_again,
    transfer,
    withdraw,
)
from cohorts.services.enrolment.entry import move_oneself
from trainees.chosen import own_trainees
from trainees.models import Trainee


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
            person={**form.person, "language": get_language()},
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
        """Move to another cohort: oneself to one that is open, with the attended sessions; the office anybody."""
        enrolment = self.get_object()
        if not can_withdraw(request.user, enrolment):
            raise PermissionDenied
        parsed = TransferSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        cohort, by = _cohort(parsed.validated_data["cohort"]), request.user
        given: dict[str, Any] = {"enrolment": enrolment, "cohort": cohort, "by": by, "at": timezone.now()}
        if can_manage_enrolment(request.user):
            moved = transfer(**given, carry=parsed.validated_data["carry"])
        else:
            moved = move_oneself(**given)
        return Response(self.get_serializer(shown(moved)).data)

    @extend_schema(request=None, responses=EnrolmentSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Accept the offered place; twice is once."""
        return self._answer(accept_offer)

    @extend_schema(request=None, responses=EnrolmentSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:
        """Decline the offered place; the next in line is asked at once."""
        return self._answer(decline_offer)

    def _answer(self, act: Any) -> Response:
        enrolment = self.get_object()
        if not can_withdraw(self.request.user, enrolment):
            raise PermissionDenied
        act(enrolment=enrolment, by=self.request.user, at=timezone.now())
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=EnrolmentSerializer)
    @action(detail=True, methods=["post"], url_path="no-show")
    def no_show(self, request: Request, pk: str) -> Response:
        """Free the place of somebody who never came: the office."""
        enrolment = self.get_object()
        if not can_manage_enrolment(request.user):
            raise PermissionDenied
        mark_no_show(enrolment=enrolment, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        return Response(self.get_serializer(self.get_object()).data)


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
