"""A small programme of every kind of place, for the tests of the overview and its figures."""

import pytest

from admissions.models import Application
from certificates.services.issue import issue_certificates
from cohorts.models import (
    Enrolment,
)
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
from cohorts.services.enrolment import withdraw
from tests.factories import LATER, START, make_cohort, make_course, make_enrolment, make_office, make_trainee
from trainees.models import Trainee

PROVINCES, GENDERS, CATEGORIES = ("PB", "SD", "KP", ""), ("F", "M"), ("graduate", "professional")


@pytest.fixture
def office(client):
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def programme():
    """Four cohorts in three cities: to start, running, closed with certificates, with people of every kind."""
    courses = [make_course("AI"), make_course("DS")]
    cohorts = [
        make_cohort(f"C-{n}", course=courses[n % 2], city=city, sessions=4, capacity=6, waitlist_limit=3)
        for n, city in enumerate(("KHI", "LHE", "ISB", "LHE"))
    ]
    people = {cohort.code: [_enrol(cohort, n) for n in range(8)] for cohort in cohorts}
    for cohort in cohorts[1:]:
        sessions = list(cohort.sessions.order_by("number"))
        for session in sessions if cohort.code != "C-1" else sessions[:2]:
            marks = [
                Mark(each.pk, "absent" if (n + session.number) % 3 == 0 or n == 5 else "present")
                for n, each in enumerate(people[cohort.code][:6])
            ]
            mark_attendance(session=session, marks=marks, version=None, by=None, at=LATER)
    withdraw(enrolment=people["C-1"][0], by=None, at=LATER, notify=False)
    close_cohort(cohort=cohorts[2], by=None, at=LATER)
    issue_certificates(cohort=cohorts[2], by=None, at=LATER)
    _issue_half(cohorts[2])
    for n, enrolment in enumerate(Enrolment.objects.select_related("trainee", "cohort").order_by("id")):
        _apply(enrolment, n)
    return cohorts


def _enrol(cohort, n):
    trainee = make_trainee()
    split = {"province": PROVINCES[n % 4], "gender": GENDERS[n % 2], "category": CATEGORIES[n // 4]}
    Trainee.objects.filter(pk=trainee.pk).update(**split)
    return make_enrolment(cohort, trainee)


def _issue_half(cohort):
    for n, enrolment in enumerate(cohort.enrolments.filter(status="completed").order_by("id")):
        if n % 2:
            enrolment.certificates.update(state="issued", issued_at=LATER, sha256="0" * 64)


def _apply(enrolment, n):
    trainee = enrolment.trainee
    Application.objects.create(
        programme=enrolment.cohort.course.programme,
        verdict=("accepted", "duplicate", "review")[n % 3],
        status=("accepted", "rejected", "in_review")[n % 3],
        submitted_at=START,
        source="test",
        row=n,
        line=n,
        fingerprint=str(n),
        gender=trainee.gender,
        province=trainee.province,
        category=trainee.category,
        city=enrolment.cohort.city,
        course_1=enrolment.cohort.course,
    )
