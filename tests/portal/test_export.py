"""Lists as files: the same rows as the page, safe to open, recorded."""

import csv
import io
import tracemalloc
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from audit.models import AuditEntry
from cohorts.services.completion import grant_exception
from portal.export import views
from portal.export.services import ClaimLost, delete_old_exports, due_exports, make_export
from portal.export.sheets import make_safe, stream_csv, write_xlsx
from portal.lists import shape
from portal.models import Export
from tests.factories import LATER, make_cohort, make_enrolment, make_office, make_trainee
from trainees.models import Message, Trainee, User

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
def test_an_exception_stands_beside_the_status_with_reason_author_and_date(office):
    enrolment = make_enrolment(make_cohort())
    lead = make_office("Programme lead")
    User.objects.filter(pk=lead.pk).update(full_name="Amna Rauf")
    grant_exception(enrolment=enrolment, reason="ill for a week", by=lead, at=LATER)

    for query in ("", "?columns=status"):
        text = b"".join(office.get("/manage/export/trainees/csv/" + query).streaming_content).decode("utf-8-sig")
        (row,) = csv.DictReader(io.StringIO(text))
        assert row["Status"] == "enrolled"
        assert row["By exception"] == f"ill for a week (Amna Rauf, {timezone.localdate(LATER)})"


@pytest.mark.django_db
def test_no_cell_is_a_formula_and_urdu_stays(office):
    trainee = make_trainee(full_name_ur="زینب نور")
    Trainee.objects.filter(pk=trainee.pk).update(full_name='=HYPERLINK("http://evil")')
    make_enrolment(make_cohort(), trainee)

    columns = "?columns=number&columns=name_ur"
    text = b"".join(office.get("/manage/export/trainees/csv/" + columns).streaming_content).decode("utf-8-sig")
    book = b"".join(office.get("/manage/export/trainees/xlsx/" + columns).streaming_content)

    assert next(csv.reader(io.StringIO(text.split("\n", 1)[1])))[0::2] == ['\'=HYPERLINK("http://evil")', "زینب نور"]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert sheet[1][0::2] == ['=HYPERLINK("http://evil")', "زینب نور"]  # a text, no formula: it has no value of its own


@pytest.mark.parametrize("typed", ["a\x0bb", "a\x00b", "a\ufffeb", "a\x1fb", "a\ud800b"])
def test_what_no_workbook_can_hold_does_not_spoil_it(typed):
    file = io.BytesIO()

    write_xlsx(file, ["Name"], [[typed], ["x" * 40_000], ["زینب\nنور"]])

    file.seek(0)
    sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
    assert sheet == [["Name"], ["ab"], ["x" * 32_767], ["زینب\nنور"]]


def test_a_moment_in_a_workbook_is_one_and_fits_its_column():
    file = io.BytesIO()
    moment = datetime(2020, 5, 4, 19, 30, tzinfo=UTC)

    write_xlsx(file, ["When", "Day", "Nothing"], [(moment, date(2020, 2, 29), None)])

    sheet = load_workbook(file).active
    assert [each.value for each in sheet[2]] == [datetime(2020, 5, 5, 0, 30), datetime(2020, 2, 29), None]
    assert sheet["A2"].number_format == "yyyy-mm-dd hh:mm"
    assert min(sheet.column_dimensions[letter].width for letter in "ABC") >= len("2020-05-05 00:30") + 2


@pytest.mark.parametrize("start", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x"])
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
    file = io.BytesIO()
    write_xlsx(file, ["a"], ([n] for n in range(3)))
    file.seek(0)

    assert CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python() == [["a"], [0.0], [1.0], [2.0]]


@pytest.fixture
def long(monkeypatch, settings, tmp_path):
    """Three rows are long here, and are read two at a time."""
    settings.EXPORTS_DIR = tmp_path
    monkeypatch.setattr(views, "AT_ONCE", 2)
    monkeypatch.setattr(shape, "PART", 2)
    cohort = make_cohort(city="LHE", capacity=9)
    for name in ("=1+1", "Zahra Batool", "Hina"):
        Trainee.objects.filter(pk=make_enrolment(cohort).trainee_id).update(full_name=name, full_name_ur="زینب نور")


def ask(client, kind="csv"):
    answer = client.get(f"/manage/export/trainees/{kind}/?city=LHE&search=&columns=number&columns=name_ur")
    export = Export.objects.get()
    assert answer.url == reverse("exports_show", args=[export.pk])
    return export


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_long_list_is_made_by_the_worker_and_taken_from_its_page(office, long, kind):
    export = ask(office, kind)
    assert not AuditEntry.objects.filter(act="list.export").exists()
    assert "0 of 3 rows written" in office.get(reverse("exports_show", args=[export.pk])).content.decode()

    assert make_export(export_id=export.pk, clock=lambda: LATER)
    assert not make_export(export_id=export.pk, clock=lambda: LATER)

    entry = AuditEntry.objects.get(act="list.export")
    assert (entry.detail["rows"], entry.detail["filters"], entry.by) == (3, {"city": "LHE"}, export.by)
    assert Message.objects.get(key=f"export:{export.pk}").to == export.by.email
    assert "3 rows" in office.get(reverse("exports_show", args=[export.pk])).content.decode()
    assert reverse("exports_file", args=[export.pk]) in office.get(reverse("exports")).content.decode()
    file = b"".join(office.get(reverse("exports_file", args=[export.pk])).streaming_content)
    names = [row[0::2] for row in _rows(file, kind)[1:]]
    assert names == [
        ["'=1+1" if kind == "csv" else "=1+1", "زینب نور"],
        ["Zahra Batool", "زینب نور"],
        ["Hina", "زینب نور"],
    ]
    assert AuditEntry.objects.filter(act="export.download").count() == 1


def _rows(file, kind):
    if kind == "csv":
        return list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))
    return CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(0).to_python()


@pytest.mark.django_db
def test_a_long_list_is_asked_for_once_and_found_again_when_forgotten(office, long):
    export = ask(office)
    assert ask(office) == export
    assert due_exports(at=LATER) == [export.pk]

    make_export(export_id=export.pk, clock=lambda: LATER)

    assert due_exports(at=LATER) == []


@pytest.mark.django_db
def test_nobody_else_finds_the_file_and_it_goes_after_a_week(office, long, client):
    export = ask(office)
    make_export(export_id=export.pk, clock=lambda: LATER)

    client.force_login(make_office(), backend=BACKEND)
    assert client.get(reverse("exports_file", args=[export.pk])).status_code == 404
    assert delete_old_exports(at=LATER + timedelta(days=6)) == 0
    assert delete_old_exports(at=LATER + timedelta(days=8)) == 1

    client.force_login(export.by, backend=BACKEND)
    assert client.get(reverse("exports_file", args=[export.pk])).status_code == 404
    export.refresh_from_db()
    assert (export.query, export.path.exists()) == ("", False)


@pytest.mark.django_db
def test_a_worker_that_lost_its_claim_leaves_no_file(office, long):
    export = ask(office)

    def clock():
        Export.objects.filter(pk=export.pk, done=0).exclude(claim_token="").update(claim_token="another")
        return LATER

    with pytest.raises(ClaimLost):
        make_export(export_id=export.pk, clock=clock)

    assert not list(export.path.parent.iterdir())
    assert not AuditEntry.objects.filter(act="list.export").exists()


@pytest.mark.django_db
def test_after_three_attempts_an_export_is_failed(office, long):
    export = ask(office)
    Export.objects.update(attempts=3)

    assert not make_export(export_id=export.pk, clock=lambda: LATER)

    export.refresh_from_db()
    assert export.state == "failed"
    assert "three times" in office.get(reverse("exports_show", args=[export.pk])).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_ticked_rows_are_taken_with_the_columns_of_the_page(office, kind):
    cohort = make_cohort(city="LHE")
    ticked = [make_enrolment(cohort) for _ in range(3)][::2]
    given = {"act": kind, "row": [each.pk for each in ticked], "query": "city=KHI&search=secret&columns=number"}

    answer = office.post("/manage/lists/trainees/act/", given)
    assert "secret" not in answer.url
    rows = _rows(b"".join(office.get(answer.url).streaming_content), kind)

    assert rows[0] == ["Name", "Number"]
    assert sorted(row[0] for row in rows[1:]) == sorted(each.trainee.full_name for each in ticked)
    assert AuditEntry.objects.get(act="list.export").detail["filters"] == {"ids": f"{ticked[0].pk},{ticked[1].pk}"}


@pytest.mark.django_db
def test_all_that_match_are_taken_by_the_filters_and_none_is_said(office):
    for city in ("LHE", "KHI"):
        make_enrolment(make_cohort(city=city))
    given = {"act": "csv", "query": "city=LHE&order=-name"}

    every = office.post("/manage/lists/trainees/act/", {**given, "all": "yes"})
    assert every.url == "/manage/export/trainees/csv/?city=LHE&order=-name"
    none = office.post("/manage/lists/trainees/act/", given, follow=True)
    assert "Choose some rows first." in none.content.decode()
    assert office.post("/manage/lists/nothing/act/", given).status_code == 404
    assert office.post("/manage/lists/checks/act/", given).status_code == 404
