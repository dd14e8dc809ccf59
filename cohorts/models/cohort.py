"""Cohorts, the run of a course, and the days without classes."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from cohorts.models.choices import TAKING_A_PLACE, City, Mode
from cohorts.models.venue import Room
from courses.models import AttendancePolicy, Course


class Holiday(models.Model):
    """A day without classes."""

    date = models.DateField(unique=True)
    name = models.CharField(max_length=120)

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class CohortQuerySet(models.QuerySet["Cohort"]):
    def offered(self) -> "CohortQuerySet":
        """Cohorts that take new people: neither they, their course nor their programme are retired."""
        return self.filter(
            retired_at__isnull=True, course__retired_at__isnull=True, course__programme__retired_at__isnull=True
        )

    def visible_to(self, user: Any) -> "CohortQuerySet":
        """Cohorts are public, what is inside is not; a retired one is seen by who is inside and by the office."""
        if not user.is_authenticated:
            return self.offered()
        if user.has_perm("cohorts.view_cohort"):
            return self
        shown = Cohort.objects.offered().values("pk")
        attended = Cohort.objects.filter(enrolments__trainee__user_id=user.pk).values("pk")
        taught = Cohort.objects.taught_by(user).values("pk")
        return self.filter(Q(pk__in=shown) | Q(pk__in=attended) | Q(pk__in=taught))

    def taught_by(self, user: Any) -> "CohortQuerySet":
        """The cohorts that name `user` as an instructor (R74)."""
        return self.filter(instructors=user.pk) if user.is_authenticated else self.none()

    def managed_by(self, user: Any) -> "CohortQuerySet":
        """All for the office (and its auditors), else those the person teaches."""
        if user.is_authenticated and user.has_perm("cohorts.view_cohort"):
            return self
        return self.taught_by(user)

    def over(self, at: Any) -> "CohortQuerySet":
        """Running cohorts whose last session has ended: they wait to be closed."""
        session: Any = self.model._meta.get_field("sessions").related_model  # it imports this module
        ahead = session.objects.countable().filter(starts_at__gt=at - timedelta(days=1), ends_at__gt=at)
        ended = Q(state=Cohort.State.RUNNING, ends_on__lte=(at + timedelta(days=1)).date())
        return self.filter(ended, ~Exists(ahead.filter(cohort=OuterRef("pk"))))

    def with_places(self) -> "CohortQuerySet":
        """Add `taken` and `waiting`, counted in the same query within an index; `places_left` reads them."""
        enrolments: Any = self.model._meta.get_field("enrolments").related_model  # it imports this module

        def count(*statuses: str) -> Any:
            own = enrolments.objects.filter(cohort=OuterRef("pk"), status__in=statuses).order_by().values("cohort")
            return Coalesce(Subquery(own.annotate(n=Count("id")).values("n")), 0)

        return self.annotate(taken=count(*TAKING_A_PLACE), waiting=count("waitlisted"))


class Cohort(models.Model):
    """One run of a course. A session stores local date and times; `time_zone` makes instants of them (R22)."""

    class State(models.TextChoices):
        PLANNED = "planned"
        RUNNING = "running"
        CLOSED = "closed"

    code = models.CharField(max_length=30, unique=True)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="cohorts")
    city = models.CharField(max_length=3, choices=City)
    mode = models.CharField(max_length=10, choices=Mode)
    venue = models.CharField(max_length=160, blank=True)  # the words people read; `held_in` is what they mean
    room = models.CharField(max_length=80, blank=True)
    held_in = models.ForeignKey(Room, null=True, blank=True, on_delete=models.PROTECT, related_name="cohorts")
    time_zone = models.CharField(max_length=60, default="Asia/Karachi")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)  # of the last session; follows the timetable
    minutes = models.PositiveIntegerField(default=0)  # of all sessions but the cancelled; follows the timetable
    weekly_pattern = models.JSONField(default=list, blank=True)  # [{weekday, start, end}]; empty: sessions are listed
    capacity = models.PositiveIntegerField()
    waitlist_limit = models.PositiveIntegerField(default=0)
    auto_promote = models.BooleanField(default=False)  # before the start the next in line is enrolled, not asked
    registration_opens_at = models.DateTimeField(null=True, blank=True)  # empty: open at once
    registration_closes_at = models.DateTimeField(null=True, blank=True)  # empty: open until the cohort is closed
    policy = models.ForeignKey(
        AttendancePolicy, null=True, blank=True, on_delete=models.PROTECT, related_name="cohorts"
    )  # fixed when the cohort starts (R21)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    closed_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)  # takes nobody new; who is inside goes on
    instructors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="CohortInstructor", blank=True, related_name="cohorts_taught"
    )

    objects = CohortQuerySet.as_manager()

    taken: int  # both are there after `with_places()`
    waiting: int

    class Meta:
        permissions = [("reopen_cohort", "Can reopen a closed cohort")]
        constraints = [
            models.CheckConstraint(condition=Q(capacity__gt=0), name="cohort_capacity_positive"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | (~Q(state="closed") & Q(closed_at__isnull=True)),
                name="cohort_closed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state="planned") | Q(policy__isnull=False), name="cohort_started_has_policy"
            ),
        ]
        indexes = [models.Index(fields=["starts_on"], name="cohort_starts_on")]

    def __str__(self) -> str:
        return self.code

    @property
    def is_retired(self) -> bool:
        """Whether it takes nobody new, by itself or by its course or programme; needs both loaded."""
        course = self.course
        return any((self.retired_at, course.retired_at, course.programme.retired_at))

    @property
    def places_left(self) -> int:
        """Places nobody holds; needs `with_places()`. A waiting list holds what becomes free (R36)."""
        return max(0, self.capacity - self.taken) if not self.waiting else 0


class CohortInstructor(models.Model):
    """Who teaches a cohort. An account that teaches cannot be deleted."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)

    class Meta:
        db_table = "cohorts_cohort_instructors"
        unique_together = [("cohort", "user")]

    def __str__(self) -> str:
        return f"{self.cohort_id} {self.user_id}"
