"""The page of registration: what was typed, why not, how heavy, labelled, in Urdu, slowed."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from cohorts.models import Enrolment
from cohorts.throttle import RegistrationThrottle
from tests.factories import make_cohort, make_course, make_enrolment, make_registration
from tests.flows.doors import by_page
from trainees.models import Message, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unslowed")]
SHARED = {"tabler.min.css", "tokens.css", "hunar.css"}


def test_what_was_typed_stays_with_a_message_beside_its_field(client, soon):
    cohort = make_cohort(starts_at=soon)

    page = by_page(client, cohort, cnic="30000-520417-6", password="three-unrelated-words")
    text = page.content.decode()

    assert page.status_code == 422
    assert 'href="#field-cnic"' in text
    assert "One digit is missing: you typed 12, a CNIC has 13." in text
    assert 'value="30000-520417-6"' in text
    assert 'value="three-unrelated-words"' in text
    assert re.search(r'<input[^>]*name="cnic"[^>]*aria-invalid="true"[^>]*>', text)
    described = re.search(r'name="cnic"[^>]*aria-describedby="([^"]+)"', text)[1]
    assert all(f'id="{each}"' in text for each in described.split())


def test_the_pages_say_why_one_cannot_register(client, soon):
    now = timezone.now()
    ahead = make_cohort(starts_at=soon, registration_opens_at=now + timedelta(days=1))
    over = make_cohort(starts_at=soon, registration_closes_at=now - timedelta(days=1))
    full = make_cohort(starts_at=soon, capacity=1, waitlist_limit=0)
    make_enrolment(full)

    texts = [client.get(f"/cohorts/{each.code}/register/").content.decode() for each in (ahead, over, full)]

    assert "Registration opens on" in texts[0]
    assert "Registration ended on" in texts[1]
    assert "This cohort and its waiting list are full" in texts[2]
    assert not any('name="cnic"' in each for each in texts)
    strict = make_cohort(starts_at=soon, course=make_course("CC", categories=["professional"]))
    refused = by_page(client, strict)
    assert refused.status_code == 422
    assert "working professionals only" in refused.content.decode()


def test_the_registration_page_weighs_at_most_60_kb_beside_the_shared_sheets(client, soon):
    """What a first visit transfers, uncompressed, beyond the shared style sheets and the font."""
    text = client.get(f"/cohorts/{make_cohort(starts_at=soon).code}/register/").content
    linked = re.findall(rb'(?:src|href)="/static/([^"]+)"', text)
    files = [Path(django_settings.BASE_DIR, "static", each.decode()) for each in linked]
    beside = [path for path in files if path.name not in SHARED]

    assert len(text) + sum(path.stat().st_size for path in beside) <= 60_000
    assert b"<script" not in text  # it works without


def test_every_control_of_the_form_has_a_label(client, soon):
    text = client.get(f"/cohorts/{make_cohort(starts_at=soon).code}/register/").content.decode()

    controls = re.findall(r"<(?:input|select)[^>]*>", text)
    asked = [each for each in controls if 'type="hidden"' not in each]
    for control in asked:
        name = re.search(r'id="([^"]+)"', control)[1]
        assert f'for="{name}"' in text or re.search(rf"<label[^>]*>\s*{re.escape(control)}", text), control
    assert len(asked) > 15


def test_who_registers_in_urdu_is_written_to_in_urdu(client, soon):
    client.cookies["django_language"] = "ur"

    by_page(client, make_cohort(starts_at=soon))

    assert User.objects.get().language == "ur"
    message = Message.objects.get()
    assert message.language == "ur"
    assert "تصدیق" in message.subject
    assert 'dir="rtl"' in message.html


def test_a_network_that_sends_too_many_is_slowed_and_nothing_typed_is_lost(client, soon, monkeypatch):
    cohort = make_cohort(starts_at=soon, capacity=9)
    monkeypatch.setattr(RegistrationThrottle, "rate", "2/hour", raising=False)
    answers = [
        client.post(f"/cohorts/{cohort.code}/register/", make_registration(full_name=f"Zainab Noor {name}"))
        for name in ("Malik", "Khan", "Shah")
    ]
    assert [each.status_code for each in answers] == [302, 302, 429]
    assert "from your network" in answers[2].content.decode()
    assert "Zainab Noor Shah" in answers[2].content.decode()
    assert Enrolment.objects.count() == 2
