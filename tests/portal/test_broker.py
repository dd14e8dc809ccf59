"""The filesystem broker: a message is whole or not there, and what cannot be read stops nobody."""

from contextlib import contextmanager
from queue import Empty

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from portal.worker import QUEUES
from tests.portal.test_celery import QUEUE, states_of, wait_for_mails
from tests.portal.test_up import child_of, wait_until


@contextmanager
def channel_in(folder):
    """Yield a channel whose messages lie in `queue` and what was set aside in `unread`."""
    for name in ("queue", "unread"):
        (folder / name).mkdir(exist_ok=True)
    queue = str(folder / "queue")
    options = {"data_folder_in": queue, "data_folder_out": queue, "processed_folder": str(folder / "unread")}
    with Connection("filesystem://", transport="portal.broker:Transport", transport_options=options) as connection:
        yield connection.default_channel


def test_messages_are_taken_oldest_first_each_from_its_queue_and_once(tmp_path):
    with channel_in(tmp_path) as channel:
        for number in range(3):
            channel._put("mail", {"body": number})
            channel._put("celery", {"body": -number})

        taken = [channel._get("mail")["body"] for _ in range(3)]

        with pytest.raises(Empty):
            channel._get("mail")
        assert taken == [0, 1, 2]
        assert channel._size("celery") == 3
    assert list((tmp_path / "unread").iterdir()) == []


@pytest.mark.parametrize("broken", [b"", b'{"body": "half', b"\0" * 300, b"\xff\xfe{}"])
def test_a_message_that_cannot_be_read_is_set_aside_and_the_next_is_taken(tmp_path, caplog, broken):
    caplog.set_level("WARNING")
    with channel_in(tmp_path) as channel:
        (tmp_path / "queue/0_broken.mail.msg").write_bytes(broken)
        channel._put("mail", {"body": "whole"})

        assert channel._get("mail") == {"body": "whole"}

    assert (tmp_path / "unread/0_broken.mail.msg").read_bytes() == broken
    assert "could not be read and is set aside" in caplog.text
    assert list((tmp_path / "queue").iterdir()) == []


def test_a_folder_that_somebody_tidied_away_holds_up_no_message(tmp_path):
    with channel_in(tmp_path) as channel:
        channel._put("mail", {"body": "whole"})
        (tmp_path / "unread").rmdir()

        with pytest.raises(Empty):
            channel._get("mail")

        assert channel._get("mail") == {"body": "whole"}


def test_a_message_that_is_being_written_is_not_there_yet(tmp_path):
    with channel_in(tmp_path) as channel:
        channel._put("mail", {"body": "whole"})
        (written,) = (tmp_path / "queue").iterdir()
        written.rename(written.with_name(f".{written.name}"))

        with pytest.raises(Empty):
            channel._get("mail")


def test_a_broker_whose_folder_is_gone_says_so_and_leaves_nothing(tmp_path):
    with channel_in(tmp_path) as channel:
        (tmp_path / "queue").rmdir()

        with pytest.raises(ChannelError, match="No such file or directory"):
            channel._put("mail", {"body": "whole"})

    assert [each.name for each in tmp_path.iterdir()] == ["unread"]


@pytest.mark.worker
def test_an_empty_message_does_not_end_the_worker(installation):
    installation.environment["BROKER_URL"] = ""
    queue, unread = (installation.folder / "broker" / name for name in ("queue", "unread"))
    queue.mkdir(parents=True)
    installation.start("worker")
    assert wait_until(lambda: child_of(installation.process.pid, "worker"))
    worker = child_of(installation.process.pid, "worker")

    for name in ("celery", "urgent", "mail"):
        (queue / f"0_empty.{name}.msg").touch()
    assert wait_until(lambda: len(list(unread.glob("0_empty.*"))) == 3), installation.log()
    installation.python(QUEUE)

    assert wait_for_mails(installation.folder, 10) == 10
    assert states_of(installation, ["sent"] * 10) == ["sent"] * 10
    assert child_of(installation.process.pid, "worker") == worker
    assert installation.log().count("could not be read and is set aside") == 3
    installation.stop()
    assert {path.name.split(".")[1] for path in queue.iterdir()} <= set(QUEUES)  # nothing that nobody ever takes
