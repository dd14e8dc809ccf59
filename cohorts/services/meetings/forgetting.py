"""Names that have to go from reports: of a person who is erased, and of everybody whom a file named and nobody knew.

The bytes of a file cannot lose a row without losing their sum, so they are removed whole after their time; what was
read of them, the marks and the ledger's evidence stay, without those names (R77).
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from audit.services import record
from cohorts.models import MeetingFile, MeetingReport, ReportPerson
from cohorts.services.meetings import evidence
from cohorts.services.meetings.files import lock_report
from trainees.models import Trainee

REMOVED = "(removed {})"
MANY = 500  # files in one night


@transaction.atomic
def forget_trainee(*, trainee: Trainee, at: datetime) -> int:
    """Take a trainee's names, addresses and numbers out of every report; who they were stays decided, so marks stay.

    Return how many labels. Five queries per report.
    """
    addresses = {trainee.email, trainee.user.email if trainee.user else ""} - {""}
    nobodys = Q(email__in=addresses, enrolment__isnull=True)  # who shares an address keeps their own labels
    theirs = ReportPerson.objects.filter(Q(enrolment__trainee=trainee) | nobodys)
    count = 0
    for report in MeetingReport.objects.filter(people__in=theirs).distinct().order_by("id"):
        locked = lock_report(report)
        people = list(theirs.filter(report=locked))
        _forget(locked, people, at)
        count += len(people)
    return count


def due_files(*, at: datetime) -> list[int]:
    """Return the files whose bytes have been kept long enough. One query."""
    end = at - timedelta(days=settings.KEEP_MEETING_FILES_DAYS)
    due = MeetingFile.objects.filter(uploaded_at__lt=end, removed_at__isnull=True)
    due = due.exclude(state=MeetingFile.State.WAITING)
    return list(due.order_by("id").values_list("pk", flat=True)[:MANY])


@transaction.atomic
def remove_file(*, file_id: int, at: datetime) -> None:
    """Remove the bytes of one file and the names in it that are no trainee's; its sum and what was read stay.

    The bytes stay while another report still keeps the same. Twelve queries. Repeated, it changes nothing.
    """
    file = MeetingFile.objects.select_related("report").get(pk=file_id)
    report = lock_report(file.report)
    if not MeetingFile.objects.filter(pk=file_id, removed_at__isnull=True).update(removed_at=at):
        return
    unknown = report.people.filter(file=file).exclude(verdict=ReportPerson.Verdict.MATCH)
    _forget(report, list(unknown), at)
    record(act="meeting.remove_file", by=None, at=at, subject=report.session, detail={"sha256": file.sha256})
    if not MeetingFile.objects.filter(sha256=file.sha256, removed_at__isnull=True).exists():
        path = evidence.path_of(file.sha256)
        transaction.on_commit(lambda: path.unlink(missing_ok=True), robust=True)


def _forget(report: MeetingReport, people: Collection[ReportPerson], at: datetime) -> None:
    """Give people of a report a label that says nothing, in what was read of its files too. Three queries."""
    names = {(person.label, person.mark): REMOVED.format(person.pk) for person in people}
    files = [file for file in report.files.exclude(reading={}) if file.state != MeetingFile.State.WAITING]
    for file in files:
        for met in file.reading["people"]:
            key = met["label"][:200], (met["email"] or met["number"].casefold())[:254]
            if key in names:
                met["label"], met["email"], met["number"] = names[key], "", ""
    MeetingFile.objects.bulk_update(files, ["reading"])
    for person in people:
        person.label, person.mark, person.email, person.candidates = REMOVED.format(person.pk), "", "", []
        person.decided_at = person.decided_at or at
        if person.verdict == ReportPerson.Verdict.REVIEW:
            person.verdict, person.how = ReportPerson.Verdict.IGNORE, "removed"
    fields = ["label", "mark", "email", "candidates", "decided_at", "verdict", "how"]
    ReportPerson.objects.bulk_update(people, fields)
