"""200 certificates, asked for 20 times at once, by a real worker that is killed five times: none lost, none doubled."""

import os
import random
import signal
import subprocess
import time
from email import message_from_bytes
from pathlib import Path

import pytest

pytestmark = [pytest.mark.worker, pytest.mark.xdist_group("worker")]
COUNT, KILLS, PATIENCE = 200, 5, 300

PREPARE = f"""
from tests.factories import *
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
cohort = make_cohort("AI-ONL-01", sessions=1, capacity={COUNT})
for _ in range({COUNT}):
    make_enrolment(cohort)
marks = [Mark(each.pk, "present") for each in cohort.enrolments.all()]
mark_attendance(session=cohort.sessions.get(), marks=marks, version=None, by=None, at=LATER)
close_cohort(cohort=cohort, by=None, at=LATER)
"""
ISSUE = """
import threading
from django.db import connections
from django.utils import timezone
from certificates.models import Batch, Certificate
from certificates.services.issue import NobodyDue, issue_certificates, ring_batch
from cohorts.models import Cohort
refused = []
def issue():
    try:
        issue_certificates(cohort=Cohort.objects.get(), by=None, at=timezone.now())
    except NobodyDue:
        refused.append(1)
    finally:
        connections.close_all()
threads = [threading.Thread(target=issue) for _ in range(20)]
[each.start() for each in threads]
[each.join() for each in threads]
for _ in range(2):  # every message comes three times
    ring_batch(Batch.objects.get().pk)
print(Batch.objects.count(), len(refused), Certificate.objects.count())
"""
STATE = """
from collections import Counter
from certificates.models import Certificate, StatusList
from trainees.models import Message
issued, sent = Certificate.objects.filter(state="issued").count(), Message.objects.filter(state="sent").count()
print(issued, sent, StatusList.objects.exclude(document="").count())
"""
CHECK = """
import hashlib
from django.conf import settings
from certificates.models import Certificate, Credential, StatusList
rows = list(Certificate.objects.all())
right = [each for each in rows if hashlib.sha256(each.path.read_bytes()).hexdigest() == each.sha256]
different = [len({getattr(each, name) for each in rows}) for name in ("enrolment_id", "code", "status_index")]
kept = {path for each in rows for path in (each.path, each.picture_path)}
found = {path for path in settings.CERTIFICATES_DIR.rglob("*") if path.is_file()}
print(Credential.objects.count(), StatusList.objects.exclude(document="").count())
print(len(rows), len(right), *different, len(kept ^ found))
"""


def worker_processes(folder):
    """Return the ids of the Celery processes of an installation, found by its data folder."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            command = Path(f"/proc/{entry}/cmdline").read_bytes()
            environment = Path(f"/proc/{entry}/environ").read_bytes()
        except OSError:
            continue
        if b"celery" in command and b"\0worker\0" in command and f"HUNAR_DATA={folder}\0".encode() in environment:
            found.append(int(entry))
    return found


def test_no_certificate_is_lost_or_doubled_when_the_worker_is_killed(installation):
    installation.environment["HUNAR_CLAIM_LEASE_SECONDS"] = "10"
    installation.python(PREPARE)
    assert installation.python(ISSUE).strip().splitlines()[-1] == f"1 19 {COUNT}"
    chance = random.Random(7)
    installation.start("worker", "beat")

    for _ in range(KILLS):
        time.sleep(chance.uniform(0.5, 3))
        for process in worker_processes(installation.folder):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
    deadline = time.monotonic() + PATIENCE
    done = ""
    while time.monotonic() < deadline and done != f"{COUNT} {COUNT} 1":
        time.sleep(3)
        done = installation.python(STATE).strip().splitlines()[-1]

    assert done == f"{COUNT} {COUNT} 1", installation.log()
    told = installation.python(CHECK).strip().splitlines()[-2:]
    assert told == [f"{COUNT} 1", f"{COUNT} {COUNT} {COUNT} {COUNT} {COUNT} 0"]
    mails = [message_from_bytes(path.read_bytes()) for path in (installation.folder / "mail").glob("*.eml")]
    assert len({mail["Message-ID"] for mail in mails}) == len(mails) == COUNT
    assert len({mail["To"] for mail in mails}) == COUNT
    files = list((installation.folder / "certificates").rglob("*.pdf"))
    assert len(files) == COUNT
    checked = subprocess.run(["qpdf", "--check", str(files[0])], capture_output=True, text=True)
    assert checked.returncode == 0
    seen = subprocess.run(["pdfsig", "-nocert", str(files[0])], capture_output=True, text=True).stdout
    assert "Total document signed" in seen
    assert "Signature is Valid" in seen
