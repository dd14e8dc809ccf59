"""Issuing for every closed cohort at once: what it would do in some of them, and doing it in all."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from certificates.models import Batch
from certificates.rules import is_printable
from certificates.services.issue import NobodyDue, issue_certificates
from cohorts.models import Cohort, Enrolment
from trainees.models import User


@dataclass(frozen=True)
class CohortPreview:
    """One closed cohort: everybody who ended in it stands in exactly one number."""

    cohort: Cohort
    due: int
    unprintable: int
    issued: int  # has or had a certificate
    refused: int  # did not complete

    @property
    def total(self) -> int:
        return self.due + self.unprintable + self.issued + self.refused


def due_everywhere() -> QuerySet[Enrolment]:
    """Return those of closed cohorts who completed and never had a certificate (R48)."""
    return Enrolment.objects.filter(
        cohort__state=Cohort.State.CLOSED, status=Enrolment.Status.COMPLETED, certificates__isnull=True
    )


def preview_cohorts(cohorts: Collection[int]) -> list[CohortPreview]:
    """Return what issuing would do in these closed cohorts, by code. Two queries."""
    ended = Q(enrolments__status__in=[Enrolment.Status.COMPLETED, Enrolment.Status.NOT_COMPLETED])
    completed = Q(enrolments__status=Enrolment.Status.COMPLETED)
    counted = Cohort.objects.filter(pk__in=cohorts, state=Cohort.State.CLOSED).select_related("course")
    counted = counted.annotate(
        ended=Count("enrolments", filter=ended), completed=Count("enrolments", filter=completed)
    ).order_by("code")
    waiting = due_everywhere().filter(cohort__in=cohorts)
    names = waiting.values_list("cohort_id", "trainee__full_name", "trainee__full_name_ur")
    due = Counter((cohort, is_printable(*both)) for cohort, *both in names)
    return [
        CohortPreview(
            cohort=cohort,
            due=due[cohort.pk, True],
            unprintable=due[cohort.pk, False],
            issued=cohort.completed - due[cohort.pk, True] - due[cohort.pk, False],
            refused=cohort.ended - cohort.completed,
        )
        for cohort in counted
    ]


def issue_programme(*, by: User | None, at: datetime) -> list[Batch]:
    """Issue for each closed cohort with somebody due: a batch and a transaction each.

    A cohort that somebody else issues meanwhile, or where every name has to be mended first, is passed over.
    Whatever stops it, the batches before it stand, and a second call goes on.
    """
    batches = []
    for cohort in Cohort.objects.filter(pk__in=due_everywhere().values("cohort")).order_by("code"):
        try:
            batches.append(issue_certificates(cohort=cohort, by=by, at=at))
        except NobodyDue:
            continue
    return batches
