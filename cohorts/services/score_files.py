"""What a file of scores would do to a cohort: a verdict per row. Reads only."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cohorts.imports.scores import Column, ScoreRow
from cohorts.models import Cohort, Enrolment, Score
from cohorts.services.scores import Entry
from cohorts.services.tallies import policy_of
from trainees.rules.search import fold_number


@dataclass(frozen=True)
class Examined:
    """One row with its verdict (new, changed, unchanged, rejected), whom it means and why it is refused."""

    row: ScoreRow
    verdict: str
    enrolment: Enrolment | None = None
    message: str = ""


@dataclass(frozen=True)
class ExaminedFile:
    """Every row with its verdict; `entries` are what confirming it would save."""

    rows: list[Examined]

    @property
    def counts(self) -> Counter[str]:
        return Counter(each.verdict for each in self.rows)

    @property
    def entries(self) -> list[Entry]:
        return [
            Entry(each.enrolment.pk, assessment, hundredths)
            for each in self.rows
            if each.enrolment is not None and each.verdict != "rejected"
            for assessment, hundredths in each.row.scores.items()
        ]


def score_columns(cohort: Cohort) -> list[Column]:
    """Return the assessments of a cohort's policy as columns of a file. At most two queries."""
    found = policy_of(cohort).assessments.order_by("number")
    return [Column(each.pk, each.name, each.points) for each in found]


def examine_scores(*, cohort: Cohort, rows: Sequence[ScoreRow]) -> ExaminedFile:
    """Give each row its verdict. The parts of the count add up to the rows. Two queries."""
    people = _people(cohort)
    standing = {
        (score.enrolment_id, score.assessment_id): score.hundredths
        for score in Score.objects.filter(enrolment__cohort=cohort)
    }
    seen: set[int] = set()
    return ExaminedFile([_examine(row, people, standing, seen) for row in rows])


def _people(cohort: Cohort) -> dict[str, list[Enrolment]]:
    """Return who is meant by a number, however it is written, or an address; an address that two share means both."""
    people: dict[str, list[Enrolment]] = {}
    for enrolment in cohort.enrolments.on_register().select_related("trainee__user"):
        account = enrolment.trainee.user
        for key in {fold_number(enrolment.trainee.number), account.email.casefold() if account else ""} - {""}:
            people.setdefault(key, []).append(enrolment)
    return people


def _examine(
    row: ScoreRow, people: dict[str, list[Enrolment]], standing: dict[tuple[int, int], int], seen: set[int]
) -> Examined:
    meant = people.get(row.who.casefold()) or people.get(fold_number(row.who), [])
    if len(meant) != 1:
        text = _("Nobody on this register has this number or address.")
        return Examined(
            row, "rejected", message=_("Two trainees share this address; give the number.") if meant else text
        )
    enrolment = meant[0]
    if enrolment.pk in seen:
        return Examined(row, "rejected", enrolment, _("An earlier row is about the same person."))
    seen.add(enrolment.pk)
    if row.problems:
        return Examined(row, "rejected", enrolment, " ".join(row.problems))
    before = [standing.get((enrolment.pk, assessment)) for assessment in row.scores]
    if before == list(row.scores.values()):
        return Examined(row, "unchanged", enrolment)
    return Examined(row, "new" if all(each is None for each in before) else "changed", enrolment)
