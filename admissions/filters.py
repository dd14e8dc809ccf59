"""What the list of applications can be narrowed to."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from admissions.models import Application
from cohorts.filters import ChosenFilter, KnownFilter
from cohorts.models import City
from cohorts.stages import among
from trainees.finding import Meant, SearchFilterSet, find_beginning, find_names
from trainees.models import Trainee

Verdict, Status = Application.Verdict, Application.Status
CHOICES: dict[str, Any] = {"verdict": Verdict, "status": Status}
STAGES: dict[str, tuple[Any, str, list[str]]] = {
    # name: (label, field, its values)
    "applied": (_("Applied, repeats left out"), "verdict", [each for each in Verdict if each != Verdict.DUPLICATE]),
    "accepted": (
        _("Accepted, also if placed by now"),
        "status",
        [Status.ACCEPTED, Status.OFFERED, Status.PLACED],
    ),
    "in_review": (_("In review"), "status", [Status.IN_REVIEW]),
}


def named(filters: Mapping[str, str]) -> Q:
    """Name all verdicts, and the values of a stage once more: SQLite then counts within `application_figures`."""
    found = Q(verdict__in=list(Verdict))
    if stage := STAGES.get(filters.get("stage", "")):
        _label, field, values = stage
        found &= Q(**{f"{field}__in": values})
    return found


class ApplicationFilter(SearchFilterSet, ChosenFilter):
    finds = _(
        "A name is found by the first letters of its words, in any spelling; an address by its beginning, with @."
    )
    search = django_filters.CharFilter(method="find", label=_("Name or e-mail"), max_length=200)
    stage = django_filters.ChoiceFilter(
        method="narrow", choices=[(name, label) for name, (label, *_values) in STAGES.items()], label=_("Stands")
    )
    course = django_filters.CharFilter(field_name="course_1__code", label=_("First wish"))
    city = django_filters.ChoiceFilter(choices=City.choices, label=_("City"))
    province = KnownFilter(choices=Trainee.Province.choices, label=_("Province"))
    gender = KnownFilter(choices=Trainee.Gender.choices, label=_("Gender"))
    category = KnownFilter(choices=Trainee.Category.choices, label=_("Category"))
    status = django_filters.ChoiceFilter(choices=Status.choices, label=_("Status"))
    verdict = django_filters.ChoiceFilter(method="match", choices=Verdict.choices, label=_("Verdict"))

    class Meta:
        model = Application
        fields = ["search", "stage", "course", "city", "province", "gender", "category", "status", "verdict"]

    def read(self, value: str) -> Meant:
        """By address, from its beginning, or by every word of a name in any spelling."""
        return find_beginning("email", value.lower()) if "@" in value else find_names(value)

    def narrow(self, queryset: QuerySet[Application], name: str, value: str) -> QuerySet[Application]:
        _label, field, values = STAGES[value]
        return queryset.filter(among(CHOICES[field], field, *values))

    def match(self, queryset: QuerySet[Application], name: str, value: str) -> QuerySet[Application]:
        return queryset.filter(among(CHOICES[name], name, value))
