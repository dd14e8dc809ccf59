"""What lists can be narrowed to; one filter for pages and API."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cohorts.models import City, Cohort, Enrolment, Session


class CohortFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(method="find", label=_("Search"))
    city = django_filters.ChoiceFilter(choices=City.choices, label=_("City"))
    state = django_filters.ChoiceFilter(choices=Cohort.State.choices, label=_("State"))
    course = django_filters.CharFilter(field_name="course__code", label=_("Course"))

    class Meta:
        model = Cohort
        fields = ["search", "city", "state", "course"]

    def find(self, queryset: QuerySet[Cohort], name: str, value: str) -> QuerySet[Cohort]:
        return queryset.filter(Q(code__icontains=value) | Q(course__title__icontains=value))


class EnrolmentFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(method="find", label=_("Name or number"))
    cohort = django_filters.CharFilter(field_name="cohort__code", label=_("Cohort"))
    status = django_filters.ChoiceFilter(choices=Enrolment.Status.choices, label=_("Status"))
    standing = django_filters.ChoiceFilter(choices=Enrolment.Standing.choices, label=_("Standing"))
    attending = django_filters.BooleanFilter(method="running", label=_("Attending"))

    class Meta:
        model = Enrolment
        fields = ["search", "cohort", "status", "standing", "attending"]

    def find(self, queryset: QuerySet[Enrolment], name: str, value: str) -> QuerySet[Enrolment]:
        return queryset.filter(Q(trainee__full_name__icontains=value) | Q(trainee__number__icontains=value))

    def running(self, queryset: QuerySet[Enrolment], name: str, value: bool) -> QuerySet[Enrolment]:
        attending = Q(status=Enrolment.Status.ENROLLED, cohort__state=Cohort.State.RUNNING)
        return queryset.filter(attending) if value else queryset.exclude(attending)


class SessionFilter(django_filters.FilterSet):
    cohort = django_filters.CharFilter(field_name="cohort__code")
    date = django_filters.DateFilter()

    class Meta:
        model = Session
        fields = ["cohort", "date", "state"]
