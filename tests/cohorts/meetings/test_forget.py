"""Names leave reports with their person or after their time; marks, sums and evidence stay (R77)."""

import gzip
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from cohorts.imports.meetings.given import Given
from cohorts.models import AttendanceChange, AttendanceRecord, Enrolment, MeetingFile, MeetingReport, ReportPerson
from cohorts.services.meetings import (
    add_file,
    confirm_report,
    due_files,
    forget_trainee,
    propose_report,
    remove_file,
    settle_file,
    share_files,
)
from cohorts.services.meetings.evidence import path_of
from portal.people.erase import erase_person
from tests.cohorts.meetings.files import table
from tests.factories import LATER, make_cohort, make_enrolment, make_office, make_trainee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]
HEADER = ["Name", "Email", "Join Time", "Leave Time"]
NAMES = ("Sara Ahmed Khan", "Bilal Raza", "Hina Malik")
YEAR = timedelta(days=366)


@pytest.fixture
def cohort():
    made = make_cohort("AI-ONL-01", sessions=2)
    for name in NAMES:
        make_enrolment(made, make_trainee(full_name=name))
    return made


@pytest.fixture
def report(cohort):
    sara = cohort.enrolments.get(trainee__full_name="Sara Ahmed Khan").trainee
    rows = [HEADER]
    labels = (
        ("Sara A. Khan", sara.email),
        ("Bilal Raza", ""),
        ("Strange Guest", "x@y.org"),
        ("Sara phone", sara.email),
    )
    for label, email in labels:
        rows.append([label, email, "05/04/2020 10:00:00", "05/04/2020 13:00:00"])
    session = cohort.sessions.get(number=1)
    add_file(session=session, name="joins.csv", chunks=[table(rows).encode()], by=None, at=LATER)
    found = MeetingReport.objects.get(session=session)
    confirm_report(report=found, by=None, at=LATER)
    return found


def everything():
    """Return all that rows say of people in reports."""
    rows = [str(row) for model in (MeetingFile, ReportPerson) for row in model.objects.values()]
    return " ".join(rows)


def marks():
    return sorted(AttendanceRecord.objects.values_list("enrolment_id", "status", "minutes"))


def test_an_erased_persons_labels_go_and_the_marks_stay_explained(cohort, report):
    sara = cohort.enrolments.get(trainee__full_name="Sara Ahmed Khan")
    Enrolment.objects.filter(pk=sara.pk).update(status="not_completed", closed_at=LATER)
    before, email = marks(), sara.trainee.email

    erase_person(trainee=sara.trainee, by=None, at=LATER)

    assert "Sara" not in everything()
    assert email not in everything()
    assert "Bilal Raza" in everything()
    assert {each.verdict for each in ReportPerson.objects.filter(enrolment=sara)} == {"match"}
    proposal, outcome, _files = propose_report(report)
    assert len(outcome.of[sara.pk]) == 2
    assert not any(each.changes for each in proposal.marks)
    assert marks() == before
    assert AttendanceChange.objects.get(enrolment=sara).evidence["inside"] == 10800


def test_who_shares_an_address_keeps_their_own_labels(cohort, report):
    sara = cohort.enrolments.get(trainee__full_name="Sara Ahmed Khan").trainee
    brother = make_trainee(full_name="Bilal Khan", email=sara.email)
    before = everything()

    forget_trainee(trainee=brother, at=LATER)

    assert everything() == before


def test_files_and_names_of_nobody_are_removed_after_their_time(report, django_capture_on_commit_callbacks):
    file = report.files.get()
    assert due_files(at=LATER + timedelta(days=364)) == []
    assert due_files(at=LATER + YEAR) == [file.pk]
    before = marks()

    for _twice in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            remove_file(file_id=file.pk, at=LATER + YEAR)

    assert not path_of(file.sha256).exists()
    assert due_files(at=LATER + 2 * YEAR) == []
    assert "Strange Guest" not in everything()
    assert "x@y.org" not in everything()
    assert "Sara A. Khan" in everything()  # a trainee's own label goes with the person
    assert report.people.get(how="removed").verdict == "ignore"
    assert (marks(), any(each.changes for each in propose_report(report)[0].marks)) == (before, False)


def test_a_removed_file_cannot_be_read_again_and_its_page_says_so(report, client, django_capture_on_commit_callbacks):
    file = report.files.get()
    with django_capture_on_commit_callbacks(execute=True):
        remove_file(file_id=file.pk, at=LATER + YEAR)
    client.force_login(make_office())

    page = client.get(f"/teach/sessions/{report.session_id}/report/?change=1")
    with pytest.raises(ValidationError, match="cannot be opened"):
        settle_file(file=file, given=Given(time_zone="UTC"), by=None, at=LATER)

    assert page.status_code == 200
    assert "Change how this file is read" not in page.content.decode()


def test_bytes_stay_while_another_report_keeps_the_same(cohort, report, django_capture_on_commit_callbacks):
    file = report.files.get()
    share_files(source=report.session, target=cohort.sessions.get(number=2), by=None, at=LATER + YEAR)

    with django_capture_on_commit_callbacks(execute=True):
        remove_file(file_id=file.pk, at=LATER + YEAR)

    assert path_of(file.sha256).exists()


def test_a_removed_file_that_comes_again_is_kept_and_read_again(report, django_capture_on_commit_callbacks):
    file = report.files.get()
    content = gzip.decompress(path_of(file.sha256).read_bytes())
    with django_capture_on_commit_callbacks(execute=True):
        remove_file(file_id=file.pk, at=LATER + YEAR)

    again = add_file(session=report.session, name="joins.csv", chunks=[content], by=None, at=LATER + YEAR)

    assert (again.repeated, again.file.pk, again.file.removed_at) == (False, file.pk, None)
    assert path_of(file.sha256).exists()
    assert report.people.filter(label="Strange Guest", rows__gt=0).exists()
