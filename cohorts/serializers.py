"""What the API shows and reads of cohorts, enrolments and registers."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from cohorts import rules
from cohorts.forms import RegistrationForm
from cohorts.models import AttendanceRecord, Cohort, Enrolment, MarkStatus, Session
from cohorts.services.tallies import policy_of
from trainees.rules import drop_invisible


class CohortSerializer(serializers.ModelSerializer[Cohort]):
    course: serializers.Field[Any, Any, Any, Any] = serializers.SlugRelatedField(slug_field="code", read_only=True)
    places_left = serializers.IntegerField(read_only=True)
    waitlist_length = serializers.IntegerField(source="waiting", read_only=True)

    class Meta:
        model = Cohort
        fields = [
            *("code", "course", "city", "mode", "venue", "room", "time_zone", "starts_on", "ends_on", "capacity"),
            *("places_left", "waitlist_length", "waitlist_limit", "state"),
        ]


class EnrolmentSerializer(serializers.ModelSerializer[Enrolment]):
    trainee: serializers.Field[Any, Any, Any, Any] = serializers.SlugRelatedField(slug_field="number", read_only=True)
    cohort: serializers.Field[Any, Any, Any, Any] = serializers.SlugRelatedField(slug_field="code", read_only=True)
    position = serializers.SerializerMethodField()
    attendance = serializers.SerializerMethodField()
    outcome = serializers.SerializerMethodField()
    reasons = serializers.SerializerMethodField()

    class Meta:
        model = Enrolment
        fields = [
            *("id", "trainee", "cohort", "status", "position", "standing", "attendance", "outcome", "reasons"),
            *("enrolled_at", "waitlisted_at", "withdrawn_at", "completed_on"),
            *("hold_expires_at", "offered_at", "offer_expires_at"),
        ]

    def get_position(self, enrolment: Enrolment) -> int | None:
        """The place in the line, from 1; null for who does not wait."""
        return getattr(enrolment, "place_in_line", None)

    def get_attendance(self, enrolment: Enrolment) -> dict[str, Any]:
        """The three rates in percent, cut to one decimal; null where there is none yet."""
        rates = rules.compute_rates(enrolment, policy_of(enrolment.cohort))
        shown = {name: getattr(rates, name) for name in ("to_date", "of_planned", "best_reachable")}
        percents = {name: float(rate.percent) if rate else None for name, rate in shown.items()}
        return {**percents, "can_still_miss": rates.can_still_miss}

    def get_outcome(self, enrolment: Enrolment) -> str | None:
        decided = (Enrolment.Status.COMPLETED, Enrolment.Status.NOT_COMPLETED)
        return enrolment.status if enrolment.status in decided else None

    def get_reasons(self, enrolment: Enrolment) -> list[str]:
        return [rules.describe(reason) for reason in enrolment.reasons]


class SessionSerializer(serializers.ModelSerializer[Session]):
    cohort: serializers.Field[Any, Any, Any, Any] = serializers.SlugRelatedField(slug_field="code", read_only=True)

    class Meta:
        model = Session
        fields = [
            *("id", "cohort", "number", "date", "start_time", "end_time", "starts_at", "ends_at", "minutes"),
            *("mode", "venue", "room", "link", "topic", "state", "version", "sequence"),
        ]


class MarkSerializer(serializers.Serializer[Any]):
    """One mark of a register; a null status takes a mark back."""

    enrolment = serializers.IntegerField(min_value=1, max_value=2**62)
    status = serializers.ChoiceField(choices=MarkStatus.choices, allow_null=True)
    minutes = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=1440)
    key = serializers.CharField(required=False, allow_null=True, max_length=80)
    at = serializers.DateTimeField(required=False, allow_null=True)


class RegisterSerializer(serializers.Serializer[Any]):
    """A register: its version as it was read, and the marks to save."""

    version = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=2**31)
    marks = serializers.ListField(child=MarkSerializer(), max_length=2000)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")


class EnrolSerializer(serializers.Serializer[Any]):
    """For which cohort, and whom: an account that looks after several people names one by number."""

    cohort = serializers.CharField(max_length=30)
    trainee = serializers.CharField(max_length=30, required=False, allow_null=True)


class TransferSerializer(serializers.Serializer[Any]):
    """Where to, and whether the sessions attended so far count there too."""

    cohort = serializers.CharField(max_length=30)
    carry = serializers.BooleanField(default=False)


class WithdrawSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class ClosingSerializer(serializers.Serializer[Any]):
    """Why nothing was assessed, where a policy asks for scores and the cohort has none."""

    unassessed = serializers.CharField(required=False, allow_blank=True, max_length=300)


class RecordSerializer(serializers.ModelSerializer[AttendanceRecord]):
    enrolment = serializers.IntegerField(source="enrolment_id")

    class Meta:
        model = AttendanceRecord
        fields = ["enrolment", "status", "minutes", "marked_at", "channel", "to_confirm"]


class RegistrationSerializer(serializers.Serializer[Any]):
    """A registration, read by the same form as the page; only the cohort is added."""

    cohort = serializers.CharField(max_length=30)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for name, field in RegistrationForm().fields.items():
            kind = serializers.BooleanField if name == "consent" else serializers.CharField
            fields[name] = kind(required=field.required, help_text=str(field.help_text or ""))
        return fields

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise serializers.ValidationError({"cohort": ["Send an object."]})
        texts = {name: data.get(name) for name in (*RegistrationForm.base_fields, "cohort") if name != "consent"}
        wrong = [name for name, value in texts.items() if not _is_text(name, value)]
        values = {name: "" if value is None or name in wrong else str(value) for name, value in texts.items()}
        values["consent"] = "true" if data.get("consent") in (True, "true", "True", 1, "yes") else ""
        form = RegistrationForm(values)
        errors = {name: [str(error) for error in found] for name, found in form.errors.items()}
        errors |= {name: [_("Send this as text.")] for name in wrong}
        if not values["cohort"]:
            errors.setdefault("cohort", [_("This field is required.")])
        if errors:
            raise serializers.ValidationError(errors)
        return {"cohort": drop_invisible(values["cohort"]), "form": form}


def _is_text(name: str, value: Any) -> bool:
    """Tell whether JSON holds a text; whole numbers are one where digits are asked for."""
    number = isinstance(value, int) and not isinstance(value, bool) and name in ("cnic", "mobile", "graduation_year")
    return value is None or isinstance(value, str) or (number and abs(value) < 10**16)
