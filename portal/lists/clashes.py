"""The list of who and what is wanted by two sessions at once."""

from typing import Any

import django_filters
from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cohorts.models import City
from portal.figures.clashes import current_clashes
from portal.lists import cells
from portal.lists.shape import Column, OfficeList
from portal.models import Clash
from trainees.models import Trainee, User

ACCOUNT = User.objects.filter(pk=OuterRef("person")).annotate(
    called=Coalesce(NullIf("full_name", Value("")), "email", output_field=CharField())
)
TRAINEE = Trainee.objects.filter(pk=OuterRef("person"))
NAME = Case(
    When(kind=Clash.Kind.INSTRUCTOR, then=Subquery(ACCOUNT.values("called"))),
    When(kind=Clash.Kind.TRAINEE, then=Subquery(TRAINEE.values("full_name"))),
    default=F("place"),
)


class ClashFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(method="of_cohort", label=_("Cohort"), max_length=30)
    kind = django_filters.ChoiceFilter(choices=Clash.Kind.choices, label=_("Who or what"))
    city = django_filters.ChoiceFilter(field_name="first__cohort__city", choices=City.choices, label=_("City"))
    course = django_filters.CharFilter(field_name="first__cohort__course__code", label=_("Course"))

    class Meta:
        model = Clash
        fields = ["search", "kind", "city", "course"]

    def of_cohort(self, queryset: QuerySet[Clash], name: str, value: str) -> QuerySet[Clash]:
        return queryset.filter(Q(first__cohort__code__icontains=value) | Q(second__cohort__code__icontains=value))


def _when(name: str) -> cells.Cell:
    def draw(row: Any) -> str:
        session = getattr(row, name)
        return f"{date_format(session.date, 'D j M Y')} {session.start_time:%H:%M}"

    return draw


def _session(name: str) -> cells.Cell:
    code = cells.unbroken(cells.link("timetable", f"{name}.cohort.code", cells.text(f"{name}.cohort.code")))
    return cells.lines(code, _when(name))


CLASHES = OfficeList(
    name="clashes",
    url="clashes",
    title=_("Clashes"),
    lead=_("Who or what is wanted by two sessions at the same time, from now on."),
    empty=_("Nothing clashes: every instructor, room and trainee is in one place at a time."),
    filters=ClashFilter,
    rows=lambda user: current_clashes(at=timezone.now()),
    whole=lambda found: found.select_related("first__cohort", "second__cohort").annotate(name=NAME),
    order=("starts_at", "id"),
    parent=("timetables", _("All timetables")),
    columns=(
        Column("name", _("Who or what"), "name", cells.lines(cells.text("name"), cells.words("kind"))),
        Column("kind", _("Kind"), "kind", cells.words("kind"), usual=False),
        Column("first", _("First"), "first__cohort__code", _session("first")),
        Column("number", _("Session"), "first__number", usual=False, number=True),
        Column("day", _("Day"), "first__date", cells.day("first.date"), usual=False),
        Column("second", _("Second"), "second__cohort__code", _session("second")),
        Column("other", _("Session, second"), "second__number", usual=False, number=True),
    ),
)
