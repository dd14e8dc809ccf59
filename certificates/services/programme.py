"""Issuing for every closed cohort at once: what it would do, and doing it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from certificates.models import Batch
from certificates.services.issue import NobodyDue, issue_certificates, unprintable_name
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


def preview_programme() -> list[CohortPreview]:
    """Return every closed cohort with what issuing would do, those with somebody due first. Two queries."""
    closed = Cohort.objects.filter(state=Cohort.State.CLOSED).select_related("course")
    ended = Q(enrolments__status__in=[Enrolment.Status.COMPLETED, Enrolment.Status.NOT_COMPLETED])
    completed = Q(enrolments__status=Enrolment.Status.COMPLETED)
    cohorts = closed.annotate(
        ended=Count("enrolments", filter=ended),
        completed=Count("enrolments", filter=completed),
    ).order_by("code")
    waiting = Enrolment.objects.filter(
        cohort__state=Cohort.State.CLOSED, status=Enrolment.Status.COMPLETED, certificates__isnull=True
    ).select_related("trainee")
    due: Counter[tuple[int, bool]] = Counter((each.cohort_id, unprintable_name(each) is None) for each in waiting)
    rows = [
        CohortPreview(
            cohort=cohort,
            due=due[cohort.pk, True],
            unprintable=due[cohort.pk, False],
            issued=cohort.completed - due[cohort.pk, True] - due[cohort.pk, False],
            refused=cohort.ended - cohort.completed,
        )
        for cohort in cohorts
    ]
    return sorted(rows, key=lambda row: (not row.due, row.cohort.code))


def issue_programme(*, by: User | None, at: datetime) -> list[Batch]:
    """Issue for each closed cohort with somebody due: a batch and a transaction each.

    A cohort that somebody else issues meanwhile is passed over. Whatever stops it, the batches before it stand,
    and a second call goes on.
    """
    batches = []
    for row in preview_programme():
        if row.due:
            try:
                batches.append(issue_certificates(cohort=row.cohort, by=by, at=at))
            except NobodyDue:
                continue
    return batches
