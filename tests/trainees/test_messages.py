"""The outbox: once, again after a refusal, given up in the end (R69)."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from tests.factories import LATER, make_office
from trainees.models import Message
from trainees.services.messages import due_messages, queue_message, retry_failed, send_message

pytestmark = pytest.mark.django_db


def queue(key="k"):
    queue_message(key=key, to="a@example.org", subject="S", text="T", html="<p>T</p>", at=LATER)


def test_a_repeated_cause_is_one_mail_sent_once():
    queue(), queue()

    sent = [send_message(key="k", at=LATER) for _ in range(3)]

    assert sent == [True, False, False]
    assert len(mail.outbox) == 1
    assert mail.outbox[0].alternatives[0].content == "<p>T</p>"
    assert Message.objects.get().state == "sent"


def test_a_refused_mail_waits_longer_each_time_and_is_given_up(monkeypatch):
    def refuse(*_args):
        raise OSError("no route")

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


def test_a_claim_that_ran_out_is_taken_over():
    queue()
    Message.objects.update(claim_token="dead", claimed_until=LATER)

    assert not send_message(key="k", at=LATER - timedelta(seconds=1))
    assert send_message(key="k", at=LATER + timedelta(seconds=1))
