"""`manage.py up`: three roles under one parent, brought back when they die, gone when it goes."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from portal.management.commands.up import role_commands
from portal.supervisor import Role
from tests.conftest import ROOT

pytestmark = pytest.mark.worker


def processes_of(folder: Path) -> dict[int, str]:
    """Return the command line of each living process of an installation, by its id."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                environment = (entry / "environ").read_bytes().split(b"\0")
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if f"HUNAR_DATA={folder}".encode() in environment and command:
                found[int(entry.name)] = command
    return found


def child_of(process_id: int, word: str) -> int | None:
    """Return the id of the child of a process whose command line holds the word."""
    for child in Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split():
        with contextlib.suppress(OSError):  # it may be gone by now
            if word in Path(f"/proc/{child}/cmdline").read_text():
                return int(child)
    return None


def wait_until(condition, seconds: float = 90) -> bool:
    """Return whether something comes true; the time is for a machine on which much else runs."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return bool(condition())


def test_serves_and_brings_back_a_killed_role_and_stops_whole(installation):
    installation.start()
    parent = installation.process.pid
    for word in (" worker ", " beat "):
        assert wait_until(lambda word=word: child_of(parent, word.strip())), installation.log()

    for word in ("granian", "worker"):
        before = child_of(parent, word)
        os.kill(before, signal.SIGKILL)
        assert wait_until(lambda b=before, w=word: child_of(parent, w) not in (None, b)), installation.log()
    assert wait_until(lambda: answers(installation.url)), installation.log()

    process = installation.process
    installation.stop()
    assert process.returncode == 0
    assert wait_until(lambda: not processes_of(installation.folder)), processes_of(installation.folder)
    log = installation.log()
    assert "ended with -9, starting again" in log
    assert "worker |" in log


def test_a_killed_parent_takes_its_children_along(installation):
    installation.start()

    installation.process.kill()
    installation.process.wait()

    assert wait_until(lambda: not processes_of(installation.folder)), processes_of(installation.folder)


def test_a_killed_worker_leaves_no_pool_behind(installation):
    installation.start("worker")
    parent = installation.process.pid
    assert wait_until(lambda: child_of(parent, "worker"))
    worker = child_of(parent, "worker")
    children = Path(f"/proc/{worker}/task/{worker}/children")
    assert wait_until(lambda: len(children.read_text().split()) >= 2), installation.log()
    pool = children.read_text().split()

    os.kill(worker, signal.SIGKILL)

    assert wait_until(lambda: not any(Path(f"/proc/{each}/exe").exists() for each in pool))


def test_a_role_that_dies_of_its_start_is_started_with_growing_pauses():
    role = Role("web", ["true"])
    waits = []
    for lived in (1, 1, 1, 1, 1, 1, 20, 1):
        role.start()
        role.process.wait()
        now = role.started + lived
        role.look_after(now)
        waits.append(role.due - now)

    assert waits == [0, 1, 2, 4, 5, 5, 0, 1]


def test_a_taken_port_is_refused_with_the_remedy():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        with pytest.raises(CommandError, match="Choose another --port"):
            call_command("up", "--port", str(taken.getsockname()[1]))


def test_one_command_per_role():
    commands = role_commands("127.0.0.1", 8123)

    assert set(commands) == {"web", "worker", "beat"}
    assert "8123" in commands["web"]


def test_the_web_process_does_without_weasyprint():
    code = "import portal.wsgi, portal.urls, sys; print('weasyprint' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def answers(url: str) -> bool:
    try:
        return urllib.request.urlopen(url + "/accounts/login/", timeout=5).status == 200
    except OSError:
        return False
