"""Verifiers that are not ours, offline: Digital Bazaar, the Digital Credentials Consortium, jose, openssl."""

import contextlib
import functools
import json
import subprocess
import threading
import urllib.request
from copy import deepcopy
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.core.management import call_command

from certificates.models import Certificate, Key
from certificates.services.issue import issue_certificates
from certificates.services.keys import make_keys
from certificates.services.life import revoke_certificate
from certificates.services.render import render_certificates
from certificates.tasks import make_steps, sign_status_lists
from tests.certificates.test_certificates import closed_cohort
from tests.factories import LATER

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).parent.parent / "verifiers"
ISSUER = "did:web:testserver"


def letters(number):
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def issue(count):
    """Issue with real credentials and keys; the drawing is not asked here."""
    make_keys(by=None, at=LATER)
    issue_certificates(cohort=closed_cohort(*[f"Person {letters(n).title()}" for n in range(count)]), by=None, at=LATER)
    steps = replace(make_steps(), draw=lambda *_: b"%PDF", seal=lambda content, _at: content)
    for certificate in Certificate.objects.order_by("id"):
        render_certificates(certificate_ids=[certificate.pk], steps=steps, clock=lambda: LATER)
    sign_status_lists()
    return list(Certificate.objects.order_by("id").select_related("credential"))


def judge(client, *, credentials=(), tokens=()):
    """Return the verdicts of the verifiers on documents as the site serves them."""
    return judge_by(lambda path: client.get(path).json(), credentials=credentials, tokens=tokens)


def judge_by(read, *, credentials=(), tokens=()):
    documents = {ISSUER: read("/.well-known/did.json"), "http://testserver/status/1": read("/status/1")}
    asked = {"documents": documents, "credentials": list(credentials), "tokens": list(tokens)}
    command = ["node", str(FOLDER / "verify.mjs")]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, cwd=FOLDER)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def credential_of(certificate):
    return json.loads(certificate.credential.document)


def alterations(credential):
    """Yield copies that each differ in one thing that matters."""
    for path, value in [
        (("credentialSubject", "identifier", 0, "identityHash"), "Somebody Else"),
        (("credentialSubject", "achievement", "name"), "Rocket Science"),
        (("credentialSubject", "achievement", "criteria", "narrative"), "Nothing to do."),
        (("credentialSubject", "licenseNumber"), "0000-0000-0000-0000"),
        (("credentialSubject", "activityEndDate"), "2030-01-01"),
        (("credentialSubject", "id"), "http://testserver/c/OTHER/#holder"),
        (("credentialStatus", "statusListIndex"), str(int(credential["credentialStatus"]["statusListIndex"]) ^ 1)),
        (("issuer", "name"), "Another Board"),
        (("issuer", "id"), "did:web:example.org"),
        (("validFrom",), "2019-01-01T00:00:00Z"),
        (("name",), "Certificate of Excellence"),
        (("id",), "http://testserver/c/OTHER/credential.json"),
        (("type",), ["VerifiableCredential"]),
        (("proof", 0, "created"), "2019-01-01T00:00:00Z"),
        (("proof", 0, "proofPurpose"), "authentication"),
        (("proof", 0, "verificationMethod"), f"{ISSUER}#other"),
    ]:
        altered = deepcopy(credential)
        place = altered
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = value
        yield altered
    value = credential["proof"][0]["proofValue"]
    yield {
        **credential,
        "proof": [{**credential["proof"][0], "proofValue": f"{value[:-1]}{'2' if value[-1] != '2' else '3'}"}],
    }
    yield {**credential, "proof": []}
    yield {**credential, "attendance": 100}


def test_twenty_are_accepted_every_altered_one_refused_and_exactly_the_revoked_found(client):
    issued = issue(50)
    whole = [credential_of(each) for each in issued[:20]]
    tokens = [each.credential.jwt for each in issued[:20]]
    altered = list(alterations(whole[0]))
    head, body, signature = tokens[0].split(".")
    others = [f"{head}.{tokens[1].split('.')[1]}.{signature}", f"{head}.{body}.{'A' * len(signature)}"]

    verdicts = judge(client, credentials=[*whole, *altered], tokens=[*tokens, *others])

    accepted = {"bazaar": "accepted", "consortium": "accepted", "status": "accepted"}
    assert verdicts["credentials"][:20] == [accepted] * 20
    refused = verdicts["credentials"][20:]
    assert [each for each in refused if "accepted" in each.values()] == []
    assert len(refused) == len(altered) > 15
    assert verdicts["tokens"][:20] == ["accepted"] * 20
    assert all(each.startswith("refused") for each in verdicts["tokens"][20:])

    revoked = issued[3:50:10]
    for certificate in revoked:
        revoke_certificate(certificate=certificate, reason="error", note="", by=None, at=LATER)
    sign_status_lists()

    verdicts = judge(client, credentials=map(credential_of, issued))["credentials"]
    assert {each["bazaar"] for each in verdicts} == {"accepted"}
    ended = [issued[n] for n, each in enumerate(verdicts) if each["status"] == "refused: revoked"]
    assert {each["status"] for each in verdicts} == {"accepted", "refused: revoked"}
    assert ended == revoked


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def static_host(folder):
    """A host that knows nothing but files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_verifiers_are_content_with_the_files_of_a_static_host(tmp_path):
    issued = issue(3)
    revoke_certificate(certificate=issued[1], reason="error", note="", by=None, at=LATER)
    sign_status_lists()
    call_command("publish", tmp_path)

    with static_host(tmp_path) as host:

        def read(path):
            with urllib.request.urlopen(host + path) as answer:
                return json.loads(answer.read())

        credentials = [read(f"/c/{each.code}/credential.json") for each in issued]
        verdicts = judge_by(read, credentials=credentials)["credentials"]
        picture = credentials[0]["image"]["id"].removeprefix("http://testserver")
        with urllib.request.urlopen(host + picture) as answer:
            assert answer.read() == issued[0].picture_path.read_bytes()

    assert [each["status"] for each in verdicts] == ["accepted", "refused: revoked", "accepted"]
    assert {each["bazaar"] for each in verdicts} == {"accepted"}
    assert not list((tmp_path / "c" / issued[1].code).glob("picture/*"))


def test_a_second_publication_writes_only_what_changed(tmp_path, capsys):
    issued = issue(2)
    call_command("publish", tmp_path)
    call_command("publish", tmp_path)
    revoke_certificate(certificate=issued[0], reason="error", note="", by=None, at=LATER)
    sign_status_lists()
    call_command("publish", tmp_path)

    written = [line.split("files_written=")[1] for line in capsys.readouterr().out.splitlines()]

    assert written == ["10", "0", "1"]


def test_what_an_old_key_signed_is_accepted_after_a_rotation_and_a_compromise(client):
    issued = issue(1)
    call_command("rotate_keys", reason="Yearly")
    sign_status_lists()
    old = credential_of(issued[0])
    assert judge(client, credentials=[old])["credentials"][0]["status"] == "accepted"

    Key.objects.filter(kind="credential").exclude(retired_at=None).update(compromised=True)
    sign_status_lists()

    served = client.get(f"/c/{issued[0].code}/credential.json").json()
    [before, now] = judge(client, credentials=[old, served])["credentials"]
    assert before["bazaar"] != "accepted"
    assert now == {"bazaar": "accepted", "consortium": "accepted", "status": "accepted"}


def test_the_root_vouches_for_the_key_that_signs_files(tmp_path):
    make_keys(by=None, at=LATER)

    for kind in ("root", "document"):
        (tmp_path / kind).write_text(Key.objects.get(kind=kind).public)

    command = ["openssl", "verify", "-CAfile", "root", "document"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert done.stdout.strip() == "document: OK"
