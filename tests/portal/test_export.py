"""Lists as files: the same rows as the page, safe to open, recorded."""

import csv
import io
import tracemalloc

import pytest
from python_calamine import CalamineWorkbook

from audit.models import AuditEntry
from portal.export.sheets import make_safe, stream_csv, write_xlsx
from tests.factories import make_cohort, make_enrolment, make_office, make_trainee
from trainees.models import Trainee

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def office(client):
    client.force_login(make_office(), backend=BACKEND)
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["trainees", "cohorts", "applications", "certificates"])
def test_a_file_has_the_rows_of_its_list_and_is_recorded(office, name):
    for city in ("LHE", "KHI"):
        make_enrolment(make_cohort(city=city))

    page = office.get(f"/manage/{name}/?city=LHE")
    text = b"".join(office.get(f"/manage/export/{name}/csv/?city=LHE&search=").streaming_content).decode()

    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert text.startswith("\ufeff")
    assert len(rows) - 1 == page.context["paginator"].count
    entry = AuditEntry.objects.get(act="list.export")
    assert (entry.detail["rows"], entry.detail["fields"]) == (len(rows) - 1, rows[0])
    assert entry.detail["filters"] == {"city": "LHE"}


@pytest.mark.django_db
def test_no_cell_is_a_formula_and_urdu_stays(office):
    trainee = make_trainee(full_name_ur="زینب نور")
    Trainee.objects.filter(pk=trainee.pk).update(full_name='=HYPERLINK("http://evil")')
    make_enrolment(make_cohort(), trainee)

    text = b"".join(office.get("/manage/export/trainees/csv/").streaming_content).decode("utf-8-sig")
    book = b"".join(office.get("/manage/export/trainees/xlsx/").streaming_content)

    assert next(csv.reader(io.StringIO(text.split("\n", 1)[1])))[1:3] == ['\'=HYPERLINK("http://evil")', "زینب نور"]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert sheet[1][1:3] == ['=HYPERLINK("http://evil")', "زینب نور"]  # a text, no formula: it has no value of its own


@pytest.mark.parametrize("start", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_what_might_be_a_formula_gets_an_apostrophe(start):
    assert make_safe(start) == "'" + start


def test_numbers_stay_numbers():
    assert [make_safe(-5), make_safe("5")] == [-5, "5"]


def test_two_hundred_thousand_rows_need_little_memory():
    rows = ((n, f"Name {n}", "زینب") for n in range(200_000))

    tracemalloc.start()
    size = sum(len(piece) for piece in stream_csv(["a", "b", "c"], rows))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert size > 4_000_000
    assert peak < 5_000_000


def test_a_workbook_is_written_row_by_row():
    file = write_xlsx(["a"], ([n] for n in range(3)))

    assert CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python() == [["a"], [0.0], [1.0], [2.0]]
