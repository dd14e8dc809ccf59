"""The upload on the page: what was assumed is shown and changed, every row can be taken away, nothing early."""

import csv
import io

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from admissions.models import Application
from audit.models import AuditEntry
from tests.factories import make_course, make_office

pytestmark = pytest.mark.django_db
URL = "/manage/applications/import/"
HEAD = "Timestamp,Full name,CNIC,E-mail,Mobile,Date of birth,Course 1,City"
ROWS = (
    "2020/04/06 9:00:00 AM,Ali Khan,35202-1234567-1,ali@example.org,03001234567,03/04/1998,AI,Karachi",
    "2020/04/06 9:01:00 AM,Sara Noor,35202-7654321-2,sara@example.org,03007654321,31/02/1997,AI,Karachi",
    "2020/04/06 9:02:00 AM,Omar Shah,3520O-7654321-5,omar@example.org,03007654329,05/05/1997,AI,Karachi",
)


@pytest.fixture
def office(client):
    make_course("AI")
    client.force_login(make_office())
    return client


def upload(client, *rows, head=HEAD, **more):
    content = "\n".join([head, *rows]).encode()
    return client.post(URL, {"file": SimpleUploadedFile("april.csv", content), **more})


def post(client, page, **fields):
    return client.post(URL, {"token": page.context["token"], **fields})


def test_the_sum_the_reasons_and_what_was_typed_are_shown_and_nothing_is_written(office):
    page = upload(office, *ROWS)
    text = page.content.decode()
    assert [(part["name"], part["size"]) for part in page.context["parts"] if part["size"]] == [
        ("created", 1),
        ("review", 1),
        ("rejected", 1),
    ]
    assert "31/02/1997" in text
    assert "35202-1234567-1" not in text  # nothing to mend there
    assert "3520O-7******-*" in text
    assert "7654321-5" not in text
    assert not Application.objects.exists()


def test_the_order_of_dates_is_assumed_changed_and_kept_for_the_import(office):
    page = upload(office, *ROWS[:1])
    assert (page.context["order"], page.context["is_order_given"]) == ("dmy", False)

    again = post(office, page, order="mdy", again="yes")
    assert (again.context["order"], again.context["is_order_given"]) == ("mdy", True)
    post(office, again, order="mdy", confirm="yes")

    assert Application.objects.get().date_of_birth.isoformat() == "1998-03-04"


def test_a_column_is_named_where_meaning_does_not_find_it(office):
    head = "Zeit,Wer,Ausweis,Post,Telefon,Geboren,Kurs,Ort"
    page = upload(office, *ROWS[:1], head=head)
    assert page.status_code == 422
    assert "full name" in page.content.decode()

    names = ("timestamp", "full_name", "cnic", "email", "mobile", "date_of_birth", "course_1", "city")
    named = {f"column-{name}": header for name, header in zip(names, head.split(","), strict=True)}
    named_page = post(office, page, **named)
    assert named_page.status_code == 200
    post(office, named_page, **named, confirm="yes")
    assert Application.objects.get().full_name == "Ali Khan"


def test_a_column_can_be_left_out(office):
    page = upload(office, *ROWS[:1])
    without = post(office, page, **{"column-city": ""}, again="yes")
    assert "city" not in without.context["file"].columns
    needed = post(office, page, **{"column-cnic": ""}, again="yes")
    assert needed.status_code == 422
    assert "cnic" in needed.content.decode()


def test_all_rows_are_taken_away_masked_unless_one_may_see_and_it_is_recorded(office, client):
    page = upload(office, *ROWS)
    text = post(office, page, download="yes").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["verdict"] for row in rows] == ["accepted", "rejected", "review"]
    assert rows[0]["cnic"] == "35202-*****-*"
    assert AuditEntry.objects.get(act="list.export").detail["rows"] == 3

    client.force_login(make_office("Programme office", "Identity numbers"))
    page = upload(client, *ROWS)
    assert "3520212345671" in post(client, page, download="yes").content.decode()


def test_a_discarded_file_is_gone(office):
    page = upload(office, *ROWS)
    path = settings.UPLOADS_DIR / page.context["token"]
    assert path.exists()
    post(office, page, discard="yes")
    assert not path.exists()
    assert "gone" in post(office, page, confirm="yes").content.decode()


@pytest.mark.parametrize("fields", [{"order": "x\x00"}, {"column-city": "no such header\x00"}, {"token": "../../etc"}])
def test_nonsense_gives_no_error_of_ours(office, fields):
    page = upload(office, *ROWS)
    assert office.post(URL, {"token": page.context["token"], **fields}).status_code in (200, 422)
