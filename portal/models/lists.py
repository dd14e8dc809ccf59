"""What the office keeps of its lists: views with a name, and acts on many rows."""

from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """A name for a list's filters, order and columns: one person's own, or shared with the office."""

    list = models.CharField(max_length=20)  # a key of portal.lists.catalogue.LISTS
    name = models.CharField(max_length=60)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_shared = models.BooleanField(default=False)
    query = models.JSONField()  # of the address, read and checked: {"status": ["enrolled"], "order": ["name"]}
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "list", "name"], name="saved_view_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_name"),
        ]
        indexes = [models.Index(fields=["list"], condition=Q(is_shared=True), name="saved_view_shared")]

    def __str__(self) -> str:
        return f"{self.list} {self.name}"

    @property
    def address(self) -> str:
        """The query of the list's address."""
        return "?" + urlencode(self.query, doseq=True)


class ActRunQuerySet(models.QuerySet["ActRun"]):
    def free(self, at: datetime) -> "ActRunQuerySet":
        """Those with work to do that nobody does at this moment."""
        unclaimed = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
        return self.filter(unclaimed, state__in=ActRun.IN_WORK)


class ActRun(models.Model):
    """An act on many rows: tried by the worker, confirmed by who asked, then done row by row. The row is the job."""

    class State(models.TextChoices):
        LOOKING = "looking", _("Looking")
        LOOKED = "looked", _("To be confirmed")
        DOING = "doing", _("In work")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Broke off")

    IN_WORK = (State.LOOKING, State.DOING)

    list = models.CharField(max_length=20)  # a key of portal.lists.catalogue.LISTS
    act = models.CharField(max_length=20)  # a key of its acts
    values = models.JSONField(default=dict)  # what the act asked for, as typed; emptied with the rows
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.LOOKING)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)  # while looking: would be done
    refused = models.PositiveIntegerField(default=0)
    effects = models.JSONField(default=dict)  # act of the audit trail -> how often
    mails = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    claim_token = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)  # since the last row that was finished

    objects = ActRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(total__gte=F("done") + F("refused")), name="act_run_adds_up"),
            models.CheckConstraint(
                condition=~Q(state__in=["doing", "done"]) | Q(confirmed_at__isnull=False), name="act_run_is_confirmed"
            ),
        ]
        indexes = [
            models.Index(fields=["by", "-id"], name="act_run_of_person"),
            models.Index(fields=["id"], condition=Q(state__in=["looking", "doing"]), name="act_run_in_work"),
        ]

    def __str__(self) -> str:
        return f"act run {self.pk}"

    @property
    def settled(self) -> int:
        """Return how many rows were looked at."""
        return self.done + self.refused

    @property
    def left(self) -> int:
        """Return how many rows nobody looked at: it was stopped, or broke off."""
        return self.total - self.settled


class ActRow(models.Model):
    """One row of a run: which, how it stood when it was chosen, and what became of it. It holds nobody's name."""

    class Verdict(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")

    run = models.ForeignKey(ActRun, on_delete=models.CASCADE, related_name="rows")
    part = models.PositiveIntegerField()  # rows of a part are tried in one transaction
    row_id = models.PositiveBigIntegerField()
    was = models.CharField(max_length=200)  # its state when it was chosen
    verdict = models.CharField(max_length=7, choices=Verdict, default=Verdict.WAITING)
    reason = models.TextField(blank=True)  # why it was refused

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "row_id"], name="act_row_once"),
            models.CheckConstraint(condition=Q(verdict="refused") | Q(reason=""), name="act_row_reason_of_refusal"),
        ]
        indexes = [models.Index(fields=["run", "verdict", "id"], name="act_row_by_verdict")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.row_id} {self.verdict}"
