"""Cohorts, enrolments, sessions and registration by the API: the same services as the pages."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import permissions, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from cohorts import rules
from cohorts.filters import CohortFilter, SessionFilter
from cohorts.models import AttendanceRecord, Cohort, Enrolment, Session
from cohorts.permissions import can_close, can_correct, can_mark
from cohorts.serializers import (
    ClosingSerializer,
    CohortSerializer,
    RecordSerializer,
    RegisterSerializer,
    SessionSerializer,
)
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
from cohorts.timetable_api import RescheduleMixin, SessionChangeMixin


class CohortViewSet(RescheduleMixin, viewsets.ReadOnlyModelViewSet[Cohort]):
    """Cohorts with their places, by code. Two queries a page."""

    queryset = Cohort.objects.with_places().select_related("course").order_by("starts_on", "id")
    serializer_class = CohortSerializer
    permission_classes = [permissions.AllowAny]
    lookup_field = "code"
    lookup_value_regex = "[^/]+"
    filterset_class = CohortFilter
    ordering_fields = ["code", "starts_on", "capacity"]

    def get_queryset(self) -> QuerySet[Cohort]:
        return super().get_queryset().visible_to(self.request.user)  # type: ignore[attr-defined]

    @extend_schema(request=ClosingSerializer, responses={200: dict})
    @action(detail=True, methods=["post"], permission_classes=[permissions.IsAuthenticated])
    def close(self, request: Request, code: str) -> Response:
        """Store the outcome of everybody and close the cohort; `unassessed` answers that attendance alone decided."""
        cohort = self.get_object()
        if not can_close(request.user, cohort):
            raise PermissionDenied
        parsed = ClosingSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        said = parsed.validated_data.get("unassessed")
        closing = close_cohort(cohort=cohort, by=request.user, at=timezone.now(), unassessed=said)  # type: ignore[arg-type]
        counts = {"completed": len(closing.completed), "not_completed": len(closing.not_completed)}
        found = {**counts, "unassessed": closing.unassessed}
        return Response({"code": cohort.code, "state": Cohort.State.CLOSED, **found})

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


class SessionViewSet(SessionChangeMixin, viewsets.ReadOnlyModelViewSet[Session]):
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
