"""What trainees were told about their attendance: once per level."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cohorts.models.enrolment import Enrolment


class AttendanceWarning(models.Model):
    """One warning, with the figures and dates that it quoted (R73)."""

    class Level(models.TextChoices):
        IN_ROW = "in_row", _("Missed several in a row")
        AT_RISK = "at_risk", _("At risk")
        CANNOT_REACH = "cannot_reach", _("Cannot reach the minimum")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="warnings")
    level = models.CharField(max_length=12, choices=Level)
    at = models.DateTimeField()
    quoted = models.JSONField()  # {to_date, best_reachable, can_still_miss, missed: [dates]}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "level"], name="warning_once_per_level"),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.level}"
