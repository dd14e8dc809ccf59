"""A page and more of every list that is seldom long, alike whatever the size: so that equal pages are compared."""

from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.utils.timezone import now

from admissions.models import Placing
from admissions.services import run_placing
from audit.models import AuditEntry
from audit.services import record
from bench.fill import make_office
from certificates.models import Certificate, ProblemReport
from cohorts.models import (
    Announcement,
    Cohort,
    CohortInstructor,
    MeetingFile,
    MeetingReport,
    ReportPerson,
    Session,
    Venue,
    WalkIn,
)
from portal.disagreements import find_disagreements
from portal.done import begin_of_list, list_done
from portal.figures.clashes import current_clashes
from portal.models import ActRun, Export, FigureCheck, Report, SavedView
from portal.setup.instructors import all_instructors
from trainees.models import ErasureRequest, Message, NameChange, Trainee, User

ROWS = 60  # of each, at least
AT = datetime(2020, 9, 1, 9, 0, tzinfo=UTC)
FILE = {"created_at": AT, "ready_at": AT, "size": 1000}
VIEWS = {
    # list: what its shared views are narrowed to
    "trainees": ({"stage": ["at_risk"]}, {"city": ["LHE"], "order": ["name"]}, {"columns": ["name", "email"]}),
    "applications": ({"stage": ["in_review"]}, {"course": ["AI"]}),
    "certificates": ({"state": ["issued"]}, {"order": ["name"]}),
    "cohorts": ({"state": ["running"]}, {"over": ["true"]}),
    "messages": ({"state": ["failed"]}, {"kind": ["enrolled"]}),
}


@transaction.atomic
def add_seldom_rows() -> None:
    """Bring every such list to its rows; a second call adds nothing."""
    office = make_office()
    _add_requests()
    _add_meetings()
    _add_files(office)
    _add_people(office)
    _add_doings(office)
    _add_unmarked()
    _add_clashes()
    held = Session.objects.filter(state=Session.State.HELD).order_by("id")
    guests = held[: ROWS - min(ROWS, WalkIn.objects.count())]
    WalkIn.objects.bulk_create(WalkIn(session=each, name=f"Guest of {each.pk}", noted_at=AT) for each in guests)
    for n in range(ProblemReport.objects.count(), ROWS):
        ProblemReport.objects.create(code=f"{n:016d}", kind="other", text="The name is another.", created_at=AT)
    for n in range(Announcement.objects.count(), ROWS):
        Announcement.objects.create(
            subject=f"Notice {n}", body="Bring it.", by=office, created_at=AT, send_after=AT, state="written"
        )
    for n in range(FigureCheck.objects.count(), ROWS):
        FigureCheck.objects.create(started_at=AT, finished_at=AT, enrolments=n, differences=0)
    for n in range(Venue.objects.count(), ROWS):
        Venue.objects.create(city="ISB", name=f"Guest house {n}")
    if not Placing.objects.exists():
        rehearsal = Placing.objects.create(by=office, created_at=AT, total=0, is_rehearsal=True)
        run_placing(placing_id=rehearsal.pk, clock=lambda: AT)


def _add_requests() -> None:
    for model, facts in ((NameChange, {"new_name": "Noor Khan"}), (ErasureRequest, {})):
        waiting = model._default_manager.filter(status="waiting")
        others = Trainee.objects.exclude(pk__in=waiting.values("trainee")).order_by("id").only("pk")
        for trainee in others[: ROWS - min(ROWS, waiting.count())]:
            model._default_manager.create(trainee=trainee, requested_at=AT, reason="As on my identity card.", **facts)


def _add_meetings() -> None:
    """Each with one file and one label that nobody has settled."""
    without = Session.objects.filter(state=Session.State.HELD, meeting_report=None).order_by("id")
    for session in without[: ROWS - min(ROWS, MeetingReport.objects.count())]:
        report = MeetingReport.objects.create(session=session, created_at=AT)
        file = MeetingFile.objects.create(
            report=report, name="zoom.csv", sha256="0" * 64, size=1000, state="read", uploaded_at=AT
        )
        ReportPerson.objects.create(report=report, file=file, label="iPhone", line=2, verdict="review")


def _add_files(office: User) -> None:
    """Reports and exports, and who took which list; their files are missing, which no list looks for."""
    for _n in range(Report.objects.count(), ROWS):
        Report.objects.create(by=office, state="ready", figures_at=AT, **FILE)
    for n in range(Export.objects.filter(by=office).count(), ROWS):
        Export.objects.create(list="trainees", kind="csv", by=office, state="ready", total=n, **FILE)
    for n in range(AuditEntry.objects.filter(act="list.export").count(), ROWS):
        record(act="list.export", by=office, at=AT, subject=office, detail={"list": "trainees", "rows": n})


def _add_people(office: User) -> None:
    """Failed mails, instructors who are invited, and certified people who are called otherwise by now."""
    sent = Message.objects.filter(state="sent").order_by("id").values_list("id", flat=True)
    wanting = sent[: ROWS - min(ROWS, Message.objects.filter(state="failed").count())]
    Message.objects.filter(pk__in=list(wanting)).update(state="failed", sent_at=None, failure="refused")
    for n in range(all_instructors().count(), ROWS):
        invited = User.objects.create(email=f"invited{n}@example.org", full_name=f"Teacher invited {n}", password="!")
        record(act="instructor.invite", by=office, at=AT, subject=invited)
    agreeing = Certificate.objects.filter(state="issued").exclude(pk__in=find_disagreements().values("pk"))
    for each in agreeing.order_by("id").select_related("enrolment")[: ROWS - min(ROWS, find_disagreements().count())]:
        trainee = Trainee.objects.defer("cnic").get(pk=each.enrolment.trainee_id)
        trainee.full_name += " Khan"
        trainee.save(update_fields=["full_name", "search_key"])


def _add_doings(office: User) -> None:
    """Views that the office shares, acts on many rows, and what was done today."""
    for name, queries in VIEWS.items():
        for n, query in enumerate(queries):
            facts = {"is_shared": True, "query": query, "created_at": AT}
            SavedView.objects.get_or_create(list=name, name=f"View {n + 1}", owner=office, defaults=facts)
    for n in range(ActRun.objects.filter(by=office).count(), ROWS):
        times = {"created_at": AT, "confirmed_at": AT, "ended_at": AT}
        ActRun.objects.create(list="trainees", act="withdraw", by=office, state="done", total=n, done=n, **times)
    at, held = now(), Session.objects.filter(state=Session.State.HELD).order_by("id")
    for session in held[: ROWS - min(ROWS, list_done(since=begin_of_list(at)).count())]:
        record(act="register.close", by=office, at=at, subject=session)


def _add_unmarked() -> None:
    """A cohort without people whose registers nobody filled in."""
    missing = ROWS - Session.objects.to_mark(now()).count()
    if missing <= 0:
        return
    pattern = Cohort.objects.filter(state="running").order_by("id")[0]
    cohort = Cohort.objects.create(
        code=f"{pattern.code}-OLD",
        course_id=pattern.course_id,
        policy_id=pattern.policy_id,
        city="ONL",
        mode="online",
        starts_on=AT.date(),
        ends_on=AT.date() + timedelta(days=missing - 1),
        minutes=180 * missing,
        capacity=1,
        state="running",
    )
    Session.objects.bulk_create(
        Session(
            cohort=cohort,
            number=n + 1,
            date=AT.date() + timedelta(days=n),
            start_time=time(14),
            end_time=time(17),
            starts_at=AT + timedelta(days=n),
            ends_at=AT + timedelta(days=n, hours=3),
            minutes=180,
            mode="online",
        )
        for n in range(missing)
    )


def _add_clashes() -> None:
    """One instructor for six cohorts that meet at the same hours."""
    if current_clashes(at=now()).count() >= ROWS:
        return
    first = Cohort.objects.filter(state="running", ends_on__gt=now(), enrolments__isnull=False).order_by("id")[0]
    last = first.sessions.latest("starts_at")
    together = Session.objects.filter(starts_at=last.starts_at).exclude(cohort=first).order_by("cohort")
    teacher = CohortInstructor.objects.filter(cohort=first).values_list("user", flat=True)[0]
    cohorts = together.exclude(cohort__instructors=teacher).values_list("cohort", flat=True)[:5]
    CohortInstructor.objects.bulk_create(CohortInstructor(cohort_id=pk, user_id=teacher) for pk in cohorts)
