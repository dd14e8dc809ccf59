"""What was done, by whom, to what: one append-only table for the whole product."""

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One act. The database refuses to change or delete a row (migration 0001)."""

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=60)  # noun.verb, as in "cohort.close"
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=40)
    detail = models.JSONField(default=dict)
    seal = models.CharField(max_length=64)  # keyed hash of the row, checked by `manage.py check_audit`

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="audit_subject"),
            models.Index(fields=["act", "at"], name="audit_act"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.subject_type} {self.subject_id} #{self.pk}"


class IdempotentRequest(models.Model):
    """A write by the API that carried an Idempotency-Key, and what it was answered."""

    principal = models.CharField(max_length=64)  # hash of who asked
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)  # hash of method, path and body
    status = models.PositiveIntegerField(null=True)  # empty while the first request is being answered
    body = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["principal", "key"], name="idempotent_request_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotent_request_age")]

    def __str__(self) -> str:
        return f"{self.key} {self.status}"
