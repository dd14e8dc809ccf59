"""The outbox of mails."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from trainees.models.trainee import Trainee


class Message(models.Model):
    """One mail to one person: written in the transaction of its cause, sent once by the worker (R69, R70)."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    key = models.CharField(max_length=120, unique=True)  # what, whom, edition; a repeated cause changes nothing
    kind = models.CharField(max_length=30, blank=True)  # what it is, as `enrolled` or `reminder`
    cause = models.CharField(max_length=60, blank=True)  # the act that wrote many mails, as `announcement-7`
    about = models.CharField(max_length=60, blank=True)  # the code of the cohort it is about
    trainee = models.ForeignKey(Trainee, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages")
    language = models.CharField(max_length=5, blank=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    attachments = models.JSONField(default=list, blank=True)  # [{name, type, content}]; text files only
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField()
    send_after = models.DateTimeField(null=True, blank=True)  # empty: at once
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    claim_token = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        permissions = [("read_message", "Can read the text of mails")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent"), name="message_sent_has_time"
            ),
        ]
        indexes = [
            models.Index(fields=["claimed_until"], condition=Q(state="queued"), name="message_queued"),
            models.Index(fields=["cause", "state"], name="message_cause"),  # whole: SQLite passes over a part
            models.Index(fields=["about"], name="message_about"),
            models.Index(fields=["kind"], name="message_kind"),
            models.Index(fields=["to"], name="message_address", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["state", "id"], name="message_state"),
        ]

    def __str__(self) -> str:
        return self.key
