"""Scores from files: a verdict per row, nothing written before it is confirmed (R30)."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from openpyxl import Workbook

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


def book(*sheets):
    """Return a workbook as a program writes it: formulas without results."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for number, rows in enumerate(sheets, 1):
        sheet = workbook.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def upload(client, cohort, content, name="scores.xlsx"):
    client.force_login(make_office("Programme office"), backend=BACKEND)
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("cohort_scores_preview", args=[cohort.code]), {"file": file})


HEAD = ["Trainee No", "Name", "Quiz", "Final project"]
URDU = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def two_lines(first, second):
    return (
        f"The heading stands in two lines, {first} and {second}. Write the name of each column into line {second}, "
        f"without merged cells, and delete line {first}."
    )


def test_each_row_of_a_workbook_gets_the_verdict_that_it_deserves(client):
    cohort = make_assessed_cohort()
    numbers = [make_enrolment(cohort).trainee.number for _ in range(6)]
    typed = [
        ("۱۲٫۵", "٤٠"),
        ("12,5", 40.25),
        ("=10+2", 40),
        ("1,000", 1),
        ("1e1", "1_0"),
        (True, None),
    ]
    rows = [[number, "x", *cells] for number, cells in zip(numbers, typed, strict=True)]

    answer = upload(client, cohort, book([["Spring term"], HEAD, *rows], [["Notes"]]))

    found = {each.row.line: (each.verdict, each.message) for each, _points in answer.context["lines"]}
    assert found == {
        3: ("new", ""),
        4: ("new", ""),
        5: ("rejected", 'Quiz: "=10+2" is no number of points.'),
        6: ("rejected", "Quiz: 1,000: write it without a comma, or with a point."),
        7: ("rejected", 'Quiz: "1e1" is no number of points. Final project: "1_0" is no number of points.'),
        8: ("rejected", 'Quiz: "Yes" is no number of points.'),
    }
    assert [hundredths for _who, _what, hundredths in json.loads(answer.context["payload"])] == [1250, 4000, 1250, 4025]


@pytest.mark.parametrize(
    "write", [str.lower, lambda number: number.replace("-", " "), lambda number: number.translate(URDU)]
)
def test_a_trainee_number_is_read_however_it_is_written(client, write):
    cohort = make_assessed_cohort()
    number = make_enrolment(cohort).trainee.number

    answer = upload(client, cohort, f"Roll No;Quiz\r\n{write(number)};20\r\n".encode("utf-8-sig"), "scores.csv")

    assert [each.verdict for each, _points in answer.context["lines"]] == ["new"]


def test_a_percentage_typed_into_a_spreadsheet_is_one(client):
    """A person types 45% and the cell holds 0.45."""
    cohort = make_assessed_cohort()
    numbers = [make_enrolment(cohort).trainee.number for _ in range(3)]
    workbook = Workbook()
    sheet = workbook.active
    for row in (HEAD, [numbers[0], "x", 0.55, 0.07], [numbers[1], "x", 0.6, 1 / 3], [numbers[2], "x", 0.5, 0.5]):
        sheet.append(row)
    for cell, shown in (("C2", "0%"), ("D2", "0.0 %"), ("C3", "0.00%"), ("D3", "0%"), ("C4", '0.0"%"')):
        sheet[cell].number_format = shown
    file = io.BytesIO()
    workbook.save(file)

    lines = upload(client, cohort, file.getvalue()).context["lines"]

    assert [points for _each, points in lines] == [["11", "3.5"], ["12", ""], ["0.5", "0.5"]]
    assert "33.33333333333333%: at most two decimals" in lines[1][0].message


@pytest.mark.parametrize(
    ("header", "points"),
    [("Quiz %", "10"), ("quiz (%)", "10"), ("Quiz, percent", "10"), ("Quiz (30 %)", ""), ("Quiz (30%)", "")],
)
def test_a_column_may_be_in_percent(client, header, points):
    cohort = make_assessed_cohort()
    number = make_enrolment(cohort).trainee.number

    (line,) = upload(client, cohort, f"number;{header}\n{number};50\n".encode(), "scores.csv").context["lines"]

    assert line[1][0] == points  # of 20 points 50 cannot be scored


@pytest.mark.parametrize("payload", ["[" * 100_000, "[[1, 2]]", "5", "[[1, 2, 3.5]]", "[[true, 2, 3]]"])
def test_a_preview_that_was_tampered_with_is_refused(client, payload):
    cohort = make_assessed_cohort()
    client.force_login(make_office("Programme office"), backend=BACKEND)

    answer = client.post(reverse("cohort_scores", args=[cohort.code]), {"payload": payload})

    assert (answer.status_code, answer.context["errors"]) == (422, ["The preview is damaged; upload the file again."])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (book([HEAD]), "There is no row below the heading."),
        (book([HEAD, ["T", "x", 1, 2]], [HEAD, ["T", "x", 3, 4]]), "More than one sheet holds scores"),
        (book([[*HEAD, "quiz"], ["T", "x", 1, 2, 3]]), "Two columns are called Quiz. Leave one."),
        (book([]), "The file is empty."),
        (book([["Name", "Quiz"], ["x", 1]]), "No column holds the trainee number"),
        (book([["Trainee No", "Scores", ""], ["", "Quiz", "Final project"], ["T", 1, 2]]), two_lines(1, 2)),
        (
            book([["Spring"], ["Trainee No", "E-mail", "Scores"], ["", "", "Quiz"], ["T", "", 1]]),
            two_lines(2, 3),
        ),
        (b"Quiz,Final project,\n,,Trainee No\n1,2,T\n", two_lines(1, 2)),
        (b"Name,Quiz\nali@mail.example,1\n", "No column holds the trainee number"),
        (book([["Trainee No", "Essay"], ["T", 1]]), "No column is called as an assessment: Quiz, Final project."),
        (b"PK\x03\x04 cut off", "damaged or cut off"),
    ],
)
def test_a_file_that_could_be_misread_is_refused_as_a_whole(client, content, said):
    cohort = make_assessed_cohort()
    make_enrolment(cohort)

    answer = upload(client, cohort, content)

    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_confirmed_file_does_not_write_over_what_changed_since_its_preview(client):
    cohort = make_assessed_cohort()
    enrolment = make_enrolment(cohort)
    preview = upload(client, cohort, f"number,quiz\n{enrolment.trainee.number},20\n".encode(), "scores.csv").context
    score(cohort, enrolment, 1500, None)

    answer = client.post(
        reverse("cohort_scores", args=[cohort.code]), {"payload": preview["payload"], "seen": preview["seen"]}
    )

    assert answer.status_code == 422
    assert Score.objects.get().hundredths == 1500
