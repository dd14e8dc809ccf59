"""200 certificates, asked for 20 times at once, by a real worker that is killed: none lost, none doubled.

`HUNAR_FAULT_KILLS` says how often, 5 times unless set.
"""

import os
import random
import signal
import subprocess
import sys
import time
from email import message_from_bytes

import pytest

from tests.conftest import ROOT, end_process
from tests.servers import worker_processes

pytestmark = [pytest.mark.worker, pytest.mark.xdist_group("worker")]
COUNT, PATIENCE = 200, 600
KILLS = int(os.environ.get("HUNAR_FAULT_KILLS", "5"))

PREPARE = """
count = %d
from tests.factories import *
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
cohort = make_cohort("AI-ONL-01", sessions=1, capacity=count)
for _ in range(count):
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


def wait_for_files(installation, wanted):
    """Wait until so many files are there, or a minute; return how many there are."""
    deadline, found = time.monotonic() + 60, 0
    while found < wanted and time.monotonic() < deadline:
        time.sleep(0.05)
        found = len(list((installation.folder / "certificates").rglob("*.pdf")))
    return found


def wait_until_done(installation, count):
    """Return whether everything was issued, mailed and signed, or what was when patience ended."""
    deadline, state = time.monotonic() + PATIENCE, ""
    while state != f"{count} {count} 1" and time.monotonic() < deadline:
        time.sleep(2)
        state = installation.python(STATE).strip().splitlines()[-1]
    return state == f"{count} {count} 1" or state


def check_everything(installation, count):
    """One row, credential, code, status index, file, picture and mail each, and every file is its row's."""
    told = installation.python(CHECK).strip().splitlines()[-2:]
    assert told == [f"{count} 1", f"{count} {count} {count} {count} {count} 0"]
    mails = [message_from_bytes(path.read_bytes()) for path in (installation.folder / "mail").glob("*.eml")]
    assert len({mail["Message-ID"] for mail in mails}) == len(mails) == count
    assert len({mail["To"] for mail in mails}) == count
    files = list((installation.folder / "certificates").rglob("*.pdf"))
    assert len(files) == count
    checked = subprocess.run(["qpdf", "--check", str(files[0])], capture_output=True, text=True)
    assert checked.returncode == 0
    seen = subprocess.run(["pdfsig", "-nocert", str(files[0])], capture_output=True, text=True).stdout
    assert "Total document signed" in seen
    assert "Signature is Valid" in seen


def test_no_certificate_is_lost_or_doubled_when_the_worker_is_killed(installation):
    installation.environment["HUNAR_CLAIM_LEASE_SECONDS"] = "10"
    installation.python(PREPARE % COUNT)
    assert installation.python(ISSUE).strip().splitlines()[-1] == f"1 19 {COUNT}"
    chance = random.Random(7)
    installation.start("worker", "beat")

    files = []
    for wanted in sorted(chance.sample(range(1, COUNT * 9 // 10), KILLS)):  # all over the batch
        fresh = files[-1] + 1 if files else 1  # something was made since the last kill
        files.append(wait_for_files(installation, min(COUNT, max(wanted, fresh))))
        time.sleep(chance.uniform(0, 0.1))
        for process in worker_processes(installation.folder):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
    killed = time.monotonic()

    assert wait_until_done(installation, COUNT) is True, installation.log()
    print(f"files at each kill: {files}; all done {time.monotonic() - killed:.0f} s after the last")
    check_everything(installation, COUNT)


def test_messages_that_come_three_times_to_four_processes_make_one_certificate_each(installation):
    installation.python(PREPARE % 100)
    assert installation.python(ISSUE).strip().splitlines()[-1] == "1 19 100"
    command = [sys.executable, "manage.py", "up", "--only", "worker"]
    second = subprocess.Popen(command, cwd=ROOT, env=installation.environment, stderr=subprocess.DEVNULL)
    try:
        installation.start("worker", "beat")
        assert wait_until_done(installation, 100) is True, installation.log()
    finally:
        end_process(second)
    check_everything(installation, 100)
