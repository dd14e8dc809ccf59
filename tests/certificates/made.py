"""Certificates to test with, as the worker leaves them but without its drawing."""

import hashlib
from datetime import datetime

from certificates.models import Certificate
from certificates.services.issue import issue_certificates
from cohorts.models import Cohort
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
from tests.factories import LATER, make_cohort, make_enrolment, make_trainee

CONTENT = b"%PDF-1.7 stands for a drawn certificate"


def make_closed_cohort(*names: str, code: str = "", **cohort_fields) -> Cohort:
    """A closed cohort in which everybody named completed."""
    cohort = make_cohort(code, sessions=1, capacity=max(len(names), 1), **cohort_fields)
    for name in names:
        make_enrolment(cohort, make_trainee(full_name=name))
    marks = [Mark(each.pk, "present") for each in cohort.enrolments.all()]
    mark_attendance(session=cohort.sessions.get(), marks=marks, version=None, by=None, at=LATER)
    close_cohort(cohort=cohort, by=None, at=LATER)
    cohort.refresh_from_db()
    return cohort


def finish(cohort: Cohort, at: datetime = LATER) -> list[Certificate]:
    """Mark what waits in a cohort as issued, each with a file."""
    for certificate in Certificate.objects.filter(enrolment__cohort=cohort, state="pending"):
        certificate.path.parent.mkdir(parents=True, exist_ok=True)
        certificate.path.write_bytes(CONTENT)
        certificate.state, certificate.issued_at = Certificate.State.ISSUED, at
        certificate.sha256, certificate.size = hashlib.sha256(CONTENT).hexdigest(), len(CONTENT)
        certificate.save()
    return list(Certificate.objects.filter(enrolment__cohort=cohort).order_by("id"))


def make_certificate(name: str = "Zainab Malik", *, at: datetime = LATER, **fields) -> Certificate:
    """One issued certificate; `fields` are set on its row."""
    cohort = make_closed_cohort(name)
    issue_certificates(cohort=cohort, by=None, at=at)
    [certificate] = finish(cohort, at)
    Certificate.objects.filter(pk=certificate.pk).update(**fields)
    certificate.refresh_from_db()
    return certificate
