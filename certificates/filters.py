"""What the list of certificates can be narrowed to."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from certificates.codes import normalise
from certificates.models import Certificate


class CertificateFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(method="find", label=_("Name or code"))
    state = django_filters.ChoiceFilter(choices=Certificate.State.choices, label=_("State"))
    cohort = django_filters.CharFilter(field_name="enrolment__cohort__code", label=_("Cohort"))

    class Meta:
        model = Certificate
        fields = ["search", "state", "cohort"]

    def find(self, queryset: QuerySet[Certificate], name: str, value: str) -> QuerySet[Certificate]:
        return queryset.filter(Q(name__icontains=value) | Q(code__startswith=normalise(value)[:16]))
