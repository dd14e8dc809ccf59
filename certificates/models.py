"""The proof: certificates with everything that is printed on them, and the batches they are made in."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from certificates.codes import grouped
from cohorts.models import Cohort, Enrolment


class Signatory(models.Model):
    """Who signs: name, title and a signature drawn as an SVG path (M, L, C only) in a box of 160 by 50."""

    name = models.CharField(max_length=120)
    title = models.CharField(max_length=120)
    signature = models.TextField(blank=True)
    position = models.PositiveIntegerField(unique=True)

    class Meta:
        verbose_name_plural = "signatories"

    def __str__(self) -> str:
        return f"{self.name}, {self.title}"


class Batch(models.Model):
    """One act of issuing for one cohort; its progress is counted from its certificates."""

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="batches")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    total = models.PositiveIntegerField()
    started_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return f"batch {self.pk} of {self.cohort_id}"


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def visible_to(self, user: Any) -> "CertificateQuerySet":
        """All for the office, one's own for a trainee."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("certificates.view_certificate"):
            return self
        return self.filter(enrolment__trainee__user_id=user.pk).exclude(
            state__in=[Certificate.State.PENDING, Certificate.State.FAILED]
        )


class Certificate(models.Model):
    """One certificate. The row is the job of drawing it; what is printed is kept whole in `printed` (R52)."""

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        FAILED = "failed", "Failed"
        ISSUED = "issued", "Valid"
        REVOKED = "revoked", "Revoked"
        REPLACED = "replaced", "Replaced"

    class Reason(models.TextChoices):
        ERROR = "error", "Issued in error"
        IDENTITY = "identity", "Issued to the wrong person"
        CONDUCT = "conduct", "Breach of the programme's rules"
        REQUEST = "request", "At the holder's request"
        NAME = "name", "Replaced to correct the printed details"

    LIVE = (State.PENDING, State.FAILED, State.ISSUED)

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="certificates")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="certificates")
    code = models.CharField(max_length=16, unique=True)
    serial = models.CharField(max_length=19, unique=True)  # the code as it is printed, with hyphens
    status_index = models.PositiveIntegerField(unique=True)  # place in the signed status list, drawn at random
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    name = models.CharField(max_length=120)  # as printed; searched
    printed = models.JSONField()  # every printed fact: certificates.rules.Printed
    template_version = models.CharField(max_length=20)
    policy_version = models.PositiveIntegerField()
    edition = models.PositiveIntegerField(default=1)

    claim_token = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    rung_at = models.DateTimeField(null=True, blank=True)  # when the worker was last told
    attempts = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=300, blank=True)

    created_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(default=0)  # of the file, in bytes

    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    revocation_reason = models.CharField(max_length=10, choices=Reason, blank=True)  # public
    revocation_note = models.CharField(max_length=300, blank=True)  # private
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")

    objects = CertificateQuerySet.as_manager()

    class Meta:
        permissions = [
            ("issue_certificate", "Can issue certificates"),
            ("revoke_certificate", "Can revoke and replace certificates"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=Q(state__in=["pending", "failed", "issued"]),
                name="certificate_one_live_per_enrolment",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "failed"]) | (Q(issued_at__isnull=False) & ~Q(sha256="")),
                name="certificate_issued_has_file",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["revoked", "replaced"])
                | (Q(revoked_at__isnull=False) & ~Q(revocation_reason="")),
                name="certificate_revoked_has_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["batch", "state"], name="certificate_batch_state"),
            models.Index(fields=["id"], condition=Q(state="pending"), name="certificate_pending"),
            models.Index(fields=["name"], name="certificate_name"),
        ]

    def __str__(self) -> str:
        return self.serial

    @property
    def path(self) -> Path:
        """Where the file lies; the name holds nothing of the person."""
        folder: Path = settings.CERTIFICATES_DIR
        return folder / self.code[:2] / f"{self.code}-{self.edition}.pdf"

    @property
    def grouped_code(self) -> str:
        return grouped(self.code)
