"""The filesystem broker: a folder of messages, each a file that is whole or not there.

kombu's own writes a message in place, so that a reader can meet it empty, and a file that cannot be read
(empty after a full disk, cut off by a power cut) ends the worker. Here neither happens.
"""

import contextlib
import logging
import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """Messages as files named `<moment>_<id>.<queue>.msg`, oldest first."""

    def get_table(self, exchange: str) -> list[filesystem.exchange_queue_t]:
        """Return where an exchange leads: Celery names each queue as its exchange, so nothing has to be kept."""
        return [filesystem.exchange_queue_t(exchange, "", exchange)]

    def _queue_bind(self, *_names: str) -> None:
        """Keep nothing, see `get_table`."""

    def _put(self, queue: str, payload: Any, **_options: Any) -> None:  # type: ignore[override]
        """Write a message aside and give it its name when it is whole. Raise `ChannelError` when the disk refuses.

        It is not synced: a bell that a power cut loses is rung again by a sweep.
        """
        name = f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg"
        aside = Path(self.data_folder_out, f".{name}")
        try:
            aside.write_text(dumps(payload))
            aside.rename(aside.with_name(name))
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise ChannelError(f"Cannot put a message into {self.data_folder_out} ({error.strerror})") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Take the oldest message of a queue; one that cannot be read stays in `unread`, with a line in the log.

        Raises `Empty` when there is none.
        """
        for name in sorted(os.listdir(self.data_folder_in)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = Path(self.processed_folder, name)
            try:
                Path(self.data_folder_in, name).rename(taken)
            except FileNotFoundError:  # another process was quicker, or somebody tidied the folder away
                taken.parent.mkdir(exist_ok=True)
                continue
            try:
                message = loads(taken.read_bytes().decode())
            except ValueError:
                logger.warning("A message could not be read and is set aside: %s", taken)
                continue
            taken.unlink()
            return message
        raise Empty


class Transport(filesystem.Transport):
    """kombu's filesystem transport over these channels, for Celery's event loop.

    Without one Celery gives all processes of a pool one pipe with a lock; whoever is killed while it waits for a task
    keeps that lock for ever, and the whole pool stands still. With one each process has a pipe of its own.
    """

    Channel = Channel
    implements = filesystem.Transport.implements.extend(asynchronous=True)

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Look for messages as often as the settings say."""
        loop.call_repeatedly(self.polling_interval, self._take_waiting, connection)

    def _take_waiting(self, connection: Any) -> None:
        # Nothing waits, the pool has enough in hand, or the folder is away, which the worker's bell notices.
        with contextlib.suppress(OSError):
            while True:
                self.drain_events(connection, timeout=0)
