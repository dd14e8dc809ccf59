"""What the list of certificates can be narrowed to."""

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certificates.codes import normalise
from certificates.models import Certificate
from cohorts.filters import ChosenFilter, KnownFilter, YesNoFilter
from cohorts.models import City
from trainees.finding import Meant, SearchFilterSet, find_beginning, find_names
from trainees.models import Trainee


class CertificateFilter(SearchFilterSet, ChosenFilter):
    finds = _("A printed name is found by the first letters of its words, in any spelling; a code by its beginning.")
    search = django_filters.CharFilter(method="find", label=_("Name or code"), max_length=200)
    state = django_filters.ChoiceFilter(choices=Certificate.State.choices, label=_("State"))
    cohort = django_filters.CharFilter(field_name="enrolment__cohort__code", label=_("Cohort"))
    course = django_filters.CharFilter(field_name="enrolment__cohort__course__code", label=_("Course"))
    city = django_filters.ChoiceFilter(field_name="enrolment__cohort__city", choices=City.choices, label=_("City"))
    province = KnownFilter(
        field_name="enrolment__trainee__province", choices=Trainee.Province.choices, label=_("Province")
    )
    gender = KnownFilter(field_name="enrolment__trainee__gender", choices=Trainee.Gender.choices, label=_("Gender"))
    category = KnownFilter(
        field_name="enrolment__trainee__category", choices=Trainee.Category.choices, label=_("Category")
    )
    placed = YesNoFilter(field_name="enrolment", lookup_expr="isnull", exclude=True, label=_("Of this programme"))

    class Meta:
        model = Certificate
        fields = ["search", "state", "cohort", "course", "city", "province", "gender", "category", "placed"]

    def read(self, value: str) -> Meant:
        """By a code, from its beginning, or by every word of the name as printed, in any spelling."""
        code = normalise(value)[:40]
        if any(letter.isdigit() for letter in value):
            return find_beginning("code", code)
        return find_names(value) | Meant(Q(code=code), Q(code=code))
