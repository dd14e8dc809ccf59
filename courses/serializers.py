"""What the API shows of programmes and courses."""

from typing import Any

from rest_framework import serializers

from courses.models import Course, Module, Programme


class ProgrammeSerializer(serializers.ModelSerializer[Programme]):
    class Meta:
        model = Programme
        fields = ["code", "title", "title_ur", "organisation", "seat_target", "starts_on"]


class ModuleSerializer(serializers.ModelSerializer[Module]):
    class Meta:
        model = Module
        fields = ["number", "title", "hours"]


class CourseSerializer(serializers.ModelSerializer[Course]):
    modules = ModuleSerializer(many=True, read_only=True)
    programme: serializers.Field[Any, Any, Any, Any] = serializers.SlugRelatedField(slug_field="code", read_only=True)

    class Meta:
        model = Course
        fields = ["code", "programme", "title", "title_ur", "contact_hours", "session_minutes", "language", "modules"]
        fields += ["categories", "earliest_graduation_year", "minimum_age"]
