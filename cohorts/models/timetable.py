"""What was changed in a timetable, by whom and why."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cohorts.models.cohort import Cohort


class TimetableChange(models.Model):
    """One act on the timetable of one cohort; the row is also the job when the worker is to do it.

    `lines` hold each touched session before and after, as `cohorts.services.schedule.drafts` writes them.
    """

    class Kind(models.TextChoices):
        MOVE = "move", _("Session changed")
        CANCEL = "cancel", _("Session cancelled")
        ADD = "add", _("Session added")
        SKIP = "skip", _("No classes on some dates")
        SWITCH = "switch", _("Held elsewhere from a date on")
        PLAN = "plan", _("Another weekly pattern, city or place")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="timetable_changes")
    kind = models.CharField(max_length=10, choices=Kind)
    group = models.CharField(max_length=32, blank=True)  # of one act on many cohorts
    wish = models.JSONField(default=dict)  # what was asked for
    reason = models.CharField(max_length=200, blank=True)
    forced = models.BooleanField(default=False)  # onto holidays (R24)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    edition = models.PositiveIntegerField(null=True, blank=True)  # of the cohort's timetable, from 1
    done_at = models.DateTimeField(null=True, blank=True)
    lines = models.JSONField(default=list)
    told = models.PositiveIntegerField(default=0)  # people to whom a mail was written
    failure = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "edition"], name="change_edition_unique"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(edition__isnull=False, done_at__isnull=False),
                name="change_done_has_edition",
            ),
            models.CheckConstraint(condition=~Q(forced=True) | ~Q(reason=""), name="change_forced_has_reason"),
        ]
        indexes = [
            models.Index(fields=["group"], condition=~Q(group=""), name="change_group"),
            models.Index(fields=["id"], condition=Q(state="waiting"), name="change_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.cohort_id} timetable {self.edition or '-'}"
