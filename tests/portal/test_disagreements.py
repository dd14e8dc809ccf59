"""Certificates are never changed by a reopening; the office sees what no longer agrees (R45)."""

import pytest

from certificates.models import Certificate
from certificates.services.issue import issue_certificates
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort, reopen_cohort
from portal.disagreements import find_disagreements
from tests.factories import LATER, make_cohort, make_enrolment, make_office
from trainees.services.names import correct_name

pytestmark = pytest.mark.django_db


def mark(cohort, enrolment, status):
    session = cohort.sessions.get()
    mark_attendance(session=session, marks=[Mark(enrolment.pk, status)], version=None, by=None, at=LATER)


def test_a_certificate_whose_holder_no_longer_completes_or_is_renamed_is_listed(client):
    cohort = make_cohort(sessions=1)
    enrolment, other = make_enrolment(cohort), make_enrolment(cohort)
    mark(cohort, enrolment, "present")
    mark(cohort, other, "present")
    close_cohort(cohort=cohort, by=None, at=LATER)
    issue_certificates(cohort=cohort, by=None, at=LATER)
    Certificate.objects.update(state="issued", issued_at=LATER, sha256="0" * 64)
    assert not find_disagreements().exists()

    reopen_cohort(cohort=cohort, reason="a mark was wrong", by=None, at=LATER)
    mark(cohort, enrolment, "absent")
    close_cohort(cohort=cohort, by=None, at=LATER)
    correct_name(trainee=other.trainee, full_name="Zahra Batool", by=None, at=LATER)

    assert {each.enrolment for each in find_disagreements()} == {enrolment, other}
    assert Certificate.objects.filter(state="issued").count() == 2
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/manage/disagreements/").content.decode()
    assert "Not completed" in page
    assert "Zahra Batool" in page
