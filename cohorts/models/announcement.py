"""What the office or an instructor writes to many people at once."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cohorts.models.cohort import Cohort


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def visible_to(self, user: Any) -> "AnnouncementQuerySet":
        """All for the office, those to own cohorts for an instructor."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("cohorts.view_announcement"):
            return self
        return self.filter(cohort__in=Cohort.objects.taught_by(user))


class Announcement(models.Model):
    """A text to a cohort or a filtered list. The row is the job: the worker writes the mails when its time comes."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        WRITTEN = "written", _("written")
        CANCELLED = "cancelled", _("cancelled")

    cohort = models.ForeignKey(
        Cohort, null=True, blank=True, on_delete=models.PROTECT, related_name="announcements"
    )  # empty: a list across cohorts, for the office only
    filter = models.JSONField(default=dict, blank=True)  # of enrolments, as in the list's address
    subject = models.CharField(max_length=150, blank=True)
    body = models.TextField(blank=True)
    subject_ur = models.CharField(max_length=150, blank=True)
    body_ur = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    send_after = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    recipients = models.PositiveIntegerField(default=0)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(~Q(subject=""), ~Q(body="")) | Q(~Q(subject_ur=""), ~Q(body_ur="")),
                name="announcement_has_a_text",
            ),
        ]
        indexes = [models.Index(fields=["send_after"], condition=Q(state="waiting"), name="announcement_waiting")]

    def __str__(self) -> str:
        return f"announcement {self.pk}"
