"""Applicants as they really arrive, measured against the answers."""

import csv
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from admissions.models import Application
from courses.imports import load_json, read_courses, read_programme
from courses.services import import_courses

DATA = Path(__file__).parent.parent / "data"
DEMO = Path(__file__).parent.parent.parent / "demo"
pytestmark = pytest.mark.django_db
EXPECTED = {"accept": "accepted", "reject": "rejected"}
COLUMNS = {"dob": "date_of_birth", "course1": "course_1", "course2": "course_2"}
COLUMNS |= {name: name for name in ("cnic", "email", "mobile", "gender", "province", "city")}


@pytest.fixture
def courses():
    document = load_json(DEMO / "courses.json")
    at = datetime(2020, 3, 1, tzinfo=UTC)
    import_courses(programme=read_programme(document), courses=read_courses(document), by=None, at=at)


def run(path, *arguments, capsys):
    call_command("import_applicants", str(path), *arguments)
    return capsys.readouterr().out.strip().splitlines()[-1]


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_of_the_public_set_gets_its_verdict(courses, tmp_path, capsys):
    report = tmp_path / "report.csv"

    line = run(DATA / "applicants_2000.csv", "--report", str(report), capsys=capsys)

    rows, answers = read(report), read(DATA / "applicants_2000.answers.csv")
    table = Counter((answer["verdict"], row["verdict"]) for answer, row in zip(answers, rows, strict=True))
    print(f"\nanswer -> verdict: {dict(table)}")
    assert [row["line"] for row in rows] == [answer["line"] for answer in answers]
    assert all(EXPECTED.get(answer, answer) == verdict for answer, verdict in table)
    accepted = [(a, r) for a, r in zip(answers, rows, strict=True) if a["verdict"] == "accept"]
    wrong = {ours: sum(a[theirs] != r[ours] for a, r in accepted) for theirs, ours in COLUMNS.items()}
    assert wrong == dict.fromkeys(COLUMNS.values(), 0)
    assert line == "rows=2400 created=2088 updated=0 unchanged=0 duplicates=95 review=67 rejected=150"
    assert Application.objects.count() == 2400
    cnics = Application.objects.filter(status="accepted").values_list("cnic", flat=True)
    assert len(cnics) == len(set(cnics)) == 2088

    again = run(DATA / "applicants_2000.csv", capsys=capsys)

    assert again == "rows=2400 created=0 updated=0 unchanged=2088 duplicates=95 review=67 rejected=150"
    assert Application.objects.count() == 2400


def test_the_excel_variant_is_read_alike(courses, tmp_path, capsys):
    report = tmp_path / "report.csv"

    run(DATA / "applicants_xlsx_200.xlsx", "--report", str(report), "--dry-run", capsys=capsys)

    answers = read(DATA / "applicants_xlsx_200.answers.csv")
    for answer, row in zip(answers, read(report), strict=True):
        assert (row["cnic"], row["mobile"], row["date_of_birth"]) == (answer["cnic"], answer["mobile"], answer["dob"])
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(";", "utf-8-sig"), ("\t", "utf-16"), ("|", "utf-8"), (";", "utf-16-be")]
)
def test_encoding_delimiter_and_header_line_are_detected(courses, tmp_path, capsys, delimiter, encoding):
    rows = read(DATA / "applicants_2000.csv")[:40]
    path = tmp_path / "export.csv"
    with open(path, "w", encoding=encoding, newline="") as file:
        file.write(f"Applications 2020{delimiter * 3}\r\n\r\n")
        writer = csv.DictWriter(file, list(reversed(rows[0])), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)

    line = run(path, "--dry-run", capsys=capsys)

    answers = read(DATA / "applicants_2000.answers.csv")[:40]
    accepted = sum(answer["verdict"] == "accept" for answer in answers)
    assert line.startswith(f"rows=40 created={accepted} ")


def test_headers_that_meaning_cannot_find_are_named(courses, tmp_path, capsys):
    path = tmp_path / "odd.csv"
    header = "Wer,Mail,Ausweis,Handy,Geburtstag,Wunsch\n"
    path.write_text(header + "Ali Khan,ali@example.org,30000-1234567-1,03641234567,01/02/1998,AI\n", encoding="utf-8")
    names = {
        "full name": "Wer",
        "cnic": "Ausweis",
        "mobile": "Handy",
        "date of birth": "Geburtstag",
        "course 1": "Wunsch",
    }

    with pytest.raises(CommandError, match="not found"):
        call_command("import_applicants", str(path))
    line = run(path, *[part for k, v in names.items() for part in ("--map", f"{k}={v}")], capsys=capsys)

    assert line == "rows=1 created=1 updated=0 unchanged=0 duplicates=0 review=0 rejected=0"


def _bomb(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (250 << 20))


def _large(path):
    with open(path, "wb") as file:
        file.truncate(50 << 20)


BAD = {
    "missing.csv": lambda path: None,
    "empty.csv": lambda path: path.write_bytes(b""),
    "blank.csv": lambda path: path.write_text("\n\n\n"),
    "picture.csv": lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40),
    "binary.csv": lambda path: path.write_bytes(bytes(range(256)) * 40),
    "notes.csv": lambda path: path.write_text("Dear all,\nplease find the list attached.\n"),
    "cut.csv": lambda path: path.write_bytes((DATA / "applicants_2000.csv").read_bytes()[:5000] + b',"cut'),
    "cut.xlsx": lambda path: path.write_bytes((DATA / "applicants_xlsx_200.xlsx").read_bytes()[:20000]),
    "bomb.xlsx": _bomb,
    "large.csv": _large,
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_read_is_refused_before_anything_is_written(courses, tmp_path, name):
    path = tmp_path / name
    BAD[name](path)

    with pytest.raises(CommandError):
        call_command("import_applicants", str(path))

    assert not Application.objects.exists()
