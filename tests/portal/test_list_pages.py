"""Pages of a list: how many rows there are, and the same rows from either end."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cohorts.models import Enrolment
from portal.figures.refresh import refresh_figures
from portal.lists import pages
from portal.lists import views as list_views
from tests.factories import make_cohort, make_enrolment, make_office, make_trainee

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def five():
    cohort = make_cohort(city="LHE", capacity=9)
    return [make_enrolment(cohort).pk for _ in range(5)]


@pytest.mark.parametrize("query", ["", "city=LHE", "status=enrolled", "order=-missed"])
def test_every_page_has_its_own_rows_from_whichever_end_it_is_read(office, five, query, monkeypatch):
    monkeypatch.setattr(list_views, "PAGE", 2)

    found = [
        [each.pk for each in office.get(f"/manage/trainees/?{query}&page={number}").context["object_list"]]
        for number in (1, 2, 3)
    ]

    assert [len(page) for page in found] == [2, 2, 1]
    assert [pk for page in found for pk in page] == sorted(five, reverse=True)


def test_many_rows_are_counted_to_a_bound_which_the_page_says(office, five, monkeypatch):
    monkeypatch.setattr(pages, "MOST", 3)

    page = office.get("/manage/trainees/?status=enrolled")

    assert page.context["paginator"].count == 3
    assert "of more than 3" in page.content.decode()


@pytest.mark.parametrize("order", ["", "name", "-name", "number", "-cohort", "missed"])
@pytest.mark.parametrize("query", ["search=Person", "search=T-20", "status=enrolled", "search=Person&city=LHE"])
def test_few_rows_and_many_stand_in_the_same_order(office, monkeypatch, query, order):
    for name in ("Person Baz", "Person Ali", "Person Ali", "Person Dua", "Person Cem"):
        make_enrolment(make_cohort(city="LHE"), make_trainee(full_name=name))
    monkeypatch.setattr(list_views, "PAGE", 2)

    def read(most):
        monkeypatch.setattr(pages, "MOST", most)
        with CaptureQueriesContext(connection) as queries:
            answers = [office.get(f"/manage/trainees/?{query}&order={order}&page={n}") for n in (1, 2)]
        assert answers[0].context["paginator"].is_bounded == (most < 5)
        return [[each.pk for each in answer.context["object_list"]] for answer in answers], len(queries)

    assert read(4) == read(9)


@pytest.mark.parametrize("query", ["", "city=LHE", "stage=placed&city=LHE"])
def test_what_a_summary_knows_is_exact_beyond_the_bound_and_at_once(office, five, query, monkeypatch):
    monkeypatch.setattr(pages, "MOST", 3)
    refresh_figures()
    before = office.get(f"/manage/trainees/?{query}").context["paginator"].count
    Enrolment.objects.filter(pk=five[0]).delete()

    page = office.get(f"/manage/trainees/?{query}")

    assert (before, page.context["paginator"].count) == (5, 4)
    assert "more than" not in page.content.decode()


@pytest.mark.parametrize("query", ["course=TOO-LONG-FOR-A-CODE", "city=nowhere", "stage=nothing"])
def test_a_filter_that_means_nobody_counts_nobody(office, five, query):
    assert office.get(f"/manage/trainees/?{query}").context["paginator"].count == 0
