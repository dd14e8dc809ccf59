"""The meetings of a cohort."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from cohorts.models.choices import Mode, describe_place
from cohorts.models.cohort import Cohort
from cohorts.models.enrolment import Enrolment
from cohorts.models.venue import Room


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: Any) -> "SessionQuerySet":
        """All for the office, those one holds for an instructor, own timetable for a trainee."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("cohorts.view_session"):
            return self
        mine = Enrolment.objects.filter(trainee__user_id=user.pk, status__in=Enrolment.LIVE).values("cohort_id")
        return self.filter(Q(pk__in=Session.objects.held_by(user).values("pk")) | Q(cohort_id__in=mine))

    def held_by(self, user: Any) -> "SessionQuerySet":
        """Sessions that `user` holds: of own cohorts, where they are not given to other instructors (R74)."""
        named = Session.instructors.through.objects.filter(session_id=OuterRef("pk"))
        own = Exists(named.filter(user_id=user.pk))
        return self.filter(cohort__in=Cohort.objects.taught_by(user)).filter(own | ~Exists(named))

    def to_mark(self, at: Any) -> "SessionQuerySet":
        """Sessions that are over and have no register, of cohorts that can still be marked."""
        return self.filter(ends_at__lt=at, state=Session.State.PLANNED).exclude(cohort__state=Cohort.State.CLOSED)

    def countable(self) -> "SessionQuerySet":
        """Sessions that count in a rate: all but the cancelled."""
        return self.exclude(state=Session.State.CANCELLED)


class Session(models.Model):
    """One meeting of a cohort; belongs to the day it starts, also when it ends after midnight."""

    class State(models.TextChoices):
        PLANNED = "planned"
        HELD = "held"
        CANCELLED = "cancelled"

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="sessions")
    number = models.PositiveIntegerField()
    date = models.DateField()
    start_time = models.TimeField()
    end_time = models.TimeField()
    starts_at = models.DateTimeField()  # derived from date, start_time and the cohort's zone
    ends_at = models.DateTimeField()
    minutes = models.PositiveIntegerField()
    mode = models.CharField(max_length=10, choices=Mode)
    venue = models.CharField(max_length=160, blank=True)
    room = models.CharField(max_length=80, blank=True)
    held_in = models.ForeignKey(Room, null=True, blank=True, on_delete=models.PROTECT, related_name="sessions")
    link = models.URLField(max_length=300, blank=True)  # where an online session is joined
    instructors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="sessions_held"
    )  # those of the cohort's who hold it; empty: all of them
    topic = models.CharField(max_length=160, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    version = models.PositiveIntegerField(default=0)  # of the register; grows with each save (R9)
    marked_at = models.DateTimeField(null=True, blank=True)  # first marks or last reopening; the lock counts from it
    register_closed_at = models.DateTimeField(null=True, blank=True)  # empty: open
    heads = models.PositiveIntegerField(null=True, blank=True)  # that the instructor counted
    heads_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=200, blank=True)
    sequence = models.PositiveIntegerField(default=0)  # of its entry in people's calendars; grows when it changes
    changed_after_marking_at = models.DateTimeField(null=True, blank=True)  # until somebody looks at the marks (R8)

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "number"], name="session_number_unique"),
            models.UniqueConstraint(fields=["cohort", "starts_at"], name="session_start_unique"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_start"),
            models.CheckConstraint(condition=Q(minutes__gt=0), name="session_minutes_positive"),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancel_reason=""), name="session_cancelled_has_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at"], name="session_starts_at"),
            models.Index(fields=["marked_at", "id"], name="session_marked"),  # registers of the last days, in order
            models.Index(fields=["ends_at"], condition=Q(state="planned"), name="session_to_mark"),
        ]

    def __str__(self) -> str:
        return f"{self.cohort_id} session {self.number}"

    @property
    def place(self) -> str:
        """Where it is held, as one line."""
        return describe_place(self.mode, self.venue, self.room, self.link)
