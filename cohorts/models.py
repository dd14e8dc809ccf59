"""The run of a course: cohorts, sessions, enrolments and the ledger of attendance."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from courses.models import AttendancePolicy, Course
from trainees.models import Trainee


class Mode(models.TextChoices):
    CLASSROOM = "classroom", _("Classroom")
    ONLINE = "online", _("Online")


class City(models.TextChoices):
    KARACHI = "KHI", _("Karachi")
    LAHORE = "LHE", _("Lahore")
    ISLAMABAD = "ISB", _("Islamabad")
    PESHAWAR = "PEW", _("Peshawar")
    QUETTA = "QTA", _("Quetta")
    ONLINE = "ONL", _("Online")


class Holiday(models.Model):
    """A day without classes."""

    date = models.DateField(unique=True)
    name = models.CharField(max_length=120)

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class CohortQuerySet(models.QuerySet["Cohort"]):
    def visible_to(self, user: Any) -> "CohortQuerySet":
        """Cohorts are public; what is inside them is not."""
        return self

    def taught_by(self, user: Any) -> "CohortQuerySet":
        """The cohorts that name `user` as an instructor (R74)."""
        return self.filter(instructors=user.pk) if user.is_authenticated else self.none()

    def managed_by(self, user: Any) -> "CohortQuerySet":
        """All for the office (and its auditors), else those the person teaches."""
        if user.is_authenticated and user.has_perm("cohorts.view_cohort"):
            return self
        return self.taught_by(user)

    def with_places(self) -> "CohortQuerySet":
        """Add `taken` and `waiting`, counted in the same query; `places_left` reads them."""
        return self.annotate(
            taken=Count("enrolments", filter=Q(enrolments__status__in=Enrolment.TAKING_A_PLACE), distinct=True),
            waiting=Count("enrolments", filter=Q(enrolments__status="waitlisted"), distinct=True),
        )


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
    venue = models.CharField(max_length=160, blank=True)
    room = models.CharField(max_length=80, blank=True)
    time_zone = models.CharField(max_length=60, default="Asia/Karachi")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)  # of the last session; follows the timetable
    weekly_pattern = models.JSONField(default=list, blank=True)  # [{weekday, start, end}]; empty: sessions are listed
    capacity = models.PositiveIntegerField()
    waitlist_limit = models.PositiveIntegerField(default=0)
    registration_opens_at = models.DateTimeField(null=True, blank=True)  # empty: open at once
    registration_closes_at = models.DateTimeField(null=True, blank=True)  # empty: open until the cohort is closed
    policy = models.ForeignKey(
        AttendancePolicy, null=True, blank=True, on_delete=models.PROTECT, related_name="cohorts"
    )  # fixed when the cohort starts (R21)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    closed_at = models.DateTimeField(null=True, blank=True)
    instructors = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="cohorts_taught")

    objects = CohortQuerySet.as_manager()

    taken: int  # both are there after `with_places()`
    waiting: int

    class Meta:
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
    def places_left(self) -> int:
        """Places nobody holds; needs `with_places()`. A waiting list holds what becomes free (R36)."""
        return max(0, self.capacity - self.taken) if not self.waiting else 0


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: Any) -> "SessionQuerySet":
        """All for the office, own cohorts for an instructor, own timetable for a trainee."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("cohorts.view_session"):
            return self
        mine = Enrolment.objects.filter(trainee__user_id=user.pk, status__in=Enrolment.LIVE).values("cohort_id")
        return self.filter(Q(cohort__in=Cohort.objects.taught_by(user)) | Q(cohort_id__in=mine))

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
    topic = models.CharField(max_length=160, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    version = models.PositiveIntegerField(default=0)  # of the register; grows with each save (R9)
    cancel_reason = models.CharField(max_length=200, blank=True)

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
        indexes = [models.Index(fields=["starts_at"], name="session_starts_at")]

    def __str__(self) -> str:
        return f"{self.cohort_id} session {self.number}"


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

    class Status(models.TextChoices):
        WAITLISTED = "waitlisted", _("On the waiting list")
        ENROLLED = "enrolled", _("Enrolled")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        COMPLETED = "completed", _("Completed")
        NOT_COMPLETED = "not_completed", _("Not completed")

    class Standing(models.TextChoices):
        NO_RATE = "no_rate", _("No rate yet")
        ON_TRACK = "on_track", _("On track")
        AT_RISK = "at_risk", _("At risk")
        CANNOT_REACH = "cannot_reach", _("Cannot reach the minimum")

    TAKING_A_PLACE = (Status.ENROLLED, Status.COMPLETED, Status.NOT_COMPLETED)
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


class MarkStatus(models.TextChoices):
    PRESENT = "present", _("Present")
    LATE = "late", _("Late")
    EXCUSED = "excused", _("Excused")
    ABSENT = "absent", _("Absent")


class AttendanceRecord(models.Model):
    """The current mark of one enrolment in one session; *unmarked* is the absence of a row (R1, R5)."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="records")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="records")
    status = models.CharField(max_length=8, choices=MarkStatus)
    minutes = models.PositiveIntegerField()  # attended inside the session
    marked_at = models.DateTimeField()
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=20)  # register, api, import, automatic

    class Meta:
        permissions = [("correct_attendance", "Can correct the register of a closed cohort")]
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
    at = models.DateTimeField()  # when the mark was made
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=20)
    reason = models.CharField(max_length=200, blank=True)
    # Of the client's write: a repeat is known by it. Null, because many writes have none and "" is one value.
    key = models.CharField(max_length=80, null=True, unique=True)  # noqa: DJ001

    class Meta:
        indexes = [models.Index(fields=["enrolment", "session"], name="change_enrolment_session")]

    def __str__(self) -> str:
        return f"{self.session_id}/{self.enrolment_id} {self.old_status}->{self.new_status}"
