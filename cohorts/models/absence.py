"""Leave that trainees ask for, sessions they make up for, and marks they dispute."""

from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cohorts.models.choices import MarkStatus
from cohorts.models.cohort import Cohort
from cohorts.models.enrolment import Enrolment
from cohorts.models.session import Session


def evidence_storage() -> FileSystemStorage:
    """Where evidence lies: outside of what the web server serves."""
    return FileSystemStorage(location=settings.EVIDENCE_DIR, file_permissions_mode=0o600)


class DecidedQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "DecidedQuerySet":
        """All for the office, those of own cohorts for an instructor, one's own for a trainee (R74)."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("cohorts.view_enrolment"):
            return self
        mine = Q(enrolment__trainee__user_id=user.pk)
        return self.filter(mine | Q(enrolment__cohort__in=Cohort.objects.taught_by(user)))


class LeaveRequest(models.Model):
    """Days on which a trainee cannot come, both included, with what proves it."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Waits for a decision")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    LIVE = (Status.REQUESTED, Status.APPROVED)

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="leave_requests")
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=300)
    evidence = models.FileField(storage=evidence_storage, blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.REQUESTED)
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=200, blank=True)  # of the decision

    objects = DecidedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="leave_ends_after_start"),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "refused"]) | Q(decided_at__isnull=False),
                name="leave_decision_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["enrolment", "status"], name="leave_enrolment_status"),
            models.Index(fields=["requested_at", "id"], condition=Q(status="requested"), name="leave_waiting"),
            models.Index(fields=["-decided_at", "-id"], condition=Q(status="approved"), name="leave_granted"),
        ]

    def __str__(self) -> str:
        return f"leave {self.pk}"


class MakeUp(models.Model):
    """One missed session made up for, once: in another cohort's session, or in an extra hour that the note names."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="make_ups")
    missed = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="make_ups")
    attended = models.ForeignKey(Session, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    credited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    credited_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "missed"], name="make_up_credits_a_session_once"),
            models.UniqueConstraint(fields=["enrolment", "attended"], name="make_up_uses_a_session_once"),
            models.CheckConstraint(condition=Q(attended__isnull=False) | ~Q(note=""), name="make_up_says_what"),
        ]

    def __str__(self) -> str:
        return f"make-up {self.pk}"


class Appeal(models.Model):
    """A trainee's word against a mark, and what was decided."""

    class Status(models.TextChoices):
        OPEN = "open", _("Waits for a decision")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="appeals")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="appeals")
    disputed = models.CharField(max_length=8, choices=MarkStatus)
    wanted = models.CharField(max_length=8, choices=MarkStatus)
    text = models.CharField(max_length=500)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=200, blank=True)

    objects = DecidedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "session"], condition=Q(status="open"), name="appeal_one_open_per_mark"
            ),
            models.CheckConstraint(
                condition=Q(status="open", decided_at__isnull=True) | (~Q(status="open") & Q(decided_at__isnull=False)),
                name="appeal_decision_has_time",
            ),
        ]
        indexes = [models.Index(fields=["made_at", "id"], condition=Q(status="open"), name="appeal_waiting")]

    def __str__(self) -> str:
        return f"appeal {self.pk}"
