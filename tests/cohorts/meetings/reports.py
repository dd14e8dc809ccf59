"""Reports brought to a session of the class, settled, and what came of them."""

import pytest
from django.core.exceptions import ValidationError

from cohorts.imports.meetings.given import Given
from cohorts.models import AttendanceRecord, MeetingFile, MeetingReport, ReportPerson
from cohorts.services.meetings import add_file, settle_file
from tests.cohorts.meetings.files import HEADER, table
from tests.factories import LATER


def upload(cohort, *rows, **more):
    return bring(cohort, table([HEADER, *rows]), **more)


def bring(cohort, content, name="participants.csv", number=1, by=None):
    """Bring a file to a session of the class, as the page does."""
    content = content.encode() if isinstance(content, str) else content
    return add_file(session=cohort.sessions.get(number=number), name=name, chunks=[content], by=by, at=LATER)


def add(cohort, content, name="participants.csv"):
    return bring(cohort, content, name).file


def add_failing(cohort, content, name="participants.csv"):
    with pytest.raises(ValidationError):
        add(cohort, content, name)
    return MeetingFile.objects.get()


def settle(file, **given):
    return settle_file(file=file, given=Given(**given), by=None, at=LATER)


def person(label):
    return ReportPerson.objects.get(label=label)


def people():
    return {each.label: (each.verdict, each.seconds_in_session) for each in ReportPerson.objects.filter(rows__gt=0)}


def facts(file):
    return MeetingReport.objects.get().assumed[str(file.pk)]


def marks():
    found = AttendanceRecord.objects.select_related("enrolment__trainee")
    return {each.enrolment.trainee.full_name: (each.status, each.minutes) for each in found}
