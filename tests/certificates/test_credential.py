"""Credentials, keys and status lists: what machines read and what the worker signs (lessons 1-6)."""

import base64
import gzip
import json
import stat
import subprocess
import sys
from datetime import datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command

from audit.models import AuditEntry
from certificates.credential import sign
from certificates.credential.build import build_credential
from certificates.credential.did import did_of, raw_key
from certificates.credential.keys import key_path, load_credential_key
from certificates.models import Certificate, Credential, Key, StatusList
from certificates.services.credentials import KeyRing, renew_credentials
from certificates.services.issue import issue_certificates
from certificates.services.keys import make_keys, rotate_key
from certificates.services.life import revoke_certificate
from certificates.tasks import ring, sign_status_lists
from tests.certificates.test_certificates import closed_cohort, draw_all, example
from tests.factories import LATER

pytestmark = pytest.mark.django_db


def issue(*names):
    issue_certificates(cohort=closed_cohort(*names), by=None, at=LATER)
    draw_all()
    return list(Certificate.objects.order_by("id"))


def part(text):
    return json.loads(base64.urlsafe_b64decode(text + "=="))


def bits_set(client, number=1):
    packed = client.get(f"/status/{number}").json()["credentialSubject"]["encodedList"]
    assert packed[0] == "u"
    bits = gzip.decompress(base64.urlsafe_b64decode(packed[1:] + "=="))
    assert len(bits) * 8 == 131_072
    return {n for n in range(131_072) if bits[n // 8] & 0x80 >> n % 8}


def test_both_forms_say_the_same_and_nothing_else(client):
    [certificate] = issue("Ali Khan")

    document = client.get(f"/c/{certificate.code}/credential.json").json()
    token = client.get(f"/c/{certificate.code}/credential.jwt").content.decode()

    header, claims, signature = token.split(".")
    assert part(header) == {"alg": "EdDSA", "typ": "JWT", "kid": f"{did_of('http://testserver')}#{ring_name()}-jwk"}
    proof = document.pop("proof")
    assert [each["cryptosuite"] for each in proof] == ["eddsa-rdfc-2022"]
    assert {name: part(claims)[name] for name in document} == document
    assert set(part(claims)) - set(document) == {"iss", "jti", "nbf", "sub"}
    jwks = [each["publicKeyJwk"]["x"] for each in did(client)["verificationMethod"] if "publicKeyJwk" in each]
    key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(jwks[0] + "=="))
    key.verify(base64.urlsafe_b64decode(signature + "=="), f"{header}.{claims}".encode())
    assert document["credentialSubject"]["identifier"][0]["identityHash"] == "Ali Khan"


def test_the_content_has_the_form_that_open_badges_asks_for(client):
    issue("Ali Khan")
    document = json.loads(Credential.objects.get().document)
    subject = document["credentialSubject"]

    moments = [document["validFrom"], subject["activityStartDate"], subject["activityEndDate"]]
    assert [datetime.fromisoformat(each).tzinfo is not None and "T" in each for each in moments] == [True] * 3
    assert subject["activityStartDate"] == "2020-05-04T00:00:00+05:00"
    assert {"id", "type", "criteria", "description", "name"} <= set(subject["achievement"])
    assert {"id", "type"} <= set(document["issuer"])
    assert {"id", "type"} <= set(document["image"])
    assert document["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert all(value for value in subject.values())
    sign_status_lists()
    status = client.get("/status/1").json()["credentialSubject"]
    assert status["ttl"] == 60_000  # by default a verifier may keep a list for five minutes


def test_what_an_imported_certificate_does_not_say_is_left_out():
    unknown = example("Ali Khan", starts_on="", ends_on="", cohort="", course_code="", programme="", contact_hours=0)

    document = build_credential(unknown, edition=1, status_index=7, issued_at=LATER)

    subject = document["credentialSubject"]
    assert not {"activityStartDate", "activityEndDate", "term"} & set(subject)
    assert "humanCode" not in subject["achievement"]
    assert subject["achievement"]["description"] == "Course, a course."
    assert sign.canonical(document)


def did(client):
    return client.get("/.well-known/did.json").json()


def ring_name():
    return Key.objects.get(kind="credential", retired_at=None).name


def test_a_term_that_no_context_defines_is_not_signed():
    issue("Ali Khan")
    document = json.loads(Credential.objects.get().document)
    del document["proof"]
    subject = document["credentialSubject"]

    assert sign.canonical(document)
    for altered in (
        {**document, "attendance": 91},
        {**document, "type": [*document["type"], "HunarCredential"]},
        {**document, "credentialSubject": {**subject, "fatherName": "x"}},
        {**document, "credentialSubject": {**subject, "achievement": {**subject["achievement"], "hours": 12}}},
    ):
        with pytest.raises(sign.Undefined):
            sign.canonical(altered)
    with pytest.raises(sign.ForeignContext):
        sign.canonical({**document, "@context": [*document["@context"], "https://example.org/context"]})


def test_exactly_the_revoked_are_set_and_the_list_is_fresh(client):
    certificates = issue(*[f"Person {'Abcdefghij'[n]}" for n in range(10)])
    sign_status_lists()
    assert bits_set(client) == set()
    revoked = certificates[2:5]

    for certificate in revoked:
        revoke_certificate(certificate=certificate, reason="error", note="", by=None, at=LATER)
    assert StatusList.objects.get().version > StatusList.objects.get().signed_version
    sign_status_lists()

    assert bits_set(client) == {each.status_index for each in revoked}
    answer = client.get("/status/1")
    assert answer["Cache-Control"] == "public, max-age=60"
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_a_sweep_without_news_asks_two_questions(django_assert_num_queries):
    issue("Ali Khan")
    sign_status_lists()

    with django_assert_num_queries(3):  # the third looks for what a compromised key signed
        sign_status_lists()


def test_a_retired_key_vouches_on_and_a_compromised_one_does_not(client):
    [certificate] = issue("Ali Khan")
    sign_status_lists()
    first = ring_name()

    call_command("rotate_keys", reason="Every year")

    second = ring_name()
    assert {each["id"].split("#")[1] for each in did(client)["verificationMethod"] if each["type"] == "Multikey"} == {
        first,
        second,
    }
    sign_status_lists()
    assert second in client.get("/status/1").json()["proof"][0]["verificationMethod"]

    rotate_key(kind="credential", reason="Laptop stolen", compromised=True, by=None, at=LATER)
    Key.objects.filter(name=first).update(compromised=True)
    sign_status_lists()

    third = ring_name()
    assert third in client.get(f"/c/{certificate.code}/credential.json").json()["proof"][0]["verificationMethod"]
    assert {each["id"].split("#")[1] for each in did(client)["verificationMethod"] if each["type"] == "Multikey"} == {
        third
    }
    assert renew_credentials(ring=ring()) == 0
    assert "Laptop stolen" in client.get("/trust/").content.decode()
    assert AuditEntry.objects.filter(act="key.retire").count() == 2


def test_keys_are_made_once_and_only_their_owner_reads_them():
    made = make_keys(by=None, at=LATER)

    assert {key.kind for key in made} == {"root", "document", "credential"}
    assert make_keys(by=None, at=LATER) == []
    for key in made:
        path = key_path(settings.SIGNING_KEYS_DIR, key.name)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "PRIVATE" not in key.public
    credential = next(key for key in made if key.kind == "credential")
    private = load_credential_key(settings.SIGNING_KEYS_DIR, credential.name)
    assert private.public_key().public_bytes_raw() == raw_key(credential.public)
    with pytest.raises(ValidationError):
        rotate_key(kind="credential", reason=" ", compromised=False, by=None, at=LATER)


def test_a_signature_by_another_key_is_noticed():
    [certificate] = issue("Ali Khan")
    document = json.loads(Credential.objects.get().document)
    other = rotate_key(kind="credential", reason="test", compromised=False, by=None, at=LATER)
    _row, key = KeyRing(settings.SIGNING_KEYS_DIR).credential_key()
    assert key.name == other.name
    del document["proof"]

    again = sign.sign_document(document, key=key, did="did:web:testserver", at=certificate.created_at)

    token = sign.sign_jwt(document, key=key, did="did:web:testserver")
    old = Ed25519PublicKey.from_public_bytes(raw_key(Key.objects.exclude(pk=other.pk).get(kind="credential").public))
    with pytest.raises(InvalidSignature):
        old.verify(base64.urlsafe_b64decode(token.split(".")[2] + "=="), token.rpartition(".")[0].encode())
    assert again["proof"][0]["verificationMethod"].endswith(other.name)


def test_the_web_process_loads_neither_keys_nor_the_signing_libraries():
    code = "import django; django.setup(); import portal.urls, sys; print({'pyld', 'pyhanko'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
