"""A worker that takes up nothing any more ends itself and is started again; the overview says when nothing goes on."""

import os
import signal
import subprocess
import sys
import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery.worker import state
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from kombu import Connection

from portal import worker
from portal.standstill import PATIENCE, find_standstill, note_work
from tests.conftest import ROOT, end_process
from tests.portal.test_celery import QUEUE, states_of, wait_for_mails
from tests.portal.test_up import child_of, wait_until
from tests.servers import worker_processes

# The product's supervisor, beat and worker, with less patience.
IMPATIENT = """
import sys
from portal.management.commands.up import role_commands
from portal.supervisor import supervise
code = "import sys; from portal import worker as w; w.BELL_SECONDS = w.LOOK_SECONDS = 1; w.SILENCE_SECONDS = 25; "
worker = [sys.executable, "-c", code + "sys.exit(w.main())", "portal.worker"]
supervise({"worker": worker, "beat": role_commands("", 0)["beat"]})
"""


class Ended(Exception):
    """Stands for the end of the process."""


@pytest.fixture
def watch(monkeypatch):
    """A watch begun at second 0 over the state of a worker that has nothing in hand."""
    monkeypatch.setattr(os, "_exit", lambda code: (_ for _ in ()).throw(Ended(code)))
    monkeypatch.setattr(worker.Watch, "_ring", lambda self, now: None)
    state.reset_state()
    (settings.DATA_DIR / "last-work").unlink(missing_ok=True)
    yield worker.Watch(0.0)
    state.reset_state()
    (settings.DATA_DIR / "last-work").unlink(missing_ok=True)  # or the overview of another test says it stands still


class Request:
    """A task that a process of the pool has in hand, as Celery keeps it."""

    def __init__(self, name, limit=120):
        self.id, self.name, self.worker_pid = str(uuid.uuid4()), name, 1
        self.task = SimpleNamespace(time_limit=limit)


def take_up(name="portal.tasks.make_export", limit=120):
    """Let a process of the pool take up a task."""
    request = Request(name, limit)
    state.task_accepted(request)
    return request


def test_a_worker_that_takes_up_nothing_ends_itself(watch):
    watch.look(worker.SILENCE_SECONDS)

    with pytest.raises(Ended, match="1"):
        watch.look(worker.SILENCE_SECONDS + 1)


def test_each_task_that_is_taken_up_or_ends_begins_the_patience_anew(watch):
    watch.look(80)
    task = take_up(worker.BELL)
    watch.look(160)
    state.task_ready(task)
    watch.look(240)
    watch.look(330)

    with pytest.raises(Ended):
        watch.look(331)


def test_long_tasks_in_all_processes_are_waited_for_and_not_for_ever(watch):
    take_up(limit=1000)
    watch.look(10)
    watch.look(10 + worker.SILENCE_SECONDS)
    take_up(limit=120)
    watch.look(80)
    watch.look(80 + 1000 + worker.SILENCE_SECONDS)

    with pytest.raises(Ended):
        watch.look(81 + 1000 + worker.SILENCE_SECONDS)


def test_a_broker_that_is_away_is_no_fault_of_the_worker(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "_exit", lambda code: (_ for _ in ()).throw(Ended(code)))
    monkeypatch.setattr(worker.app, "connection_for_write", lambda: Connection("redis://127.0.0.1:1/0"))
    watch = worker.Watch(0.0)

    for now in (worker.SILENCE_SECONDS, 2 * worker.SILENCE_SECONDS):  # few: each waits some seconds for the broker
        watch.look(now)

    assert watch.changed == now


def test_work_is_noted_and_the_workers_own_bell_is_none(watch):
    take_up(worker.BELL)
    watch.look(10)
    assert not (settings.DATA_DIR / "last-work").exists()

    take_up()
    watch.look(20)

    assert (settings.DATA_DIR / "last-work").exists()


def test_the_bell_is_a_task_and_comes_often_enough():
    worker.app.loader.import_default_modules()

    assert worker.BELL in worker.app.tasks
    assert worker.SILENCE_SECONDS > 3 * worker.BELL_SECONDS
    assert PATIENCE.total_seconds() > worker.SILENCE_SECONDS


def test_a_standstill_is_found_after_three_minutes_and_gone_with_the_next_work(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    begun, second = timezone.now(), timedelta(seconds=1)
    assert find_standstill(at=begun) is None  # nothing ever began

    note_work()

    since = find_standstill(at=timezone.now() + PATIENCE + timedelta(minutes=5))
    assert begun - second <= since <= timezone.now()
    assert find_standstill(at=since + PATIENCE - second) is None
    assert find_standstill(at=since + PATIENCE + second) == since


@pytest.mark.django_db
@pytest.mark.parametrize("minutes", [2, 40])
def test_the_overview_says_since_when_nothing_goes_on(office, tmp_path, settings, minutes):
    settings.DATA_DIR = tmp_path
    note_work()
    last = timezone.now() - timedelta(minutes=minutes)
    os.utime(tmp_path / "last-work", (last.timestamp(), last.timestamp()))

    page = office.get("/manage/").content.decode()

    said = f"Background work has stood still since {date_format(localtime(last), 'j M Y, H:i')}"
    assert (said in page) is (minutes == 40)


@pytest.mark.worker
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_whose_pool_is_killed_or_stopped_whole_works_again_by_itself(installation, blow):
    product = subprocess.Popen([sys.executable, "-c", IMPATIENT], cwd=ROOT, env=installation.environment)
    try:
        installation.python(QUEUE.replace("test-", "first-"))
        assert wait_for_mails(installation.folder, 10) == 10
        parent = child_of(product.pid, "portal.worker")
        pool = set(worker_processes(installation.folder)) - {parent}
        assert len(pool) == 2

        for process in pool:
            os.kill(process, blow)
        installation.python(QUEUE)

        assert wait_for_mails(installation.folder, 20) == 20
        assert states_of(installation, ["sent"] * 20) == ["sent"] * 20
        if blow == signal.SIGSTOP:
            assert wait_until(lambda: parent not in worker_processes(installation.folder))
    finally:
        end_process(product)
