"""Lists of what the product keeps of itself: reports, nightly checks, and lists that were taken away."""

from typing import Any

import django_filters
from django.template.loader import render_to_string
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from audit.models import AuditEntry
from cohorts.filters import YesNoFilter
from portal.lists import bulk_people, bulk_rest, cells
from portal.lists.shape import Column, OfficeList
from portal.models import ActRun, Export, FigureCheck, Report


class ReportFilter(django_filters.FilterSet):
    cohort = django_filters.CharFilter(field_name="cohort__code", lookup_expr="iexact", label=_("Cohort"))
    state = django_filters.ChoiceFilter(choices=Report.State.choices, label=_("State"))

    class Meta:
        model = Report
        fields = ["cohort", "state"]


class CheckFilter(django_filters.FilterSet):
    differs = YesNoFilter(method="with_differences", label=_("With differences"))

    class Meta:
        model = FigureCheck
        fields = ["differs"]

    def with_differences(self, queryset: Any, name: str, value: bool) -> Any:
        return queryset.filter(differences__gt=0) if value else queryset.filter(differences=0)


class OwnFileFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=Export.State.choices, label=_("State"))

    class Meta:
        model = Export
        fields = ["state"]


class RunFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=ActRun.State.choices, label=_("State"))

    class Meta:
        model = ActRun
        fields = ["state"]


class TakenFilter(django_filters.FilterSet):
    list = django_filters.CharFilter(field_name="detail__list", label=_("List"))

    class Meta:
        model = AuditEntry
        fields = ["list"]


ACTS_OF = {
    "trainees": bulk_people.OF_ENROLMENTS,
    "applications": bulk_people.OF_APPLICATIONS,
    "cohorts": bulk_rest.OF_COHORTS,
    "certificates": bulk_rest.OF_CERTIFICATES,
    "batches": bulk_rest.OF_BATCHES,
    "messages": bulk_rest.OF_MESSAGES,
    "problems": bulk_rest.OF_PROBLEMS,
}


def _about(row: Report) -> str:
    return row.cohort.code if row.cohort else _now("Programme")


def _file(row: Report) -> str:
    return render_to_string("portal/reports/row.html", {"report": row})


def _by(row: Report) -> str:
    return row.by.get_full_name() if row.by else _now("each week")


def _detail(name: str) -> cells.Cell:
    def draw(row: AuditEntry) -> str:
        value = row.detail.get(name, "")
        if isinstance(value, dict):
            value = [f"{key}: {each}" for key, each in value.items()]
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    return draw


def _list_name(row: Export) -> str:
    return row.list.capitalize()


def _title(row: ActRun) -> str:
    verb = next((each.verb for each in ACTS_OF[row.list] if each.key == row.act), row.act)
    return f"{row.list.capitalize()}: {verb}"


def _done(row: ActRun) -> str:
    return str(row.done) if row.confirmed_at else ""


def _export_file(row: Export) -> str:
    return render_to_string("portal/exports/file.html", {"export": row})


RUN = {
    "looking": "hn-info",
    "looked": "hn-warn",
    "doing": "hn-info",
    "done": "hn-good",
    "stopped": "hn-quiet",
    "failed": "hn-bad",
}

REPORTS = OfficeList(
    name="reports",
    url="reports",
    title=_("Reports"),
    lead=_("Made in the background; you may leave. Each Monday one of the programme is made and the office is told."),
    empty=_("No report yet. Ask for one of the programme here, or of a cohort on its page."),
    filters=ReportFilter,
    rows=lambda user: Report.objects.all(),
    whole=lambda found: found.select_related("cohort", "by"),
    template="portal/lists/reports.html",
    may_export=False,
    order=("-id",),
    links=(("exports", _("Exports")), ("manage_acts", _("Acts on many"))),
    columns=(
        Column("about", _("Of"), "cohort__code", _about),
        Column("asked", _("Asked for"), "created_at", cells.moment("created_at")),
        Column("by", _("By"), "by__full_name", _by),
        Column("file", _("File"), cell=_file),
    ),
)

CHECKS = OfficeList(
    name="checks",
    url="figure_checks",
    title=_("Nightly check"),
    lead=_(
        "Every tally, standing and figure is counted again from the ledger. "
        "A difference is shown, and never mended silently."
    ),
    empty=_("No check has run yet; one runs each night."),
    filters=CheckFilter,
    rows=lambda user: FigureCheck.objects.all(),
    whole=lambda found: found,
    order=("-id",),
    parent=("manage", _("Overview")),
    columns=(
        Column("finished", _("Finished"), "finished_at", cells.link("figure_check", "pk", cells.moment("finished_at"))),
        Column("compared", _("Compared"), "enrolments", number=True),
        Column("differences", _("Differences"), "differences", number=True),
        Column("examples", _("For example"), cell=lambda row: "; ".join(row.examples[:3])),
    ),
)

EXPORTS = OfficeList(
    name="exports",
    url="exports",
    title=_("Exports"),
    lead=_("Long lists that you took as files. They are made in the background and deleted after a week."),
    empty=_("Nothing here. Short lists come at once; a long one is made in the background and stands here."),
    filters=OwnFileFilter,
    rows=lambda user: Export.objects.filter(by=user),
    whole=lambda found: found,
    may_export=False,
    order=("-id",),
    parent=("reports", _("Reports")),
    links=(("lists_taken", _("Lists taken away")),),
    columns=(
        Column("list", _("List"), cell=cells.link("exports_show", "pk", _list_name)),
        Column("kind", _("Kind"), cell=cells.words("kind")),
        Column("rows", _("Rows"), "total", number=True),
        Column("asked", _("Asked for"), cell=cells.moment("created_at")),
        Column("file", _("File"), cell=_export_file),
    ),
)

TAKEN = OfficeList(
    name="taken",
    url="lists_taken",
    title=_("Lists taken away"),
    lead=_("Who took which list as a file, with which columns and filters, and how many rows."),
    empty=_("Nobody has taken a list yet."),
    filters=TakenFilter,
    rows=lambda user: AuditEntry.objects.filter(act="list.export"),
    whole=lambda found: found.select_related("by"),
    order=("-at", "-id"),
    parent=("exports", _("Exports")),
    columns=(
        Column("list", _("List"), cell=_detail("list")),
        Column("at", _("When"), "at", cells.moment("at")),
        Column("by", _("By"), "by__full_name", cells.text("by.full_name")),
        Column("kind", _("Kind"), cell=_detail("kind")),
        Column("rows", _("Rows"), cell=_detail("rows"), number=True),
        Column("filters", _("Filters"), cell=_detail("filters")),
        Column("fields", _("Columns"), cell=_detail("fields"), usual=False),
    ),
)

ACTS = OfficeList(
    name="acts",
    url="manage_acts",
    title=_("Acts on many"),
    lead=_("What you asked to be done with many rows at once. It is tried and done in the background."),
    empty=_("Nothing here. Choose all rows of a list that match, and what is to be done with them."),
    filters=RunFilter,
    rows=lambda user: ActRun.objects.filter(by=user),
    whole=lambda found: found,
    may_export=False,
    order=("-id",),
    parent=("reports", _("Reports")),
    columns=(
        Column("act", _("Act"), cell=cells.link("act_run", "pk", _title)),
        Column("asked", _("Asked for"), cell=cells.moment("created_at")),
        Column("rows", _("Rows"), cell=cells.text("total"), number=True),
        Column("done", _("Done"), cell=_done, number=True),
        Column("refused", _("Refused"), cell=cells.text("refused"), number=True),
        Column("state", _("State"), cell=cells.chip(cells.words("state"), "state", RUN)),
    ),
)
