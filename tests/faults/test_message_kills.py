"""Announcements and timetable changes through a worker that is killed: nobody gets two mails, nobody none."""

import os
import random
import signal
import time
from email import message_from_bytes

import pytest

from tests.servers import worker_processes

pytestmark = [pytest.mark.worker, pytest.mark.xdist_group("worker")]
COUNT, KILLS, PATIENCE = 60, 4, 600

PREPARE = f"""
from django.utils import timezone
from datetime import timedelta
from tests.factories import *
from cohorts.services.announcements import Letter, announce
from cohorts.services.schedule import SkipDates
from cohorts.services.schedule.programme import change_programme
now = timezone.now()
start = now.replace(hour=5, minute=0, second=0, microsecond=0) + timedelta(days=3)
pattern = [{{"weekday": day, "start": "10:00", "end": "13:00"}} for day in ("MO", "TU", "WE", "TH", "FR", "SA", "SU")]
cohorts = [make_cohort(sessions=3, starts_at=start, capacity={COUNT}, weekly_pattern=pattern) for _ in range(2)]
for cohort in cohorts:
    for _ in range({COUNT} // 2):
        make_enrolment(cohort, at=now)
announce(letter=Letter("Hello", "Dear {{name}}"), cohort=None, filter={{}}, by=make_office(), at=now)
change_programme(cohorts=cohorts, wish=SkipDates((start.date(),)), by=None, at=now, reason="Strike")
"""
STATE = """
from trainees.models import Message
print(Message.objects.filter(state="sent").count(), Message.objects.exclude(state="sent").count())
"""


def test_nothing_is_mailed_twice_when_a_worker_dies(installation):
    installation.environment["HUNAR_CLAIM_LEASE_SECONDS"] = "8"
    installation.python(PREPARE)
    chance = random.Random(11)
    installation.start("worker", "beat")

    for _ in range(KILLS):
        time.sleep(chance.uniform(0.3, 1.5))
        for process in worker_processes(installation.folder):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
    deadline = time.monotonic() + PATIENCE
    done = ""
    while time.monotonic() < deadline and done != f"{2 * COUNT} 0":
        time.sleep(3)
        done = installation.python(STATE).strip().splitlines()[-1]

    assert done == f"{2 * COUNT} 0", installation.log()
    mails = [message_from_bytes(path.read_bytes()) for path in (installation.folder / "mail").glob("*.eml")]
    assert len({mail["Message-ID"] for mail in mails}) == len(mails) == 2 * COUNT
    assert len({(mail["To"], mail["Subject"]) for mail in mails}) == 2 * COUNT
    assert len({mail["To"] for mail in mails}) == COUNT
