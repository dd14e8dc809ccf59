"""The nightly check: whatever stands wrong is named, and nothing is mended."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cohorts.models import AttendanceRecord, CompletionException, Enrolment, OutcomeChange, Score
from cohorts.services import tallies
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import grant_exception
from cohorts.services.ledger import find_differences
from cohorts.services.tallies import COLUMNS
from portal.figures.check import check_figures
from portal.figures.refresh import COUNTS, SPLIT, WEEK_COUNTS, refresh_figures
from portal.models import CohortCell, CohortWeek, FigureCheck, SplitTotal, WeekTotal
from tests.cohorts.assessed import close, make_assessed_cohort, mark_all, score
from tests.factories import LATER, make_enrolment

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
    CohortWeek: ("course", "city", "week", "wave", *SPLIT, *WEEK_COUNTS),
    WeekTotal: ("course", "city", "week", "wave", *SPLIT, *WEEK_COUNTS),
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


@pytest.fixture
def assessed():
    """A closed cohort: one completed by score, one failed by it, one completed by exception."""
    cohort = make_assessed_cohort(code="DS-1")
    good, poor, excepted = people = [make_enrolment(cohort) for _ in range(3)]
    mark_all(cohort, marks={each.pk: "present" for each in people})
    score(cohort, good, 1200, 3000)
    score(cohort, poor, 1100, 3000)
    grant_exception(enrolment=excepted, reason="ill during both", by=None, at=LATER)
    close(cohort)
    refresh_figures()
    cohort.refresh_from_db()
    return cohort, *people


def _said(cohort):
    """What both checks say of a cohort, which is the same."""
    check = check_figures(started=LATER, clock=lambda: LATER)
    assert check.examples == [f"{cohort.code} {line}" for line in find_differences(cohort)[1]]
    return check.examples


def test_scores_and_outcomes_that_follow_from_their_records_are_no_difference(assessed):
    assert list(assessed[0].enrolments.order_by("pk").values_list("status", flat=True)) == [
        "completed",
        "not_completed",
        "completed",
    ]
    assert _said(assessed[0]) == []


def test_a_score_changed_past_its_history_is_shown_with_the_outcome_that_rests_on_it(assessed):
    cohort, _good, poor, _excepted = assessed
    quiz = poor.scores.order_by("pk").first()
    Score.objects.filter(pk=quiz.pk).update(hundredths=1950)

    assert _said(cohort) == [
        f"DS-1 enrolment {poor.pk} assessment {quiz.assessment_id}: score 19.5, history 11",
        f"DS-1 enrolment {poor.pk}: not_completed (attendance_reached, score_below_pass_mark, work_done), "
        "its records say completed (attendance_reached, score_reached, work_done)",
    ]


def test_a_score_that_vanished_or_that_nobody_entered_is_shown(assessed):
    cohort, good, _poor, excepted = assessed
    quiz, project = good.scores.order_by("pk")
    Score.objects.filter(pk=project.pk).update(enrolment=excepted)

    said = _said(cohort)

    assert f"DS-1 enrolment {good.pk} assessment {project.assessment_id}: score none, history 30" in said
    assert f"DS-1 enrolment {excepted.pk} assessment {project.assessment_id}: score 30, history none" in said
    assert not any(f"assessment {quiz.assessment_id}:" in line for line in said)


def test_an_outcome_without_the_exception_that_it_rests_on_is_shown(assessed):
    cohort, *_others, excepted = assessed
    CompletionException.objects.all().delete()

    (line,) = _said(cohort)

    assert line.startswith(f"DS-1 enrolment {excepted.pk}: completed (")
    assert "its records say not_completed" in line


def test_an_outcome_entered_with_a_history_of_its_own_is_shown(assessed):
    cohort, _good, poor, _excepted = assessed
    done = {"completed_on": LATER.date(), "reasons": []}
    Enrolment.objects.filter(pk=poor.pk).update(status="completed", **done)
    OutcomeChange.objects.create(enrolment=poor, old_status="not_completed", new_status="completed", at=LATER, **done)
    refresh_figures()

    (line,) = _said(cohort)

    assert line.startswith(f"DS-1 enrolment {poor.pk}: completed (), its records say not_completed")


@pytest.mark.parametrize(("name", "value"), [("reasons", []), ("completed_on", date(2020, 1, 1))])
def test_reasons_and_first_date_are_those_of_the_history(assessed, name, value):
    cohort, good, *_others = assessed
    Enrolment.objects.filter(pk=good.pk).update(**{name: value})

    assert _said(cohort) == [f"DS-1 enrolment {good.pk}: {name} of the outcome, history differs"]


def test_a_mark_corrected_after_the_closing_shows_the_outcome_that_no_longer_follows(assessed):
    cohort, good, *_others = assessed
    for session in cohort.sessions.filter(number__lte=2):
        absent = [Mark(good.pk, "absent")]
        mark_attendance(
            session=session, marks=absent, version=None, by=None, at=LATER, reason="was not there", may_correct=True
        )
    refresh_figures()

    (line,) = _said(cohort)

    assert line.startswith(f"DS-1 enrolment {good.pk}: completed (attendance_reached")
    assert "its records say not_completed (attendance_below_minimum" in line


def test_the_check_takes_the_same_number_of_queries_for_any_number_of_people(assessed, django_assert_num_queries):
    cohort = assessed[0]
    with CaptureQueriesContext(connection) as few:
        find_differences(cohort)
    more = make_assessed_cohort(code="DS-2")
    people = [make_enrolment(more) for _ in range(9)]
    mark_all(more, marks={each.pk: "present" for each in people})
    for each in people:
        score(more, each, 1200, 3000)
    close(more)
    more.refresh_from_db()

    with django_assert_num_queries(len(few)):
        find_differences(more)
    assert len(few) <= 15
