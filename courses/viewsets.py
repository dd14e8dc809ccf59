"""Programmes and courses by the API: anyone may read."""

from django.db.models import Prefetch, QuerySet
from rest_framework import permissions, viewsets

from courses.models import Course, Module, Programme
from courses.serializers import CourseSerializer, ProgrammeSerializer


class ProgrammeViewSet(viewsets.ReadOnlyModelViewSet[Programme]):
    """The programmes."""

    queryset = Programme.objects.filter(retired_at__isnull=True).order_by("code")
    serializer_class = ProgrammeSerializer
    permission_classes = [permissions.AllowAny]
    lookup_field = "code"
    ordering_fields = ["code", "starts_on"]


class CourseViewSet(viewsets.ReadOnlyModelViewSet[Course]):
    """The courses with their modules. Two queries a page."""

    queryset = (
        Course.objects.select_related("programme")
        .prefetch_related(Prefetch("modules", Module.objects.order_by("number")))
        .order_by("code")
    )
    serializer_class = CourseSerializer
    permission_classes = [permissions.AllowAny]
    lookup_field = "code"
    filterset_fields = ["programme__code"]
    ordering_fields = ["code", "title", "contact_hours"]

    def get_queryset(self) -> QuerySet[Course]:
        return super().get_queryset().visible_to(self.request.user)  # type: ignore[attr-defined]
