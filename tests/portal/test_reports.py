"""Reports as PDF: made once, with figures of one moment."""

import subprocess
from datetime import timedelta

import pytest
from django.urls import reverse

from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import grant_exception
from portal.figures.refresh import refresh_figures
from portal.models import Report
from portal.reports.content import describe_cohort
from portal.reports.drawing import draw_report
from portal.reports.services import delete_old_reports, due_reports, make_report, request_report
from tests.cohorts.assessed import close, make_assessed_cohort, mark_all, score
from tests.factories import LATER, make_cohort, make_enrolment, make_office, make_trainee
from trainees.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.REPORTS_DIR = tmp_path


@pytest.fixture
def cohort():
    cohort = make_cohort("AI-LHE-01", city="LHE")
    good, poor = make_enrolment(cohort, make_trainee(full_name="Zahra Batool")), make_enrolment(cohort)
    for session in cohort.sessions.order_by("number")[:2]:
        marks = [Mark(good.pk, "present"), Mark(poor.pk, "absent")]
        mark_attendance(session=session, marks=marks, version=None, by=None, at=LATER)
    refresh_figures()
    return cohort


def make(report, draw=draw_report):
    return make_report(report_id=report.pk, draw=draw, clock=lambda: LATER)


def read(report):
    return subprocess.run(["pdftotext", report.path, "-"], capture_output=True, text=True).stdout


def test_the_report_of_a_cohort_holds_policy_people_and_reasons(cohort):
    report = request_report(cohort=cohort, by=None, at=LATER)

    assert make(report)

    text = " ".join(read(report).split())
    assert "Version 1: at least 75 % of minutes" in text
    assert "Zahra Batool" in text
    assert "missed 4, 5 May" in text
    assert "1 December 2020" in text


def test_the_report_of_the_programme_adds_up(cohort):
    report = request_report(cohort=None, by=None, at=LATER)

    make(report)

    text = " ".join(read(report).split())
    assert "AI-LHE-01" in text
    assert "none left over" in text
    assert "Figures of 1 December 2020" in text
    assert "at least 75 % of minutes" in text
    assert "min 75" in text  # the picture of the weeks is in it, as text that can be read


def test_a_report_of_nothing_is_a_report_all_the_same(client):
    report = request_report(cohort=None, by=None, at=LATER)

    assert make(report)
    assert make(request_report(cohort=make_cohort("B-1", sessions=0), by=None, at=LATER))


def test_it_is_made_once_and_a_forgotten_one_is_found_again(cohort):
    report = request_report(cohort=cohort, by=None, at=LATER)
    assert due_reports(at=LATER) == [report.pk]

    assert make(report, draw=lambda html: b"%PDF-")
    assert not make(report, draw=lambda html: b"%PDF-")

    assert due_reports(at=LATER) == []
    assert delete_old_reports(at=LATER + timedelta(days=91)) == 1
    assert not report.path.exists()


def test_after_three_attempts_it_is_failed(cohort):
    report = request_report(cohort=cohort, by=None, at=LATER)
    Report.objects.filter(pk=report.pk).update(attempts=3)

    assert not make(report)

    report.refresh_from_db()
    assert report.state == "failed"


def test_the_weekly_one_is_told_to_the_office_once(cohort):
    office = make_office("Programme office")
    report = request_report(cohort=None, by=None, at=LATER, mailed=True)

    make(report, draw=lambda html: b"%PDF-")

    assert Message.objects.get(key=f"report:{report.pk}:{office.pk}").to == office.email


def test_the_office_asks_follows_and_takes_it_away(cohort, client):
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")

    client.post(reverse("report_ask"), {"cohort": cohort.code})
    report = Report.objects.get()
    assert "waiting for the worker" in client.get(reverse("reports")).content.decode()
    make(report, draw=lambda html: b"%PDF-1.7")

    assert reverse("report_pdf", args=[report.pk]) in client.get(reverse("report", args=[report.pk])).content.decode()
    assert b"".join(client.get(reverse("report_pdf", args=[report.pk])).streaming_content) == b"%PDF-1.7"


def test_an_exception_stands_in_the_report_of_who_completed_by_it():
    """Nothing but the project is missing: attendance alone would explain nothing (R46)."""
    cohort = make_assessed_cohort()
    enrolment = make_enrolment(cohort)
    mark_all(cohort, marks={enrolment.pk: "present"})
    score(cohort, enrolment, 2000, None)
    grant_exception(enrolment=enrolment, reason="the laptop was stolen", by=make_office(), at=LATER)
    close(cohort)

    (row,) = describe_cohort(cohort=cohort, at=LATER)["rows"]

    assert row["enrolment"].status == "completed"
    assert "Final project is required and has no score." in row["reasons"]
    assert row["reasons"][-1].endswith(": the laptop was stolen")
