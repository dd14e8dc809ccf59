"""The background worker: two processes that take turns between the queues. usage: python -m portal.worker

Started here and not by Celery's command line, which would stay in the memory of every process (9 MB).
"""

import sys

from portal.celery import app

QUEUES = ("celery", "urgent", "mail")


def main() -> int:
    """Work until TERM arrives, finish what is in hand, and return the exit code."""
    worker = app.Worker(
        concurrency=2,
        queues=QUEUES,
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


if __name__ == "__main__":
    sys.exit(main())
