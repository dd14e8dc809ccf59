"""A cohort with assessments, marked and scored: what the tests of outcomes and scores begin with."""

from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
from cohorts.services.score_files import score_columns
from cohorts.services.scores import Entry, save_scores
from courses.imports import AssessmentRow, PolicyRow
from courses.services import save_policy
from tests.factories import LATER, make_cohort, make_course

BACKEND = "django.contrib.auth.backends.ModelBackend"


def make_assessed_cohort(**fields):
    course = make_course("DS")
    works = (AssessmentRow("Quiz", 40, 20), AssessmentRow("Final project", 60, 50, required=True))
    policy = PolicyRow("sessions", 75, pass_mark_percent=60, assessments=works)
    save_policy(course=course, policy=policy)
    return make_cohort(course=course, **fields)


def mark_all(cohort, **statuses):
    for session in cohort.sessions.order_by("number"):
        marks = [Mark(pk, status) for pk, status in statuses["marks"].items()]
        mark_attendance(session=session, marks=marks, version=None, by=None, at=LATER)


def score(cohort, enrolment, *points):
    ids = [column.id for column in score_columns(cohort)]
    entries = [Entry(enrolment.pk, pk, each) for pk, each in zip(ids, points, strict=True)]
    return save_scores(cohort=cohort, entries=entries, channel="grid", by=None, at=LATER)


def close(cohort):
    close_cohort(cohort=cohort, by=None, at=LATER)
