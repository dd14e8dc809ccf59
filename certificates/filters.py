"""What the list of certificates can be narrowed to."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from certificates.codes import normalise
from certificates.models import Certificate
from cohorts.filters import YesNoFilter
from cohorts.models import City
from trainees.finding import find_names
from trainees.models import Trainee


class CertificateFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(method="find", label=_("Name or code"), max_length=200)
    state = django_filters.ChoiceFilter(choices=Certificate.State.choices, label=_("State"))
    cohort = django_filters.CharFilter(field_name="enrolment__cohort__code", label=_("Cohort"))
    course = django_filters.CharFilter(field_name="enrolment__cohort__course__code", label=_("Course"))
    city = django_filters.ChoiceFilter(field_name="enrolment__cohort__city", choices=City.choices, label=_("City"))
    province = django_filters.ChoiceFilter(
        field_name="enrolment__trainee__province", choices=Trainee.Province.choices, label=_("Province")
    )
    gender = django_filters.ChoiceFilter(
        field_name="enrolment__trainee__gender", choices=Trainee.Gender.choices, label=_("Gender")
    )
    category = django_filters.ChoiceFilter(
        field_name="enrolment__trainee__category", choices=Trainee.Category.choices, label=_("Category")
    )
    placed = YesNoFilter(field_name="enrolment", lookup_expr="isnull", exclude=True, label=_("Of this programme"))

    class Meta:
        model = Certificate
        fields = ["search", "state", "cohort", "course", "city", "province", "gender", "category", "placed"]

    def find(self, queryset: QuerySet[Certificate], name: str, value: str) -> QuerySet[Certificate]:
        """By a code, a part of the name as printed, or every word of it in any spelling."""
        by_name, code = Q(name__icontains=value) | find_names(value), normalise(value)[:40]
        return queryset.filter(by_name | Q(code__startswith=code) if code else by_name)
