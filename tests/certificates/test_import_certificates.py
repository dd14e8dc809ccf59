"""Older certificates, made elsewhere, verify too (R54, R59, R60)."""

import csv
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from certificates.models import Certificate
from tests.certificates.made import make_certificate
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


def test_the_office_sees_revokes_but_cannot_replace_an_imported_one(run, client):
    run(*ROWS)
    client.force_login(make_office(), "django.contrib.auth.backends.ModelBackend")

    page = client.get(reverse("certificate", args=["PSEB2018000412"])).content.decode()
    listed = client.get(reverse("certificates")).content.decode()
    client.post(
        reverse("certificate_revoke", args=["PSEB2018000412"]), {"reason": "request", "note": "", "confirm": "on"}
    )
    replaced = client.post(reverse("certificate_replace", args=["PSEB2018000413"]), {"reason": "name"})

    assert "Made elsewhere" in page
    assert "Kamran Yousaf" in listed
    assert Certificate.objects.get(code="PSEB2018000412").state == "revoked"
    assert "made elsewhere" in replaced.content.decode()


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
