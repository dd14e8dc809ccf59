"""A page and more of every list that is seldom long, alike whatever the size: so that equal pages are compared."""

from datetime import UTC, datetime

from django.db import transaction

from admissions.models import Placing
from admissions.services import run_placing
from audit.models import AuditEntry
from audit.services import record
from bench.fill import make_office
from certificates.models import Batch, ProblemReport
from cohorts.models import Announcement, MeetingFile, MeetingReport, ReportPerson, Session, WalkIn
from portal.models import Export, FigureCheck, Report
from trainees.models import ErasureRequest, NameChange, Trainee, User

ROWS = 60  # of each, at least
AT = datetime(2020, 9, 1, 9, 0, tzinfo=UTC)
FILE = {"created_at": AT, "ready_at": AT, "size": 1000}


@transaction.atomic
def add_seldom_rows() -> None:
    """Bring every such list to its rows; a second call adds nothing."""
    office = make_office()
    _add_requests()
    _add_meetings()
    _add_files(office)
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
    if not Placing.objects.exists():
        rehearsal = Placing.objects.create(by=office, created_at=AT, total=0, is_rehearsal=True)
        run_placing(placing_id=rehearsal.pk, clock=lambda: AT)
    for batch in Batch.objects.filter(total=0):  # of databases filled before this was noticed
        Batch.objects.filter(pk=batch.pk).update(total=batch.certificates.count())


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
