"""The list of what people did in the last days: who, when, and in which cohort."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django.db.models import Count, QuerySet, Value
from django.utils.html import conditional_escape
from django.utils.timezone import get_current_timezone, now
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from audit.models import AuditEntry
from certificates.models import Batch
from cohorts.models import Appeal, AttendanceRecord, Cohort, Enrolment, LeaveRequest, Session, WalkIn
from portal.done import DONE, begin_of_list, list_done, list_kept, say_done
from portal.lists import cells
from portal.lists.shape import Column, OfficeList

COHORT_OF: dict[Any, str] = {
    # where the cohort of a thing stands
    Cohort: "code",
    Session: "cohort__code",
    Enrolment: "cohort__code",
    WalkIn: "session__cohort__code",
    LeaveRequest: "enrolment__cohort__code",
    Appeal: "enrolment__cohort__code",
    Batch: "cohort__code",
}


def _say(act: str) -> str:
    said = say_done(act)
    return said[:1].upper() + said[1:]


class DoneFilter(django_filters.FilterSet):
    on = django_filters.DateFilter(method="of_day", label=_("Day"))
    by = django_filters.CharFilter(field_name="by__full_name", lookup_expr="icontains", label=_("By"), max_length=200)
    act = django_filters.ChoiceFilter(choices=lambda: [(act, _say(act)) for act in DONE], label=_("What"))

    class Meta:
        model = AuditEntry
        fields = ["on", "by", "act"]

    def of_day(self, queryset: QuerySet[AuditEntry], name: str, value: Any) -> QuerySet[AuditEntry]:
        return queryset.filter(at__range=_reach_of(value))


class KeptFilter(django_filters.FilterSet):
    on = django_filters.DateFilter(method="of_day", label=_("Day"))
    cohort = django_filters.CharFilter(field_name="cohort__code", lookup_expr="iexact", label=_("Cohort"))

    class Meta:
        model = Session
        fields = ["on", "cohort"]

    def of_day(self, queryset: QuerySet[Session], name: str, value: Any) -> QuerySet[Session]:
        return queryset.filter(marked_at__range=_reach_of(value))


def _reach_of(day: date) -> tuple[datetime, datetime]:
    """Return the first and the last moment of a day here."""
    begin = datetime.combine(day, time.min, get_current_timezone())
    return begin, begin + timedelta(days=1, microseconds=-1)


def _find_cohorts(rows: list[Any], shown: set[str]) -> None:
    """Give each entry the code of its cohort. One query."""
    ids: dict[str, list[int]] = {}
    for row in rows:
        ids.setdefault(row.subject_type, []).append(int(row.subject_id))
    parts = [
        model.objects.filter(pk__in=ids.get(label, [])).order_by().values_list(Value(label), "pk", path)
        for model, path in COHORT_OF.items()
        for label in [model._meta.label_lower]
    ]
    codes = {(label, pk): code for label, pk, code in parts[0].union(*parts[1:], all=True)}
    for row in rows:
        row.code = codes.get((row.subject_type, int(row.subject_id)))


def _find_marks(rows: list[Any], shown: set[str]) -> None:
    """Give each session the number of its marks, and who made how many. One query."""
    found = AttendanceRecord.objects.filter(session__in=[row.pk for row in rows]).order_by()
    marks: dict[int, list[tuple[int, str]]] = {}
    for session, name, n in found.values_list("session_id", "marked_by__full_name").annotate(n=Count("id")):
        marks.setdefault(session, []).append((n, name or _now("nobody by hand")))
    for row in rows:
        own = sorted(marks.get(row.pk, []), key=lambda each: (-each[0], each[1]))
        row.marks = sum(n for n, _name in own)
        row.people = own[0][1] if len(own) == 1 else ", ".join(f"{name} ({n})" for n, name in own)


DONE_LIST = OfficeList(
    name="done",
    url="done",
    title=_("Done"),
    lead=_("What people did in the last seven days, the latest first."),
    empty=_("Nothing was done in the last seven days."),
    filters=DoneFilter,
    rows=lambda user: list_done(since=begin_of_list(now())),
    whole=lambda found: found.select_related("by"),
    prepare=_find_cohorts,
    may_export=False,
    order=("-at", "-id"),
    parent=("manage", _("Overview")),
    links=(("kept", _("Registers")),),
    columns=(
        Column("what", _("What"), cell=lambda row: str(conditional_escape(_say(row.act)))),
        Column("cohort", _("Cohort"), cell=cells.link("manage_cohort", "code", cells.text("code"))),
        Column("by", _("By"), "by__full_name", cells.text("by.full_name")),
        Column("at", _("When"), "at", cells.moment("at")),
    ),
)

KEPT_LIST = OfficeList(
    name="kept",
    url="kept",
    title=_("Registers"),
    lead=_("Begun or opened again in the last seven days, the latest first, with the marks that stand in them now."),
    empty=_("No register was begun in the last seven days."),
    filters=KeptFilter,
    rows=lambda user: list_kept(since=begin_of_list(now())),
    whole=lambda found: found.select_related("cohort"),
    prepare=_find_marks,
    may_export=False,
    order=("-marked_at", "-id"),
    parent=("done", _("Done")),
    columns=(
        Column(
            "session",
            _("Session"),
            cell=cells.link("session_register", "pk", lambda row: f"{row.cohort.code}, {row.number}"),
        ),
        Column("date", _("Held"), "date", cells.day("date")),
        Column("marks", _("Marks"), cell=cells.text("marks"), number=True),
        Column("by", _("By"), cell=cells.text("people")),
        Column("at", _("When"), "marked_at", cells.moment("marked_at")),
    ),
)
