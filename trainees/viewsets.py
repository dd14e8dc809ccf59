"""People by the API: one's own record, or all for the office."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from trainees.models import FormerNumber, Trainee
from trainees.permissions import can_see_cnic
from trainees.serializers import ContactSerializer, TraineeSerializer
from trainees.services.contact import change_contact
from trainees.services.identity import look_at_cnic


class TraineeViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Trainee]):
    """Trainees by number."""

    queryset = Trainee.objects.none()
    serializer_class = TraineeSerializer
    lookup_field = "number"
    filterset_fields = ["gender", "province", "category"]
    ordering_fields = ["number", "full_name"]

    def get_queryset(self) -> QuerySet[Trainee]:
        return Trainee.objects.visible_to(self.request.user).order_by("number")

    @extend_schema(responses={200: TraineeSerializer, 301: None})
    def retrieve(self, request: Request, number: str) -> Response:
        """Show one person; the number of a record that was merged leads to the one that stays (R44)."""
        try:
            return Response(self.get_serializer(self.get_object()).data)
        except Http404:
            successor = FormerNumber.objects.find_successor(number, request.user)
            if successor is None:
                raise
        return Response(status=301, headers={"Location": reverse("trainee-detail", args=[successor.number])})

    @extend_schema(request=ContactSerializer, responses=TraineeSerializer)
    def partial_update(self, request: Request, number: str) -> Response:
        """Change one's own contact."""
        trainee = self.get_object()
        if trainee.user_id != request.user.pk and not request.user.has_perm("trainees.change_trainee"):
            raise PermissionDenied
        contact = ContactSerializer(data=request.data)
        contact.is_valid(raise_exception=True)
        values: dict[str, Any] = contact.validated_data
        change_contact(trainee=trainee, contact=values, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        return Response(self.get_serializer(trainee).data)

    @extend_schema(request=None, responses={200: dict})
    @action(detail=True, methods=["post"])
    def cnic(self, request: Request, number: str) -> Response:
        """Reveal the identity number to whoever has the right; the look is recorded and the answer never kept."""
        trainee = self.get_object()
        if not can_see_cnic(request.user):
            raise PermissionDenied
        cnic = look_at_cnic(trainee=trainee, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        return Response({"number": trainee.number, "cnic": cnic}, headers={"Cache-Control": "no-store"})
