"""Taking over a roster made elsewhere, through the same doors as everybody else."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.imports.roster import RosterRow
from cohorts.models import Cohort, Enrolment, Session
from cohorts.services.enrolment import enrol
from trainees.models import Trainee, User
from trainees.rules import MESSAGES
from trainees.services.people import create_trainee


@dataclass(frozen=True)
class RosterError:
    """A row that was not taken, with what to do."""

    row: int
    line: int
    message: str


def import_roster(*, rows: list[RosterRow], by: User | None, at: datetime) -> tuple[Counter[str], list[RosterError]]:
    """Create the trainees of a roster and give them their places; a row that fails is named, the others go on.

    Each row is one transaction: a number, then one cohort's lock, as at every other door, so that a roster
    read while people register can neither block them for long nor deadlock with them. People are known by
    CNIC; running the same roster again changes nothing. Nobody is mailed: they were told elsewhere. An
    enrolment counts from the start of its cohort, or from now when that lies ahead.
    """
    counts: Counter[str] = Counter()
    errors: list[RosterError] = []
    cohorts = {cohort.code: cohort for cohort in Cohort.objects.select_related("course__programme")}
    starts = _first_starts()
    seen: set[str] = set()
    for row in rows:
        try:
            verdict = _import_row(row, cohorts, starts, seen, by, at)
        except ValidationError as error:
            verdict = "rejected"
            errors.append(RosterError(row.row, row.line, "; ".join(error.messages)))
        counts[verdict] += 1
    return counts, errors


def _first_starts() -> dict[int, datetime]:
    return dict(Session.objects.filter(number=1).values_list("cohort_id", "starts_at"))


def _import_row(
    row: RosterRow,
    cohorts: dict[str, Cohort],
    starts: dict[int, datetime],
    seen: set[str],
    by: User | None,
    at: datetime,
) -> str:
    for code in row.problems:
        raise ValidationError(_OWN.get(code, MESSAGES.get(code, code)), code=code)
    if row.person["cnic"] in seen:
        return "duplicates"
    cohort = cohorts.get(row.cohort)
    if row.cohort and cohort is None:
        raise ValidationError(
            _("There is no cohort %s; import it first or correct the code.") % row.cohort, code="no_cohort"
        )
    if cohort is None and row.status == "enrolled":
        raise ValidationError(_("The cohort is missing; an enrolled trainee needs one."), code="no_cohort")
    with transaction.atomic():
        verdict = _take(row, cohort, starts, by, at)
    seen.add(row.person["cnic"])
    return verdict


def _take(row: RosterRow, cohort: Cohort | None, starts: dict[int, datetime], by: User | None, at: datetime) -> str:
    trainee = Trainee.objects.with_cnic(row.person["cnic"]).first()
    created = trainee is None
    if trainee is None:
        prefix = cohort.course.programme.number_prefix if cohort else row.person["number"].rpartition("-")[0]
        trainee = create_trainee(person=row.person, number_prefix=prefix or "T", by=by, at=at)
    if cohort is None or trainee.enrolments.filter(cohort=cohort, status__in=Enrolment.LIVE).exists():
        return "created" if created else "unchanged"
    # One second before the first session: who is on a roster was there from the beginning.
    first = starts.get(cohort.pk, at) - timedelta(seconds=1)
    enrolment = enrol(trainee=trainee, cohort=cohort, by=by, at=min(at, first), notify=False)
    if enrolment.status != row.status:
        text = _("%(cohort)s has no place left for an enrolled trainee; raise its capacity first.")
        raise ValidationError(text % {"cohort": cohort.code}, code="full")
    return "created" if created else "updated"


_OWN = {
    "blank_row": gettext_lazy("The row is empty."),
    "too_long": gettext_lazy("A name has more than 120 characters, or the trainee number more than 30."),
    "status_unknown": gettext_lazy("The status must be enrolled or waitlisted."),
}
