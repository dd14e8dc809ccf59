"""Scores in the grid: whole or not at all, a line of history for each change (R2, R21)."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from cohorts.models import Score, ScoreChange
from cohorts.services.score_files import score_columns
from cohorts.services.scores import UnusableScore
from tests.cohorts.assessed import BACKEND, make_assessed_cohort, score
from tests.factories import make_cohort, make_enrolment, make_instructor

pytestmark = pytest.mark.django_db


def test_a_score_saved_twice_leaves_one_line_and_history_cannot_be_changed():
    cohort = make_assessed_cohort()
    enrolment = make_enrolment(cohort)

    assert score(cohort, enrolment, 1000, 2000) == {"changed": 2, "unchanged": 0}
    assert score(cohort, enrolment, 1000, 2500) == {"changed": 1, "unchanged": 1}
    assert score(cohort, enrolment, None, 2500) == {"changed": 1, "unchanged": 1}

    assert Score.objects.count() == 1
    assert list(ScoreChange.objects.order_by("id").values_list("old", "new")) == [
        (None, 1000),
        (None, 2000),
        (2000, 2500),
        (1000, None),
    ]
    with pytest.raises(DatabaseError), transaction.atomic():
        ScoreChange.objects.update(new=1)
    cohort.refresh_from_db()
    assert cohort.policy.version == 2  # the first score fixes the policy (R21)


def test_scores_of_strangers_or_beyond_all_points_are_refused_whole():
    cohort = make_assessed_cohort()
    enrolment, stranger = make_enrolment(cohort), make_enrolment(make_cohort())

    with pytest.raises(UnusableScore):
        score(cohort, enrolment, 1000, 5001)
    with pytest.raises(UnusableScore):
        score(cohort, stranger, 1000, 5000)

    assert not Score.objects.exists()


def test_the_grid_saves_for_instructors_and_shows_faults_with_what_was_typed(client):
    cohort = make_assessed_cohort()
    enrolment = make_enrolment(cohort)
    client.force_login(make_instructor(cohort), backend=BACKEND)
    quiz, project = (column.id for column in score_columns(cohort))
    page = reverse("cohort_scores", args=[cohort.code])

    refused = client.post(page, {f"s-{enrolment.pk}-{quiz}": "12", f"s-{enrolment.pk}-{project}": "seven"})
    assert refused.status_code == 422
    assert 'value="seven"' in refused.content.decode()
    assert not Score.objects.exists()

    client.post(page, {f"s-{enrolment.pk}-{quiz}": "۱۲٫۵", f"s-{enrolment.pk}-{project}": ""})
    assert Score.objects.get().hundredths == 1250
    assert client.post(page, {"payload": "[[1,2"}).status_code == 422


def test_a_stale_grid_keeps_what_another_changed_and_refuses_what_both_changed(client):
    cohort = make_assessed_cohort()
    first, second = make_enrolment(cohort), make_enrolment(cohort)
    score(cohort, first, 1000, 2000)
    client.force_login(make_instructor(cohort), backend=BACKEND)
    quiz, project = (column.id for column in score_columns(cohort))
    page = reverse("cohort_scores", args=[cohort.code])
    seen = client.get(page).context["seen"]
    score(cohort, first, 1500, 2000)  # in another tab meanwhile

    other = {f"s-{first.pk}-{quiz}": "10", f"s-{first.pk}-{project}": "25", f"s-{second.pk}-{quiz}": "7"}
    client.post(page, {**other, "seen": seen})
    assert sorted(Score.objects.values_list("hundredths", flat=True)) == [700, 1500, 2500]

    both = {f"s-{first.pk}-{quiz}": "11", f"s-{first.pk}-{project}": "20", f"s-{second.pk}-{quiz}": "8", "seen": seen}
    refused = client.post(page, both)
    assert refused.status_code == 422
    said = refused.content.decode()
    assert f"{first.trainee.full_name}, Quiz: 15" in said
    assert 'value="11"' in said
    assert 'value="25"' in said  # untouched here, so the other's stands in the field
    assert sorted(Score.objects.values_list("hundredths", flat=True)) == [700, 1500, 2500]

    client.post(page, {f"s-{first.pk}-{quiz}": "11", "seen": refused.context["seen"]})
    assert Score.objects.get(enrolment=first, assessment=quiz).hundredths == 1100
