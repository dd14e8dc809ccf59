"""Older certificates, made elsewhere, verify too (R54, R59, R60)."""

import csv
import subprocess
from datetime import date
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from certificates.models import Certificate
from tests.certificates.made import make_certificate
from tests.certificates.test_certificates import draw_all
from tests.factories import make_office, make_programme

pytestmark = pytest.mark.django_db

HEADER = "Certificate No,Name,Name (Urdu),Course,Hours,Start date,End date,Issued on,Valid until,Status,Reason"
ROWS = [
    "PSEB/2018/000412,Zainab Noor Malik,زینب نور ملک,Web Development,120,5 Feb 2018,30 April 2018,15/05/2018,,valid,",
    "PSEB/2018/000413,Bilal Ahmed,,Web Development,120,,,15/05/2018,14/05/2020,,",
    "PSEB/2018/000414,Kamran Yousaf,,Web Development,120,,,15/05/2018,,revoked,error",
]


@pytest.fixture
def run(tmp_path):
    make_programme()
    path = tmp_path / "old.csv"

    def run_once(*rows, header=HEADER, options=()):
        path.write_text("\n".join([header, *rows]), encoding="utf-8")
        out, err = StringIO(), StringIO()
        call_command("import_certificates", path, *options, stdout=out, stderr=err)
        return out.getvalue().strip(), err.getvalue()

    return run_once


@pytest.mark.parametrize(
    ("typed", "verdict"),
    [("pseb-2018 000412", "valid"), ("PSEB/2018/000413", "expired"), ("PSEB2018000414", "revoked")],
)
def test_an_older_serial_verifies_in_any_spelling(run, client, typed, verdict):
    run(*ROWS)

    page = client.get(reverse("verify_form"), {"code": typed}, follow=True)

    assert page.status_code == 200
    assert f"hn-v-{verdict}" in page.content.decode()
    assert client.get(f"/api/v1/verify/{page.redirect_chain[-1][0].split('/')[2]}/").json()["state"] == verdict


def test_an_imported_page_shows_what_the_file_says_and_offers_no_file(run, client):
    run(*ROWS)

    page = client.get("/c/PSEB2018000412/").content.decode()

    facts = (
        "Zainab Noor Malik",
        "زینب نور ملک",
        "Web Development",
        "15 May 2018",
        "PSEB/2018/000412",
        "120 hours",
        "Board",
    )
    assert [fact for fact in facts if fact not in page] == []
    assert "credential.json" not in page
    assert "sha256sum" not in page
    assert client.get("/c/PSEB2018000412/credential.json").status_code == 404


def test_running_it_again_changes_nothing(run):
    assert run(*ROWS)[0] == "rows=3 created=3 updated=0 unchanged=0 duplicates=0 review=0 rejected=0"
    before = list(Certificate.objects.order_by("id").values())

    assert run(*ROWS)[0] == "rows=3 created=0 updated=0 unchanged=3 duplicates=0 review=0 rejected=0"

    assert list(Certificate.objects.order_by("id").values()) == before


def test_every_row_gets_a_verdict_and_a_remedy(run, tmp_path):
    made_here = make_certificate()
    bad = [
        ROWS[0],
        ROWS[0],
        ROWS[0].replace("Malik", "Khan"),
        "P-1,,,Web,1,,,15/05/2018,,,",
        "P-2,Ali,,Web,1,,,yesterday,,,",
        "35202-1234567-1,Ali,,Web,1,,,15/05/2018,,,",
        "P-3,Ali,,Web,1,,,15/05/2018,,lost,",
        "P-4,Ali,,Web,1,,,15/05/2018,,revoked,spite",
        f"P-5,{'A' * 121},,Web,1,,,15/05/2018,,,",
        f"{made_here.serial},Ali,,Web,1,,,15/05/2018,,,",
        "///,Ali,,Web,1,,,15/05/2018,,,",
        ",,,,,,,,,,",
    ]
    report = tmp_path / "report.csv"

    counts, told = run(*bad, options=["--report", str(report)])

    assert counts == "rows=12 created=1 updated=0 unchanged=0 duplicates=1 review=0 rejected=10"
    rows = list(csv.DictReader(report.open(encoding="utf-8-sig")))
    assert [row["verdict"] for row in rows] == ["created", "duplicates", *["rejected"] * 10]
    assert "name is empty" in rows[3]["message"]
    assert "write it as 2018-05-31" in rows[4]["message"]
    assert "identity number" in rows[5]["message"]
    assert "3520212345671" not in report.read_text(encoding="utf-8-sig") + told
    assert "error, identity, conduct, request" in rows[7]["message"]
    assert told.count("row ") == 10


def test_what_stands_is_not_rewritten_but_a_later_revocation_counts(run):
    run(*ROWS)

    renamed = run(ROWS[1].replace("Bilal", "Bilall"))[0]
    revoked = run(ROWS[0].replace("valid,", "revoked,conduct"))[0]
    taken_back = run(ROWS[0])

    assert "rejected=1" in renamed
    assert "updated=1" in revoked
    assert "rejected=1" in taken_back[0]
    assert "cannot be taken back" in taken_back[1]
    assert set(Certificate.objects.filter(state="revoked").values_list("revocation_reason", flat=True)) == {
        "conduct",
        "error",
    }


def test_a_dry_run_writes_nothing_and_a_wrong_file_says_why(run):
    assert run(*ROWS, options=["--dry-run"])[0].startswith("rows=3 created=3")
    assert not Certificate.objects.exists()

    with pytest.raises(CommandError, match="No header line"):
        run("1,2", header="one,two")


def test_the_office_sees_and_revokes_an_imported_one(run, client):
    run(*ROWS)
    client.force_login(make_office(), "django.contrib.auth.backends.ModelBackend")

    page = client.get(reverse("certificate", args=["PSEB2018000412"])).content.decode()
    listed = client.get(reverse("certificates")).content.decode()
    client.post(
        reverse("certificate_revoke", args=["PSEB2018000412"]), {"reason": "request", "note": "", "confirm": "on"}
    )

    assert "Made elsewhere" in page
    assert "Kamran Yousaf" in listed
    assert Certificate.objects.get(code="PSEB2018000412").state == "revoked"


def test_the_page_shows_every_verdict_before_anything_is_written(client):
    make_programme()
    client.force_login(make_office(), "django.contrib.auth.backends.ModelBackend")
    address = reverse("certificates_import")
    content = "\n".join([HEADER, *ROWS, "P-1,,,Web,1,,,15/05/2018,,,"])

    preview = client.post(address, {"file": SimpleUploadedFile("old.csv", content.encode())})
    assert not Certificate.objects.exists()
    confirmed = client.post(address, {"token": preview.context["token"], "confirm": "yes"})
    nothing = client.post(address, {})

    text = preview.content.decode()
    assert preview.context["counts"] == {"created": 3, "rejected": 1}
    assert "name is empty; fill it in." in text
    assert confirmed["Location"] == reverse("certificates")
    assert Certificate.objects.count() == 3
    assert (nothing.status_code, "Choose a file." in nothing.content.decode()) == (422, True)


@pytest.fixture
def office(client):
    user = make_office()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return user


def test_an_imported_one_is_replaced_by_one_made_here(run, client, office, tmp_path):
    run(*ROWS)
    address = reverse("certificate_replace", args=["PSEB2018000412"])
    form = client.get(address).content.decode()
    assert "Zainab Noor Malik" in form

    answer = client.post(
        address, {"name": "Zainab Noor Malick", "name_ur": "زینب نور ملک", "reason": "name", "note": ""}
    )

    old = Certificate.objects.get(code="PSEB2018000412")
    new = old.replaced_by
    assert answer["Location"] == reverse("certificate", args=[new.code])
    assert (old.state, old.name, new.state, new.name) == (
        "replaced",
        "Zainab Noor Malik",
        "pending",
        "Zainab Noor Malick",
    )
    assert (new.printed["course"], new.printed["contact_hours"]) == (old.printed["course"], 120)
    draw_all()
    new.refresh_from_db()
    assert new.state == "issued"
    text = subprocess.run(["pdftotext", new.path, "-"], capture_output=True, text=True).stdout
    assert "Zainab Noor Malick" in text
    assert "5 February 2018 – 30 April 2018 · 120 contact hours" in text
    assert client.get(f"/c/{new.code}/credential.json").json()["credentialSubject"]["licenseNumber"] == new.serial
    page = client.get("/c/PSEB2018000412/").content.decode()
    assert "hn-v-replaced" in page
    assert reverse("verify", args=[new.code]) in page
    for name, argument in (("certificate", new.code), ("batch", new.batch_id)):
        assert client.get(reverse(name, args=[argument])).status_code == 200
    assert client.get(reverse("certificates_issue_all")).status_code == 200


def test_a_replacement_says_only_what_the_old_paper_said(run, client, office):
    run(ROWS[1].replace("120", ""))

    client.post(
        reverse("certificate_replace", args=["PSEB2018000413"]),
        {"name": "Bilal Ahmed", "name_ur": "", "reason": "renewal", "note": ""},
    )
    draw_all()

    new = Certificate.objects.get(replaces__code="PSEB2018000413")
    assert new.state == "issued"
    assert (new.expires_on - date.fromisoformat(new.printed["issued_on"])).days == 730  # as many days as before
    text = subprocess.run(["pdftotext", new.path, "-"], capture_output=True, text=True).stdout
    assert "Cohort" not in text
    assert "contact hours" not in text
    assert client.get(f"/c/{new.code}/").status_code == 200


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": "", "reason": "name"}, "field is required"),
        ({"name": "Zainab ★", "reason": "name"}, "cannot be printed"),
        ({"name": "Zainab Noor Malik", "name_ur": "★", "reason": "name"}, "cannot be printed"),
        ({"name": "Somebody Else", "reason": "name"}, "write down what proves it"),
        ({"name": "Zainab Noor Malik", "reason": "renewal"}, "Select a valid choice"),
    ],
)
def test_a_wrong_replacement_of_an_imported_one_changes_nothing(run, client, office, values, words):
    run(*ROWS)

    answer = client.post(reverse("certificate_replace", args=["PSEB2018000412"]), values)

    assert words in answer.content.decode()
    assert Certificate.objects.count() == 3
    assert Certificate.objects.get(code="PSEB2018000412").state == "issued"


def test_the_api_replaces_an_imported_one_too(run, client, office):
    run(*ROWS)

    answer = client.post(
        "/api/v1/certificates/pseb-2018-000413/replace/", {"name": "Bilal Ahmad", "reason": "name"}, "application/json"
    )

    assert (answer.status_code, answer.json().get("name")) == (201, "Bilal Ahmad")
