"""Issuing for the whole programme: the sums are those of the enrolments at every moment, the cohorts come in pages."""

import pytest
from django.utils import timezone

from certificates.models import Batch, Certificate
from certificates.services.issue import issue_certificates
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort, reopen_cohort
from portal import issuing
from portal.figures.refresh import refresh_figures
from portal.lists import runs
from portal.models import ActRun, StaleCohort
from tests.certificates.made import finish, make_closed_cohort
from tests.factories import LATER, make_cohort, make_enrolment, make_office
from trainees.models import Trainee

pytestmark = pytest.mark.django_db
ADDRESS = "/manage/certificates/issue/"
SUMS = ("due", "unprintable", "issued", "refused", "total")


@pytest.fixture
def office(client):
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def closed():
    """Three closed cohorts, one of them issued, and one in which nobody completed."""
    made = [
        make_closed_cohort("Ali Khan", "Zahra Bat0ol", code="B-1"),
        make_closed_cohort("Saba Naz", code="A-1"),
        make_closed_cohort("Noor Jahan", code="C-1"),
        make_cohort("D-1", sessions=1),
    ]
    issue_certificates(cohort=made[2], by=None, at=LATER)
    finish(made[2])
    absent = make_enrolment(made[3])
    mark_attendance(session=made[3].sessions.get(), marks=[Mark(absent.pk, "absent")], version=None, by=None, at=LATER)
    close_cohort(cohort=made[3], by=None, at=LATER)
    return made


def sums_of(page):
    return tuple(page.context[name] for name in SUMS)


@pytest.mark.parametrize("refreshed", [True, False])
def test_the_sums_and_the_cohorts_are_right_at_every_moment(office, closed, refreshed):
    if refreshed:
        refresh_figures()
    page = office.get(ADDRESS)
    assert sums_of(page) == (2, 1, 1, 1, 5)
    assert [(row.cohort.code, row.due, row.unprintable) for row in page.context["rows"]] == [
        ("A-1", 1, 0),
        ("B-1", 1, 1),
    ]

    Trainee.objects.filter(full_name="Zahra Bat0ol").update(full_name="Zahra Batool")
    Trainee.objects.filter(full_name="Saba Naz").update(full_name_ur="صبا ★")
    reopen_cohort(cohort=closed[3], reason="a mark was wrong", by=None, at=LATER)
    issue_certificates(cohort=closed[0], by=None, at=LATER)

    page = office.get(ADDRESS)
    assert sums_of(page) == (0, 1, 3, 0, 4)
    assert [(row.cohort.code, row.due, row.unprintable) for row in page.context["rows"]] == [("A-1", 0, 1)]
    refresh_figures()
    assert not StaleCohort.objects.exists()
    assert sums_of(office.get(ADDRESS)) == (0, 1, 3, 0, 4)


def test_a_page_of_cohorts_costs_the_same_whatever_their_number(office, closed, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(issuing, "SHOWN", 1)
    refresh_figures()

    for number, code in ((1, "A-1"), (2, "B-1")):
        with django_assert_num_queries(14):  # one of them for the side bar
            page = office.get(ADDRESS, {"page": number})
        assert [row.cohort.code for row in page.context["rows"]] == [code]
        assert sums_of(page) == (2, 1, 1, 1, 5)


def test_only_doubtful_names_are_looked_at_for_the_sums(office, closed, monkeypatch):
    refresh_figures()
    asked = []
    monkeypatch.setattr(issuing, "is_printable", lambda *names: asked.append(names))

    office.get(ADDRESS)

    assert asked == [("Zahra Bat0ol", "")]


def test_nobody_is_due_after_all_are_issued(office, closed):
    Trainee.objects.filter(full_name="Zahra Bat0ol").update(full_name="Zahra Batool")
    assert "Issue 3 certificates" in office.get(ADDRESS).content.decode()

    page = office.post(ADDRESS, follow=True)

    assert Certificate.objects.count() == 4
    assert sums_of(page) == (0, 0, 4, 1, 5)
    assert "Nobody is due a certificate now." in page.content.decode()


def test_many_cohorts_are_issued_by_the_worker_once_it_was_tried_and_confirmed(office, closed, monkeypatch):
    monkeypatch.setattr(issuing, "AT_ONCE", 1)

    shown = office.post(ADDRESS, follow=True)
    run = ActRun.objects.get()
    assert "Issue certificates" in shown.content.decode()
    assert runs.work_on(run_id=run.pk, clock=timezone.now)
    assert Batch.objects.count() == 1  # of the cohort that was issued before
    assert "Issue in 2 cohorts" in office.get(f"/manage/acts/{run.pk}/").content.decode()

    office.post(f"/manage/acts/{run.pk}/", {"step": "do"})
    assert runs.work_on(run_id=run.pk, clock=timezone.now)

    assert set(Batch.objects.values_list("cohort__code", "total")) == {("A-1", 1), ("B-1", 1), ("C-1", 1)}
    assert "2 batches of certificates are made" in office.get(f"/manage/acts/{run.pk}/").content.decode()
    assert sums_of(office.get(ADDRESS)) == (0, 1, 3, 1, 5)
