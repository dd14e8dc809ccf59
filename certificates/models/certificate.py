"""Certificates with everything that is printed on them, and the batches they are made in."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from certificates.codes import grouped
from cohorts.models import Cohort, Enrolment
from trainees.fields import SearchKeyField


class BatchQuerySet(models.QuerySet["Batch"]):
    def with_progress(self) -> "BatchQuerySet":
        """Add `waiting`, `failed` and `done`, which add up to `total`, in the same query.

        An index counts the first two, which are few once a batch is through; who is done is all but them.
        """
        of_state = Certificate.objects.filter(batch=OuterRef("pk")).order_by().values("batch", "state")
        counts = {
            name: Coalesce(Subquery(of_state.filter(state=state).values(n=Count("pk"))), 0)
            for name, state in (("waiting", Certificate.State.PENDING), ("failed", Certificate.State.FAILED))
        }
        return self.annotate(**counts).annotate(done=F("total") - F("waiting") - F("failed"))


class Batch(models.Model):
    """One act of issuing for one cohort; its progress is counted from its certificates.

    Without a cohort it makes one certificate in the place of an imported one.
    """

    cohort = models.ForeignKey(Cohort, null=True, blank=True, on_delete=models.PROTECT, related_name="batches")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    total = models.PositiveIntegerField()  # of its certificates: they are made with it, and neither leave nor join it
    started_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)  # while set, the worker leaves its waiting rows alone
    told_at = models.DateTimeField(null=True, blank=True)  # when its end was told; set from the start if nobody waits

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return f"batch {self.pk}"


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def visible_to(self, user: Any) -> "CertificateQuerySet":
        """All for the office, one's own for a trainee."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("certificates.view_certificate"):
            return self
        return self.public().filter(enrolment__trainee__user_id=user.pk)

    def public(self) -> "CertificateQuerySet":
        """Those that were handed over: what was issued once answers for life (R54, R59)."""
        return self.exclude(state__in=[Certificate.State.PENDING, Certificate.State.FAILED])

    def drawable(self) -> "CertificateQuerySet":
        """Those that wait for the worker, but for batches on hold.

        Without a join, so that the claim's UPDATE tests the very row that it waits for.
        """
        return self.filter(state=Certificate.State.PENDING, batch__in=Batch.objects.filter(paused_at__isnull=True))

    def with_look_ups(self) -> "CertificateQuerySet":
        """Add `looked_up`: how often anybody looked it up, counted in the same query."""
        return self.annotate(looked_up=Coalesce(Sum("look_ups__count"), 0))


class Certificate(models.Model):
    """One certificate. The row is the job of drawing it; what is printed is kept whole in `printed` (R52).

    An imported one was made elsewhere before: it has no enrolment, batch or file, and verifies all the same. The one
    that replaces it is made here, without an enrolment too.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        FAILED = "failed", "Failed"
        ISSUED = "issued", "Valid"
        REVOKED = "revoked", "Revoked"
        REPLACED = "replaced", "Replaced"

    class Reason(models.TextChoices):
        ERROR = "error", _("It was issued in error.")
        IDENTITY = "identity", _("It was issued to the wrong person.")
        CONDUCT = "conduct", _("The rules of the programme were broken.")
        REQUEST = "request", _("The holder asked for it.")
        NAME = "name", _("The spelling of the name was corrected. The award itself stands.")
        DETAILS = "details", _("The printed details were corrected. The award itself stands.")
        RENEWAL = "renewal", _("It was renewed with a later date of expiry.")

    OF_REVOCATION = (Reason.ERROR, Reason.IDENTITY, Reason.CONDUCT, Reason.REQUEST)
    OF_REPLACEMENT = (Reason.NAME, Reason.DETAILS, Reason.RENEWAL)

    enrolment = models.ForeignKey(
        Enrolment, null=True, blank=True, on_delete=models.PROTECT, related_name="certificates"
    )
    batch = models.ForeignKey(Batch, null=True, blank=True, on_delete=models.PROTECT, related_name="certificates")
    code = models.CharField(max_length=40, unique=True)  # what is looked up: of an imported one its serial, normalised
    serial = models.CharField(max_length=60, unique=True)  # as it is printed, with hyphens
    status_index = models.PositiveIntegerField(unique=True)  # place in the signed status list, drawn at random
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    name = models.CharField(max_length=120)  # as printed
    search_key = SearchKeyField(of=("name",))
    printed = models.JSONField()  # every printed fact: certificates.rules.Printed
    template_version = models.CharField(max_length=20)  # the label of a design: certificates.services.designs
    policy_version = models.PositiveIntegerField()
    edition = models.PositiveIntegerField(default=1)
    expires_on = models.DateField(null=True, blank=True)  # valid to the end of this day in its own zone (R60)
    imported_at = models.DateTimeField(null=True, blank=True)

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
                condition=Q(state__in=["pending", "failed"])
                | (Q(issued_at__isnull=False) & (~Q(sha256="") | Q(imported_at__isnull=False))),
                name="certificate_issued_has_file",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["revoked", "replaced"])
                | (Q(revoked_at__isnull=False) & ~Q(revocation_reason="")),
                name="certificate_revoked_has_reason",
            ),
            models.CheckConstraint(
                condition=(
                    Q(imported_at__isnull=True, batch__isnull=False)
                    & (Q(enrolment__isnull=False) | Q(replaces__isnull=False))
                )
                | (
                    Q(imported_at__isnull=False, enrolment__isnull=True, batch__isnull=True, sha256="")
                    & Q(state__in=["issued", "revoked", "replaced"])
                ),
                name="certificate_without_enrolment_was_imported",
            ),
        ]
        indexes = [
            models.Index(fields=["batch", "state"], name="certificate_batch_state"),
            models.Index(fields=["id"], condition=Q(state="pending"), name="certificate_pending"),
            models.Index(fields=["name"], name="certificate_name"),
            models.Index(fields=["state", "id"], name="certificate_state"),
        ]

    def __str__(self) -> str:
        return self.serial

    @property
    def path(self) -> Path:
        """Where the file lies; the name holds nothing of the person."""
        folder: Path = settings.CERTIFICATES_DIR
        return folder / self.code[:2] / f"{self.code}-{self.edition}.pdf"

    @property
    def picture_path(self) -> Path:
        """Where the picture lies that goes with a shared link."""
        return self.path.with_suffix(".png")

    @property
    def printed_code(self) -> str:
        """The code in groups of four; of an imported one its serial as it stands on the paper."""
        return self.serial if self.imported_at else grouped(self.code)
