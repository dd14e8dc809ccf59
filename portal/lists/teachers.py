"""The list of who teaches."""

import django_filters
from django.db.models import Count, Q, QuerySet
from django.utils.html import conditional_escape
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cohorts.filters import YesNoFilter
from cohorts.models import Cohort
from portal.lists import cells
from portal.lists.shape import Column, OfficeList
from portal.setup.instructors import all_instructors, is_called
from trainees.models import User

OPEN = Q(cohorts_taught__isnull=False) & ~Q(cohorts_taught__state=Cohort.State.CLOSED)


class InstructorFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(method="find", label=_("Name or e-mail"), max_length=200)
    retired = YesNoFilter(field_name="retired_at", lookup_expr="isnull", exclude=True, label=_("Retired"))

    class Meta:
        model = User
        fields = ["search", "retired"]

    def find(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return queryset.filter(is_called(value))


def _name(row: User) -> str:
    return conditional_escape(row.get_full_name())


def _state(row: User) -> str:
    return str(_now("retired")) if row.retired_at else ""


INSTRUCTORS = OfficeList(
    name="instructors",
    url="setup_instructors",
    title=_("Instructors"),
    lead=_("Who teaches, taught, or is invited to. Accounts are never deleted."),
    empty=_("Nobody yet. Invite the first instructor, or name one on a cohort."),
    filters=InstructorFilter,
    rows=lambda user: all_instructors(),
    whole=lambda found: found.annotate(open_cohorts=Count("cohorts_taught", filter=OPEN, distinct=True)),
    template="portal/lists/instructors.html",
    may_see=lambda user: user.has_perm("cohorts.change_cohort"),
    order=("full_name", "email", "id"),
    parent=("setup", _("Set-up")),
    columns=(
        Column("name", _("Name"), "full_name", cells.link("setup_instructor", "pk", _name)),
        Column("email", _("E-mail"), "email"),
        Column("cohorts", _("Open cohorts"), "open_cohorts", number=True),
        Column("retired", _("Retired"), "retired_at", _state),
    ),
)
