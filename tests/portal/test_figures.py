"""The figures behind the overview: summaries, weeks and forecast, from the enrolments at every moment."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certificates.models import Certificate
from cohorts.models import (
    Holiday,
    Session,
)
from cohorts.services.enrolment import withdraw
from portal.figures import Choice, Week, count_programme, read_weeks, refresh
from portal.figures.check import check_figures
from portal.figures.refresh import monday_of, refresh_figures
from portal.models import CohortCell, CohortWeek, SplitTotal, StaleCohort, StaleWeeks
from portal.week_chart import draw_weeks, forecast
from tests.factories import LATER, START
from tests.portal.minutes import sum_minutes
from trainees.models import Trainee

pytestmark = pytest.mark.django_db
MONDAY = monday_of(START.date())


def test_summaries_count_the_same_as_the_enrolments_and_changes_show_at_once(programme):
    before = count_programme(Choice()).counts
    assert before["placed"] == before["to_start"] + sum(
        before[name] for name in ("on_track", "at_risk", "completed", "not_completed")
    )
    assert StaleCohort.objects.exists()

    assert refresh_figures() == 4
    assert not StaleCohort.objects.exists()
    assert count_programme(Choice()).counts == before
    withdraw(enrolment=programme[3].enrolments.filter(status="enrolled").first(), by=None, at=LATER, notify=False)
    Trainee.objects.filter(enrolments__cohort=programme[2]).update(gender="F")

    after = count_programme(Choice())
    assert after.counts["left"] == before["left"] + 1
    assert sum(row.counts["placed"] for row in after.splits["gender"]) == after.counts["placed"]
    refresh_figures()
    assert count_programme(Choice()).counts == after.counts


def test_weeks_sum_the_minutes_of_everybody_on_the_register(programme):
    refresh_figures()
    weeks = {week.monday: week for week in read_weeks(Choice(city="LHE"))}

    # Two cohorts of Lahore, and one person of them left: those minutes are in neither sum.
    assert (weeks[MONDAY].earned, weeks[MONDAY].possible) == sum_minutes(cohort__city="LHE")


@pytest.mark.parametrize("choice", [{"gender": "F"}, {"province": "PB", "category": "graduate"}, {"course": "DS"}])
def test_weeks_are_narrowed_by_every_filter(programme, choice):
    refresh_figures()
    paths = {"course": "cohort__course__code"}

    (week,) = [week for week in read_weeks(Choice(**choice)) if week.possible]

    who = {paths.get(name, f"trainee__{name}"): value for name, value in choice.items()}
    assert (week.earned, week.possible) == sum_minutes(**who)
    counts = count_programme(Choice(**choice)).counts
    finishing = week.completed, week.expected, week.reachable, week.to_start
    reachable = counts["at_risk"] - counts["cannot_reach"]
    assert finishing == (counts["completed"], counts["on_track"], reachable, counts["to_start"])


def test_a_session_that_moves_to_another_week_takes_its_minutes_along(programme):
    refresh_figures()
    held = programme[3].sessions.get(number=4)
    Session.objects.filter(pk=held.pk).update(date=held.date + timedelta(days=28))

    assert StaleCohort.objects.filter(cohort_id=programme[3].pk).exists()
    refresh_figures()

    assert check_figures(started=LATER, clock=lambda: LATER).differences == 0
    later = CohortWeek.objects.filter(cohort=programme[3], week=MONDAY + timedelta(days=28))
    assert sum(week.possible for week in later) == 6 * 180


def test_the_forecast_adds_up_to_everybody_who_can_still_complete(programme):
    refresh_figures()
    counts = count_programme(Choice()).counts

    last = forecast(read_weeks(Choice()), today=date(2020, 5, 1))[-1]

    assert last.done == counts["completed"] + counts["on_track"]
    assert last.most == last.done + counts["at_risk"] - counts["cannot_reach"]
    assert last.open == last.most + counts["to_start"]
    assert forecast(read_weeks(Choice()), today=date(2021, 1, 1))[-1].done == last.done


def test_the_picture_of_the_weeks_names_holidays_minimum_and_a_change_of_year(programme):
    Holiday.objects.create(date=START.date() + timedelta(days=1), name="Eid-ul-Fitr (moved)")
    refresh_figures()
    later = Week(date(2021, 3, 1), earned=80, possible=100)

    picture = draw_weeks(forecast([*read_weeks(Choice()), later], today=date(2021, 4, 1)), minimum=75, target=30)

    for words in (">Eid-ul-Fitr<", ">min 75<", ">2020<", ">2021<", ">80.0 %<", "⋯"):
        assert words in picture


def test_a_sweep_that_was_overtaken_writes_nothing(programme, monkeypatch):
    """Two sweeps read the same notes; the slower one counted before a change that the faster one has seen."""
    count = refresh.count_weeks

    def overtaken(cohorts):
        found = list(count(cohorts))
        monkeypatch.setattr(refresh, "count_weeks", count)
        withdraw(enrolment=programme[3].enrolments.filter(status="enrolled").first(), by=None, at=LATER, notify=False)
        refresh_figures()
        return found

    monkeypatch.setattr(refresh, "count_weeks", overtaken)
    refresh_figures()

    assert not StaleCohort.objects.exists()
    assert check_figures(started=LATER, clock=lambda: LATER).differences == 0


def rows_of(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return len(cursor.fetchall())


def test_what_stale_cohorts_had_is_summed_by_the_database(programme):
    """A bulk change leaves a thousand cohorts stale: 25,000 cells, which must not all be read by the page."""
    refresh_figures()
    for cohort in (programme[1], programme[3]):  # of one course and city
        StaleCohort.objects.create(cohort_id=cohort.pk)

    with CaptureQueriesContext(connection) as queries:
        count_programme(Choice())

    cells = CohortCell.objects.filter(cohort__in=[programme[1].pk, programme[3].pk])
    groups = set(cells.values_list("state", "province", "gender", "category"))
    assert len(groups) < cells.count()
    assert rows_of(queries[0]["sql"]) == SplitTotal.objects.count() + len(groups)


def test_a_list_of_a_stage_counts_stale_cohorts_without_their_people(programme, office):
    StaleCohort.objects.create(cohort_id=programme[1].pk)

    with CaptureQueriesContext(connection) as queries:
        office.get("/manage/trainees/?stage=at_risk")

    asked = [each["sql"] for each in queries if "UNION ALL" not in each["sql"]]  # which is the side bar's
    counted = [sql for sql in asked if "portal_stalecohort" in sql and 'FROM "cohorts_enrolment"' in sql]
    assert len(counted) == 1
    assert "trainees_trainee" not in counted[0]
    assert "certificates_certificate" not in counted[0]


def test_a_person_with_a_revoked_and_a_new_certificate_is_counted_once(programme):
    before = count_programme(Choice()).counts
    certificate = Certificate.objects.filter(state="issued").first()
    Certificate.objects.filter(pk=certificate.pk).update(state="revoked", revoked_at=LATER, revocation_reason="name")
    assert count_programme(Choice()).counts["certified"] == before["certified"] - 1
    certificate.pk, certificate.code, certificate.serial, certificate.status_index = None, "NEW", "NEW", 99_999
    certificate.save()

    assert count_programme(Choice()).counts == before


def test_cells_are_made_anew_first_and_weeks_follow(programme):
    counts = count_programme(Choice()).counts
    assert refresh_figures(weeks=0) == 4

    assert not StaleCohort.objects.exists()
    assert StaleWeeks.objects.count() == 4
    assert read_weeks(Choice()) == []
    assert count_programme(Choice()).counts == counts
    assert check_figures(started=LATER, clock=lambda: LATER).differences == 0  # what follows is not compared

    assert refresh_figures() == 0
    assert not StaleWeeks.objects.exists()
    assert read_weeks(Choice()) != []
    assert check_figures(started=LATER, clock=lambda: LATER).differences == 0


def test_cells_that_were_overtaken_are_not_written(programme, monkeypatch):
    count = refresh.count_cells

    def overtaken(*args):
        found = list(count(*args))
        monkeypatch.setattr(refresh, "count_cells", count)
        withdraw(enrolment=programme[3].enrolments.filter(status="enrolled").first(), by=None, at=LATER, notify=False)
        refresh_figures()
        return found

    monkeypatch.setattr(refresh, "count_cells", overtaken)
    refresh_figures()

    assert not StaleCohort.objects.exists()
    assert check_figures(started=LATER, clock=lambda: LATER).differences == 0
