"""Reports as PDF: made once, with figures of one moment."""

import subprocess
import threading
from collections import Counter
from datetime import date, timedelta

import pdfua
import pytest
from django.db import connection
from django.urls import reverse
from python_calamine import CalamineWorkbook

from audit.models import AuditEntry
from cohorts.models import Enrolment
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import grant_exception
from portal.figures import Choice, count_programme
from portal.figures.moment import one_moment
from portal.models import Report
from portal.reports import cohorts as listed
from portal.reports import services
from portal.reports.cohorts import Line, Listing, read_lines
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


def sheet_of(report):
    """Return the rows of the workbook beside a report, as dictionaries."""
    head, *rows = CalamineWorkbook.from_path(report.sheet_path).get_sheet_by_index(0).to_python()
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_every_cohort_stands_in_the_workbook_and_the_sums_are_those_of_the_overview(cohort):
    planned = make_cohort("AI-KHI-02", city="KHI", state="planned")
    for status in ("enrolled", "enrolled", "waitlisted"):
        since = {"waitlisted_at": LATER, "enrolled_at": None} if status == "waitlisted" else {}
        Enrolment.objects.filter(pk=make_enrolment(planned).pk).update(status=status, standing="at_risk", **since)
    report = request_report(cohort=None, by=None, at=LATER)

    make(report)

    counts = count_programme(Choice()).counts
    rows = sheet_of(report)
    assert [row["Cohort"] for row in rows] == ["AI-KHI-02", "AI-LHE-01"]
    names = {"Placed": "placed", "Waiting": "waiting", "To start": "to_start", "Attending": "attending"}
    names |= {"At risk": "at_risk", "Completed": "completed", "Not completed": "not_completed"}
    names |= {"Certified": "certified", "Minutes attended": "earned", "Minutes possible": "possible"}
    assert {head: sum(row[head] for row in rows) for head in names} == {
        head: counts[key] for head, key in names.items()
    }
    assert (counts["placed"], counts["waiting"]) == (4, 1)
    assert [row["At risk"] for row in rows] == [0, 2]  # nobody is before a cohort runs
    assert (rows[1]["Attendance %"], rows[1]["Sessions held"], rows[1]["Policy"]) == (50, 2, "v1, 75 %")


def test_of_many_cohorts_the_pages_hold_courses_cities_and_the_worst(cohort, monkeypatch):
    make_enrolment(make_cohort("AI-KHI-02", city="KHI", course=cohort.course))
    monkeypatch.setattr(listed, "LISTED", 1)
    report = request_report(cohort=None, by=None, at=LATER)

    make(report)

    text = " ".join(read(report).split())
    assert "Cohorts by course and city" in text
    assert "AI-KHI-02" not in text  # nothing is known of its attendance yet
    assert "AI-LHE-01" in text.partition("lowest attendance")[2]
    assert "All 2 cohorts" in text


def test_what_is_kept_of_the_cohorts_does_not_grow_with_them():
    listing = Listing()
    for n in range(3_000):
        line = Line(
            value=f"C-{n:04}",
            counts=Counter(placed=30, earned=n, possible=3_000),
            course=f"Course {n % 5}",
            city="Lahore",
            starts_on=date(2020, 5, 4),
            ends_on=None,
            state="running",
            state_name="Running",
            capacity=40,
            held=1,
            planned=2,
            policy="v1, 75 %",
        )
        list(listing.keep(iter([line])))

    assert not listing.is_short
    assert len(listing.first) == listed.LISTED + 1
    assert [line.value for line in listing.worst] == [f"C-{n:04}" for n in range(listed.WORST)]
    assert len(listing.places) == 5
    assert (listing.total.counts["placed"], listing.total.counts["cohorts"]) == (90_000, 3_000)
    assert listing.total.counts["capacity"] == 120_000


def test_cohorts_are_read_in_parts_whose_statements_do_not_depend_on_the_cohorts(cohort, django_assert_num_queries):
    make_cohort("AI-KHI-02", city="KHI")

    with django_assert_num_queries(4):
        assert len(list(read_lines())) == 2


@pytest.mark.parametrize("limit", [0, 200])
def test_a_screen_reader_is_told_everything(cohort, monkeypatch, limit):
    monkeypatch.setattr(listed, "LISTED", limit)
    for of in (cohort, None):
        report = request_report(cohort=of, by=None, at=LATER)
        make(report)

        assert list(pdfua.validate(str(report.path)).findings) == []
        assert subprocess.run(["qpdf", "--check", report.path], capture_output=True).returncode == 0
        told = subprocess.run(["pdfinfo", report.path], capture_output=True, text=True).stdout
        assert "report of 1 December 2020" in told
        structure = subprocess.run(["pdfinfo", "-struct", report.path], capture_output=True, text=True).stdout
        kinds = {line.split()[0].rstrip(":") for line in structure.splitlines() if line.strip()}
        assert {"H1", "H2", "Table", "TH", "/Scope", "Figure"} <= kinds


@pytest.mark.django_db(transaction=True)
def test_figures_are_of_one_moment_and_nobody_who_writes_waits_for_them(cohort):
    def change():
        Enrolment.objects.update(standing="on_track")
        connection.close()

    with one_moment():
        before = count_programme(Choice()).counts
        writer = threading.Thread(target=change)
        writer.start()
        writer.join(timeout=60)
        assert not writer.is_alive()
        assert count_programme(Choice()).counts == before

    assert before["at_risk"] > 0
    assert count_programme(Choice()).counts["at_risk"] == 0


def test_the_office_sees_the_steps(cohort, client):
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")
    report = request_report(cohort=None, by=None, at=LATER)

    def draw(html):
        assert "3 of 3: drawing" in client.get(reverse("report", args=[report.pk])).content.decode()
        return b"%PDF-1.7"

    assert make(report, draw=draw)


def test_who_lost_the_claim_meanwhile_draws_nothing(cohort, monkeypatch):
    report = request_report(cohort=None, by=None, at=LATER)
    taken_over = lambda: Report.objects.filter(pk=report.pk).update(claim_token="somebody else")  # noqa: E731
    monkeypatch.setattr(services, "refresh_figures", taken_over)

    assert not make(report, draw=lambda html: pytest.fail("drawn all the same"))


def test_the_workbook_is_handed_over_and_that_is_written_down(cohort, client):
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")
    report = request_report(cohort=None, by=None, at=LATER)
    make(report, draw=lambda html: b"%PDF-1.7")
    address = reverse("report_cohorts", args=[report.pk])

    assert address in client.get(reverse("reports")).content.decode()
    answer = client.get(address)

    assert b"".join(answer.streaming_content) == report.sheet_path.read_bytes()
    assert "programme-2020-12-01-cohorts.xlsx" in answer["Content-Disposition"]
    entry = AuditEntry.objects.get(act="list.export")
    assert (entry.detail["rows"], entry.detail["fields"][0]) == (1, "Cohort")
    of_cohort = request_report(cohort=cohort, by=None, at=LATER)
    make(of_cohort, draw=lambda html: b"%PDF-1.7")
    assert client.get(reverse("report_cohorts", args=[of_cohort.pk])).status_code == 404


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
    assert not report.sheet_path.exists()


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
