"""Scores from files: a verdict per row, nothing written before it is confirmed (R30)."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from cohorts.imports.scores import read_scores
from cohorts.models import Score, ScoreChange
from cohorts.services.score_files import examine_scores, score_columns
from tests.cohorts.assessed import BACKEND, make_assessed_cohort, score
from tests.factories import make_enrolment, make_office

pytestmark = pytest.mark.django_db


def test_a_file_of_scores_gets_a_verdict_per_row(tmp_path):
    cohort = make_assessed_cohort()
    people = [make_enrolment(cohort) for _ in range(3)]
    score(cohort, people[1], 1000, 2000)
    path = tmp_path / "scores.csv"
    lines = [
        "Trainee No,Final Project (of 50),Quiz",
        f"{people[0].trainee.number},42.5,90%",
        f"{people[1].trainee.number},20,10",
        f"{people[2].trainee.number},51,x",
        f"{people[0].trainee.number},1,1",
        "T-20-99999,1,1",
    ]
    path.write_text("\n".join(lines), encoding="utf-8-sig")

    rows = read_scores(path, score_columns(cohort), size_limit=10**6)
    examined = examine_scores(cohort=cohort, rows=rows)

    assert [each.verdict for each in examined.rows] == ["new", "unchanged", "rejected", "rejected", "rejected"]
    assert sum(examined.counts.values()) == 5
    assert sorted(each.hundredths for each in examined.entries if each.enrolment_id == people[0].pk) == [1800, 4250]
    assert "0 to 50 can be scored" in examined.rows[2].message
    assert '"x" is no number' in examined.rows[2].message


def test_a_file_is_previewed_and_written_only_when_confirmed(client, tmp_path):
    cohort = make_assessed_cohort()
    enrolment = make_enrolment(cohort)
    client.force_login(make_office("Programme office"), backend=BACKEND)
    path = tmp_path / "scores.csv"
    path.write_text(f"number,quiz\n{enrolment.trainee.number},20\n", encoding="utf-8")

    with path.open("rb") as file:
        answer = client.post(reverse("cohort_scores_preview", args=[cohort.code]), {"file": file})
    assert not Score.objects.exists()
    client.post(reverse("cohort_scores", args=[cohort.code]), {"payload": answer.context["payload"]})

    assert Score.objects.get().hundredths == 2000
    assert ScoreChange.objects.get().channel == "import"


def test_the_import_command_counts_add_up(tmp_path, capsys):
    cohort = make_assessed_cohort()
    enrolment = make_enrolment(cohort)
    path = tmp_path / "scores.csv"
    path.write_text(f"number,quiz\n{enrolment.trainee.number},20\nnobody,3\n", encoding="utf-8")

    call_command("import_scores", str(path), "--cohort", cohort.code)

    assert capsys.readouterr().out.strip() == "rows=2 created=1 updated=0 unchanged=0 rejected=1"
    assert Score.objects.get().hundredths == 2000
