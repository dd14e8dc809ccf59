"""Warnings: who is at risk, who cannot reach the minimum, who missed several in a row; told once per level."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from cohorts import messages, rules
from cohorts.models import AttendanceRecord, AttendanceWarning, Cohort, Enrolment, MakeUp, MarkStatus, Session
from cohorts.rules.warnings import IN_ROW, count_in_row, decide_levels
from cohorts.services.tallies import policy_of

WATCHED = (Enrolment.Standing.CANNOT_REACH, Enrolment.Standing.AT_RISK)  # worst first
MOST = 1_000  # of a kind, on the list
PART = 50  # cohorts read at once: some thousand people with their marks


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


def find_watched(*, cohorts: Iterable[int], at: datetime) -> QuerySet[Enrolment]:
    """Return who may be of concern, in those of some cohorts that still have sessions to come: out of reach, at risk,
    or missed so many sessions that three may have been in a row. It may be a fifth of everybody.
    `cohorts`: their ids, or a query for them."""
    to_come = Session.objects.filter(cohort=OuterRef("cohort"), starts_at__gt=at, state=Session.State.PLANNED)
    found = Enrolment.objects.filter(
        Q(standing__in=WATCHED) | Q(sessions_absent__gte=IN_ROW),
        Exists(to_come),
        cohort__in=cohorts,
        status=Enrolment.Status.ENROLLED,
    )
    return found.select_related("trainee__user", "cohort__course", "cohort__policy").defer("trainee__cnic")


class WorstFirst:
    """Watched people in pages: out of reach, at risk, on track, without a rate; at most a thousand of each.

    Each kind is found in the order of an index: sorting a fifth of everybody for fifty costs more than the page.
    A query for the length of each kind, and one for each that a page holds some of.
    """

    def __init__(self, watched: QuerySet[Enrolment]) -> None:
        others = [standing for standing in reversed(Enrolment.Standing) if standing not in WATCHED]
        self.kinds = [watched.filter(standing=standing).order_by("id") for standing in (*WATCHED, *others)]

    @cached_property
    def counts(self) -> list[int]:
        # In their order: without, a database that expects many reads all people for the first thousand.
        return [kind[:MOST].count() for kind in self.kinds]

    @property
    def is_cut(self) -> bool:
        """Whether there are, or may be, more than are shown."""
        return MOST in self.counts

    def __len__(self) -> int:
        return sum(self.counts)

    def __getitem__(self, wanted: slice) -> list[Enrolment]:
        found: list[Enrolment] = []
        start, stop = wanted.start, wanted.stop
        for kind, count in zip(self.kinds, self.counts, strict=True):
            if start < count and stop > 0:
                found += kind[max(0, start) : min(stop, count)]
            start, stop = start - count, stop - count
        return found


def read_concerns(enrolments: Sequence[Enrolment]) -> list[Concern]:
    """Return the concerns among some watched people, as the ledger has them now. Three queries."""
    return [each for each in _read(enrolments) if each.levels]


def _read(enrolments: Sequence[Enrolment]) -> Iterable[Concern]:
    """Set the marks of the ledger beside each enrolment; a missed session that was made up for is not missed."""
    credited = set(MakeUp.objects.filter(enrolment__in=enrolments).values_list("enrolment_id", "missed_id"))
    # Read side by side: joined, a database may go through all sessions for those of fifty people.
    records = AttendanceRecord.objects.filter(enrolment__in=enrolments)
    saved = {(who, session): status for who, session, status in records.values_list("enrolment", "session", "status")}
    saved |= dict.fromkeys(credited & saved.keys(), MarkStatus.PRESENT)
    held: dict[int, list[tuple[int, date]]] = defaultdict(list)
    sessions = Session.objects.filter(cohort__in={each.cohort_id for each in enrolments}, state=Session.State.HELD)
    for cohort_id, session_id, day in sessions.order_by("starts_at").values_list("cohort_id", "pk", "date"):
        held[cohort_id].append((session_id, day))
    for enrolment in enrolments:
        marked = [(day, (enrolment.pk, session_id)) for session_id, day in held[enrolment.cohort_id]]
        own = [(day, saved[key]) for day, key in marked if key in saved]
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

    May run again without harm: a warning is unique by person and level, and so is its mail. Some cohorts are read
    at a time, so that memory does not grow with the programme. Who was told everything already is passed over.
    """
    running = Cohort.objects.filter(state=Cohort.State.RUNNING)
    ids = list(running.order_by("id").values_list("id", flat=True))
    return sum(_warn_part(ids[start : start + PART], at) for start in range(0, len(ids), PART))


def _warn_part(cohorts: list[int], at: datetime) -> int:
    told = set(AttendanceWarning.objects.filter(enrolment__cohort__in=cohorts).values_list("enrolment_id", "level"))
    watched = find_watched(cohorts=cohorts, at=at)
    open_ = [each for each in watched if not {(each.pk, "in_row"), (each.pk, each.standing)} <= told]
    return sum(
        _warn(concern, level, at)
        for concern in read_concerns(open_)
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
