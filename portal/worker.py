"""The background worker: two processes that take turns between the queues. usage: python -m portal.worker

Started here and not by Celery's command line, which would stay in the memory of every process (9 MB).
"""

import faulthandler
import logging
import os
import sys
import threading
import time
from typing import NoReturn

from celery.worker import state

from portal.celery import app
from portal.standstill import note_work

QUEUES = ("celery", "urgent", "mail")
PROCESSES = 2
BELL = "portal.tasks.answer"
BELL_SECONDS, LOOK_SECONDS = 20, 5
SILENCE_SECONDS = 90  # several bells, and the start on a busy machine

logger = logging.getLogger(__name__)


class Watch:
    """Ends a worker that takes up no task any more; whoever started it (`up`, systemd, a container) starts it anew.

    Celery does not notice that its pool answers no more, and its parent goes on as if it did. The watch asks for no
    cause: it rings for an empty task of its own, and looks whether anything was taken up or came to an end.
    """

    def __init__(self, now: float) -> None:
        self.rung = self.changed = now
        self.seen = (0, 0)
        self.work = 0

    def look(self, now: float) -> None:
        """Ring when it is time, note what was done, and end the worker after too long a silence."""
        if now - self.rung >= BELL_SECONDS:
            self.rung = now
            self._ring(now)
        # How long each task in hand may run. The copy is made at once: other threads write there.
        limits = [each.task.time_limit for each in list(state.requests.values()) if each.worker_pid]
        if (seen := (state.all_total_count[0], len(limits))) != self.seen:
            self.seen, self.changed = seen, now
        is_full = len(limits) >= PROCESSES  # silent for as long as these tasks may run
        if now - self.changed > SILENCE_SECONDS + (max(limits) if is_full else 0):
            end_worker(now - self.changed)
        work = state.all_total_count[0] - state.total_count[BELL]
        if work != self.work or is_full:
            self.work = work
            note_work()

    def _ring(self, now: float) -> None:
        try:
            # A connection of its own: a lock held here while a process of the pool is forked would stay held there.
            with app.connection_for_write() as connection:
                app.send_task(BELL, queue="urgent", expires=BELL_SECONDS, connection=connection)
        except Exception as error:  # whatever a broker that is away says; that is no fault of the worker
            logger.warning("The worker cannot reach the broker (%s)", type(error).__name__)
            self.changed = now


def end_worker(silence: float) -> NoReturn:
    """End this process at once, its pool with it; every task is a row that is taken up again."""
    try:
        logger.critical("No task was taken up for %.0f seconds: the worker ends, to be started again", silence)
        faulthandler.dump_traceback(2)  # by its number: sys.stderr is Celery's, with no file behind it
    finally:
        os._exit(1)


def keep_watch() -> None:
    """Look every few seconds until the worker is told to stop: then it takes up nothing new, and is right to."""
    watch = Watch(time.monotonic())
    while state.should_stop is None:
        time.sleep(LOOK_SECONDS)
        try:
            watch.look(time.monotonic())
        except Exception:  # a full disk, say: the next look comes all the same
            logger.exception("The worker's watch failed")


def main() -> int:
    """Work until TERM arrives, finish what is in hand, and return the exit code."""
    worker = app.Worker(
        concurrency=PROCESSES,
        queues=QUEUES,
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_heartbeat=True,  # events that nobody reads would lie in the broker's folder for ever
        without_mingle=True,
    )
    threading.Thread(target=keep_watch, daemon=True).start()
    worker.start()
    return int(worker.exitcode or 0)


if __name__ == "__main__":
    sys.exit(main())
