"""The marks of a register and their ledger."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from cohorts.models.choices import MarkStatus
from cohorts.models.enrolment import Enrolment
from cohorts.models.session import Session


class AttendanceRecord(models.Model):
    """The current mark of one enrolment in one session; *unmarked* is the absence of a row (R1, R5)."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="records")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="records")
    status = models.CharField(max_length=8, choices=MarkStatus)
    minutes = models.PositiveIntegerField()  # attended inside the session
    marked_at = models.DateTimeField()
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=20)  # register, api, import, check-in, leave, appeal, automatic
    to_confirm = models.BooleanField(default=False)  # it came too late, or from a wrong clock: somebody has to look

    class Meta:
        permissions = [
            ("correct_attendance", "Can correct a register after its lock time"),
            ("reopen_register", "Can reopen a closed register"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["session", "enrolment"], name="record_one_per_session_and_enrolment"),
            models.CheckConstraint(
                condition=~Q(status__in=["absent", "excused"]) | Q(minutes=0), name="record_absent_has_no_minutes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}/{self.enrolment_id} {self.status}"


class AttendanceChange(models.Model):
    """One line of the ledger: old and new value of a mark. The database refuses update and delete (R3)."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="changes")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="changes")
    old_status = models.CharField(max_length=8, blank=True)  # empty: was unmarked
    old_minutes = models.PositiveIntegerField(null=True)
    new_status = models.CharField(max_length=8, blank=True)  # empty: the mark was taken back
    new_minutes = models.PositiveIntegerField(null=True)
    at = models.DateTimeField()  # when the mark was made, as far as it is believed
    received_at = models.DateTimeField(null=True)  # by the server; empty in lines older than the field
    claimed_at = models.DateTimeField(null=True)  # what the device said, where it is not believed
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=20)
    reason = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=200, blank=True, default="")  # the file and its rows, or the request
    # Of a mark from files, as they were read then: [{file, lines, rows, spans, union, inside}], nobody's name.
    evidence = models.JSONField(null=True)
    version = models.PositiveIntegerField(default=0)  # of the register that this line made (R9)
    # Of the client's write: a repeat is known by it. Null, because many writes have none and "" is one value.
    key = models.CharField(max_length=80, null=True, unique=True)  # noqa: DJ001

    class Meta:
        indexes = [models.Index(fields=["enrolment", "session"], name="change_enrolment_session")]

    def __str__(self) -> str:
        return f"{self.session_id}/{self.enrolment_id} {self.old_status}->{self.new_status}"


class WalkIn(models.Model):
    """Somebody who came and stood on no list: a name, until it is matched to an enrolment of the cohort."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="walk_ins")
    name = models.CharField(max_length=120)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()
    enrolment = models.ForeignKey(
        Enrolment, null=True, blank=True, on_delete=models.PROTECT, related_name="walk_ins"
    )  # empty: not matched yet
    matched_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    matched_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(enrolment__isnull=True, matched_at__isnull=True)
                | Q(enrolment__isnull=False, matched_at__isnull=False),
                name="walk_in_match_has_time",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="walk_in_has_name"),
        ]

    def __str__(self) -> str:
        return f"walk-in {self.pk} of {self.session_id}"
