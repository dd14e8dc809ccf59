"""What the list of applications can be narrowed to."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from admissions.models import Application


class ApplicationFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(method="find", label=_("Name or e-mail"))
    status = django_filters.ChoiceFilter(choices=Application.Status.choices, label=_("Status"))
    verdict = django_filters.ChoiceFilter(choices=Application.Verdict.choices, label=_("Verdict"))

    class Meta:
        model = Application
        fields = ["search", "status", "verdict"]

    def find(self, queryset: QuerySet[Application], name: str, value: str) -> QuerySet[Application]:
        return queryset.filter(Q(full_name__icontains=value) | Q(email__icontains=value))
