"""Valid things to test with: plain functions, one per model."""

import itertools
from datetime import UTC, date, datetime, time, timedelta

from django.contrib.auth.models import Group

from cohorts.forms import RegistrationForm
from cohorts.models import Cohort, Enrolment, Session
from cohorts.services.enrolment import enrol, register
from cohorts.services.schedule import CancelSession, change_timetable
from courses.models import AttendancePolicy, Course, Programme
from trainees.models import Trainee, User
from trainees.services.people import create_trainee

numbers = itertools.count(50_001)  # of one width: what is named by them sorts by age, and none begins another
START = datetime(2020, 5, 4, 5, tzinfo=UTC)  # ten o'clock in Karachi
BEFORE = START - timedelta(days=10)
LATER = datetime(2020, 12, 1, tzinfo=UTC)


def make_programme(**fields) -> Programme:
    given = {"title": "Training", "organisation": "Board", "number_prefix": "T-20", "seat_target": 100}
    defaults = {**given, "starts_on": date(2020, 5, 4), **fields}
    return Programme.objects.get_or_create(code="programme", defaults=defaults)[0]


def make_course(code: str = "AI", *, minimum: int = 75, counted_by: str = "minutes", **fields) -> Course:
    course = Course.objects.filter(code=code).first()
    if course is None:
        hours = {"contact_hours": 12, "session_minutes": 180, **fields}
        course = Course.objects.create(programme=make_programme(), code=code, title=f"Course {code}", **hours)
        AttendancePolicy.objects.create(course=course, version=1, minimum_percent=minimum, counted_by=counted_by)
    return course


def make_cohort(code: str = "", *, sessions: int = 4, starts_at: datetime = START, course=None, **fields) -> Cohort:
    defaults = {"city": "ONL", "mode": "online", "capacity": 30, "waitlist_limit": 5, **fields}
    cohort = Cohort.objects.create(
        code=code or f"AI-ONL-{next(numbers):03d}",
        course=course or make_course(),
        starts_on=starts_at.date(),
        ends_on=(starts_at + timedelta(days=sessions)).date(),
        **{"minutes": 180 * sessions, **defaults},
    )
    Session.objects.bulk_create(make_session(cohort, n, starts_at + timedelta(days=n)) for n in range(sessions))
    return cohort


def make_session(cohort: Cohort, position: int, starts_at: datetime) -> Session:
    return Session(
        cohort=cohort,
        number=position + 1,
        date=starts_at.date(),
        start_time=time(10),
        end_time=time(13),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        minutes=180,
        mode="online",
    )


def cancel_session(session: Session, reason: str) -> None:
    wish = CancelSession(session.pk, reason)
    change_timetable(cohort=session.cohort, wish=wish, by=None, at=LATER, reason=reason)


def make_person(**fields) -> dict:
    n = next(numbers)
    return {"full_name": f"Trainee {_word(n)}", "cnic": f"3{n:012d}", "email": f"trainee{n}@example.org", **fields}


def _word(n: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(n)).title()


def make_trainee(**fields) -> Trainee:
    return create_trainee(person=make_person(**fields), number_prefix="T-20", by=None, at=BEFORE)


def make_enrolment(cohort: Cohort, trainee: Trainee | None = None, *, at: datetime = BEFORE) -> Enrolment:
    return enrol(trainee=trainee or make_trainee(), cohort=cohort, by=None, at=at, notify=False)


def make_user(email: str = "", **fields) -> User:
    return User.objects.create_user(email or f"user{next(numbers)}@example.org", full_name="Some Body", **fields)


def make_instructor(cohort: Cohort) -> User:
    user = make_user()
    cohort.instructors.add(user)
    return user


def make_office(*groups: str) -> User:
    user = make_user(is_staff=True)
    user.groups.set(Group.objects.filter(name__in=groups or ["Programme office", "Issuer", "Auditor"]))
    return user


def make_registration(**fields) -> dict:
    n = next(numbers)
    person = {
        "full_name": "Zainab Noor Malik",
        "full_name_ur": "زینب نور ملک",
        "father_or_husband_name": "Noor Ahmad Malik",
        "cnic": f"3{n:012d}",
        "date_of_birth": "14/08/1997",
        "gender": "F",
        "email": f"zainab{n}@example.org",
        "mobile": "0364 1234567",
        "district": "Lahore",
        "province": "PB",
        "category": "graduate",
        "degree": "BS Computer Science",
        "graduation_year": "2019",
        "university": "University of the Punjab",
        "password": "three-unrelated-words",
        "consent": "on",
    }
    return {**person, **fields}


def make_registered(cohort: Cohort, *, at: datetime = BEFORE, **fields) -> Enrolment:
    """Register a new person through the public door, as the page and the API do."""
    form = RegistrationForm(make_registration(**fields))
    assert form.is_valid(), form.errors
    return register(
        cohort=cohort,
        person=form.person,
        password=form.cleaned_data["password"],
        consent_version="1",
        at=at,
    )
