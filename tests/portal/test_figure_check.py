"""The nightly check: whatever stands wrong is named, and nothing is mended."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from cohorts.models import AttendanceRecord, Enrolment
from cohorts.services import tallies
from cohorts.services.tallies import COLUMNS
from portal.figures.check import check_figures
from portal.figures.refresh import COUNTS, SPLIT, WEEK_COUNTS, refresh_figures
from portal.models import CohortCell, CohortWeek, FigureCheck, SplitTotal, WeekTotal
from tests.factories import LATER

pytestmark = pytest.mark.django_db


def test_the_check_finds_a_wrong_tally_and_a_wrong_summary_and_mends_neither(programme, office):
    refresh_figures()
    assert check_figures(started=LATER, clock=lambda: LATER).differences == 0

    Enrolment.objects.filter(cohort=programme[3], sessions_present__gt=0).update(sessions_present=9)
    refresh_figures()
    CohortCell.objects.filter(pk=CohortCell.objects.filter(cohort=programme[1]).first().pk).update(waiting=77)
    CohortWeek.objects.filter(pk=CohortWeek.objects.filter(cohort=programme[1]).first().pk).update(earned=1)
    check = check_figures(started=LATER, clock=lambda: LATER)

    # The cell and the week, the totals that they are part of, and each wrong tally.
    assert check.differences == 4 + Enrolment.objects.filter(sessions_present=9).count()
    assert CohortCell.objects.filter(waiting=77).exists()
    assert "figures differ from the ledger" in office.get("/manage/").content.decode()
    assert FigureCheck.objects.last().examples[0] in office.get("/manage/checks/").content.decode()


def _spoil(model, name):
    """Give one row another value past the product, as somebody with the database at hand would."""
    rows = model.objects.filter(status="enrolled") if model is Enrolment else model.objects.all()
    row = rows.order_by("-pk").first()
    value = getattr(row, name)
    if isinstance(value, int):
        wrong = value + 1
    elif isinstance(value, date):
        wrong = value + timedelta(days=7)
    else:
        wrong = "F" if value == "M" else "M"  # fits every column of words
    model.objects.filter(pk=row.pk).update(**{name: wrong})


SUMMARIES = {
    CohortCell: ("course", "city", "state", *SPLIT, *COUNTS),
    SplitTotal: ("course", "city", "state", *SPLIT, *COUNTS),
    CohortWeek: ("course", "city", "week", *SPLIT, *WEEK_COUNTS),
    WeekTotal: ("course", "city", "week", *SPLIT, *WEEK_COUNTS),
}


def _found():
    check = check_figures(started=LATER, clock=lambda: LATER)
    assert bool(check.differences) == bool(check.examples)
    return check.differences


def test_every_column_of_every_summary_and_tally_is_compared(programme):
    refresh_figures()
    unseen = []
    for model, names in {**SUMMARIES, Enrolment: COLUMNS}.items():
        for name in names:
            with transaction.atomic():
                _spoil(model, name)
                if not _found():
                    unseen.append(f"{model.__name__}.{name}")
                transaction.set_rollback(True)

    assert not unseen
    assert _found() == 0


def test_a_row_too_few_or_too_many_is_a_difference(programme):
    refresh_figures()
    unseen = []
    for model in (*SUMMARIES, AttendanceRecord):
        with transaction.atomic():
            model.objects.filter(pk=model.objects.first().pk).delete()
            unseen += [] if _found() else [f"{model.__name__} deleted"]
            transaction.set_rollback(True)
    for model in SUMMARIES:
        with transaction.atomic():
            row = model.objects.first()
            row.pk, row.province = None, "ZZ"
            row.save(force_insert=True)
            unseen += [] if _found() else [f"{model.__name__} added"]
            transaction.set_rollback(True)

    assert not unseen


@pytest.mark.parametrize(("parts", "total"), [(CohortCell, SplitTotal), (CohortWeek, WeekTotal)])
def test_a_wrong_place_is_a_difference_also_where_the_totals_agree(programme, parts, total):
    refresh_figures()
    for model in (parts, total):
        model.objects.filter(city="ISB").update(city="PEW")

    assert _found() == 1


def test_a_mark_changed_past_the_ledger_is_shown_although_its_tallies_agree(programme, office):
    refresh_figures()
    mark = AttendanceRecord.objects.filter(session__cohort=programme[3], status="absent").first()
    AttendanceRecord.objects.filter(pk=mark.pk).update(status="present", minutes=180)
    tallies.recompute(cohort=programme[3], enrolments=[mark.enrolment])
    refresh_figures()

    assert _found()
    said = f"enrolment {mark.enrolment_id} session {mark.session_id}: record present 180 min, ledger absent 0 min"
    assert said in office.get("/manage/checks/").content.decode()


def test_an_outcome_that_its_history_does_not_know_is_shown(programme, office):
    refresh_figures()
    changed = programme[2].enrolments.filter(status="not_completed").first()
    Enrolment.objects.filter(pk=changed.pk).update(status="completed", completed_on=LATER.date())
    refresh_figures()

    assert _found() == 1
    said = f"C-2 enrolment {changed.pk}: completed, history not_completed"
    assert said in office.get("/manage/checks/").content.decode()
