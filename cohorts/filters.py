"""What lists can be narrowed to; one filter for pages and API."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import City, Cohort, Enrolment, Session
from cohorts.stages import STAGES
from trainees.finding import Meant, SearchFilterSet, find_people
from trainees.models import Trainee


class YesNoFilter(django_filters.BooleanFilter):
    """Yes, no, or any: an empty choice, so that it leaves the address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        choices = [("", _("any")), ("true", _("yes")), ("false", _("no"))]
        super().__init__(*args, widget=forms.Select(choices=choices), **kwargs)


def _numbers(value: str) -> list[int]:
    """Read `3,17,20`; what is no id of a row is no row."""
    return [int(each) for each in value.split(",") if each.isascii() and each.isdecimal() and len(each) < 19]


class ChosenFilter(django_filters.FilterSet):
    """Narrows a list to the rows that somebody ticked."""

    ids = django_filters.CharFilter(method="only", label=_("Chosen"), widget=forms.HiddenInput)

    def only(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(pk__in=_numbers(value))


class KnownFilter(django_filters.ChoiceFilter):
    """One of the choices, or `none`: those of whom it is not known."""

    NONE = "none"

    def __init__(self, *, choices: Any, **kwargs: Any) -> None:
        super().__init__(choices=[*choices, (self.NONE, _("Not known"))], **kwargs)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.filter(**{self.field_name: ""}) if value == self.NONE else super().filter(qs, value)


class CohortFilter(ChosenFilter):
    search = django_filters.CharFilter(method="find", label=_("Search"))
    city = django_filters.ChoiceFilter(choices=City.choices, label=_("City"))
    state = django_filters.ChoiceFilter(choices=Cohort.State.choices, label=_("State"))
    course = django_filters.CharFilter(field_name="course__code", label=_("Course"))
    over = YesNoFilter(method="wait_to_be_closed", label=_("Over, not closed"))

    class Meta:
        model = Cohort
        fields = ["search", "city", "state", "course", "over"]

    def wait_to_be_closed(self, queryset: QuerySet[Cohort], name: str, value: bool) -> QuerySet[Cohort]:
        over = Cohort.objects.over(timezone.now()).values("pk")
        return queryset.filter(pk__in=over) if value else queryset.exclude(pk__in=over)

    def find(self, queryset: QuerySet[Cohort], name: str, value: str) -> QuerySet[Cohort]:
        return queryset.filter(Q(code__icontains=value) | Q(course__title__icontains=value))


class EnrolmentFilter(SearchFilterSet, ChosenFilter):
    finds = _("A name is found by the first letters of its words, in any spelling; a number by its beginning or end.")
    search = django_filters.CharFilter(method="find", label=_("Name or number"), max_length=200)
    cohorts = django_filters.CharFilter(method="of_cohorts", label=_("Of cohorts"), widget=forms.HiddenInput)
    stage = django_filters.ChoiceFilter(
        method="narrow", choices=[(name, label) for name, (label, _q) in STAGES.items()], label=_("Stands")
    )
    cohort = django_filters.CharFilter(field_name="cohort__code", label=_("Cohort"))
    course = django_filters.CharFilter(field_name="cohort__course__code", label=_("Course"))
    city = django_filters.ChoiceFilter(field_name="cohort__city", choices=City.choices, label=_("City"))
    province = KnownFilter(field_name="trainee__province", choices=Trainee.Province.choices, label=_("Province"))
    gender = KnownFilter(field_name="trainee__gender", choices=Trainee.Gender.choices, label=_("Gender"))
    category = KnownFilter(field_name="trainee__category", choices=Trainee.Category.choices, label=_("Category"))
    status = django_filters.ChoiceFilter(choices=Enrolment.Status.choices, label=_("Status"))
    standing = django_filters.ChoiceFilter(choices=Enrolment.Standing.choices, label=_("Standing"))

    class Meta:
        model = Enrolment
        fields = [
            *("search", "cohorts", "stage", "cohort", "course", "city"),
            *("province", "gender", "category", "status", "standing"),
        ]

    def read(self, value: str) -> Meant:
        """By number, or by every word of a name in any spelling."""
        return find_people(value, "trainee__")

    def of_cohorts(self, queryset: QuerySet[Enrolment], name: str, value: str) -> QuerySet[Enrolment]:
        return queryset.filter(cohort__in=_numbers(value))

    def narrow(self, queryset: QuerySet[Enrolment], name: str, value: str) -> QuerySet[Enrolment]:
        return queryset.filter(STAGES[value][1])


class SessionFilter(django_filters.FilterSet):
    cohort = django_filters.CharFilter(field_name="cohort__code")
    date = django_filters.DateFilter()

    class Meta:
        model = Session
        fields = ["cohort", "date", "state"]
