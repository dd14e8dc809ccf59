"""Warnings: who is at risk, who cannot reach the minimum, who missed several in a row; told once per level."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from cohorts import messages, rules
from cohorts.models import AttendanceRecord, AttendanceWarning, Cohort, Enrolment, MakeUp, MarkStatus, Session
from cohorts.rules.warnings import IN_ROW, count_in_row, decide_levels
from cohorts.services.tallies import policy_of


@dataclass(frozen=True)
class Concern:
    """One person to warn, with what the ledger says now."""

    enrolment: Enrolment
    levels: list[str]
    rates: rules.Rates
    in_row: int
    missed: list[date]

    @property
    def quoted(self) -> dict[str, Any]:
        """The figures and dates, as a warning keeps them."""
        return {
            "to_date": self.rates.to_date.percent if self.rates.to_date else None,
            "best_reachable": self.rates.best_reachable.percent if self.rates.best_reachable else None,
            "can_still_miss": self.rates.can_still_miss,
            "in_row": self.in_row,
            "missed": [day.isoformat() for day in self.missed],
        }


def find_concerns(*, cohorts: QuerySet[Cohort], at: datetime) -> list[Concern]:
    """Return whom to worry about in cohorts that still have sessions to come, worst first. Four queries."""
    to_come = Session.objects.filter(cohort=OuterRef("cohort"), starts_at__gt=at, state=Session.State.PLANNED)
    found = Enrolment.objects.filter(
        Q(standing__in=["at_risk", "cannot_reach"]) | Q(sessions_absent__gte=IN_ROW),
        Exists(to_come),
        cohort__in=cohorts,
        status=Enrolment.Status.ENROLLED,
    )
    found = found.select_related("trainee__user", "cohort__course", "cohort__policy")
    enrolments = list(found.order_by("-standing", "cohort__code", "trainee__full_name", "id"))
    concerns = _read(enrolments)
    return [each for each in concerns if each.levels]


def _read(enrolments: list[Enrolment]) -> Iterable[Concern]:
    """Set the marks of the ledger beside each enrolment; a missed session that was made up for is not missed."""
    credited = set(MakeUp.objects.filter(enrolment__in=enrolments).values_list("enrolment_id", "missed_id"))
    marks: dict[int, list[tuple[date, str]]] = defaultdict(list)
    records = AttendanceRecord.objects.filter(enrolment__in=enrolments, session__state=Session.State.HELD)
    columns = ("enrolment_id", "session_id", "session__date", "status")
    for enrolment_id, session_id, day, status in records.order_by("session__starts_at").values_list(*columns):
        is_credited = (enrolment_id, session_id) in credited
        marks[enrolment_id].append((day, MarkStatus.PRESENT if is_credited else status))
    for enrolment in enrolments:
        own = marks[enrolment.pk]
        in_row = count_in_row([status for _day, status in own])
        yield Concern(
            enrolment=enrolment,
            levels=decide_levels(enrolment.standing, in_row),
            rates=rules.compute_rates(enrolment, policy_of(enrolment.cohort)),
            in_row=in_row,
            missed=[day for day, status in own if status == MarkStatus.ABSENT],
        )


def warn_trainees(*, at: datetime) -> int:
    """Mail each person of concern once per level; the figures are read from the ledger now (R73). Returns how many.

    May run again without harm: a warning is unique by person and level, and so is its mail.
    """
    running = Cohort.objects.filter(state=Cohort.State.RUNNING)
    told = set(AttendanceWarning.objects.filter(enrolment__cohort__in=running).values_list("enrolment_id", "level"))
    return sum(
        _warn(concern, level, at)
        for concern in find_concerns(cohorts=running, at=at)
        for level in concern.levels
        if (concern.enrolment.pk, level) not in told
    )


@transaction.atomic
def _warn(concern: Concern, level: str, at: datetime) -> bool:
    given = {"at": at, "quoted": concern.quoted}
    _warning, is_new = AttendanceWarning.objects.get_or_create(enrolment=concern.enrolment, level=level, defaults=given)
    if is_new:
        messages.tell_warning(enrolment=concern.enrolment, level=level, concern=concern, at=at)
    return is_new
