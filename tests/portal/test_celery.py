"""Background work: settings that hold for both brokers, and a real worker that hears the bell."""

import json
import shutil
import time
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings

from portal.celery import app, broker_settings
from tests.conftest import Installation

QUEUE = """
from django.utils import timezone
from trainees.services.messages import queue_message
for n in range(10):
    queue_message(key=f"test-{n}", to=f"person{n}@example.org", subject="Hello", text="Text", at=timezone.now())
"""
SWEEP = "from portal.celery import app; app.send_task('trainees.tasks.sweep_messages')"
STATES = """
import json
from trainees.models import Message
print(json.dumps(list(Message.objects.values_list("state", flat=True))))
"""


def test_without_a_broker_address_folders_carry_the_messages(settings, tmp_path):
    settings.BROKER_URL, settings.DATA_DIR = "", tmp_path

    options = broker_settings()

    assert options["broker_url"].startswith("filesystem:")
    assert options["broker_transport_options"]["polling_interval"] == 0.1
    assert (tmp_path / "broker" / "queue").is_dir()
    assert (tmp_path / "broker" / "unread").is_dir()


def test_redis_waits_longer_than_any_task_may_run(settings):
    settings.BROKER_URL = "redis://127.0.0.1:6379/0"

    options = broker_settings()

    assert options["broker_url"] == settings.BROKER_URL
    assert options["broker_transport_options"]["visibility_timeout"] > 2 * settings.TASK_TIME_LIMIT


def test_a_task_is_acknowledged_when_done_and_never_runs_for_ever():
    assert app.conf.task_acks_late
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.task_ignore_result
    assert app.conf.task_time_limit == settings.TASK_TIME_LIMIT < settings.CLAIM_LEASE_SECONDS


def test_every_schedule_names_a_task_that_exists():
    current_app.loader.import_default_modules()

    for schedule in app.conf.beat_schedule.values():
        assert schedule["task"] in app.tasks


@pytest.mark.worker
def test_a_worker_sends_each_mail_once(installation):
    installation.start("worker")

    installation.python(QUEUE)

    assert wait_for_mails(installation.folder, 10) == 10
    assert states_of(installation, ["sent"] * 10) == ["sent"] * 10


@pytest.mark.worker
def test_mails_whose_bells_were_lost_are_sent_by_the_sweep(installation):
    installation.environment["BROKER_URL"] = ""
    installation.python(QUEUE)
    shutil.rmtree(installation.folder / "broker")
    installation.start("worker")

    installation.python(SWEEP)
    installation.python(SWEEP)

    assert wait_for_mails(installation.folder, 10) == 10
    assert states_of(installation, ["sent"] * 10) == ["sent"] * 10


def states_of(installation: Installation, wanted: list[str]) -> list[str]:
    """Return the states of the mails once they are as wanted, or as they stay: a file is there before its state is."""
    end = time.monotonic() + 60
    while (found := json.loads(installation.python(STATES))) != wanted and time.monotonic() < end:
        time.sleep(1)
    return found


def wait_for_mails(folder: Path, count: int, seconds: float = 150) -> int:
    """Wait until so many mails lie there, and a moment more for one too many; return how many do."""
    end = time.monotonic() + seconds
    while len(list(folder.glob("mail/*.eml"))) < count and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(1)
    return len(list(folder.glob("mail/*.eml")))
