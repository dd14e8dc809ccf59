"""What a person asks of the programme office and the office decides."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from trainees.models.account import User
from trainees.models.trainee import Trainee


class Request(models.Model):
    """A request with its reason, and who decided it, when and why."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")

    trainee = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="%(class)ss")
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    reason = models.CharField(max_length=500, blank=True)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=500, blank=True)  # of who decided, read by the person

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["trainee"], condition=Q(status="waiting"), name="%(class)s_one_waiting_per_trainee"
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", decided_at__isnull=True)
                | (~Q(status="waiting") & Q(decided_at__isnull=False)),
                name="%(class)s_decided_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["requested_at", "id"], condition=Q(status="waiting"), name="%(class)s_waiting"),
            models.Index(fields=["decided_at", "id"], name="%(class)s_decided"),
        ]


class NameChange(Request):
    """A change of the names that certificates print. By itself only once a person, and only of a slip (R57)."""

    old_name = models.CharField(max_length=120, blank=True)
    old_name_ur = models.CharField(max_length=120, blank=True)
    new_name = models.CharField(max_length=120, blank=True)
    new_name_ur = models.CharField(max_length=120, blank=True)
    automatic = models.BooleanField(default=False)

    class Meta(Request.Meta):
        constraints = [
            *Request.Meta.constraints,
            models.UniqueConstraint(
                fields=["trainee"], condition=Q(automatic=True), name="namechange_automatic_once_per_trainee"
            ),
        ]

    def __str__(self) -> str:
        return f"name change {self.pk}"


class ErasureRequest(Request):
    """A person wants what is known of them removed; certificates and their facts stay (R59, R77)."""

    def __str__(self) -> str:
        return f"erasure request {self.pk}"
