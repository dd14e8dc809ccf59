"""Closing a cohort: an outcome with its reasons for everybody, or nothing at all."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from audit.services import record
from cohorts import rules
from cohorts.models import AttendanceRecord, CarriedSession, Cohort, Enrolment, OutcomeChange, Session
from cohorts.services import tallies
from cohorts.services.completion.evidence import collect_evidence
from cohorts.services.enrolment import lock_cohort
from cohorts.services.errors import CohortClosed, Conflict
from trainees.models import User
from trainees.rules import clean_text


@dataclass(frozen=True)
class MissingRegister:
    """A session whose register is not complete, and how many marks it lacks; `ahead`: it lies in the future."""

    session: Session
    unmarked: int
    ahead: bool

    def __str__(self) -> str:
        values = {"number": self.session.number, "date": self.session.date.strftime("%d %b %Y"), "n": self.unmarked}
        if self.ahead:
            return _("session %(number)d of %(date)s (still to come)") % values
        if self.session.state == Session.State.PLANNED:
            return _("session %(number)d of %(date)s (no register)") % values
        return _("session %(number)d of %(date)s (%(n)d unmarked)") % values


class RegistersMissing(Conflict):
    """The cohort cannot be closed yet; `missing` names the sessions."""

    def __init__(self, missing: list[MissingRegister]) -> None:
        text = _("These registers are missing: %s. Mark them, or cancel sessions that were not held.")
        super().__init__(text % "; ".join(map(str, missing)), code="registers_missing")
        self.missing = missing


class NothingAssessed(Conflict):
    """The policy asks for scores, the cohort has none: somebody must say why attendance alone shall decide."""

    def __init__(self, cohort: Cohort) -> None:
        text = _("%s has no scores, but its policy asks for them. Enter them, or say why nothing was assessed.")
        super().__init__(text % cohort.code, code="nothing_assessed")


@dataclass(frozen=True)
class Closing:
    """What closing would do: the outcome of each enrolment and the registers that forbid it."""

    cohort: Cohort
    outcomes: list[tuple[Enrolment, rules.Outcome]]
    missing: list[MissingRegister]

    @property
    def unassessed(self) -> bool:
        """Whether the policy asks for scores and the cohort has none at all, so that attendance alone decides."""
        return any(reason["code"] == "not_assessed" for _each, outcome in self.outcomes for reason in outcome.reasons)

    @property
    def completed(self) -> list[tuple[Enrolment, rules.Outcome]]:
        return [each for each in self.outcomes if each[1].completed]

    @property
    def not_completed(self) -> list[tuple[Enrolment, rules.Outcome]]:
        return [each for each in self.outcomes if not each[1].completed]


def preview_closing(*, cohort: Cohort, at: datetime, unassessed: rules.Granted | None = None) -> Closing:
    """Decide the outcome of everybody on the register without writing. At most twelve queries.

    `unassessed` is what somebody stated about a cohort without any score.
    """
    enrolments = list(cohort.enrolments.on_register().select_related("trainee").order_by("trainee__full_name", "id"))
    counted = tallies.compute(cohort=cohort, enrolments=enrolments)
    for enrolment in enrolments:
        for column, value in counted[enrolment.pk].items():
            setattr(enrolment, column, value)
    policy = tallies.policy_of(cohort)
    evidence = collect_evidence(cohort=cohort, policy=policy, enrolments=enrolments)
    outcomes = [
        (each, rules.decide_completion(each, policy, replace(evidence[each.pk], unassessed=unassessed)))
        for each in enrolments
    ]
    return Closing(cohort, outcomes, missing_registers(cohort=cohort, enrolments=enrolments, at=at))


def missing_registers(*, cohort: Cohort, enrolments: list[Enrolment], at: datetime) -> list[MissingRegister]:
    """Return the sessions that keep a cohort from being closed, in order. Three queries."""
    sessions = list(
        cohort.sessions.countable()
        .annotate(marks=Count("records", filter=Q(records__enrolment__in=[each.pk for each in enrolments])))
        .order_by("number")
    )
    if not enrolments or not sessions:
        return []
    last_end = max(session.ends_at for session in sessions)
    marked = set(AttendanceRecord.objects.filter(session__cohort=cohort).values_list("session_id", "enrolment_id"))
    marked |= set(CarriedSession.objects.filter(session__cohort=cohort).values_list("session_id", "enrolment_id"))
    missing = []
    for session in sessions:
        if session.ends_at > at:
            missing.append(MissingRegister(session, len(enrolments), ahead=True))
            continue
        unmarked = sum(
            (session.pk, each.pk) not in marked and tallies.counts_for(each, session, last_end) for each in enrolments
        )
        if unmarked:
            missing.append(MissingRegister(session, unmarked, ahead=False))
    return missing


@transaction.atomic
def close_cohort(*, cohort: Cohort, by: User | None, at: datetime, unassessed: str | None = None) -> Closing:
    """Store outcome and reasons for everybody and close the cohort; those who still wait leave the line.

    `unassessed` says why a cohort without any score is decided by attendance alone, and stands in every
    outcome with who said it. A program may leave it out, a person not: an empty text raises NothingAssessed.
    Raises CohortClosed, and RegistersMissing that names each missing register. The date of completion is
    the local date of the last session (R45). A fixed number of queries.
    """
    locked = lock_cohort(cohort)
    if locked.state == Cohort.State.CLOSED:
        raise CohortClosed(locked)
    closing = preview_closing(cohort=locked, at=at, unassessed=_statement(unassessed, locked, by, at))
    if closing.missing:
        raise RegistersMissing(closing.missing)
    if closing.unassessed and unassessed is not None and not clean_text(unassessed, 300):
        raise NothingAssessed(locked)
    _store(closing, locked, by, at)
    locked.policy = tallies.policy_of(locked)
    locked.state, locked.closed_at = Cohort.State.CLOSED, at
    locked.save(update_fields=["state", "closed_at", "policy"])
    detail: dict[str, Any] = {"completed": len(closing.completed), "not_completed": len(closing.not_completed)}
    if closing.unassessed:
        detail["unassessed"] = clean_text(unassessed or "", 300)
    record(act="cohort.close", by=by, at=at, subject=locked, detail=detail)
    return closing


def _statement(unassessed: str | None, cohort: Cohort, by: User | None, at: datetime) -> rules.Granted | None:
    reason = clean_text(unassessed or "", 300)
    who = by.get_full_name() if by else _("the system")
    return rules.Granted(reason, who, at.astimezone(ZoneInfo(cohort.time_zone)).date()) if reason else None


def _store(closing: Closing, cohort: Cohort, by: User | None, at: datetime) -> None:
    last = cohort.sessions.countable().order_by("-ends_at").first()
    finished = last.ends_at.astimezone(ZoneInfo(cohort.time_zone)).date() if last else cohort.starts_on
    history = []
    for enrolment, outcome in closing.outcomes:
        before = enrolment.status
        enrolment.status = Enrolment.Status.COMPLETED if outcome.completed else Enrolment.Status.NOT_COMPLETED
        enrolment.reasons, enrolment.closed_at = outcome.reasons, at
        if outcome.completed and enrolment.completed_on is None:
            enrolment.completed_on = finished
        history.append(describe_change(enrolment, before, by, at))
    enrolments = [enrolment for enrolment, _outcome in closing.outcomes]
    OutcomeChange.objects.bulk_create(history)
    Enrolment.objects.bulk_update(enrolments, ["status", "reasons", "closed_at", "completed_on"], batch_size=200)
    tallies.recompute(cohort=cohort, enrolments=enrolments)
    in_line = (Enrolment.Status.WAITLISTED, Enrolment.Status.OFFERED)
    cohort.enrolments.filter(status__in=in_line).update(
        status=Enrolment.Status.WITHDRAWN, withdrawn_at=at, withdrawal_reason="the cohort was closed"
    )


def describe_change(enrolment: Enrolment, before: str, by: User | None, at: datetime, why: str = "") -> OutcomeChange:
    """Return the line of history for an outcome that was just set or taken back (R45)."""
    return OutcomeChange(
        enrolment=enrolment,
        old_status=before,
        new_status=enrolment.status,
        reasons=enrolment.reasons,
        completed_on=enrolment.completed_on,
        why=why,
        at=at,
        by=by,
    )
