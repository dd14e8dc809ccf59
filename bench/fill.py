"""Fill a migrated database with a programme of any size by bulk writes; `bench.marks` makes marks and tallies."""

import random
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Count, Model, OuterRef, Subquery
from django.db.models.functions import Coalesce

from admissions.models import Application
from bench.marks import write_ledger, write_marks, write_tallies
from certificates.models import Batch, Certificate
from cohorts import rules
from cohorts.models import Cohort, Enrolment, Session
from courses.models import AttendancePolicy, Course, Programme
from portal.figures.refresh import refresh_figures
from portal.tasks import collect_statistics
from trainees.models import Message, NameChange, Trainee, User

COURSES = ("AI", "DS", "CC", "CY", "BC", "IOT", "BD", "DO", "XR", "RPA")
CITIES = ("KHI", "LHE", "ISB", "PEW", "QTA", "ONL")
PROVINCES = ("PB", "PB", "PB", "SD", "SD", "KP", "KP", "MD", "BA", "IS", "GB", "JK")
NAMES = ("Ahmed", "Fatima", "Bilal", "Zainab", "Hassan", "Maryam", "Usman", "Hira", "Imran", "Sana", "Kamran", "Noor")
SESSIONS, HELD, SIZE = 40, 34, 40
SEED = 200
BATCH = 2000
# The next session of every running cohort is tomorrow, whatever the hour: nothing is missing by chance.
NOW = datetime.now(UTC).replace(hour=5, minute=0, second=0, microsecond=0) + timedelta(days=1)
FIRST = NOW - timedelta(days=3 * HELD)
FORGOTTEN = 25  # each such cohort has one session that nobody marked


def fill(*, trainees: int, cohorts: int) -> None:
    """Write cohorts, people, places, marks, outcomes and certificates; print how long each took."""
    source = random.Random(SEED)
    steps = (
        ("courses and cohorts", lambda: _cohorts(cohorts)),
        ("people and places", lambda: _people(trainees, source)),
        ("marks", write_marks),
        ("ledger", write_ledger),
        ("tallies", lambda: write_tallies(SESSIONS)),
        ("standings", _standings),
        ("outcomes and certificates", _certificates),
        ("mails and requests", lambda: _mails_and_requests(source)),
        ("statistics", collect_statistics),  # as each night; summing up takes longer without
        ("summaries", refresh_figures),
    )
    for name, step in steps:
        start = time.perf_counter()
        with transaction.atomic():
            step()
        print(f"  {name}: {time.perf_counter() - start:.1f} s", flush=True)


def make_office() -> User:
    """Return an account of the office that may see everything."""
    values = {"full_name": "Saba Naz", "is_staff": True, "password": "!"}
    office, _is_new = User.objects.get_or_create(email="office@example.org", defaults=values)
    office.groups.set(Group.objects.all())
    return office


def write(rows: Iterable[Model]) -> None:
    part: list[Any] = []
    for row in rows:
        part.append(row)
        if len(part) == BATCH:
            type(row)._default_manager.bulk_create(part)
            part = []
    if part:
        type(part[0])._default_manager.bulk_create(part)


def _cohorts(count: int) -> None:
    programme = Programme.objects.create(
        code="bench",
        title="Training of many",
        organisation="Board",
        number_prefix="BN-20",
        seat_target=count * SIZE,
        starts_on=date(2020, 5, 4),
    )
    policies = []
    for code in COURSES:
        course = Course.objects.create(
            programme=programme, code=code, title=f"Course {code}", contact_hours=120, session_minutes=180
        )
        policies.append(AttendancePolicy.objects.create(course=course, version=1, minimum_percent=75))
    write(_cohort(n, policies[n % len(policies)]) for n in range(count))
    _instructors(count)
    write(_session(cohort, n) for cohort in Cohort.objects.order_by("id") for n in range(SESSIONS))


def _instructors(cohorts: int) -> None:
    """One for five cohorts, who teaches them at different hours."""
    write(User(email=f"teacher{n}@example.org", full_name=f"Teacher {n}", password="!") for n in range(cohorts // 5))
    teachers = list(User.objects.filter(email__startswith="teacher").order_by("id").values_list("id", flat=True))
    link = Cohort.instructors.through
    found = Cohort.objects.order_by("id").values_list("id", flat=True)
    write(link(cohort_id=pk, user_id=teachers[n // 5 % len(teachers)]) for n, pk in enumerate(found))


def _cohort(n: int, policy: AttendancePolicy) -> Cohort:
    """Six in ten run, one in four is over (closed later, with outcomes), the others are to start."""
    state = "planned" if n % 20 < 3 else "running"
    first = _first(state, over=n % 4 == 2)
    city = CITIES[n // 10 % len(CITIES)]
    return Cohort(
        code=f"{policy.course.code}-{city}-{n + 1:04d}",
        course=policy.course,
        city=city,
        mode="online" if city == "ONL" else "classroom",
        starts_on=first.date(),
        ends_on=(first + timedelta(days=3 * (SESSIONS - 1))).date(),
        minutes=180 * SESSIONS,
        capacity=SIZE,
        policy=policy if state == "running" else None,
        state=state,
    )


def _first(state: str, *, over: bool) -> datetime:
    if state == "planned":
        return NOW + timedelta(days=10)
    return NOW - timedelta(days=3 * SESSIONS) if over else FIRST


def _session(cohort: Cohort, n: int) -> Session:
    hour = timedelta(hours=3 * (cohort.pk % 5))
    starts_at = datetime.combine(cohort.starts_on, NOW.timetz()) + timedelta(days=3 * n) + hour
    forgotten = n == HELD - 1 and cohort.pk % FORGOTTEN == 0
    held = cohort.state == "running" and starts_at < NOW and not forgotten
    return Session(
        cohort=cohort,
        number=n + 1,
        date=starts_at.date(),
        start_time=clock(10 + 3 * (cohort.pk % 5)),
        end_time=clock((13 + 3 * (cohort.pk % 5)) % 24),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        minutes=180,
        mode="online",
        state="held" if held else "planned",
    )


def _people(count: int, source: random.Random) -> None:
    write(User(email=f"t{n}@example.org", password="!") for n in range(count))
    users = User.objects.filter(full_name="").order_by("id").values_list("id", flat=True)
    write(_trainee(n, user, source) for n, user in enumerate(users))
    cohorts = list(Cohort.objects.order_by("id").values_list("id", flat=True))
    trainees = list(Trainee.objects.order_by("id").values_list("id", flat=True))
    write(_enrolment(pk, cohorts[n % len(cohorts)], n, len(cohorts)) for n, pk in enumerate(trainees))
    write(_applications(source))


def _trainee(n: int, user: int, source: random.Random) -> Trainee:
    return Trainee(
        number=f"BN-20-{n + 1:06d}",
        user_id=user,
        full_name=f"{source.choice(NAMES)} {source.choice(NAMES)} {source.choice(NAMES)}",
        cnic=f"3{n + 1:012d}",
        email=f"t{n}@example.org",
        gender=source.choice("MF"),
        category=source.choice(("graduate", "professional")),
        province=source.choice(PROVINCES),
        created_at=FIRST - timedelta(days=20),
    )


def _enrolment(trainee: int, cohort: int, n: int, cohorts: int) -> Enrolment:
    before = FIRST - timedelta(days=10)
    if n >= cohorts * SIZE:  # beyond all places
        return Enrolment(trainee_id=trainee, cohort_id=cohort, status="waitlisted", waitlisted_at=before)
    if n // cohorts == SIZE - 2 and n % 10 == 0:  # a tenth of the cohorts has somebody who waits
        return Enrolment(trainee_id=trainee, cohort_id=cohort, status="waitlisted", waitlisted_at=before)
    if (n + n // cohorts) % 50 == 49:  # in every cohort, however many there are
        return Enrolment(
            trainee_id=trainee, cohort_id=cohort, status="withdrawn", enrolled_at=before, withdrawn_at=before
        )
    return Enrolment(trainee_id=trainee, cohort_id=cohort, status="enrolled", enrolled_at=before)


def _applications(source: random.Random) -> Iterator[Application]:
    programme, courses = Programme.objects.get(), {each.code: each.pk for each in Course.objects.all()}
    found = Enrolment.objects.select_related("trainee", "cohort").order_by("id").defer("trainee__cnic")
    for n, enrolment in enumerate(found.iterator(chunk_size=BATCH)):
        trainee = enrolment.trainee
        yield Application(
            programme=programme,
            verdict="duplicate" if n % 25 == 0 else "accepted",
            status="rejected" if n % 25 == 0 else "in_review" if n % 30 == 1 else "accepted",
            submitted_at=FIRST - timedelta(days=30),
            source="bench",
            row=n + 1,
            line=n + 2,
            fingerprint=f"{n:064d}",
            full_name=trainee.full_name,
            email=trainee.email,
            gender=trainee.gender,
            province=trainee.province,
            category=trainee.category,
            city=enrolment.cohort.city,
            course_1_id=courses[source.choice(COURSES)],
        )


def _standings() -> None:
    policy = AttendancePolicy.objects.first()
    Enrolment.objects.filter(status="enrolled", sessions_planned=0).update(
        sessions_planned=SESSIONS, minutes_planned=SESSIONS * 180, open_lengths=f"180:{SESSIONS}"
    )
    found: dict[str, list[int]] = {}
    for each in Enrolment.objects.filter(status="enrolled", minutes_planned__gt=0).iterator(chunk_size=BATCH):
        found.setdefault(rules.decide_standing(each, policy), []).append(each.pk)  # type: ignore[arg-type]
    for standing, ids in found.items():
        for start in range(0, len(ids), BATCH):
            Enrolment.objects.filter(pk__in=ids[start : start + BATCH]).update(standing=standing)


def _certificates() -> None:
    """Close every fourth cohort and certify nine of ten who completed."""
    at = NOW - timedelta(days=1)
    over = list(Cohort.objects.filter(state="running", ends_on__lt=at).values_list("id", flat=True))
    Cohort.objects.filter(pk__in=over).update(state="closed", closed_at=at)
    enrolled = Enrolment.objects.filter(cohort__state="closed", status="enrolled")
    good = enrolled.filter(standing__in=["on_track", "at_risk"])
    good.update(status="completed", closed_at=at, completed_on=at.date(), reasons=[])
    enrolled.update(status="not_completed", closed_at=at, reasons=[])
    write(Batch(cohort_id=pk, total=0, started_at=at) for pk in over)
    batches = dict(Batch.objects.values_list("cohort_id", "id"))
    completed = Enrolment.objects.filter(status="completed").select_related("trainee").defer("trainee__cnic")
    write(
        Certificate(
            enrolment=each,
            batch_id=batches[each.cohort_id],
            code=f"{n:016d}",
            serial=f"{n:016d}",
            status_index=n + 1,
            state="issued",
            name=each.trainee.full_name,
            printed={},
            template_version="1",
            policy_version=1,
            created_at=at,
            issued_at=at,
            sha256="0" * 64,
        )
        for n, each in enumerate(completed.iterator(chunk_size=BATCH))
        if n % 10
    )
    made = Certificate.objects.filter(batch=OuterRef("pk")).order_by().values("batch").annotate(n=Count("id"))
    Batch.objects.update(total=Coalesce(Subquery(made.values("n")), 0))


def _mails_and_requests(source: random.Random) -> None:
    """One mail to each person, one in 400 failed; one in 500 wants another name."""
    people = Enrolment.objects.order_by("id").values_list("trainee_id", "trainee__email", "cohort__code")
    write(_mail(n, *row) for n, row in enumerate(people.iterator(chunk_size=BATCH)))
    wanting = Trainee.objects.order_by("id").values_list("id", flat=True)[::500]
    write(
        NameChange(trainee_id=pk, requested_at=NOW - timedelta(days=2), new_name=f"{source.choice(NAMES)} Khan")
        for pk in wanting
    )


def _mail(n: int, trainee: int, email: str, cohort: str) -> Message:
    state = "failed" if n % 400 == 1 else "sent"
    at = FIRST - timedelta(days=10)
    return Message(
        key=f"bench:{n}",
        kind="enrolled",
        about=cohort,
        trainee_id=trainee,
        to=email,
        subject="You have a place",
        text="Dear trainee, you have a place. " * 10,
        state=state,
        created_at=at,
        sent_at=at if state == "sent" else None,
        failure="refused" if state == "failed" else "",
    )
