"""What an outcome rests on beside attendance, and how outcomes changed: scores, exceptions, their histories."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from cohorts.models.choices import EnrolmentStatus
from cohorts.models.enrolment import Enrolment
from courses.models import Assessment


class Score(models.Model):
    """What one trainee scored in one assessment, in hundredths of a point; no row is no score yet."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="scores")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    hundredths = models.PositiveIntegerField()
    scored_at = models.DateTimeField()
    scored_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "assessment"], name="score_one_per_enrolment_and_assessment"),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}/{self.assessment_id} {self.hundredths}"


class ScoreChange(models.Model):
    """One line of the history of scores. The database refuses update and delete."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="score_changes")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    old = models.PositiveIntegerField(null=True)  # hundredths; empty: had no score
    new = models.PositiveIntegerField(null=True)  # empty: the score was taken back
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=20)  # grid, import

    class Meta:
        indexes = [models.Index(fields=["enrolment", "assessment"], name="score_change_enrolment")]

    def __str__(self) -> str:
        return f"{self.enrolment_id}/{self.assessment_id} {self.old}->{self.new}"


class CompletionException(models.Model):
    """The office lets somebody complete although a condition is not met (R46); taken back, it stays to be read."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="exceptions")
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        permissions = [("grant_exception", "Can let a trainee complete by exception")]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(lifted_at__isnull=True), name="exception_one_live_per_enrolment"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="exception_has_reason"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | ~Q(lifted_reason=""), name="exception_lifted_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"exception {self.pk} of enrolment {self.enrolment_id}"


class OutcomeChange(models.Model):
    """One line of the history of an outcome: each closing and each reopening. Append-only (R45)."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="outcome_changes")
    old_status = models.CharField(max_length=14, choices=EnrolmentStatus)
    new_status = models.CharField(max_length=14, choices=EnrolmentStatus)
    reasons = models.JSONField(default=list)
    completed_on = models.DateField(null=True)  # the first date, as it stood then
    why = models.CharField(max_length=300, blank=True)  # of a reopening
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["enrolment", "at"], name="outcome_change_enrolment")]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.old_status}->{self.new_status}"
