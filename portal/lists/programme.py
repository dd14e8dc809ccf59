"""Lists of cohorts and what happens in them: cohorts, missing registers, meeting reports."""

import django_filters
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cohorts.filters import CohortFilter
from cohorts.models import City, Cohort, MeetingReport, ReportPerson, Session
from cohorts.views.manage.cohorts import cohorts_with_progress
from portal.lists import bulk_rest, cells
from portal.lists.shape import Column, OfficeList

STATE = {"running": "hn-good", "planned": "hn-info"}
REPORT = {"confirmed": "hn-good", "provisional": "hn-warn"}
COHORT = cells.unbroken(cells.link("manage_cohort", "code", cells.text("code")))
COHORT_OF_SESSION = cells.unbroken(cells.link("manage_cohort", "cohort.code", cells.text("cohort.code")))


class SessionsFilter(django_filters.FilterSet):
    cohort = django_filters.CharFilter(field_name="cohort__code", lookup_expr="iexact", label=_("Cohort"))
    course = django_filters.CharFilter(field_name="cohort__course__code", label=_("Course"))
    city = django_filters.ChoiceFilter(field_name="cohort__city", choices=City.choices, label=_("City"))

    class Meta:
        model = Session
        fields = ["cohort", "course", "city"]


class MeetingsFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=MeetingReport.State.choices, label=_("State"))
    cohort = django_filters.CharFilter(field_name="session__cohort__code", lookup_expr="iexact", label=_("Cohort"))

    class Meta:
        model = MeetingReport
        fields = ["state", "cohort"]


def _taken(row: Cohort) -> str:
    return f"{row.taken} / {row.capacity}"


def _sessions(row: Cohort) -> str:
    return f"{row.held} / {row.planned}"  # type: ignore[attr-defined]


def _with_names_to_settle(found: QuerySet[MeetingReport]) -> QuerySet[MeetingReport]:
    people = ReportPerson.objects.filter(report=OuterRef("pk"), verdict=ReportPerson.Verdict.REVIEW)
    count = people.order_by().values("report").annotate(n=Count("id")).values("n")
    return found.select_related("session__cohort", "confirmed_by").annotate(to_settle=Coalesce(Subquery(count), 0))


def _when(row: Session) -> str:
    return f"{row.date:%a} {row.date.day} {row.date:%b %Y}, {row.start_time:%H:%M}"


COHORTS = OfficeList(
    name="cohorts",
    acts=bulk_rest.OF_COHORTS,
    lead_key="cohorts",
    url="manage_cohorts",
    title=_("Cohorts"),
    lead=_("Each run of a course, the earliest start first."),
    empty=_("No cohort yet. Set one up, or import cohorts."),
    filters=CohortFilter,
    rows=lambda user: Cohort.objects.all(),
    whole=cohorts_with_progress,
    order=("starts_on", "id"),
    links=(("missing_registers", _("Missing registers")), ("meeting_reports", _("Meeting reports"))),
    columns=(
        Column("code", _("Cohort"), "code", COHORT, sorts=True),
        Column("course", _("Course"), "course__title", cells.text("course.title")),
        Column("city", _("City"), "city", cells.words("city")),
        Column("starts", _("Starts"), "starts_on", cells.day("starts_on"), sorts=True),
        Column("ends", _("Ends"), "ends_on", cells.day("ends_on"), usual=False, sorts=True),
        Column("taken", _("Places"), "taken", _taken, number=True),
        Column("capacity", _("Of"), "capacity", usual=False, number=True),
        Column("waiting", _("Waiting"), "waiting", number=True),
        Column("held", _("Sessions"), "held", _sessions, number=True),
        Column("planned", _("Planned"), "planned", usual=False, number=True),
        Column("at_risk", _("At risk"), "at_risk", number=True),
        Column("completed", _("Completed"), "completed", number=True),
        Column("state", _("State"), "state", cells.chip(cells.words("state"), "state", STATE)),
    ),
)

REGISTERS = OfficeList(
    name="registers",
    url="missing_registers",
    title=_("Missing registers"),
    lead=_("Sessions that are over and have no marks. Mark them, or cancel those that were not held."),
    empty=_("Every register is in."),
    filters=SessionsFilter,
    rows=lambda user: Session.objects.to_mark(timezone.now()),
    whole=lambda found: found.select_related("cohort__course"),
    order=("ends_at", "id"),
    parent=("manage_cohorts", _("Cohorts")),
    columns=(
        Column("cohort", _("Cohort"), "cohort__code", COHORT_OF_SESSION),
        Column("course", _("Course"), "cohort__course__title"),
        Column("number", _("Session"), "number", number=True),
        Column("date", _("Date"), "date", _when),
        Column("mark", "", cell=cells.link("session_register", "pk", lambda row: _now("Mark"))),
    ),
)

MEETINGS = OfficeList(
    name="meetings",
    url="meeting_reports",
    title=_("Meeting reports"),
    lead=_("What Zoom, Teams, Meet and lists said of sessions; provisional until somebody confirms."),
    empty=_("No report yet. Add one from the register of its session."),
    filters=MeetingsFilter,
    rows=lambda user: MeetingReport.objects.visible_to(user),
    whole=_with_names_to_settle,
    order=("-id",),
    parent=("manage_cohorts", _("Cohorts")),
    columns=(
        Column(
            "cohort",
            _("Session"),
            "session__cohort__code",
            cells.link("meeting_report", "session_id", lambda row: f"{row.session.cohort.code}, {row.session.number}"),
        ),
        Column("date", _("Date"), "session__date", cells.day("session.date")),
        Column("settle", _("To settle"), "to_settle", number=True),
        Column("added", _("Added"), "created_at", cells.moment("created_at")),
        Column("by", _("Confirmed by"), "confirmed_by__full_name", cells.text("confirmed_by.full_name")),
        Column("state", _("State"), "state", cells.chip(cells.words("state"), "state", REPORT)),
    ),
)
