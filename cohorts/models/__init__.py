"""The run of a course: cohorts, sessions, enrolments and the ledger of attendance."""

from cohorts.models.absence import Appeal, LeaveRequest, MakeUp
from cohorts.models.announcement import Announcement, AnnouncementQuerySet
from cohorts.models.attendance import AttendanceChange, AttendanceRecord, WalkIn
from cohorts.models.check_in import CheckIn
from cohorts.models.choices import City, EnrolmentStatus, MarkStatus, Mode
from cohorts.models.cohort import Cohort, CohortInstructor, CohortQuerySet, Holiday
from cohorts.models.enrolment import CarriedSession, Enrolment, EnrolmentQuerySet
from cohorts.models.meeting import Alias, MeetingFile, MeetingReport, ReportPerson
from cohorts.models.outcome import CompletionException, OutcomeChange, Score, ScoreChange
from cohorts.models.session import Session, SessionQuerySet
from cohorts.models.timetable import TimetableChange
from cohorts.models.venue import Room, Venue
from cohorts.models.warning import AttendanceWarning

__all__ = [
    "Alias",
    "Announcement",
    "AnnouncementQuerySet",
    "Appeal",
    "AttendanceChange",
    "AttendanceRecord",
    "AttendanceWarning",
    "CarriedSession",
    "CheckIn",
    "City",
    "Cohort",
    "CohortInstructor",
    "CohortQuerySet",
    "CompletionException",
    "Enrolment",
    "EnrolmentQuerySet",
    "EnrolmentStatus",
    "Holiday",
    "LeaveRequest",
    "MakeUp",
    "MarkStatus",
    "MeetingFile",
    "MeetingReport",
    "Mode",
    "OutcomeChange",
    "ReportPerson",
    "Room",
    "Score",
    "ScoreChange",
    "Session",
    "SessionQuerySet",
    "TimetableChange",
    "Venue",
    "WalkIn",
]
