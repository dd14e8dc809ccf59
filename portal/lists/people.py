"""Lists of people: trainees with their enrolments, and applications."""

from django.db.models import CharField, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, TruncDate
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from admissions.filters import ApplicationFilter
from admissions.models import Application
from cohorts.filters import EnrolmentFilter
from cohorts.models import CompletionException, Enrolment
from portal.figures.listed import count_applications, count_enrolments
from portal.lists import bulk_people, cells
from portal.lists.shape import Column, OfficeList
from trainees.models import Trainee
from trainees.permissions import can_see_cnic
from trainees.rules import mask_cnic

STANDING = {"cannot_reach": "hn-bad", "at_risk": "hn-warn"}
APPLICATION = {
    **dict.fromkeys(["submitted", "in_review"], "hn-warn"),
    **dict.fromkeys(["accepted", "offered", "placed"], "hn-good"),
}


TRAINEE = cells.link("manage_trainee", "trainee.number", cells.text("trainee.full_name"))
COHORT = cells.unbroken(cells.link("manage_cohort", "cohort.code", cells.text("cohort.code")))
APPLICANT = cells.link("manage_application", "pk", cells.text("full_name"))


def _open_numbers(rows: list[Enrolment], shown: set[str]) -> None:
    """Open the sealed numbers only where their column is shown: fifty cost more than the page. One query then."""
    if "cnic" in shown:
        sealed = Trainee.objects.only("cnic").in_bulk([each.trainee_id for each in rows])
        for each in rows:
            each.trainee.cnic = sealed[each.trainee_id].cnic


def _cnic(row: Enrolment) -> str:
    return mask_cnic(row.trainee.cnic)


def _status(row: Enrolment) -> str:
    """The status, and that an exception decided it where one did (R46)."""
    is_excepted = any(reason["code"] == "exception" for reason in row.reasons)
    return format_html("{} <small>{}</small>", STATUS(row), _("by exception")) if is_excepted else STATUS(row)


def _with_exceptions(found: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Add the exception that stands, with its reason, author and date, for files (R46)."""
    day = Cast(TruncDate("at"), CharField())
    who = Coalesce("by__full_name", Value(""))
    said = Concat("reason", Value(" ("), who, Value(", "), day, Value(")"), output_field=TextField())
    standing = CompletionException.objects.filter(enrolment=OuterRef("pk"), lifted_at__isnull=True)
    people = found.select_related("trainee", "cohort__course").defer("trainee__cnic")
    return people.annotate(exception=Subquery(standing.values(said=said)))


def _mobile(row: Enrolment) -> str:
    return f"… {row.trainee.mobile[-3:]}" if row.trainee.mobile else ""


def _born(row: Enrolment) -> str:
    return str(row.trainee.date_of_birth.year) if row.trainee.date_of_birth else ""


def _wishes(row: Application) -> str:
    return " ".join(each.code for each in (row.course_1, row.course_2) if each)


def _codes(row: Application) -> str:
    return " ".join(row.codes)


STATUS = cells.words("status")
EXCEPTION = Column("exception", _("By exception"), "exception")
TRAINEES = OfficeList(
    name="trainees",
    acts=bulk_people.OF_ENROLMENTS,
    url="manage_trainees",
    title=_("Trainees"),
    lead=_("Everybody with a place or a place in a line, now or before; who was in two cohorts stands here twice."),
    empty=_("Nobody yet. Places are given by registration, by import, or by the office."),
    filters=EnrolmentFilter,
    rows=lambda user: Enrolment.objects.visible_to(user),
    whole=_with_exceptions,
    count=count_enrolments,
    prepare=_open_numbers,
    context=lambda asked: {"may_see_cnic": can_see_cnic(asked.user)},
    template="portal/lists/trainees.html",
    order=("-id",),
    columns=(
        Column("name", _("Name"), "trainee__full_name", TRAINEE, sorts=True),
        Column("number", _("Number"), "trainee__number", sorts=True),
        Column("cohort", _("Cohort"), "cohort__code", COHORT, sorts=True),
        Column("status", _("Status"), "status", _status, companion=EXCEPTION),
        Column("standing", _("Standing"), "standing", cells.chip(cells.words("standing"), "standing", STANDING)),
        Column("missed", _("Absent"), "sessions_absent", sorts=True, number=True),
        Column("name_ur", _("Name in Urdu"), "trainee__full_name_ur", usual=False),
        Column("email", _("E-mail"), "trainee__email", usual=False),
        Column("gender", _("Gender"), "trainee__gender", cells.words("trainee.gender"), usual=False),
        Column("province", _("Province"), "trainee__province", cells.words("trainee.province"), usual=False),
        Column("category", _("Category"), "trainee__category", cells.words("trainee.category"), usual=False),
        Column("course", _("Course"), "cohort__course__title", usual=False),
        Column("city", _("City"), "cohort__city", cells.words("cohort.city"), usual=False),
        Column("present", _("Present"), "sessions_present", usual=False, number=True),
        Column("late", _("Late"), "sessions_late", usual=False, number=True),
        Column("excused", _("Excused"), "sessions_excused", usual=False, number=True),
        Column("unmarked", _("Not marked"), "sessions_unmarked", usual=False, number=True),
        Column("planned", _("Sessions planned"), "sessions_planned", usual=False, number=True),
        Column("enrolled", _("Enrolled"), "enrolled_at", cells.moment("enrolled_at"), usual=False),
        Column("completed", _("First completed"), "completed_on", cells.day("completed_on"), usual=False),
        Column("cnic", _("CNIC, masked"), cell=_cnic, usual=False, may_see=can_see_cnic),
        Column("mobile", _("Mobile, last digits"), cell=_mobile, usual=False, may_see=can_see_cnic),
        Column("born", _("Year of birth"), cell=_born, usual=False, may_see=can_see_cnic),
    ),
)

APPLICATIONS = OfficeList(
    name="applications",
    acts=bulk_people.OF_APPLICATIONS,
    url="manage_applications",
    title=_("Applications"),
    lead=_("Everybody who applied, in order of arrival."),
    empty=_("No application yet. Import a file to begin."),
    filters=ApplicationFilter,
    rows=lambda user: Application.objects.visible_to(user),
    count=count_applications,
    whole=lambda found: found.select_related("course_1", "course_2").defer("typed", "cnic"),
    template="portal/lists/applications.html",
    order=("submitted_at", "id"),
    columns=(
        Column("name", _("Applicant"), "full_name", APPLICANT),
        Column("email", _("E-mail"), "email"),
        Column("wishes", _("Wishes"), cell=_wishes),
        Column("city", _("City"), "city", cells.words("city")),
        Column("submitted", _("Applied"), "submitted_at", cells.moment("submitted_at"), sorts=True),
        Column("verdict", _("Verdict"), "verdict", cells.lines(cells.words("verdict"), _codes)),
        Column("status", _("Status"), "status", cells.chip(cells.words("status"), "status", APPLICATION)),
        Column("wish_1", _("First wish"), "course_1__title", usual=False),
        Column("wish_2", _("Second wish"), "course_2__title", usual=False),
        Column("gender", _("Gender"), "gender", usual=False),
        Column("province", _("Province"), "province", usual=False),
        Column("category", _("Category"), "category", usual=False),
        Column("file", _("File"), "source", usual=False),
        Column("line", _("Line"), "line", usual=False, number=True),
    ),
)
