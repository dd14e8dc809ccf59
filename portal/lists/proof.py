"""Lists of certificates: all of them, batches, what no longer agrees, reported problems."""

from typing import Any

import django_filters
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.html import format_html, linebreaks
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certificates.filters import CertificateFilter
from certificates.models import Batch, Certificate, ProblemReport
from certificates.permissions import can_view
from cohorts.filters import ChosenFilter, YesNoFilter
from portal.disagreements import find_disagreements
from portal.figures.listed import count_certificates
from portal.lists import bulk_rest, cells
from portal.lists.shape import Column, OfficeList

STATE = {"issued": "hn-good", "revoked": "hn-bad", "failed": "hn-bad", "replaced": "hn-info", "pending": ""}
CERTIFICATE = cells.link("certificate", "code", cells.text("name"))
COHORT_OF_BATCH = cells.link("manage_cohort", "cohort.code", cells.text("cohort.code"))
COHORT = cells.link("manage_cohort", "enrolment.cohort.code", cells.text("enrolment.cohort.code"))


class BatchFilter(ChosenFilter):
    cohort = django_filters.CharFilter(field_name="cohort__code", lookup_expr="iexact", label=_("Cohort"))

    class Meta:
        model = Batch
        fields = ["cohort"]


class DisagreementFilter(django_filters.FilterSet):
    cohort = django_filters.CharFilter(field_name="enrolment__cohort__code", lookup_expr="iexact", label=_("Cohort"))

    class Meta:
        model = Certificate
        fields = ["cohort"]


class ProblemFilter(ChosenFilter):
    search = django_filters.CharFilter(field_name="code", lookup_expr="icontains", label=_("Code"))
    kind = django_filters.ChoiceFilter(choices=ProblemReport.Kind.choices, label=_("What"))
    open = YesNoFilter(field_name="settled_at", lookup_expr="isnull", label=_("Open"))

    class Meta:
        model = ProblemReport
        fields = ["search", "kind", "open"]


def _cohort(row: Certificate) -> str:
    return str(row.printed.get("cohort") or "")


def _batch(row: Batch) -> str:
    return _now("Batch %d") % row.pk


def _with_progress(found: Any) -> QuerySet[Batch]:
    counted: QuerySet[Batch] = found.with_progress()
    return counted.select_related("cohort", "by")


def _progress(row: Any) -> str:
    return f"{row.done} / {row.total}"


def _now_called(row: Certificate) -> str:
    return TRAINEE(row) if row.enrolment else ""


TRAINEE = cells.lines(
    cells.link("manage_trainee", "enrolment.trainee.number", cells.text("enrolment.trainee.full_name")),
    cells.words("enrolment.status"),
)


def _code(row: ProblemReport) -> str:
    return format_html('<a class="hn-code" href="{}?search={}">{}</a>', reverse("certificates"), row.code, row.code)


def _written(row: ProblemReport) -> str:
    return format_html("{}<small>{}</small>", mark_safe(linebreaks(row.text, autoescape=True)), row.email)  # noqa: S308


def _settled(row: ProblemReport) -> str:
    if row.settled_at is None:
        action = reverse("problem_report_settle", args=[row.pk])
        button = '<button class="hn-btn hn-btn-small" form="settle" formaction="{}">{}</button>'
        return format_html(button, action, _now("Settled"))
    who = row.settled_by.get_full_name() if row.settled_by else ""
    return format_html('<span class="hn-chip hn-good">{}</span><small>{}</small>', _now("Settled"), who)


CERTIFICATES = OfficeList(
    name="certificates",
    acts=bulk_rest.OF_CERTIFICATES,
    url="certificates",
    title=_("Certificates"),
    lead=_("Every certificate, the newest first."),
    empty=_("No certificate yet. Close a cohort, then issue."),
    filters=CertificateFilter,
    rows=lambda user: Certificate.objects.visible_to(user),
    count=count_certificates,
    whole=lambda found: found.select_related("enrolment__cohort"),
    template="portal/lists/certificates.html",
    may_see=can_view,
    order=("-id",),
    columns=(
        Column("name", _("Name as printed"), "name", CERTIFICATE, sorts=True),
        Column("serial", _("Certificate"), "serial", sorts=True),
        Column("cohort", _("Cohort"), "enrolment__cohort__code", _cohort),
        Column("state", _("State"), "state", cells.chip(cells.words("state"), "state", STATE)),
        Column("issued", _("Issued"), "issued_at", cells.day("issued_at")),
        Column("revoked", _("Revoked"), "revoked_at", cells.day("revoked_at"), usual=False),
        Column("expires", _("Valid until"), "expires_on", cells.day("expires_on"), usual=False),
        Column("failure", _("Failure"), "failure", usual=False),
    ),
)

BATCHES = OfficeList(
    name="batches",
    acts=bulk_rest.OF_BATCHES,
    url="batches",
    title=_("Batches"),
    lead=_("Each act of issuing, and how far it is."),
    empty=_("No batch yet. Issue certificates of a closed cohort."),
    filters=BatchFilter,
    rows=lambda user: Batch.objects.all(),
    whole=_with_progress,
    may_see=can_view,
    order=("-id",),
    parent=("certificates", _("Certificates")),
    columns=(
        Column("batch", _("Batch"), "id", cells.link("batch", "pk", _batch)),
        Column(
            "cohort", _("Cohort"), "cohort__code", cells.link("manage_cohort", "cohort.code", cells.text("cohort.code"))
        ),
        Column("made", _("Made"), "done", _progress, number=True),
        Column("total", _("Of"), "total", usual=False, number=True),
        Column("failed", _("Failed"), "failed", number=True),
        Column("started", _("Started"), "started_at", cells.moment("started_at")),
        Column("by", _("By"), "by__full_name", cells.text("by.full_name")),
    ),
)

DISAGREEMENTS = OfficeList(
    name="disagreements",
    url="disagreements",
    title=_("What no longer agrees"),
    lead=_(
        "Valid certificates whose outcome or name changed after they were issued. Nothing is changed by itself: "
        "revoke or replace each one, or put its cause right."
    ),
    empty=_("Every valid certificate agrees with the outcome and the name it certifies."),
    filters=DisagreementFilter,
    rows=lambda user: find_disagreements(),
    whole=lambda found: found.select_related("enrolment__trainee", "enrolment__cohort"),
    order=("enrolment__cohort__code", "id"),
    parent=("certificates", _("Certificates")),
    columns=(
        Column("serial", _("Certificate"), "serial", cells.link("certificate", "code", cells.text("serial"))),
        Column("cohort", _("Cohort"), "enrolment__cohort__code", COHORT),
        Column("printed", _("Printed"), "name"),
        Column("now", _("Now"), "enrolment__trainee__full_name", _now_called),
        Column("outcome", _("Outcome"), "enrolment__status", cells.words("enrolment.status"), usual=False),
    ),
)

PROBLEMS = OfficeList(
    name="problems",
    acts=bulk_rest.OF_PROBLEMS,
    url="problem_reports",
    title=_("Reported problems"),
    lead=_("What people wrote from the verification page, open ones first."),
    empty=_("Nobody reported a problem."),
    filters=ProblemFilter,
    rows=lambda user: ProblemReport.objects.all(),
    whole=lambda found: found.select_related("settled_by"),
    template="portal/lists/problems.html",
    may_see=can_view,
    may_export=False,  # addresses of people who are none of the programme's
    order=(F("settled_at").desc(nulls_first=True), "-id"),
    parent=("certificates", _("Certificates")),
    columns=(
        Column("kind", _("What"), "kind", cells.words("kind")),
        Column("code", _("Code"), "code", _code),
        Column(
            "text",
            _("In their words"),
            "text",
            _written,
        ),
        Column("sent", _("When"), "created_at", cells.moment("created_at")),
        Column("state", _("State"), "settled_at", _settled),
    ),
)
