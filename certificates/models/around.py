"""What is kept around certificates: look-ups by day, reports of problems, archives to download."""

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certificates.models.certificate import Certificate
from cohorts.models import Cohort


class LookUps(models.Model):
    """How often anybody looked a certificate up on one day; nothing is kept about who did."""

    certificate = models.ForeignKey(Certificate, on_delete=models.CASCADE, related_name="look_ups")
    day = models.DateField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["certificate", "day"], name="look_ups_one_per_day"),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.day} {self.count}"


class ProblemReport(models.Model):
    """What somebody told us about a certificate or a code; the office settles it."""

    class Kind(models.TextChoices):
        PAPER = "paper", _("The paper says something else")
        PERSON = "person", _("It was shown by somebody else")
        UNKNOWN = "unknown", _("The code is unknown, but I hold a certificate")
        OTHER = "other", _("Something else")

    code = models.CharField(max_length=40)  # as it was looked up; it may be unknown
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.TextField(max_length=1000)
    email = models.EmailField(blank=True)  # to answer to, if the person wants an answer
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(settled_at__isnull=True), name="problem_report_open")]

    def __str__(self) -> str:
        return f"report {self.pk}"


class Archive(models.Model):
    """A ZIP of a cohort's certificates, made by the worker on request and deleted after a week."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        DELETED = "deleted", _("Deleted")

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="archives")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)  # of the file, in bytes
    created_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)
    claim_token = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cohort"], condition=Q(state="waiting"), name="archive_one_in_work_per_cohort"
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(ready_at__isnull=False, size__gt=0), name="archive_ready_has_file"
            ),
        ]

    def __str__(self) -> str:
        return f"archive {self.pk} of {self.cohort_id}"

    @property
    def path(self) -> Path:
        """Where the file lies; its name tells nothing."""
        folder: Path = settings.ARCHIVES_DIR
        return folder / f"{self.pk}.zip"
