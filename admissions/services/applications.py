"""The import of applications and the decision of a person."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from admissions.imports import ApplicantFile
from admissions.models import Application
from admissions.rules import CourseName, Reader, Understood, detect_date_order, mark_duplicates
from audit.services import record
from courses.models import Course, Programme
from trainees.models import User
from trainees.rules import read_date

PERSON_FIELDS = (
    *("full_name", "father_or_husband_name", "cnic", "email", "mobile", "date_of_birth", "gender", "category"),
    *("degree", "university", "graduation_year", "employer", "district", "province"),
)
STATUS_OF = {"accepted": "accepted", "review": "in_review", "duplicate": "rejected", "rejected": "rejected"}


class NotInReview(ValidationError):
    """The application was decided already."""


class NotReopened(ValidationError):
    """It cannot be put back into review."""

    def __init__(self, text: str) -> None:
        super().__init__(text, code="not_reopened")


class ReasonMissing(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("Say why it is reviewed again."), code="required")


class NoProgramme(ValidationError):
    """There is nothing to apply to."""


@dataclass(frozen=True)
class Examined:
    """A file that was understood and compared with what stands, before anything is written."""

    programme: Programme
    file: ApplicantFile
    order: str  # of day, month and year
    rows: list[Understood]
    standing: dict[tuple[str, int], Application]

    def counts(self) -> Counter[str]:
        """Return the counts of the closing line; their parts add up to the rows."""
        return Counter(self.fate(each) for each in self.rows)

    def fate(self, each: Understood) -> str:
        if each.verdict != "accepted":
            return {"duplicate": "duplicates"}.get(each.verdict, each.verdict)
        return "unchanged" if (each.row.fingerprint, each.row.occurrence) in self.standing else "created"


def examine_applications(*, file: ApplicantFile, at: datetime, order: str = "") -> Examined:
    """Understand a file and compare it with the standing applications; writes nothing. Four queries."""
    programme = Programme.objects.latest_first().first()
    if programme is None:
        raise NoProgramme(_("There is no programme yet; import the courses first."), code="no_programme")
    courses = [CourseName(code, title) for code, title in Course.objects.values_list("code", "title")]
    order = order or detect_date_order(row.text("date_of_birth") for row in file.rows)
    reader = Reader(courses, fields=file.fields, order=order, today=at.date())
    rows = [reader.read(row, submission_time(row.cells.get("timestamp"))) for row in file.rows]
    fingerprints = {row.fingerprint for row in file.rows}
    earlier = Application.objects.filter(programme=programme)
    standing = {
        (each.fingerprint, each.occurrence): each
        for each in earlier.only("id", "fingerprint", "occurrence", "cnic", "status", "verdict")
        if each.fingerprint in fingerprints
    }
    others = earlier.filter(status__in=Application.LIVE)
    own = {each.pk for each in standing.values()}
    known = {cnic: email for pk, cnic, email in others.values_list("pk", "cnic", "email") if cnic and pk not in own}
    mark_duplicates(rows, known)
    return Examined(programme, file, order, rows, standing)


def submission_time(cell: Any) -> datetime | None:
    """Read the time stamp of a form; date and time are local to the programme when no zone is named."""
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else cell.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))
    text = str(cell or "").strip()
    head = text.split(" GMT")[0].split(" PKT")[0].strip()
    for pattern in (
        "%Y/%m/%d %I:%M:%S %p",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S",
        "%d/%m/%Y %H:%M:%S",
        "%m/%d/%Y %H:%M:%S",
        "%d/%m/%Y %H:%M",
        "%m/%d/%Y %I:%M:%S %p",
        "%Y/%m/%d %H:%M:%S",
    ):
        try:
            return datetime.strptime(head, pattern).replace(tzinfo=ZoneInfo(settings.TIME_ZONE))
        except ValueError:
            continue
    day = read_date(text) if text else None
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(settings.TIME_ZONE)) if day else None


@transaction.atomic
def import_applications(*, examined: Examined, by: User | None, at: datetime) -> Counter[str]:
    """Store every row of an examined file that does not stand yet, whatever its verdict. Three queries.

    Running the same file again changes nothing. Returns the counts of `Examined.counts`.
    """
    courses = {course.code: course for course in Course.objects.all()}
    new = [
        _application(each, examined, courses, at)
        for each in examined.rows
        if (each.row.fingerprint, each.row.occurrence) not in examined.standing
    ]
    Application.objects.bulk_create(new, batch_size=500)
    if new:
        detail = {"file": examined.file.name, "rows": len(examined.rows), "new": len(new)}
        record(act="applications.import", by=by, at=at, subject=examined.programme, detail=detail)
    return examined.counts()


def _application(each: Understood, examined: Examined, courses: dict[str, Course], at: datetime) -> Application:
    values = {name: each.values.get(name) for name in (*PERSON_FIELDS, "city")}
    dates = ("date_of_birth", "graduation_year")
    return Application(
        programme=examined.programme,
        verdict=each.verdict,
        codes=each.codes,
        status=STATUS_OF[each.verdict],
        submitted_at=each.submitted_at or at,
        typed={name: each.row.text(name) for name in each.row.cells},
        source=examined.file.name[:120],
        row=each.row.row,
        line=each.row.line,
        fingerprint=each.row.fingerprint,
        occurrence=each.row.occurrence,
        course_1=courses.get(each.values.get("course_1") or ""),
        course_2=courses.get(each.values.get("course_2") or ""),
        **{name: value if name in dates else value or "" for name, value in values.items()},
    )


@transaction.atomic
def decide_application(*, application: Application, accept: bool, reason: str, by: User, at: datetime) -> Application:
    """Accept or reject an application that waits for a person. Raises NotInReview, or when it lacks a value."""
    current = Application.objects.select_for_update(no_key=True).get(pk=application.pk)
    if current.status != Application.Status.IN_REVIEW:
        raise NotInReview(_("This application was decided already."), code="not_in_review")
    missing = [name for name in ("full_name", "cnic", "email") if not getattr(current, name)]
    if accept and missing:
        text = _("It cannot be accepted while these are missing: %s.") % ", ".join(missing)
        raise ValidationError(text, code="incomplete")
    current.status = Application.Status.ACCEPTED if accept else Application.Status.REJECTED
    current.decided_at, current.decided_by, current.decision_reason = at, by, reason[:200]
    current.save(update_fields=["status", "decided_at", "decided_by", "decision_reason"])
    detail = {"accepted": accept, "from": "in_review", "to": current.status, "reason": reason[:200]}
    record(act="application.decide", by=by, at=at, subject=current, detail=detail)
    return current


@transaction.atomic
def reopen_application(*, application: Application, reason: str, by: User, at: datetime) -> Application:
    """Put an application back into review, so that it is decided anew (R41): one that is rejected, or accepted
    and not placed yet. The earlier decision stays in the history.

    Raises NotReopened when it stands otherwise, or when another live one has the same number; ReasonMissing.
    Four queries.
    """
    if not reason.strip():
        raise ReasonMissing
    current = Application.objects.select_for_update(no_key=True).get(pk=application.pk)
    if current.status not in (Application.Status.REJECTED, Application.Status.ACCEPTED):
        raise NotReopened(_("Only a rejected application, or an accepted one without a place, is reviewed again."))
    same = Application.objects.filter(programme=current.programme_id, status__in=Application.LIVE)
    if current.cnic_hash and same.filter(cnic_hash=current.cnic_hash).exclude(pk=current.pk).exists():
        raise NotReopened(_("Another application with the same number is under way; decide on that one."))
    before, current.status = current.status, Application.Status.IN_REVIEW
    current.decided_at, current.decided_by, current.decision_reason = None, None, ""
    current.save(update_fields=["status", "decided_at", "decided_by", "decision_reason"])
    detail = {"from": before, "to": current.status, "reason": reason.strip()[:200]}
    record(act="application.reopen", by=by, at=at, subject=current, detail=detail)
    return current


@transaction.atomic
def look_at_cnic(*, application: Application, by: User, at: datetime) -> tuple[str, str]:
    """Return the number of an application as typed and as read, and write down who looked (R75). One query."""
    record(act="application.look_at_cnic", by=by, at=at, subject=application)
    return str(application.typed.get("cnic", "")), application.cnic
