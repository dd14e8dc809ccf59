"""What the list of applications can be narrowed to."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from admissions.models import Application
from cohorts.models import City
from trainees.finding import find_few, find_names
from trainees.models import Trainee

STAGES = {
    "applied": (_("Applied, repeats left out"), ~Q(verdict=Application.Verdict.DUPLICATE)),
    "accepted": (
        _("Accepted, also if placed by now"),
        Q(status__in=[Application.Status.ACCEPTED, Application.Status.OFFERED, Application.Status.PLACED]),
    ),
    "in_review": (_("In review"), Q(status=Application.Status.IN_REVIEW)),
}


class ApplicationFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(method="find", label=_("Name or e-mail"), max_length=200)
    stage = django_filters.ChoiceFilter(
        method="narrow", choices=[(name, label) for name, (label, _q) in STAGES.items()], label=_("Stands")
    )
    course = django_filters.CharFilter(field_name="course_1__code", label=_("First wish"))
    city = django_filters.ChoiceFilter(choices=City.choices, label=_("City"))
    province = django_filters.ChoiceFilter(choices=Trainee.Province.choices, label=_("Province"))
    gender = django_filters.ChoiceFilter(choices=Trainee.Gender.choices, label=_("Gender"))
    category = django_filters.ChoiceFilter(choices=Trainee.Category.choices, label=_("Category"))
    status = django_filters.ChoiceFilter(choices=Application.Status.choices, label=_("Status"))
    verdict = django_filters.ChoiceFilter(choices=Application.Verdict.choices, label=_("Verdict"))

    class Meta:
        model = Application
        fields = ["search", "stage", "course", "city", "province", "gender", "category", "status", "verdict"]

    def find(self, queryset: QuerySet[Application], name: str, value: str) -> QuerySet[Application]:
        """By address, from its beginning, or by every word of a name in any spelling."""
        if "@" not in value:
            return queryset.filter(find_names(value, model=Application))
        address = Q(email__startswith=value.lower())
        return queryset.filter(find_few(Application.objects.filter(address)) or address)

    def narrow(self, queryset: QuerySet[Application], name: str, value: str) -> QuerySet[Application]:
        return queryset.filter(STAGES[value][1])
