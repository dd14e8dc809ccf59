"""Scores of assessments: entered in a grid or imported, with a line of history for each change."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import Cohort, Enrolment, Score, ScoreChange
from cohorts.rules.points import format_points
from cohorts.services.enrolment import lock_cohort
from cohorts.services.errors import CohortClosed, Conflict
from cohorts.services.tallies import policy_of
from courses.models import Assessment
from trainees.models import User


@dataclass(frozen=True)
class Entry:
    """One wish for the grid: hundredths of a point, or None to take a score back."""

    enrolment_id: int
    assessment_id: int
    hundredths: int | None


class UnusableScore(ValidationError):
    """A score for somebody not on the register, for no assessment of the cohort, or of more than all points."""


class ScoresChanged(Conflict):
    """Somebody else has changed scores since they were shown; `touched` are those that were changed here."""

    def __init__(self, lines: Iterable[str], touched: set[tuple[int, int]]) -> None:
        text = _("Changed by somebody else since you opened this: %s. Look again, then save again.")
        super().__init__(text % "; ".join(lines), code="scores_changed")
        self.touched = touched


@transaction.atomic
def save_scores(
    *,
    cohort: Cohort,
    entries: Sequence[Entry],
    channel: str,
    by: User | None,
    at: datetime,
    seen: int | None = None,
) -> Counter[str]:
    """Store scores of one cohort, whole or not at all; what stands already is left alone (R2).

    The first score fixes the cohort's policy, as the first mark does (R21). `seen` is `last_change` when the scores
    were shown: what somebody else has changed since stays where nothing else was typed. Returns how many were
    `changed` and `unchanged`. Raises CohortClosed, UnusableScore, and ScoresChanged where both changed one score.
    At most twelve queries.
    """
    locked = lock_cohort(cohort)
    if locked.state == Cohort.State.CLOSED:
        raise CohortClosed(locked)
    assessments = {each.pk: each for each in policy_of(locked).assessments.all()}
    _check(locked, entries, assessments)
    standing = _standing(entries)
    if seen is not None:
        entries = _leave_untouched(locked, entries, standing, seen)
    changes = [each for each in entries if standing.get(_key(each)) != each.hundredths]
    if changes:
        _fix_policy(locked)
        _write(changes, by, at)
        ScoreChange.objects.bulk_create(_line(each, standing.get(_key(each)), channel, by, at) for each in changes)
        detail = {"changed": len(changes), "channel": channel}
        record(act="score.save", by=by, at=at, subject=locked, detail=detail)
    return Counter(changed=len(changes), unchanged=len(entries) - len(changes))


def last_change(cohort: Cohort) -> int:
    """Return the newest line of history of a cohort's scores; 0 where there is none. One query."""
    newest = ScoreChange.objects.filter(enrolment__cohort=cohort).order_by("-id").values_list("id", flat=True)
    return newest.first() or 0


def _leave_untouched(
    cohort: Cohort, entries: Sequence[Entry], standing: dict[tuple[int, int], int], seen: int
) -> list[Entry]:
    """Drop what was shown and left as it was, where somebody else has written since; refuse what both changed."""
    shown: dict[tuple[int, int], int | None] = {}
    since = ScoreChange.objects.filter(enrolment__cohort=cohort, id__gt=seen).order_by("id")
    for enrolment_id, assessment_id, old in since.values_list("enrolment_id", "assessment_id", "old"):
        shown.setdefault((enrolment_id, assessment_id), old)
    touched = [each for each in entries if _key(each) not in shown or each.hundredths != shown[_key(each)]]
    clashes = [each for each in touched if _key(each) in shown and each.hundredths != standing.get(_key(each))]
    if clashes:
        raise ScoresChanged(_say(clashes, standing), {_key(each) for each in touched})
    return touched


def _say(clashes: Sequence[Entry], standing: dict[tuple[int, int], int]) -> Iterable[str]:
    people = Enrolment.objects.select_related("trainee").in_bulk({each.enrolment_id for each in clashes})
    works = Assessment.objects.in_bulk({each.assessment_id for each in clashes})
    for each in clashes:
        name, work = people[each.enrolment_id].trainee.full_name, works[each.assessment_id].name
        yield f"{name}, {work}: {format_points(standing.get(_key(each))) or _('no score')}"


def _key(entry: Entry) -> tuple[int, int]:
    return entry.enrolment_id, entry.assessment_id


def _check(cohort: Cohort, entries: Sequence[Entry], assessments: dict[int, Assessment]) -> None:
    if len({_key(each) for each in entries}) < len(entries):
        raise UnusableScore(_("A score is given twice for the same person and assessment."), code="twice")
    people = set(cohort.enrolments.on_register().values_list("id", flat=True))
    for each in entries:
        if each.enrolment_id not in people:
            raise UnusableScore(_("Somebody is not on the register of this cohort."), code="unknown_enrolment")
        assessment = assessments.get(each.assessment_id)
        if assessment is None:
            raise UnusableScore(_("This assessment is not one of this cohort."), code="unknown_assessment")
        if each.hundredths is not None and not 0 <= each.hundredths <= assessment.points * 100:
            text = _("%(name)s: 0 to %(most)s points can be scored.")
            raise UnusableScore(text % {"name": assessment.name, "most": assessment.points}, code="points_range")


def _standing(entries: Sequence[Entry]) -> dict[tuple[int, int], int]:
    found = Score.objects.filter(enrolment__in={each.enrolment_id for each in entries})
    return {(score.enrolment_id, score.assessment_id): score.hundredths for score in found}


def _fix_policy(cohort: Cohort) -> None:
    if cohort.policy is None:
        cohort.policy = policy_of(cohort)
        cohort.save(update_fields=["policy"])


def _write(changes: list[Entry], by: User | None, at: datetime) -> None:
    rows = [
        Score(
            enrolment_id=each.enrolment_id,
            assessment_id=each.assessment_id,
            hundredths=each.hundredths,
            scored_at=at,
            scored_by=by,
        )
        for each in changes
        if each.hundredths is not None
    ]
    Score.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["enrolment", "assessment"],
        update_fields=["hundredths", "scored_at", "scored_by"],
    )
    for each in changes:
        if each.hundredths is None:
            Score.objects.filter(enrolment=each.enrolment_id, assessment=each.assessment_id).delete()


def _line(entry: Entry, old: int | None, channel: str, by: User | None, at: datetime) -> ScoreChange:
    return ScoreChange(
        enrolment_id=entry.enrolment_id,
        assessment_id=entry.assessment_id,
        old=old,
        new=entry.hundredths,
        at=at,
        by=by,
        channel=channel,
    )
