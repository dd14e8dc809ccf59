"""What the worker makes for the office as files: reports and long lists."""

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cohorts.models import Cohort


class Report(models.Model):
    """A report as PDF, made by the worker on request or each week; its file is kept for three months."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        DELETED = "deleted", _("Deleted")

    class Step(models.TextChoices):
        UPDATING = "updating", _("1 of 3: bringing the figures up to date")
        COUNTING = "counting", _("2 of 3: counting, and writing the cohorts")
        DRAWING = "drawing", _("3 of 3: drawing the pages")

    cohort = models.ForeignKey(Cohort, null=True, blank=True, on_delete=models.PROTECT, related_name="reports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    mailed = models.BooleanField(default=False)  # the office is told when it is ready
    created_at = models.DateTimeField()
    figures_at = models.DateTimeField(null=True, blank=True)  # the moment of everything in it
    ready_at = models.DateTimeField(null=True, blank=True)
    size = models.PositiveIntegerField(default=0)  # of the file, in bytes
    listed = models.PositiveIntegerField(default=0)  # cohorts in the workbook beside it; none in the report of a cohort
    step = models.CharField(max_length=8, choices=Step, blank=True)  # of the attempt in work
    claim_token = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(ready_at__isnull=False, size__gt=0), name="report_ready_has_file"
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"

    @property
    def path(self) -> Path:
        """Where the file lies; its name says nothing about anybody."""
        return Path(settings.REPORTS_DIR) / f"report-{self.pk}.pdf"

    @property
    def sheet_path(self) -> Path:
        """Where the workbook with every cohort lies, made at the same moment."""
        return self.path.with_suffix(".xlsx")


class Export(models.Model):
    """A list as a file, made by the worker because it is long; for the person who asked, and deleted after a week."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        DELETED = "deleted", _("Deleted")

    class Kind(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"

    list = models.CharField(max_length=20)  # a key of portal.lists.catalogue.LISTS
    kind = models.CharField(max_length=4, choices=Kind)
    query = models.TextField(blank=True)  # the filters, as in the list's address; emptied with the file
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField()  # rows when it was asked for
    done = models.PositiveIntegerField(default=0)  # rows written
    created_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)
    size = models.PositiveBigIntegerField(default=0)  # of the file, in bytes
    claim_token = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(ready_at__isnull=False, size__gt=0), name="export_ready_has_file"
            ),
        ]
        indexes = [models.Index(fields=["by", "-id"], name="export_of_person")]

    def __str__(self) -> str:
        return f"export {self.pk}"

    @property
    def path(self) -> Path:
        """Where the file lies; its name says nothing about anybody."""
        return Path(settings.EXPORTS_DIR) / f"export-{self.pk}.{self.kind}"
