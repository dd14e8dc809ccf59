"""Which lists can be exported, and with which columns: never an identity number, a phone or a birth date."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from admissions.filters import ApplicationFilter
from admissions.models import Application
from certificates.filters import CertificateFilter
from certificates.models import Certificate
from cohorts.filters import CohortFilter, EnrolmentFilter
from cohorts.models import Enrolment
from cohorts.views.manage.cohorts import cohorts_with_progress

CHUNK = 2000


@dataclass(frozen=True)
class ListExport:
    """One list: its filter, the rows behind it, and the columns as (head, lookup)."""

    filter_class: Any
    rows: Callable[[Any], QuerySet[Any]]
    columns: tuple[tuple[Any, str], ...]

    def narrow(self, user: Any, given: Any) -> QuerySet[Any]:
        """Return the very rows that the page lists for these filters."""
        found: QuerySet[Any] = self.filter_class(given, queryset=self.rows(user)).qs
        return found

    def read(self, rows: QuerySet[Any]) -> Iterator[list[tuple[Any, ...]]]:
        """Yield plain values, some thousand rows in order of their ids at a time, by a query each.

        No cursor stays open meanwhile: on SQLite it would keep this connection from noting its progress.
        """
        wanted = rows.order_by("pk").values_list("pk", *(lookup for _head, lookup in self.columns))
        part = list(wanted[:CHUNK])
        while part:
            yield [row[1:] for row in part]
            part = list(wanted.filter(pk__gt=part[-1][0])[:CHUNK])

    @property
    def head(self) -> list[str]:
        return [str(head) for head, _lookup in self.columns]


LISTS = {
    "trainees": ListExport(
        EnrolmentFilter,
        lambda user: Enrolment.objects.visible_to(user),
        (
            (_("Number"), "trainee__number"),
            (_("Name"), "trainee__full_name"),
            (_("Name in Urdu"), "trainee__full_name_ur"),
            (_("E-mail"), "trainee__email"),
            (_("Gender"), "trainee__gender"),
            (_("Province"), "trainee__province"),
            (_("Category"), "trainee__category"),
            (_("Course"), "cohort__course__title"),
            (_("Cohort"), "cohort__code"),
            (_("City"), "cohort__city"),
            (_("Status"), "status"),
            (_("Standing"), "standing"),
            (_("Present"), "sessions_present"),
            (_("Late"), "sessions_late"),
            (_("Excused"), "sessions_excused"),
            (_("Absent"), "sessions_absent"),
            (_("Not marked"), "sessions_unmarked"),
            (_("Sessions planned"), "sessions_planned"),
            (_("Enrolled"), "enrolled_at"),
            (_("First completed"), "completed_on"),
        ),
    ),
    "cohorts": ListExport(
        CohortFilter,
        lambda user: cohorts_with_progress(),
        (
            (_("Cohort"), "code"),
            (_("Course"), "course__title"),
            (_("City"), "city"),
            (_("Starts"), "starts_on"),
            (_("Ends"), "ends_on"),
            (_("State"), "state"),
            (_("Places"), "capacity"),
            (_("Taken"), "taken"),
            (_("Waiting"), "waiting"),
            (_("Sessions held"), "held"),
            (_("Sessions planned"), "planned"),
            (_("At risk"), "at_risk"),
            (_("Completed"), "completed"),
        ),
    ),
    "applications": ListExport(
        ApplicationFilter,
        lambda user: Application.objects.visible_to(user),
        (
            (_("Submitted"), "submitted_at"),
            (_("Name"), "full_name"),
            (_("E-mail"), "email"),
            (_("Gender"), "gender"),
            (_("Province"), "province"),
            (_("City"), "city"),
            (_("Category"), "category"),
            (_("First wish"), "course_1__title"),
            (_("Second wish"), "course_2__title"),
            (_("Verdict"), "verdict"),
            (_("Status"), "status"),
        ),
    ),
    "certificates": ListExport(
        CertificateFilter,
        lambda user: Certificate.objects.visible_to(user),
        (
            (_("Serial"), "serial"),
            (_("Name as printed"), "name"),
            (_("Cohort"), "enrolment__cohort__code"),
            (_("State"), "state"),
            (_("Issued"), "issued_at"),
            (_("Revoked"), "revoked_at"),
        ),
    ),
}
