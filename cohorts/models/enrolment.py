"""A trainee's part in a cohort."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cohorts.models.choices import TAKING_A_PLACE, EnrolmentStatus
from cohorts.models.cohort import Cohort
from trainees.models import Trainee


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def visible_to(self, user: Any) -> "EnrolmentQuerySet":
        """All for the office, those of own cohorts for an instructor, one's own for a trainee."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("cohorts.view_enrolment"):
            return self
        return self.filter(Q(trainee__user_id=user.pk) | Q(cohort__in=Cohort.objects.taught_by(user)))

    def taking_a_place(self) -> "EnrolmentQuerySet":
        return self.filter(status__in=Enrolment.TAKING_A_PLACE)

    def on_register(self) -> "EnrolmentQuerySet":
        """Those whose attendance is kept: everybody who holds or held a place to the end."""
        return self.filter(status__in=Enrolment.TAKING_A_PLACE)

    def next_in_line(self) -> "EnrolmentQuerySet":
        """The waiting, in the order of promotion: earliest, then id (R34)."""
        return self.filter(status=Enrolment.Status.WAITLISTED).order_by("waitlisted_at", "id")


class Enrolment(models.Model):
    """A trainee's part in one cohort, with the tallies of the attendance ledger and the outcome.

    Tallies are recomputed from the ledger with each write (`cohorts.services.tallies`). `minutes_present`
    and `minutes_late` are minutes attended; the other four are scheduled minutes.
    """

    Status = EnrolmentStatus

    class Standing(models.TextChoices):
        NO_RATE = "no_rate", _("No rate yet")
        ON_TRACK = "on_track", _("On track")
        AT_RISK = "at_risk", _("At risk")
        CANNOT_REACH = "cannot_reach", _("Cannot reach the minimum")

    TAKING_A_PLACE = TAKING_A_PLACE
    LIVE = (Status.WAITLISTED, *TAKING_A_PLACE)
    OPEN = (Status.WAITLISTED, Status.ENROLLED)

    trainee = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="enrolments")
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="enrolments")
    status = models.CharField(max_length=14, choices=Status)
    waitlisted_at = models.DateTimeField(null=True, blank=True)
    enrolled_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawal_reason = models.CharField(max_length=200, blank=True)
    transferred_from = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="transferred_to"
    )

    sessions_present = models.PositiveIntegerField(default=0)
    sessions_late = models.PositiveIntegerField(default=0)
    sessions_excused = models.PositiveIntegerField(default=0)
    sessions_absent = models.PositiveIntegerField(default=0)
    sessions_unmarked = models.PositiveIntegerField(default=0)
    sessions_planned = models.PositiveIntegerField(default=0)  # all that count: held and still to come
    minutes_present = models.PositiveIntegerField(default=0)
    minutes_late = models.PositiveIntegerField(default=0)
    minutes_late_scheduled = models.PositiveIntegerField(default=0)
    minutes_present_scheduled = models.PositiveIntegerField(default=0)
    minutes_excused = models.PositiveIntegerField(default=0)
    minutes_absent = models.PositiveIntegerField(default=0)
    minutes_unmarked = models.PositiveIntegerField(default=0)
    minutes_planned = models.PositiveIntegerField(default=0)
    standing = models.CharField(max_length=12, choices=Standing, default=Standing.NO_RATE)

    reasons = models.JSONField(default=list, blank=True)  # of the outcome, in order, as text a person reads
    completed_on = models.DateField(null=True, blank=True)  # first date of completion; never moved (R45)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        permissions = [("manage_enrolment", "Can enrol, withdraw and transfer trainees")]
        constraints = [
            models.UniqueConstraint(
                fields=["trainee", "cohort"],
                condition=~Q(status="withdrawn"),
                name="enrolment_one_live_per_trainee_and_cohort",
            ),
            models.UniqueConstraint(
                fields=["trainee"],
                condition=Q(status__in=["waitlisted", "enrolled"]),
                name="enrolment_one_open_per_trainee",
            ),
            models.CheckConstraint(
                condition=Q(status="waitlisted", waitlisted_at__isnull=False, enrolled_at__isnull=True)
                | Q(status="withdrawn", withdrawn_at__isnull=False)
                | Q(status__in=["enrolled", "completed", "not_completed"], enrolled_at__isnull=False),
                name="enrolment_status_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status="completed", completed_on__isnull=False, closed_at__isnull=False)
                | Q(status="not_completed", closed_at__isnull=False)
                | Q(status__in=["waitlisted", "enrolled", "withdrawn"], closed_at__isnull=True),
                name="enrolment_outcome_whole_or_not_at_all",
            ),
        ]
        indexes = [
            models.Index(fields=["cohort", "status"], name="enrolment_cohort_status"),
            models.Index(
                fields=["cohort", "waitlisted_at", "id"], condition=Q(status="waitlisted"), name="enrolment_line"
            ),
            models.Index(fields=["status", "standing"], name="enrolment_standing"),
        ]

    def __str__(self) -> str:
        return f"enrolment {self.pk}"
