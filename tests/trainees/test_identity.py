"""Identity numbers: sealed at rest, found by hash, masked, each look recorded (R75)."""

import json
import logging
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from admissions.models import Application
from audit.models import AuditEntry
from tests.conftest import is_sqlite
from tests.factories import BEFORE, make_cohort, make_office, make_programme, make_registration, make_trainee
from trainees.identity import CannotOpen, forget_keys, hash_cnic, seal, unseal
from trainees.models import Trainee
from trainees.rules import mask_typed_cnic
from trainees.services.identity import rotate_cnic_key

CNIC = "3520212345678"
WRITTEN = (CNIC, "35202-1234567-8", "35202 1234567 8")


@pytest.fixture
def own_keys(tmp_path, settings):
    settings.CNIC_KEYS_DIR = tmp_path
    (tmp_path / "1").write_text("first key", encoding="ascii")
    forget_keys()
    yield tmp_path
    forget_keys()


def as_office(client, *groups):
    user = make_office(*(groups or ["Programme office", "Identity numbers"]))
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def column(table, name):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM {table} ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def everything_stored():
    """Return every value of every table as text, and on SQLite the bytes of the file and its log as well."""
    texts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            texts += [str(value) for row in cursor.fetchall() for value in row]
    if is_sqlite():
        database = Path(connection.settings_dict["NAME"])
        texts += [path.read_bytes().decode("latin-1") for path in database.parent.glob(f"{database.name}*")]
    return "\n".join(texts)


def test_equal_numbers_are_sealed_differently_and_open_again():
    first, second = seal(CNIC), seal(CNIC)

    assert first != second
    assert CNIC not in first
    assert unseal(first) == unseal(second) == CNIC


def test_what_was_altered_or_was_never_sealed_does_not_open(own_keys):
    token = seal(CNIC)
    swapped = token[:-6] + ("AAAA" if token[-6:-2] != "AAAA" else "BBBB") + token[-2:]
    for broken in (swapped, CNIC, "7" + token[1:]):
        with pytest.raises(CannotOpen) as caught:
            unseal(broken)
        assert CNIC not in str(caught.value)


def test_only_thirteen_digits_have_a_hash():
    for wrong in ("", "352021234567", "0520212345678", "35202-1234567-8", "۳۵۲۰۲۱۲۳۴۵۶۷۸"):
        with pytest.raises(ValueError, match="13 digits"):
            hash_cnic(wrong)


def test_a_typed_number_is_hidden_but_for_its_shape():
    assert mask_typed_cnic("35202-O234567-8") == "35202-O******-*"
    assert mask_typed_cnic("۳۵۲۰۲-۱۲۳") == "۳۵۲۰۲-***"


@pytest.mark.django_db
def test_a_row_holds_the_number_sealed_and_its_hash():
    trainee = make_trainee(cnic=CNIC)

    assert column("trainees_trainee", "cnic")[0].startswith("1$")
    assert Trainee.objects.with_cnic(CNIC).get() == trainee
    assert Trainee.objects.get().cnic == CNIC
    with pytest.raises(FieldError):
        Trainee.objects.filter(cnic=CNIC).exists()


@pytest.mark.django_db
def test_the_database_refuses_a_second_person_with_a_number_and_one_without():
    make_trainee(cnic=CNIC)
    other = make_trainee()

    for value in (hash_cnic(CNIC), None, "short"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Trainee.objects.filter(pk=other.pk).update(cnic_hash=value)


@pytest.mark.django_db
def test_the_office_sees_a_number_only_by_pressing_show_and_each_look_is_written_down(client):
    trainee, user = make_trainee(cnic=CNIC), as_office(client)

    page = client.get(f"/manage/trainees/{trainee.number}/").content.decode()
    shown = client.post(f"/manage/trainees/{trainee.number}/cnic/")

    assert "35202-*****-*" in page
    assert not any(text in page for text in WRITTEN)
    assert "35202-1234567-8" in shown.content.decode()
    assert shown.headers["Cache-Control"] == "no-store"
    entry = AuditEntry.objects.get(act="trainee.look_at_cnic")
    assert (entry.by_id, entry.subject_id, entry.detail) == (user.pk, str(trainee.pk), {})


@pytest.mark.django_db
def test_without_the_right_there_is_no_button_and_no_number(client):
    trainee = make_trainee(cnic=CNIC)
    as_office(client, "Programme office", "Issuer", "Auditor")

    assert "Show the CNIC" not in client.get(f"/manage/trainees/{trainee.number}/").content.decode()
    assert client.post(f"/manage/trainees/{trainee.number}/cnic/").status_code == 403
    assert client.post("/manage/trainees/by-cnic/", {"cnic": CNIC}).status_code == 403
    assert not AuditEntry.objects.filter(act__contains="cnic").exists()


@pytest.mark.django_db
def test_the_api_masks_the_number_and_reveals_it_by_an_act_of_its_own(client):
    trainee = make_trainee(cnic=CNIC)
    as_office(client)

    shown = client.get(f"/api/v1/trainees/{trainee.number}/").json()["cnic"]
    address = f"/api/v1/trainees/{trainee.number}/cnic/"
    answers = [client.post(address, headers={"Idempotency-Key": "again"}) for _ in range(2)]

    assert shown == "35202-*****-*"
    assert [answer.json()["cnic"] for answer in answers] == [CNIC, CNIC]
    assert AuditEntry.objects.filter(act="trainee.look_at_cnic").count() == 2
    assert CNIC not in json.dumps(column("audit_idempotentrequest", "body"))


@pytest.mark.django_db
def test_the_office_finds_a_person_by_the_whole_number_however_it_is_typed(client):
    trainee = make_trainee(cnic=CNIC)
    as_office(client)

    found = client.post("/manage/trainees/by-cnic/", {"cnic": "۳۵۲۰۲-۱۲۳۴۵۶۷-۸"})
    missed = client.post("/manage/trainees/by-cnic/", {"cnic": "3520212345679"}, follow=True)
    wrong = client.post("/manage/trainees/by-cnic/", {"cnic": "35202"}, follow=True)

    assert found.headers["Location"] == f"/manage/trainees/{trainee.number}/"
    assert "Nobody with this CNIC" in missed.content.decode()
    assert "13 digits" in wrong.content.decode()
    assert client.get("/manage/trainees/by-cnic/", {"cnic": CNIC}).status_code == 405
    assert AuditEntry.objects.filter(act="trainee.find_by_cnic").count() == 1


@pytest.mark.django_db
def test_a_new_key_seals_everything_anew_and_the_old_one_still_opens(own_keys):
    trainee, old = make_trainee(cnic=CNIC), seal("kept elsewhere")
    typed = {"cnic": "35202-1234567-8"}
    fields = {"programme": make_programme(), "submitted_at": BEFORE, "row": 1, "line": 2, "status": "rejected"}
    Application.objects.create(**fields, typed=typed, cnic=CNIC)

    number, rows = rotate_cnic_key()

    assert (number, rows) == (2, 2)
    tokens = column("trainees_trainee", "cnic") + column("admissions_application", "typed")
    assert all(token.startswith("2$") for token in tokens)
    trainee.refresh_from_db()
    application = Application.objects.get()
    assert (trainee.cnic, application.cnic, application.typed) == (CNIC, CNIC, typed)
    assert Trainee.objects.with_cnic(CNIC).exists()
    assert unseal(old) == "kept elsewhere"
    assert (own_keys / "2").stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db(transaction=True)
def test_sealing_standing_rows_goes_on_where_it_stopped():
    sealed, plain = make_trainee(), make_trainee()
    with connection.cursor() as cursor:  # as a row stood before: in clear, without a hash
        cursor.execute(
            "UPDATE trainees_trainee SET cnic = %s, cnic_hash = NULL, erased_at = %s WHERE id = %s",
            [CNIC, BEFORE, plain.pk],
        )
    before = column("trainees_trainee", "cnic")[0]
    migration = import_module("trainees.migrations.0006_seal_cnic_rows")
    editor = SimpleNamespace(connection=connection)
    migration.seal_rows(None, editor)
    migration.seal_rows(None, editor)

    assert column("trainees_trainee", "cnic")[0] == before
    assert Trainee.objects.get(pk=sealed.pk).cnic == sealed.cnic
    assert Trainee.objects.with_cnic(CNIC).get() == plain
    assert CNIC not in everything_stored()  # nor in a page that the old row left behind


@pytest.mark.django_db(transaction=True)
def test_nothing_stored_or_logged_holds_a_number_in_clear(client, caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    cohort = make_cohort()
    body = {**make_registration(cnic="35202-1234567-8"), "consent": True, "cohort": cohort.code}
    made = client.post(
        "/api/v1/registrations/", body, content_type="application/json", headers={"Idempotency-Key": "1"}
    )
    file = tmp_path / "applicants.csv"
    header = "Full name,CNIC,Email,Mobile,Date of birth,First preference"
    file.write_text(f"{header}\nAli Khan,35202-1234567-8,a@example.org,03001234567,14/08/1997,AI\n", encoding="utf-8")
    call_command("import_applicants", str(file))
    as_office(client)
    client.post("/manage/trainees/by-cnic/", {"cnic": CNIC})
    client.post(f"/manage/trainees/{made.json()['trainee']['number']}/cnic/")
    client.post(f"/manage/applications/{Application.objects.get().pk}/cnic/")

    stored = everything_stored()

    assert made.status_code == 201
    assert AuditEntry.objects.filter(act__contains="cnic").count() == 3
    assert hash_cnic(CNIC) in stored  # the scan does see the rows
    assert [text for text in WRITTEN if text in stored] == []
    assert [text for text in WRITTEN if text in caplog.text] == []


def test_keys_are_made_on_the_first_start_for_the_owner_alone():
    for path in (django_settings.CNIC_KEYS_DIR / "1", django_settings.DATA_DIR / "keys" / "cnic_hash"):
        assert path.stat().st_mode & 0o777 == 0o600
