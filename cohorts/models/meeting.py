"""What outside files say of a session: the report, its files as evidence, the people met in it, and their aliases."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from cohorts.models.enrolment import Enrolment
from cohorts.models.session import Session
from trainees.models import Trainee


class MeetingReportQuerySet(models.QuerySet["MeetingReport"]):
    def visible_to(self, user: Any) -> "MeetingReportQuerySet":
        """Reports of the sessions a person teaches, all for the office; never a trainee's (R74)."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("cohorts.view_session"):
            return self
        return self.filter(session__in=Session.objects.held_by(user))


class MeetingReport(models.Model):
    """All that files say of one session: provisional until a person confirms it (R28)."""

    class State(models.TextChoices):
        PROVISIONAL = "provisional"
        CONFIRMED = "confirmed"

    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="meeting_report")
    state = models.CharField(max_length=12, choices=State, default=State.PROVISIONAL)
    assumed = models.JSONField(default=dict, blank=True)  # what was settled without a person, and how
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = MeetingReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="confirmed", confirmed_at__isnull=False) | Q(state="provisional"),
                name="report_confirmed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"report of session {self.session_id}"


class MeetingFile(models.Model):
    """One file of a report. Its bytes are kept as evidence under its hash; the same bytes count once."""

    class State(models.TextChoices):
        WAITING = "waiting"
        READ = "read"
        FAILED = "failed"
        DISCARDED = "discarded"

    report = models.ForeignKey(MeetingReport, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    rows_read = models.PositiveIntegerField(default=0)  # so far; a page watches it grow
    failure = models.CharField(max_length=300, blank=True)
    settled = models.JSONField(default=dict, blank=True)  # how a person said the file is meant (`Given`)
    reading = models.JSONField(default=dict, blank=True)  # what the file says, people by people
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    claimed_until = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)  # its bytes were kept long enough

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "sha256"], name="meeting_file_content_once_per_report"),
        ]
        indexes = [
            models.Index(fields=["claimed_until"], condition=Q(state="waiting"), name="meeting_file_waiting"),
        ]

    def __str__(self) -> str:
        return self.name


class ReportPerson(models.Model):
    """Somebody met under one label: who it is, how that is known or who decided it, and how long they were there."""

    class Verdict(models.TextChoices):
        MATCH = "match"
        REVIEW = "review"
        IGNORE = "ignore"

    report = models.ForeignKey(MeetingReport, on_delete=models.CASCADE, related_name="people")
    file = models.ForeignKey(MeetingFile, on_delete=models.PROTECT, related_name="people")
    label = models.CharField(max_length=200)
    mark = models.CharField(max_length=254, blank=True)  # address or typed number that tells like labels apart
    email = models.CharField(max_length=254, blank=True)
    line = models.PositiveIntegerField()  # first line of the file
    rows = models.PositiveIntegerField(default=1)  # none: decided once, not met as the files are read now
    verdict = models.CharField(max_length=6, choices=Verdict)
    how = models.CharField(max_length=40, blank=True)  # the evidence of a match, or what forbids one
    enrolment = models.ForeignKey(
        Enrolment, null=True, blank=True, on_delete=models.PROTECT, related_name="report_people"
    )
    candidates = models.JSONField(default=list, blank=True)  # [[enrolment, score, [reasons]]]
    spans = models.JSONField(default=list, blank=True)  # [[from, to]] in seconds of the epoch
    seconds_union = models.PositiveIntegerField(default=0)
    seconds_in_session = models.PositiveIntegerField(default=0)
    first_at = models.BigIntegerField(null=True, blank=True)  # first second inside the session
    estimated = models.BooleanField(default=False)  # the file gives sums, not moments
    status = models.CharField(max_length=8, blank=True)  # of a register, a form, a list
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)  # empty: nobody had to decide

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "label", "mark"], name="report_person_once"),
            models.CheckConstraint(
                condition=Q(verdict="match", enrolment__isnull=False)
                | (~Q(verdict="match") & Q(enrolment__isnull=True)),
                name="report_person_match_has_enrolment",
            ),
        ]

    def __str__(self) -> str:
        return f"person {self.pk} of report {self.report_id}"


class Alias(models.Model):
    """A label that a person confirmed to be a trainee's; found again without asking (R29)."""

    key = models.CharField(max_length=200)  # the label without case, signs and marks
    label = models.CharField(max_length=200)
    trainee = models.ForeignKey(Trainee, on_delete=models.CASCADE, related_name="aliases")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "aliases"
        constraints = [
            models.UniqueConstraint(fields=["key", "trainee"], name="alias_once_per_trainee"),
        ]

    def __str__(self) -> str:
        return f"alias {self.pk}"
