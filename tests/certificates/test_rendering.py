"""Exactly one certificate each, whatever raises and however often a message comes (R49, R53, R67)."""

import hashlib
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from certificates.models import Certificate, Credential
from certificates.services.batch import retry_batch
from certificates.services.issue import issue_certificates
from certificates.services.keys import make_keys
from certificates.services.render import due_certificates, render_certificates, store_file
from certificates.tasks import make_steps, sign_status_lists
from tests.certificates.test_certificates import closed_cohort
from tests.factories import LATER
from trainees.models import Message

pytestmark = pytest.mark.django_db


class Broken(Exception):
    """A step that was made to raise."""


def before(act):
    def broken(*args, **kwargs):
        raise Broken

    return broken


def after(act):
    def broken(*args, **kwargs):
        act(*args, **kwargs)
        raise Broken

    return broken


STEPS = ("certify", "draw", "seal", "store", "show", "announce")
POINTS = [(name, when) for name in STEPS for when in (before, after)]


def plain_steps():
    """The real steps but for the drawing, which is asked elsewhere and slow."""
    return replace(make_steps(), draw=lambda *_: b"%PDF-1.7 test", seal=lambda content, _at: content)


def is_one_each(count):
    rows = list(Certificate.objects.all())
    assert {row.state for row in rows} == {"issued"}
    for row in rows:
        assert hashlib.sha256(row.path.read_bytes()).hexdigest() == row.sha256
    counts = {
        "files": len(list(settings.CERTIFICATES_DIR.rglob("*.pdf"))),
        "unfinished": len(list(settings.CERTIFICATES_DIR.rglob(".*"))),
        "credentials": Credential.objects.count(),
        "mails": Message.objects.filter(kind="certificate").count(),
        "codes": len({row.code for row in rows}),
        "indices": len({row.status_index for row in rows}),
    }
    return counts == {**dict.fromkeys(counts, count), "unfinished": 0} or counts


@pytest.fixture(autouse=True)
def _fresh():
    shutil.rmtree(settings.CERTIFICATES_DIR, ignore_errors=True)
    make_keys(by=None, at=LATER)


@pytest.mark.parametrize(("name", "when"), POINTS, ids=[f"{when.__name__} {name}" for name, when in POINTS])
def test_any_step_may_raise_five_times_and_one_certificate_comes_in_the_end(name, when):
    batch = issue_certificates(cohort=closed_cohort("Ali Khan", "Saba Naz"), by=None, at=LATER)
    steps = plain_steps()
    broken = replace(steps, **{name: when(getattr(steps, name))})
    now = timezone.now()

    for round_ in range(5):
        at = now + timedelta(minutes=10 * round_)
        if round_ == 3:
            # Given up after three; the office tries again.
            assert retry_batch(batch=batch, by=None, at=at - timedelta(minutes=5)) == 2
        due = due_certificates(at=at)
        assert len(due) == 2
        assert render_certificates(certificate_ids=due, steps=broken, clock=lambda at=at: at) == 0
    assert not Message.objects.filter(kind="certificate").exists()
    later = now + timedelta(hours=1)
    render_certificates(certificate_ids=due_certificates(at=later), steps=steps, clock=lambda: later)

    assert is_one_each(2) is True


def test_a_message_that_comes_three_times_is_one_certificate():
    issue_certificates(cohort=closed_cohort("Ali Khan", "Saba Naz"), by=None, at=LATER)
    steps = plain_steps()

    done = [
        render_certificates(certificate_ids=[pk], steps=steps, clock=timezone.now)
        for pk in 3 * list(Certificate.objects.values_list("pk", flat=True))
    ]

    assert sum(done) == 2
    assert is_one_each(2) is True


def test_a_worker_whose_lease_ran_out_leaves_the_file_of_the_next_one_alone():
    issue_certificates(cohort=closed_cohort("Ali Khan"), by=None, at=LATER)
    pk = Certificate.objects.get().pk
    steps, now = plain_steps(), timezone.now()
    later = now + timedelta(hours=1)

    def draw_slowly(*_):
        assert render_certificates(certificate_ids=[pk], steps=steps, clock=lambda: later)
        return b"%PDF-1.7 too late"

    assert not render_certificates(certificate_ids=[pk], steps=replace(steps, draw=draw_slowly), clock=lambda: now)
    assert is_one_each(1) is True


def test_what_machines_read_is_written_as_files_too(tmp_path, client):
    issue_certificates(cohort=closed_cohort("Ali Khan"), by=None, at=LATER)
    certificate = Certificate.objects.get()
    render_certificates(certificate_ids=[certificate.pk], steps=plain_steps(), clock=timezone.now)
    sign_status_lists()

    call_command("publish", tmp_path)

    for path in (f"c/{certificate.code}/credential.json", f"c/{certificate.code}/credential.jwt", "status/1"):
        assert (tmp_path / path).read_bytes() == client.get(f"/{path}").content
    assert (tmp_path / ".well-known" / "did.json").read_bytes() == client.get("/.well-known/did.json").content
    assert len(list((tmp_path / "trust").glob("*.pem"))) == 2


def test_a_file_is_whole_or_not_there(tmp_path):
    with pytest.raises(TypeError):
        store_file(tmp_path / "a" / "b.pdf", "text, which a binary file refuses")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
