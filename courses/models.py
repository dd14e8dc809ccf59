"""What is taught: the programme, its courses, their modules and what completes them."""

from typing import Any

from django.db import models
from django.db.models import F, Q


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def latest_first(self) -> "ProgrammeQuerySet":
        """The one that is run now first: not retired, begun latest."""
        return self.order_by(F("retired_at").desc(nulls_first=True), "-starts_on", "-id")


class Programme(models.Model):
    """A national programme with a number of places to fill; its name and organisation are data."""

    code = models.SlugField(max_length=30, unique=True)
    title = models.CharField(max_length=120)
    title_ur = models.CharField(max_length=120, blank=True)
    description = models.TextField(blank=True)
    organisation = models.CharField(max_length=120)
    number_prefix = models.CharField(max_length=20)  # of trainee numbers, as PSEB-20
    seat_target = models.PositiveIntegerField()
    starts_on = models.DateField()
    certificate_valid_months = models.PositiveIntegerField(null=True, blank=True)  # empty: certificates are for life
    retired_at = models.DateTimeField(null=True, blank=True)  # its cohorts take nobody new

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(seat_target__gt=0), name="programme_seat_target_positive"),
        ]

    def __str__(self) -> str:
        return self.title


class CourseQuerySet(models.QuerySet["Course"]):
    def offered(self) -> "CourseQuerySet":
        """Courses of which cohorts can be made: neither they nor their programme are retired."""
        return self.filter(retired_at__isnull=True, programme__retired_at__isnull=True)

    def visible_to(self, user: Any) -> "CourseQuerySet":
        """Courses are public; a retired one is seen by the office only."""
        if user.is_authenticated and user.has_perm("courses.view_course"):
            return self
        return self.offered()


class Course(models.Model):
    """One subject with its contact hours of 60 minutes."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="courses")
    code = models.CharField(max_length=12, unique=True)
    title = models.CharField(max_length=120)
    title_ur = models.CharField(max_length=120, blank=True)
    contact_hours = models.PositiveIntegerField()
    session_minutes = models.PositiveIntegerField()
    language = models.CharField(max_length=40, default="English")
    delivery = models.JSONField(default=list)
    prerequisites = models.JSONField(default=list)
    categories = models.JSONField(default=list, blank=True)  # who may register: graduate, professional; empty: both
    earliest_graduation_year = models.PositiveIntegerField(null=True, blank=True)
    minimum_age = models.PositiveIntegerField(null=True, blank=True)  # in years, on the day a cohort starts
    retired_at = models.DateTimeField(null=True, blank=True)  # no new cohorts, and those that stand take nobody new
    completion_rule = models.JSONField(default=dict)  # as given in the file; the policy below is what is applied

    objects = CourseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(contact_hours__gt=0), name="course_contact_hours_positive"),
            models.CheckConstraint(condition=Q(session_minutes__gt=0), name="course_session_minutes_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.code})"


class Module(models.Model):
    """A part of a course; the hours of all parts add up to the course's contact hours."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="modules")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    hours = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="module_number_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.course_id}.{self.number} {self.title}"


class AttendancePolicy(models.Model):
    """One version of what completes a course. Rows are never edited: a change is a new version (R21)."""

    class CountedBy(models.TextChoices):
        MINUTES = "minutes"
        SESSIONS = "sessions"

    class Excused(models.TextChoices):
        OUT = "out", "leaves the denominator"
        PRESENT = "present", "counts as present"
        ABSENT = "absent", "counts as absent"

    class Unmarked(models.TextChoices):
        ABSENT = "absent"
        EXCUSED = "excused"
        PRESENT = "present"

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="policies")
    version = models.PositiveIntegerField()
    counted_by = models.CharField(max_length=10, choices=CountedBy, default=CountedBy.MINUTES)
    late_weight_percent = models.PositiveIntegerField(default=50)
    late_after_minutes = models.PositiveIntegerField(default=15)
    minimum_share_percent = models.PositiveIntegerField(default=10)  # of a session; who was there less is absent
    unmarked_becomes = models.CharField(max_length=8, choices=Unmarked, default=Unmarked.ABSENT)  # at closing (R5)
    excused = models.CharField(max_length=10, choices=Excused, default=Excused.OUT)
    minimum_percent = models.PositiveIntegerField()
    inclusive = models.BooleanField(default=True)  # R17: is exactly the minimum enough
    pass_mark_percent = models.PositiveIntegerField(null=True, blank=True)  # of the weighted assessments

    class Meta:
        verbose_name_plural = "attendance policies"
        constraints = [
            models.UniqueConstraint(fields=["course", "version"], name="policy_version_unique"),
            models.CheckConstraint(condition=Q(minimum_percent__lte=100), name="policy_minimum_percent_at_most_100"),
            models.CheckConstraint(condition=Q(minimum_share_percent__lte=100), name="policy_share_at_most_100"),
            models.CheckConstraint(condition=Q(late_weight_percent__lte=100), name="policy_late_weight_at_most_100"),
            models.CheckConstraint(condition=Q(version__gte=1), name="policy_version_from_1"),
            models.CheckConstraint(condition=Q(pass_mark_percent__lte=100), name="policy_pass_mark_at_most_100"),
        ]

    def __str__(self) -> str:
        return f"{self.course_id} v{self.version}"


class Assessment(models.Model):
    """One piece of work that a version of a policy counts; as that version, never edited (R21)."""

    policy = models.ForeignKey(AttendancePolicy, on_delete=models.PROTECT, related_name="assessments")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    weight = models.PositiveIntegerField()
    points = models.PositiveIntegerField(default=100)  # the most that can be scored
    required = models.BooleanField(default=False)  # without a score nobody completes, whatever the rest

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="assessment_number_unique"),
            models.UniqueConstraint(fields=["policy", "name"], name="assessment_name_unique"),
            models.CheckConstraint(condition=Q(points__gt=0), name="assessment_points_positive"),
        ]

    def __str__(self) -> str:
        return self.name
