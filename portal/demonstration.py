"""The demonstration programme: 2,000 places of May 2020, played through the services, and three cohorts of today."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Max

from admissions.imports import read_applicants
from admissions.services import examine_applications, import_applications, link_enrolled
from certificates.models import Signatory
from certificates.services.issue import NobodyDue, issue_certificates
from cohorts.imports.cohorts_file import CohortRow, Meeting, read_cohorts, read_holidays
from cohorts.imports.roster import read_roster
from cohorts.models import City, Cohort, Enrolment, Session
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
from cohorts.services.enrolment import enrol, set_capacity, withdraw
from cohorts.services.roster import import_roster
from cohorts.services.schedule import import_cohorts, save_holidays
from courses.imports import load_json, read_courses, read_programme
from courses.models import Course
from courses.services import import_courses
from portal.demonstration_class import ask_and_dispute, report_classes
from portal.figures.refresh import refresh_figures
from trainees.models import Trainee, User

FOLDER = Path(settings.BASE_DIR) / "demo"
SEED = 20200504
LEFT_OPEN = 5  # finished cohorts that the visitor closes and certifies
GIVEN_UP = 75  # places that pass on to the cohorts of today, so that all cohorts together keep 2,000
ZONE = ZoneInfo("Asia/Karachi")
PASSWORD = "hunar-demo-2020"  # noqa: S105 - of a demonstration, printed when it starts
SIGNATURES = (
    "M4 30C14 4 22 2 20 24C19 40 10 44 14 30C18 16 34 8 36 20C38 32 26 40 34 30C44 16 48 12 52 22"
    "C55 32 48 38 58 28C68 16 72 10 76 20C80 32 70 40 82 28C92 18 98 14 102 22"
    "C106 32 98 36 112 26C124 18 130 22 150 16",
    "M2 20C10 2 20 6 16 26C14 42 4 40 12 26C20 10 30 10 30 24C30 36 40 34 46 20C50 12 56 14 54 26"
    "C53 36 62 34 68 22C74 10 82 12 80 26C79 38 92 30 98 20C106 10 112 18 108 28C106 38 126 28 152 18",
)
Progress = Callable[[str, float], None]


class Demonstration:
    """Loads everything once, in order; the clock of each act is the moment at which it would have happened."""

    def __init__(self, progress: Progress, now: datetime) -> None:
        self.progress = progress
        self.now = now
        self.random = random.Random(SEED)  # noqa: S311 - patterns, not secrets
        self.password = make_password(PASSWORD)

    @transaction.atomic
    def load(self) -> list[str]:
        """Load the programme, whole or not at all, and return the lines that tell how to sign in."""
        self.progress("courses and cohorts", 0)
        self._load_plan()
        self.progress("applications", 0.05)
        self._load_people()
        self._run_cohorts()
        self.progress("cohorts of today", 0.95)
        running = self._load_today()
        link_enrolled(by=None, at=datetime(2020, 5, 1, 12, tzinfo=ZONE))
        office, lines = self._load_sign_ins(running)
        self._finish(self.kept_for_today, by=office, at=self.now - timedelta(hours=1))
        refresh_figures()
        self.progress("done", 1)
        return lines

    def _load_plan(self) -> None:
        at = datetime(2020, 3, 2, 10, tzinfo=ZONE)
        courses = load_json(FOLDER / "courses.json")
        import_courses(programme=read_programme(courses), courses=read_courses(courses), by=None, at=at)
        save_holidays(days=read_holidays(load_json(FOLDER / "holidays_2020.json")))
        import_cohorts(rows=read_cohorts(load_json(FOLDER / "cohorts.json")), by=None, at=at, notify=False)
        for cohort in Cohort.objects.all():
            cohort.registration_closes_at = datetime.combine(cohort.starts_on, time(0), ZONE)
            cohort.save(update_fields=["registration_closes_at"])
        for position, (name, title) in enumerate(
            (("Amna Rauf", "Programme Director"), ("Bilal Sethi", "Director of Training"))
        ):
            Signatory.objects.create(name=name, title=title, position=position + 1, signature=SIGNATURES[position])

    def _load_people(self) -> None:
        at = datetime(2020, 4, 30, 18, tzinfo=ZONE)
        limit = settings.UPLOAD_MAX_BYTES
        file = read_applicants(FOLDER / "applicants.csv", size_limit=limit)
        import_applications(examined=examine_applications(file=file, at=at), by=None, at=at)
        self.progress("places", 0.1)
        import_roster(rows=read_roster(FOLDER / "enrolments.csv", size_limit=limit), by=None, at=at)

    def _run_cohorts(self) -> None:
        """Hold every session of 2020, close what ended and issue; one is left for today and five for the visitor."""
        cohorts = list(Cohort.objects.annotate(last=Max("sessions__ends_at")).order_by("last", "id"))
        leaving = self._who_leaves()
        for position, cohort in enumerate(cohorts):
            self.progress("attendance, outcomes, certificates", 0.25 + 0.7 * position / len(cohorts))
            self._hold_sessions(cohort, list(cohort.sessions.order_by("number")), leaving)
            self._pass_places_on(cohort)
            if position < len(cohorts) - LEFT_OPEN - 1:
                last = cohort.sessions.order_by("-ends_at").first()
                self._finish(cohort, by=None, at=(last.ends_at if last else self.now) + timedelta(days=2))
        self.kept_for_today = cohorts[-LEFT_OPEN - 1]

    def _who_leaves(self) -> set[int]:
        """Choose who gives a place up during the run: as many as the cohorts of today have places."""
        enrolled = list(
            Enrolment.objects.filter(status=Enrolment.Status.ENROLLED).order_by("id").values_list("id", flat=True)
        )
        return set(self.random.sample(enrolled, GIVEN_UP))

    def _hold_sessions(self, cohort: Cohort, sessions: list[Session], leaving: set[int]) -> None:
        people = {each.pk: _Habits(self.random) for each in cohort.enrolments.filter(status=Enrolment.Status.ENROLLED)}
        instructor = cohort.instructors.order_by("id").first()
        going = {pk: self.random.randint(3, max(4, len(sessions) // 2)) for pk in people if pk in leaving}
        for session in sessions:
            for pk in [pk for pk, number in going.items() if number == session.number]:
                enrolment = Enrolment.objects.select_related("trainee", "cohort").get(pk=pk)
                at = session.starts_at - timedelta(hours=20)
                withdraw(enrolment=enrolment, by=None, at=at, reason="found a job in another city", notify=False)
                people.pop(pk)
            marks = [Mark(pk, *habits.mark(session, sessions)) for pk, habits in people.items()]
            at = session.ends_at - timedelta(minutes=self.random.randint(20, 150))
            mark_attendance(session=session, marks=marks, version=None, by=instructor, at=at)

    def _pass_places_on(self, cohort: Cohort) -> None:
        """Take the places that were given up from a cohort that is over."""
        taken = cohort.enrolments.taking_a_place().count()
        if taken < cohort.capacity:
            set_capacity(cohort=cohort, capacity=taken, by=None, at=self.now - timedelta(days=25))

    def _finish(self, cohort: Cohort, *, by: User | None, at: datetime) -> None:
        close_cohort(cohort=cohort, by=by, at=at)
        try:
            issue_certificates(cohort=cohort, by=by, at=at + timedelta(minutes=20))
        except NobodyDue:
            return

    def _load_today(self) -> Cohort:
        running, coming, full = self._plan_today()
        free = Trainee.objects.filter(enrolments__isnull=True).order_by("number")
        waiting = iter(list(free[:60]))
        for cohort, count in ((running, 18), (coming, 11), (full, 23)):
            for _number in range(count):
                at = min(self.now, _first_start(cohort)) - timedelta(days=2)
                enrol(trainee=next(waiting), cohort=cohort, by=None, at=at, notify=False)
        # One place more, offered to the first in line, so that a visitor can answer an offer.
        set_capacity(cohort=full, capacity=21, by=None, at=self.now - timedelta(hours=20))
        held = list(running.sessions.filter(ends_at__lt=self.now).order_by("number"))
        self._hold_sessions(running, held[:-2], set())
        instructor = User.objects.get(email="instructor@example.org")
        report_classes(sessions=held[-2:], by=instructor, source=self.random)
        ask_and_dispute(cohort=running, by=instructor, now=self.now)
        return running

    def _plan_today(self) -> tuple[Cohort, Cohort, Cohort]:
        """Make three cohorts around this day: one running with a session now, one to come, one full.

        One instructor teaches them all: their sessions, every third day, fall on different days, whatever the hour.
        """
        return (
            self._cohort("AI-ONL-21", "AI", "ONL", capacity=24, waitlist=6, first=-15, start=_hour_of(self.now)),
            self._cohort("CC-KHI-21", "CC", "KHI", capacity=30, waitlist=6, first=7, start=time(18, 30)),
            self._cohort("DS-LHE-21", "DS", "LHE", capacity=20, waitlist=8, first=11, start=time(10)),
        )

    def _cohort(
        self, code: str, course: str, city: str, *, capacity: int, waitlist: int, first: int, start: time
    ) -> Cohort:
        day = self.now.astimezone(ZONE).date() + timedelta(days=first)
        end = (datetime.combine(date(2020, 1, 1), start) + timedelta(hours=3)).time()
        hours = Course.objects.get(code=course).contact_hours
        days = [day + timedelta(days=3 * n) for n in range(hours // 3)]
        row = CohortRow(
            code=code,
            course=course,
            city=city,
            mode="online" if city == "ONL" else "classroom",
            venue="" if city == "ONL" else f"Example Training Centre, {City(city).label}",
            room="" if city == "ONL" else "Lab 2",
            time_zone=ZONE.key,
            starts_on=day,
            capacity=capacity,
            waitlist_limit=waitlist,
            pattern=(),
            meetings=tuple(Meeting(each, start, end) for each in days),
            instructors=(("Hira Latif", "instructor@example.org"),),
        )
        import_cohorts(rows=[row], by=None, at=self.now - timedelta(days=20), notify=False)
        return Cohort.objects.get(code=code)

    def _load_sign_ins(self, running: Cohort) -> tuple[User, list[str]]:
        office = User(email="office@example.org", full_name="Saba Naz", is_staff=True, password=self.password)
        office.save()
        office.groups.set(Group.objects.all())
        holder = Enrolment.objects.filter(status=Enrolment.Status.COMPLETED, certificates__isnull=False)
        certified = holder.exclude(trainee__full_name_ur="").order_by("id").first()
        attending = running.enrolments.filter(status=Enrolment.Status.ENROLLED).order_by("id").first()
        offered = Enrolment.objects.filter(status=Enrolment.Status.OFFERED).select_related("trainee__user").first()
        people = [
            ("programme office", office),
            ("instructor", User.objects.get(email="instructor@example.org")),
            ("trainee, attending", attending.trainee.user if attending else None),
            ("trainee, certified", certified.trainee.user if certified else None),
            ("trainee, offered", offered.trainee.user if offered else None),
        ]
        emails = [user.email for _role, user in people if user]
        User.objects.filter(email__in=emails).update(password=self.password)
        return office, [f"  {role:<20} {user.email:<44} {PASSWORD}" for role, user in people if user]


class _Habits:
    """How one trainee attends: mostly reliable, some often late, some who drift away."""

    def __init__(self, source: random.Random) -> None:
        self.random = source
        self.reliability = min(0.99, source.betavariate(14, 1.6))
        self.late = source.choice([0.02, 0.05, 0.05, 0.12, 0.22])
        self.drifts = source.random() < 0.05

    def mark(self, session: Session, sessions: list[Session]) -> tuple[str, int | None]:
        passed = session.number / max(1, len(sessions))
        chance = self.reliability - (0.75 * passed if self.drifts else 0)
        if self.random.random() > chance:
            return ("excused", None) if self.random.random() < 0.12 else ("absent", None)
        if self.random.random() < self.late:
            return "late", max(0, session.minutes - self.random.randint(15, 60))
        return "present", None


def _hour_of(now: datetime) -> time:
    """Return a start, on the hour, such that a three-hour session is on now and does not cross midnight."""
    return time(min(max(now.astimezone(ZONE).hour - 1, 0), 20))


def _first_start(cohort: Cohort) -> datetime:
    first = cohort.sessions.order_by("starts_at").first()
    return first.starts_at if first else datetime.now(UTC)


def is_loaded() -> bool:
    """Tell whether the database holds anything already."""
    return Cohort.objects.exists() or Trainee.objects.exists()
