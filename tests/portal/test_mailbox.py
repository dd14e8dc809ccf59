"""The office's list of mails: filters, one mail, retry, cancel (R72)."""

from datetime import timedelta

import pytest

from tests.factories import LATER, make_cohort, make_enrolment, make_office
from trainees.models import Message
from trainees.services.messages import queue_message

pytestmark = pytest.mark.django_db


def sign_in(client, *groups):
    user = make_office(*groups)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def queue(key, state="queued", **more):
    given = {"to": "a@example.org", "subject": f"Subject {key}", "text": f"Text of {key}", "at": LATER}
    queue_message(key=key, **(given | more))
    sent = {"sent_at": LATER} if state == "sent" else {}
    Message.objects.filter(key=key).update(state=state, **sent)
    return Message.objects.get(key=key)


def shown(client, query=""):
    return [each.key for each in client.get(f"/manage/messages/{query}").context["object_list"]]


def test_the_list_is_narrowed_by_state_kind_person_cohort_and_act(client):
    sign_in(client)
    trainee = make_enrolment(make_cohort()).trainee
    queue("a", "failed", kind="reminder", about="A-1", trainee_id=trainee.pk, to=trainee.email)
    queue("b", "sent", kind="enrolled", about="B-1", cause="announcement-7")

    assert shown(client) == ["b", "a"]
    assert shown(client, "?state=failed") == ["a"]
    assert shown(client, "?kind=enrolled") == ["b"]
    assert shown(client, "?about=a-1") == ["a"]
    assert shown(client, f"?search={trainee.number}") == shown(client, f"?search={trainee.full_name}") == ["a"]
    assert shown(client, "?search=a@example") == ["b"]
    assert shown(client, "?cause=announcement-7") == ["b"]


def test_the_number_of_each_state_is_the_length_of_its_list(client, monkeypatch):
    sign_in(client)
    monkeypatch.setattr("portal.lists.pages.MOST", 1)
    for n, state in enumerate(["sent"] * 4 + ["failed"] * 3 + ["cancelled"] * 2):
        queue(str(n), state)

    counts = client.get("/manage/messages/").context["counts"]
    lists = [client.get(f"/manage/messages/?state={state.value}") for state, _n in counts]

    assert {state.value: n for state, n in counts} == {"queued": 0, "sent": 4, "failed": 3, "cancelled": 2}
    assert [each.context["paginator"].count for each in lists] == [n for _state, n in counts]
    assert [each.context["counts"] for each in lists] == [counts] * len(counts)


def test_only_who_may_read_sees_the_text(client):
    message = queue("k", text="Your secret link")
    address = f"/manage/messages/{message.pk}/"

    sign_in(client, "Auditor")
    assert "Your secret link" not in client.get(address).content.decode()
    sign_in(client, "Programme office")
    assert "Your secret link" in client.get(address).content.decode()


def test_one_failed_mail_or_all_are_sent_again(client):
    sign_in(client)
    one, _other = queue("a", "failed"), queue("b", "failed")

    client.post(f"/manage/messages/{one.pk}/retry/")
    assert dict(Message.objects.values_list("key", "state")) == {"a": "queued", "b": "failed"}
    client.post("/manage/messages/retry/")
    assert dict(Message.objects.values_list("key", "state")) == {"a": "queued", "b": "queued"}


def test_a_scheduled_mail_is_cancelled_and_a_sent_one_says_why_not(client):
    sign_in(client)
    waiting, gone = queue("a", send_after=LATER + timedelta(days=1)), queue("b", "sent")

    client.post(f"/manage/messages/{waiting.pk}/cancel/")
    answer = client.post(f"/manage/messages/{gone.pk}/cancel/", follow=True)

    assert Message.objects.get(key="a").state == "cancelled"
    assert "This mail has gone out" in answer.content.decode()
