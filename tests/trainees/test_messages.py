"""The outbox: once, again after a refusal, given up in the end (R69); held back, cancelled, never doubled."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from audit.models import AuditEntry
from tests.factories import LATER, make_office
from trainees.models import Message
from trainees.services.messages import (
    Attachment,
    Mail,
    NotWaiting,
    cancel_message,
    due_messages,
    queue_message,
    queue_messages,
    retry_failed,
    send_message,
)

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def queue(key="k", **more):
    queue_message(key=key, to="a@example.org", subject="S", text="T", html="<p>T</p>", at=LATER, **more)


def refuse(*_args):
    raise OSError("no route")


def test_a_repeated_cause_is_one_mail_sent_once():
    queue(), queue()

    sent = [send_message(key="k", at=LATER) for _ in range(3)]

    assert sent == [True, False, False]
    assert len(mail.outbox) == 1
    assert mail.outbox[0].alternatives[0].content == "<p>T</p>"
    assert Message.objects.get().state == "sent"


def test_a_refused_mail_waits_longer_each_time_and_is_given_up(monkeypatch):
    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    queue()
    at = LATER
    for attempt in range(1, 6):
        assert not send_message(key="k", at=at)
        assert not send_message(key="k", at=at + timedelta(seconds=20))
        assert Message.objects.get().attempts == attempt
        at += timedelta(hours=1)

    assert Message.objects.get().state == "failed"
    assert due_messages(at=at) == []

    monkeypatch.undo()
    assert retry_failed(by=make_office(), at=at) == 1
    assert due_messages(at=at) == ["k"]
    assert send_message(key="k", at=at)


def test_one_failed_mail_is_retried_alone():
    queue("a"), queue("b")
    Message.objects.update(state="failed")

    assert retry_failed(by=None, at=LATER, message=Message.objects.get(key="b")) == 1

    assert due_messages(at=LATER) == ["b"]


def test_a_mail_whose_worker_died_is_sent_again_where_that_replaces_the_first(settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "portal.mail.FileBackend", tmp_path
    queue()
    Message.objects.update(claim_token="dead", claimed_until=LATER)

    assert not send_message(key="k", at=LATER - SECOND)
    assert send_message(key="k", at=LATER + SECOND)
    assert Message.objects.get().state == "sent"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_mail_server_is_never_handed_the_same_mail_twice_by_itself():
    queue()
    Message.objects.update(claim_token="dead", claimed_until=LATER)

    assert not send_message(key="k", at=LATER + SECOND)

    message = Message.objects.get()
    assert (message.state, mail.outbox) == ("failed", [])
    assert "may have arrived" in message.failure
    retry_failed(by=None, at=LATER)
    assert send_message(key="k", at=LATER + SECOND)
    assert len(mail.outbox) == 1


def test_a_refusal_is_not_taken_for_a_death(monkeypatch):
    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    queue()
    send_message(key="k", at=LATER)
    monkeypatch.undo()

    assert send_message(key="k", at=LATER + timedelta(hours=1))


def test_a_held_back_mail_waits_for_its_time():
    queue(send_after=LATER + timedelta(hours=1))

    assert due_messages(at=LATER) == []
    assert not send_message(key="k", at=LATER)
    assert due_messages(at=LATER + timedelta(hours=1)) == ["k"]
    assert send_message(key="k", at=LATER + timedelta(hours=1))


def test_a_cancelled_mail_never_goes_and_a_sent_one_cannot_be_cancelled():
    queue("a", send_after=LATER + timedelta(hours=1)), queue("b")
    send_message(key="b", at=LATER)

    cancel_message(message=Message.objects.get(key="a"), by=make_office(), at=LATER)
    with pytest.raises(NotWaiting):
        cancel_message(message=Message.objects.get(key="b"), by=None, at=LATER)

    assert not send_message(key="a", at=LATER + timedelta(hours=2))
    assert dict(Message.objects.values_list("key", "state")) == {"a": "cancelled", "b": "sent"}
    assert AuditEntry.objects.get(act="message.cancel").subject_id == str(Message.objects.get(key="a").pk)


def test_a_mail_on_its_way_cannot_be_cancelled():
    queue()
    Message.objects.update(claim_token="held", claimed_until=LATER + timedelta(minutes=3))

    with pytest.raises(NotWaiting):
        cancel_message(message=Message.objects.get(), by=None, at=LATER)


@pytest.mark.parametrize("count", [1, 40])
def test_many_mails_cost_one_insert_and_repeats_change_nothing(django_assert_num_queries, count):
    mails = [Mail(key=f"k{n}", to=f"p{n}@example.org", subject="S", text="T", cause="a-1") for n in range(count)]

    with django_assert_num_queries(1):  # R66
        queue_messages(mails=mails, at=LATER)
    queue_messages(mails=mails, at=LATER)

    assert Message.objects.filter(cause="a-1", state="queued").count() == count


def test_an_attachment_goes_with_its_type_and_the_language_is_named():
    calendar = Attachment("timetable.ics", "text/calendar; method=PUBLISH", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    queue(attachments=(calendar,), language="ur")

    send_message(key="k", at=LATER)

    part = list(mail.outbox[0].message().walk())[-1]
    assert part.get_content_type() == "text/calendar"
    assert part.get_param("method") == "PUBLISH"
    assert part.get_filename() == "timetable.ics"
    assert mail.outbox[0].extra_headers["Content-Language"] == "ur"
