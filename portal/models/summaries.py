"""Summaries for the office's pages: derived from the ledger, kept only because counting 200,000 rows is slow.

Nothing here is a source: `portal.figures.refresh` makes every row anew from the enrolments, and
`manage.py check_figures` compares. Rows are never incremented.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cohorts.models import Cohort, Session


class Counts(models.Model):
    """The columns of a summary: where people stand, for one course, city, state, province, gender and category."""

    course = models.CharField(max_length=12)  # code, city and state as they were when this was counted
    city = models.CharField(max_length=3)
    state = models.CharField(max_length=10)
    province = models.CharField(max_length=2, blank=True)
    gender = models.CharField(max_length=1, blank=True)
    category = models.CharField(max_length=12, blank=True)
    waiting = models.IntegerField()
    offered = models.IntegerField()
    enrolled = models.IntegerField()
    at_risk = models.IntegerField()  # of the enrolled, as is the next
    cannot_reach = models.IntegerField()
    completed = models.IntegerField()
    not_completed = models.IntegerField()
    left = models.IntegerField()
    certified = models.IntegerField()
    disagree = models.IntegerField()  # valid certificates that no longer agree with outcome or name
    due = models.IntegerField()  # completed, and no certificate yet
    doubtful = models.IntegerField()  # of the due: the name has to be looked at, since a face may lack a letter
    earned = models.BigIntegerField()  # minutes, of those on the register
    possible = models.BigIntegerField()

    class Meta:
        abstract = True


class CohortCell(Counts):
    """How many enrolments of a cohort stand where, for one province, gender and category."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "province", "gender", "category"], name="cohort_cell_unique"),
        ]
        indexes = [
            models.Index(fields=["course", "city"], name="cohort_cell_of_total"),
            models.Index(fields=["cohort", "due"], condition=Q(due__gt=0), name="cohort_cell_due"),
            models.Index(fields=["cohort"], condition=Q(disagree__gt=0), name="cohort_cell_disagree"),
            models.Index(fields=["cohort"], condition=Q(doubtful__gt=0), name="cohort_cell_doubtful"),
        ]

    def __str__(self) -> str:
        return f"{self.cohort_id} {self.province}{self.gender}{self.category}"


class SplitTotal(Counts):
    """The sums of all cells that agree in the six words: some thousand rows, whatever the number of cohorts."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course", "city", "state", "province", "gender", "category"], name="split_total_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course} {self.city} {self.state} {self.province}{self.gender}{self.category}"


class WeekCounts(models.Model):
    """The columns of a week: minutes of its sessions, and who finishes or should finish in it."""

    course = models.CharField(max_length=12)
    city = models.CharField(max_length=3)
    province = models.CharField(max_length=2, blank=True)
    gender = models.CharField(max_length=1, blank=True)
    category = models.CharField(max_length=12, blank=True)
    week = models.DateField()  # its Monday
    wave = models.DateField()  # the Monday of the week in which the cohort starts: those of one wave start together
    earned = models.BigIntegerField(default=0)  # minutes, of those on the register; excused ones are left out
    possible = models.BigIntegerField(default=0)
    completed = models.IntegerField(default=0)  # of cohorts that end in this week, as are the next three
    expected = models.IntegerField(default=0)  # on track
    reachable = models.IntegerField(default=0)  # at risk, and the minimum can still be reached
    to_start = models.IntegerField(default=0)

    class Meta:
        abstract = True


class CohortWeek(WeekCounts):
    """A week of a cohort, for one province, gender and category: so that the weeks can be narrowed as all else."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "week", "province", "gender", "category"], name="cohort_week_unique"
            )
        ]
        indexes = [models.Index(fields=["course", "city", "week"], name="cohort_week_of_total")]

    def __str__(self) -> str:
        return f"{self.cohort_id} {self.week} {self.province}{self.gender}{self.category}"


class WeekTotal(WeekCounts):
    """The sums of all weeks of a wave's cohorts that agree in the five words: the picture by week reads these alone."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course", "city", "week", "wave", "province", "gender", "category"], name="week_total_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.course} {self.city} {self.week} {self.wave} {self.province}{self.gender}{self.category}"


class StaleCohort(models.Model):
    """A cohort whose summary may be out of date: written by triggers, in the transaction of the change itself.

    Several rows may name one cohort; the refresh deletes those that it read before it counted.
    """

    cohort_id = models.PositiveBigIntegerField(db_index=True)

    def __str__(self) -> str:
        return str(self.cohort_id)


class Clash(models.Model):
    """Somebody or something wanted by two sessions at once, of those that are not over.

    Nothing names the person but the id: names are read when they are shown.
    """

    class Kind(models.TextChoices):
        INSTRUCTOR = "instructor", _("Instructor")
        ROOM = "room", _("Room")
        TRAINEE = "trainee", _("Trainee")

    kind = models.CharField(max_length=10, choices=Kind)
    person = models.PositiveBigIntegerField(default=0)  # the instructor's account, or the trainee
    place = models.CharField(max_length=250, blank=True)  # venue and room
    first = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()  # of the first
    until = models.DateTimeField()  # when the earlier of the two is over, and the clash with it

    class Meta:
        indexes = [
            models.Index(fields=["starts_at", "id"], name="clash_in_order"),
            models.Index(fields=["until"], name="clash_until"),
            models.Index(fields=["kind", "person", "place"], name="clash_of_one"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.first_id} {self.second_id}"


class StaleTimetable(models.Model):
    """A cohort whose clashes may have changed: written by triggers, and read, as `StaleCohort` is."""

    cohort_id = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return str(self.cohort_id)


class StaleWeeks(models.Model):
    """A cohort whose weeks are to follow: noted by the sweep in the transaction that makes its cells anew."""

    cohort_id = models.PositiveBigIntegerField(db_index=True)

    def __str__(self) -> str:
        return str(self.cohort_id)


class FigureCheck(models.Model):
    """What a nightly comparison of all tallies and summaries with the ledger found."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    enrolments = models.PositiveIntegerField()  # compared
    differences = models.PositiveIntegerField()
    examples = models.JSONField(default=list)  # as sentences; the first thousand

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d} {self.differences}"
