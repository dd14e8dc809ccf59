"""Who applies: what was typed, what was read, the verdict, and what became of it."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from cohorts.models import City, Enrolment
from courses.models import Course, Programme
from trainees.fields import CnicHashField, EncryptedField, EncryptedJSONField, SearchKeyField
from trainees.models import Trainee


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, user: Any) -> "ApplicationQuerySet":
        """All for the office; nobody else."""
        return self if user.is_authenticated and user.has_perm("admissions.view_application") else self.none()

    def to_review(self) -> "ApplicationQuerySet":
        """Those that wait for a person's decision, oldest first."""
        return self.filter(status=Application.Status.IN_REVIEW).order_by("submitted_at", "id")

    def await_places(self) -> bool:
        """Tell whether anybody accepted is without a place. One query within an index that names verdicts first."""
        return self.filter(verdict__in=list(Application.Verdict), status=Application.Status.ACCEPTED).exists()

    def to_place(self) -> "ApplicationQuerySet":
        """The accepted without a place, in order of application."""
        return self.filter(status=Application.Status.ACCEPTED).order_by("submitted_at", "id")


class Application(models.Model):
    """One row of an applications file, kept as typed beside what was understood."""

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        DUPLICATE = "duplicate", "Duplicate"
        REVIEW = "review", "Review"
        REJECTED = "rejected", "Rejected"

    class Status(models.TextChoices):
        SUBMITTED = "submitted", "Submitted"
        IN_REVIEW = "in_review", "In review"
        ACCEPTED = "accepted", "Accepted"
        OFFERED = "offered", "Offered"
        PLACED = "placed", "Placed"
        DECLINED = "declined", "Declined"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    LIVE = (Status.SUBMITTED, Status.IN_REVIEW, Status.ACCEPTED, Status.OFFERED, Status.PLACED)

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="applications")
    verdict = models.CharField(max_length=10, choices=Verdict)  # of the reading; never changed by a person
    codes = models.JSONField(default=list)
    status = models.CharField(max_length=10, choices=Status)
    submitted_at = models.DateTimeField()
    typed = EncryptedJSONField(default=dict)  # field -> as in the file
    source = models.CharField(max_length=120)  # name of the file
    row = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=64)  # keyed, of the whole row: a second run knows it by this
    occurrence = models.PositiveIntegerField(default=1)  # of equal rows in one file

    full_name = models.CharField(max_length=120, blank=True)
    search_key = SearchKeyField(of=("full_name",))
    father_or_husband_name = models.CharField(max_length=120, blank=True)
    cnic = EncryptedField(blank=True)
    cnic_hash = CnicHashField()
    email = models.CharField(max_length=254, blank=True)
    mobile = models.CharField(max_length=16, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    gender = models.CharField(max_length=1, blank=True)
    province = models.CharField(max_length=2, blank=True)
    district = models.CharField(max_length=80, blank=True)
    city = models.CharField(max_length=3, choices=City, blank=True)
    category = models.CharField(max_length=12, blank=True)
    degree = models.CharField(max_length=160, blank=True)
    university = models.CharField(max_length=160, blank=True)
    graduation_year = models.PositiveIntegerField(null=True, blank=True)
    employer = models.CharField(max_length=200, blank=True)
    course_1 = models.ForeignKey(
        Course, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # the index `application_of_course` begins with it
    course_2 = models.ForeignKey(Course, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    trainee = models.ForeignKey(Trainee, null=True, blank=True, on_delete=models.PROTECT, related_name="applications")
    enrolment = models.OneToOneField(
        Enrolment, null=True, blank=True, on_delete=models.PROTECT, related_name="application"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decision_reason = models.CharField(max_length=200, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "cnic_hash"],
                condition=Q(status__in=["submitted", "in_review", "accepted", "offered", "placed"]),
                name="application_one_live_per_cnic",
            ),
            models.UniqueConstraint(fields=["programme", "fingerprint", "occurrence"], name="application_row_once"),
            models.CheckConstraint(
                condition=~Q(status="placed") | Q(enrolment__isnull=False), name="application_placed_has_enrolment"
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "status", "submitted_at"], name="application_line"),
            models.Index(fields=["programme", "cnic_hash"], name="application_cnic"),
            models.Index(fields=["submitted_at", "id"], name="application_in_order"),
            models.Index(fields=["email"], name="application_address", opclasses=["varchar_pattern_ops"]),
            models.Index(
                fields=["verdict", "status", "city", "gender", "province", "category", "course_1"],
                name="application_figures",  # overview and list count by these alone
            ),
            models.Index(  # one course's, in order, with all that they are counted and narrowed by
                fields=[
                    *("course_1", "submitted_at", "id"),
                    *("city", "gender", "province", "category", "status", "verdict"),
                ],
                name="application_of_course",
            ),
        ]

    def __str__(self) -> str:
        return f"application {self.pk}"


class PlacingQuerySet(models.QuerySet["Placing"]):
    def free(self, at: datetime) -> "PlacingQuerySet":
        """Those to be carried out that nobody works on at this moment."""
        unclaimed = Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
        return self.filter(unclaimed, state=Placing.State.RUNNING)


class Placing(models.Model):
    """One run that gives places to the accepted; the row is the job, and counts what became of them.

    A rehearsal gives none: it counts what would become of them, and keeps it cohort by cohort.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        FINISHED = "finished"

    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    total = models.PositiveIntegerField()  # accepted without a place when it was asked for
    placed = models.PositiveIntegerField(default=0)
    waitlisted = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)  # no cohort of their wishes has room
    is_rehearsal = models.BooleanField(default=False)
    foreseen = models.JSONField(default=list)  # of a rehearsal: [cohort, placed, waitlisted, places left then]
    claim_token = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)

    objects = PlacingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="running"), name="placing_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(state="running", finished_at__isnull=True) | Q(state="finished", finished_at__isnull=False),
                name="placing_finished_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"placing {self.pk}"

    @property
    def done(self) -> int:
        """Return how many were looked at."""
        return self.placed + self.waitlisted + self.left
