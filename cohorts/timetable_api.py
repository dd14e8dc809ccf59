"""Rescheduling by the API: the same wishes and services as the office's pages."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from cohorts.models import Cohort, Mode, Session
from cohorts.permissions import can_reschedule
from cohorts.serializers import SessionSerializer
from cohorts.services.schedule import (
    AddSession,
    CancelSession,
    MoveSession,
    NothingToChange,
    Outlook,
    Place,
    SkipDates,
    SwitchPlace,
    change_timetable,
    preview_change,
)
from cohorts.services.schedule.wishes import Wish
from cohorts.timetable_forms import FIRST, LAST


class PlaceSerializer(serializers.Serializer[Any]):
    mode = serializers.ChoiceField(choices=Mode.choices, required=False)
    venue = serializers.CharField(max_length=160, allow_blank=True, required=False)
    room = serializers.CharField(max_length=80, allow_blank=True, required=False)
    link = serializers.URLField(max_length=300, allow_blank=True, required=False)

    def place(self, standing: Place) -> Place:
        """Return the place asked for; what is left out stays as it stands."""
        given = {
            name: self.validated_data[name] for name in ("mode", "venue", "room", "link") if name in self.validated_data
        }
        return replace(standing, **given)


class SessionChangeSerializer(PlaceSerializer):
    """What may be changed of one session; `force` holds it on a holiday and needs a reason (R24)."""

    date = serializers.DateField(required=False)
    start_time = serializers.TimeField(required=False)
    end_time = serializers.TimeField(required=False)
    state = serializers.ChoiceField(choices=[Session.State.CANCELLED], required=False)
    reason = serializers.CharField(max_length=200, allow_blank=True, default="")
    force = serializers.BooleanField(default=False)

    def validate_date(self, value: Any) -> Any:
        return _sane(value)

    def wish(self, session: Session) -> Wish:
        data = self.validated_data
        if data.get("state"):
            return CancelSession(session.pk, data["reason"])
        standing = Place(session.mode, session.venue, session.room, session.link)
        return MoveSession(
            session_id=session.pk,
            date=data.get("date", session.date),
            start=data.get("start_time", session.start_time),
            end=data.get("end_time", session.end_time),
            place=self.place(standing),
        )


class RescheduleSerializer(PlaceSerializer):
    """One of three: `dates` without classes, another place `from_date` on, or a session to `add`."""

    dates = serializers.ListField(child=serializers.DateField(), required=False, max_length=60, allow_empty=False)
    from_date = serializers.DateField(required=False)
    add = serializers.DictField(required=False)
    reason = serializers.CharField(max_length=200, allow_blank=True, default="")
    force = serializers.BooleanField(default=False)

    def validate_dates(self, values: list[Any]) -> list[Any]:
        return [_sane(value) for value in values]

    def validate_from_date(self, value: Any) -> Any:
        return _sane(value)

    def validate_add(self, value: Any) -> Any:
        inner = SessionChangeSerializer(data=value)
        inner.is_valid(raise_exception=True)
        if missing := {"date", "start_time", "end_time"} - set(inner.validated_data):
            raise serializers.ValidationError({name: ["This field is required."] for name in sorted(missing)})
        return inner

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if sum(name in data for name in ("dates", "from_date", "add")) != 1:
            raise serializers.ValidationError("Give one of dates, from_date or add.")
        return data

    def wish(self, cohort: Cohort) -> Wish:
        data, standing = self.validated_data, Place(cohort.mode, cohort.venue, cohort.room)
        if "dates" in data:
            return SkipDates(tuple(data["dates"]))
        if "from_date" in data:
            return SwitchPlace(data["from_date"], self.place(Place(data.get("mode", cohort.mode))))
        inner = data["add"]
        day, start, end = (inner.validated_data[name] for name in ("date", "start_time", "end_time"))
        return AddSession(day, start, end, inner.place(standing))


class SessionChangeMixin:
    """`PATCH sessions/<id>/`."""

    @extend_schema(request=SessionChangeSerializer, responses=SessionSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Move one session, hold it elsewhere, or cancel it; everybody concerned is told once.

        A wish that the session fulfils already changes nothing and answers the same.
        """
        session: Session = self.get_object()  # type: ignore[attr-defined]
        if not can_reschedule(request.user):
            raise PermissionDenied
        parsed = SessionChangeSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        with suppress(NothingToChange):
            _change(session.cohort, parsed.wish(session), parsed, request)
        return Response(SessionSerializer(Session.objects.select_related("cohort").get(pk=session.pk)).data)


class RescheduleMixin:
    """`POST cohorts/<code>/reschedule/`."""

    @extend_schema(request=RescheduleSerializer, responses={200: dict})
    @action(detail=True, methods=["post"], permission_classes=[IsAuthenticated])
    def reschedule(self, request: Request, code: str) -> Response:
        """Change the timetable; with `?dry_run=1` only say what would change, who is told and what clashes."""
        if not can_reschedule(request.user):
            raise PermissionDenied
        cohort = get_object_or_404(Cohort.objects.select_related("course"), code=code)
        parsed = RescheduleSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        wish = parsed.wish(cohort)
        outlook = preview_change(cohort=cohort, wish=wish, at=timezone.now())
        body = outlook_body(outlook)
        if request.query_params.get("dry_run", "").lower() in ("1", "true", "yes"):
            return Response(body | {"dry_run": True})
        change = _change(cohort, wish, parsed, request)
        return Response(body | {"dry_run": False, "edition": change.edition, "told": change.told})


def _change(cohort: Cohort, wish: Wish, parsed: Any, request: Request) -> Any:
    by: Any = request.user
    reason, forced = parsed.validated_data["reason"], parsed.validated_data["force"]
    return change_timetable(cohort=cohort, wish=wish, by=by, at=timezone.now(), reason=reason, forced=forced)


def outlook_body(outlook: Outlook) -> dict[str, Any]:
    """Return what a wish would do, as the API says it."""
    return {
        "cohort": outlook.cohort.code,
        "sessions": [line.as_json() for line in outlook.lines],
        "ends_on": outlook.ends_after,
        "ends_on_before": outlook.ends_before,
        "minutes": outlook.minutes_after,
        "minutes_before": outlook.minutes_before,
        "trainees": outlook.trainees,
        "instructors": outlook.instructors,
        "refusals": [" ".join(each.messages) for each in outlook.refusals],
        "clashes": [
            {"kind": each.kind, "name": each.name, "cohorts": [each.first.code, each.second.code]}
            for each in outlook.clashes
        ],
    }


def _sane(value: Any) -> Any:
    if not FIRST <= value <= LAST:
        raise serializers.ValidationError("Give a date between 2000 and 2100.")
    return value
