"""A trainee's part in a cohort."""

from typing import Any

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from cohorts.models.choices import ON_REGISTER, TAKING_A_PLACE, EnrolmentStatus, MarkStatus
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
        """Those whose attendance is kept: everybody who has a place or had it to the end."""
        return self.filter(status__in=Enrolment.ON_REGISTER)

    def next_in_line(self) -> "EnrolmentQuerySet":
        """The waiting, in the order of promotion: earliest, then id (R34)."""
        return self.filter(status=Enrolment.Status.WAITLISTED).order_by("waitlisted_at", "id")

    def pending(self) -> "EnrolmentQuerySet":
        """Places that wait for an answer: offers, and those held for an address, the nearest deadline first."""
        held = Q(status=Enrolment.Status.ENROLLED, hold_expires_at__isnull=False)
        found = self.filter(held | Q(status=Enrolment.Status.OFFERED))
        return found.annotate(until=Coalesce("offer_expires_at", "hold_expires_at")).order_by("until", "id")

    def eligible(self) -> "EnrolmentQuerySet":
        """Those to whom a place may go: nobody whose address is still to be confirmed (R37)."""
        return self.filter(hold_expires_at__isnull=True)

    def with_position(self) -> "EnrolmentQuerySet":
        """Add `place_in_line`, from 1, for who waits; null for the others. One subquery."""
        line = Enrolment.objects.filter(status=Enrolment.Status.WAITLISTED, cohort=OuterRef("cohort"))
        earlier = Q(waitlisted_at__lt=OuterRef("waitlisted_at"))
        same = Q(waitlisted_at=OuterRef("waitlisted_at"), id__lte=OuterRef("id"))
        ahead = line.filter(earlier | same).order_by().values("cohort").annotate(n=Count("id")).values("n")
        waits = Q(status=Enrolment.Status.WAITLISTED)
        return self.annotate(place_in_line=models.Case(models.When(waits, then=Subquery(ahead)), default=None))


class Enrolment(models.Model):
    """A trainee's part in one cohort, with the tallies of the attendance ledger and the outcome.

    Tallies are recomputed from the ledger with each write (`cohorts.services.tallies`). `minutes_present`
    and `minutes_late` are minutes attended; the other minutes are scheduled ones.
    """

    Status = EnrolmentStatus

    place_in_line: int | None  # there after `with_position()`

    class Standing(models.TextChoices):
        NO_RATE = "no_rate", _("No rate yet")
        ON_TRACK = "on_track", _("On track")
        AT_RISK = "at_risk", _("At risk")
        CANNOT_REACH = "cannot_reach", _("Cannot reach the minimum")

    ON_REGISTER = ON_REGISTER
    TAKING_A_PLACE = TAKING_A_PLACE
    LIVE = (Status.WAITLISTED, *TAKING_A_PLACE)
    OPEN = (Status.WAITLISTED, Status.OFFERED, Status.ENROLLED)
    LEFT = (Status.WITHDRAWN, Status.NO_SHOW)

    trainee = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="enrolments")
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="enrolments")
    status = models.CharField(max_length=14, choices=Status)
    waitlisted_at = models.DateTimeField(null=True, blank=True)
    enrolled_at = models.DateTimeField(null=True, blank=True)
    hold_expires_at = models.DateTimeField(null=True, blank=True)  # the address is to be confirmed until then
    offered_at = models.DateTimeField(null=True, blank=True)
    offer_expires_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)  # when the place was freed, also by a no-show
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
    open_lengths = models.TextField(default="", blank=True)  # of what can still be attended: `rules.write_lengths`
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
                condition=~Q(status__in=["withdrawn", "no_show"]),
                name="enrolment_one_live_per_trainee_and_cohort",
            ),
            models.UniqueConstraint(
                fields=["trainee"],
                condition=Q(status__in=["waitlisted", "offered", "enrolled"]),
                name="enrolment_one_open_per_trainee",
            ),
            models.CheckConstraint(
                condition=Q(status="waitlisted", waitlisted_at__isnull=False, enrolled_at__isnull=True)
                | Q(
                    status="offered",
                    offered_at__isnull=False,
                    offer_expires_at__gt=F("offered_at"),
                    enrolled_at__isnull=True,
                )
                | Q(status__in=["withdrawn", "no_show"], withdrawn_at__isnull=False)
                | Q(status__in=["enrolled", "completed", "not_completed"], enrolled_at__isnull=False),
                name="enrolment_status_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status="completed", completed_on__isnull=False, closed_at__isnull=False)
                | Q(status="not_completed", closed_at__isnull=False)
                | Q(status__in=["waitlisted", "offered", "enrolled", "withdrawn", "no_show"], closed_at__isnull=True),
                name="enrolment_outcome_whole_or_not_at_all",
            ),
        ]
        indexes = [
            models.Index(fields=["cohort", "status"], name="enrolment_cohort_status"),
            models.Index(
                fields=["cohort", "waitlisted_at", "id"], condition=Q(status="waitlisted"), name="enrolment_line"
            ),
            models.Index(fields=["status", "standing"], name="enrolment_standing"),
            models.Index(fields=["sessions_absent", "id"], name="enrolment_missed"),
            models.Index(
                fields=["standing", "id"],
                condition=(Q(standing__in=["cannot_reach", "at_risk"]) | Q(sessions_absent__gte=3))
                & Q(status="enrolled"),
                name="enrolment_watched",
            ),
            models.Index(
                fields=["offer_expires_at"], condition=Q(status="offered"), name="enrolment_offers_running_out"
            ),
            models.Index(
                fields=["hold_expires_at"],
                condition=Q(hold_expires_at__isnull=False),
                name="enrolment_holds_running_out",
            ),
        ]

    def __str__(self) -> str:
        return f"enrolment {self.pk}"


class CarriedSession(models.Model):
    """A session attended before a transfer that counts for the new enrolment.

    `session` is the one of the new cohort that need not be attended again, `attended` the one of the old
    cohort; the mark itself stays with the first enrolment and is copied here as it stood at the transfer.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="carried")
    session = models.ForeignKey("cohorts.Session", on_delete=models.PROTECT, related_name="carried")
    attended = models.ForeignKey("cohorts.Session", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=8, choices=MarkStatus)
    minutes = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "session"], name="carried_once_per_session"),
            models.CheckConstraint(condition=Q(status__in=["present", "late"]), name="carried_was_attended"),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.attended_id}"
