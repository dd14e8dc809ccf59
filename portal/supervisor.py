"""A small supervisor: one child process per role, restarted when it dies, stopped with its parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

GRACE_SECONDS = 20
LONGEST_PAUSE = 5  # seconds; a start costs two or three of a processor, and all work waits for it
STEADY_SECONDS = 15  # who lived so long did not die of its start
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)  # loaded here: between fork and exec a child must not take the loader's lock


def die_with_parent() -> None:
    """Ask the kernel to end this child when its parent is gone, however the parent died (Linux)."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Role:
    """One child process: its name, its command, and its restarts so far."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started: float = field(default=0.0)
    due: float = field(default=0.0)

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own: whatever it started can be ended with it
            preexec_fn=die_with_parent,
        )
        threading.Thread(target=self._relay, args=(self.process,), daemon=True).start()

    def _relay(self, process: subprocess.Popen[bytes]) -> None:
        for line in process.stdout or ():
            sys.stdout.write(f"{self.name:>6} | {line.decode('utf-8', 'replace')}")
            sys.stdout.flush()

    def look_after(self, now: float) -> None:
        """Restart a dead child: at once, or with growing pauses when it keeps dying of its start."""
        if self.process is None:
            if now >= self.due:
                self.start()
            return
        if self.process.poll() is None:
            return
        print(f"{self.name:>6} | ended with {self.process.returncode}, starting again", flush=True)
        end_group(self.process)  # a killed web server leaves its own child behind, holding the port
        self.process = None
        self.failures = self.failures + 1 if now - self.started < STEADY_SECONDS else 1
        self.due = now + (0 if self.failures == 1 else min(LONGEST_PAUSE, 2**self.failures / 4))


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever a dead role left running."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def supervise(commands: Mapping[str, list[str]]) -> None:
    """Run the commands until TERM or INT arrives, then end all children within the grace period."""
    roles = [Role(name, command) for name, command in commands.items()]
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    if os.environ.get("HUNAR_DIE_WITH_PARENT"):
        die_with_parent()
    while not stopping.wait(0.2):
        for role in roles:
            role.look_after(time.monotonic())
    _stop([role.process for role in roles if role.process is not None])


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        end_group(process)
