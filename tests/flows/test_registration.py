"""Registering over HTTP, page and API alike: what is answered, what is kept, what is refused."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.utils import timezone

from cohorts.models import Enrolment
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.enrolment import withdraw
from cohorts.throttle import RegistrationThrottle
from tests.factories import make_cohort, make_course, make_enrolment, make_office, make_registered, make_registration
from trainees.models import Message, Trainee, User

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
PASSWORD = "three-unrelated-words"
SHARED = {"tabler.min.css", "tokens.css", "hunar.css"}


@pytest.fixture(autouse=True)
def _no_throttle(settings):
    rates = dict.fromkeys(settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "100000/hour")
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    cache.clear()


@pytest.fixture
def soon():
    """A moment next week: pages look at the clock."""
    return timezone.now() + timedelta(days=7)


def by_page(client, cohort, **fields):
    return client.post(f"/cohorts/{cohort.code}/register/", make_registration(**fields))


def by_api(client, cohort, **fields):
    body = {**make_registration(**fields), "consent": True, "cohort": cohort.code}
    return client.post("/api/v1/registrations/", json.dumps(body), content_type="application/json")


def post(client, path, **body):
    return client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")


def link_in(message):
    return re.search(r"/confirm/\S+", message.text)[0]


def shape_of(page):
    """Reduce a page to what does not name the person."""
    text = page.content.decode()
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
    return re.sub(r"[\w.]+@example\.org", "ADDRESS", text)


def test_the_page_leads_from_the_form_to_a_confirmed_place(client, soon):
    cohort = make_cohort(starts_at=soon)

    done = by_page(client, cohort, email="zainab@example.org")
    next_page = client.get(done["Location"]).content.decode()

    assert (done.status_code, done["Location"]) == (302, f"/cohorts/{cohort.code}/registered/")
    assert "_auth_user_id" not in client.session  # nobody is signed in by registering
    assert "zainab@example.org" in next_page
    assert "A place is held for you" in next_page
    link = link_in(Message.objects.get())
    opened = client.get(link)
    assert (opened.status_code, Trainee.objects.get().email_confirmed_at) == (200, None)  # a scanner confirms nothing
    confirmed = client.post(link, follow=True).content.decode()
    assert "Your address is confirmed" in confirmed
    assert f"Your place in <bdi>{cohort.code}</bdi> is yours" in confirmed
    assert client.login(username="zainab@example.org", password=PASSWORD)
    assert "Confirm your address" not in client.get("/me/").content.decode()


def test_a_known_and_an_unknown_address_get_the_same_answer(client, soon):
    cohort = make_cohort(starts_at=soon)
    make_registered(cohort, email="known@example.org", at=timezone.now())

    known, unknown = (by_page(client, cohort, email=f"{name}@example.org") for name in ("known", "unknown"))
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    pages = []
    for name in ("known", "unknown"):
        client.session.flush()
        by_page(client, cohort, email=f"{name}@example.org")
        pages.append(shape_of(client.get(f"/cohorts/{cohort.code}/registered/")))
    first, second = (by_api(client, cohort, email=f"{name}@example.org") for name in ("known", "unknown"))

    assert pages[0].replace("\n", "") == pages[1].replace("\n", "")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json().keys() == second.json().keys()
    assert first.json()["enrolment"].keys() == second.json()["enrolment"].keys()
    assert first.json()["enrolment"]["status"] == second.json()["enrolment"]["status"] == "enrolled"


def test_before_confirming_one_may_sign_in_and_sees_what_to_do_and_until_when(client, soon):
    enrolment = make_registered(make_cohort(starts_at=soon), email="zainab@example.org", at=timezone.now())
    client.force_login(enrolment.trainee.user, backend=BACKEND)

    page = client.get("/me/").content.decode()
    again = client.post("/me/confirm-again/", follow=True).content.decode()

    assert "Confirm your address" in page
    assert "after that your place goes to the next person" in page
    assert "The mail is on its way" in again


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


@pytest.mark.parametrize("door", [by_page, by_api])
def test_a_known_cnic_is_refused_at_its_field(client, soon, door):
    cohort = make_cohort(starts_at=soon)
    make_registered(cohort, cnic="3520212345678", at=timezone.now())

    answer = door(client, cohort, cnic="35202-1234567-8")

    assert answer.status_code in (409, 422)
    assert "registered already" in answer.content.decode()
    assert Trainee.objects.count() == 1
    if door is by_api:
        assert (answer.json()["code"], list(answer.json()["fields"])) == ("cnic_registered", ["cnic"])


def test_the_api_names_each_refusal(client, soon):
    now = timezone.now()
    ahead = make_cohort(starts_at=soon, registration_opens_at=now + timedelta(days=1))
    over = make_cohort(starts_at=soon, registration_closes_at=now - timedelta(days=1))
    closed = make_cohort(state="closed", closed_at=now, policy=make_course().policies.get())
    strict = make_cohort(starts_at=soon, course=make_course("CC", minimum_age=60, categories=["professional"]))
    full = make_cohort(starts_at=soon, capacity=1, waitlist_limit=0)
    make_enrolment(full)

    answers = [by_api(client, each) for each in (ahead, over, closed, strict, full)]

    assert [each.status_code for each in answers] == [409] * 5
    codes = [each.json()["code"] for each in answers]
    assert codes == ["registration_closed", "registration_closed", "closed", "not_eligible", "full"]
    assert answers[0].json()["opens_at"].startswith(ahead.registration_opens_at.strftime("%Y-%m-%d"))
    assert set(answers[3].json()["fields"]) == {"category", "date_of_birth"}
    assert not Trainee.objects.filter(email__startswith="zainab").exists()


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


def test_a_signed_in_person_needs_one_button_and_is_told_what_forbids_it(client, soon):
    first, second = make_cohort(starts_at=soon), make_cohort(starts_at=soon)
    strict = make_cohort(starts_at=soon, course=make_course("CC", categories=["professional"]))
    enrolment = make_registered(first, at=timezone.now())
    client.force_login(enrolment.trainee.user, backend=BACKEND)
    assert "is already registered for" in client.get(f"/cohorts/{first.code}/register/").content.decode()
    assert "one cohort at a time" in client.get(f"/cohorts/{second.code}/register/").content.decode()

    withdraw(enrolment=enrolment, by=None, at=timezone.now())
    page = client.get(f"/cohorts/{second.code}/register/").content.decode()
    refused = client.get(f"/cohorts/{strict.code}/register/").content.decode()
    done = client.post(f"/cohorts/{second.code}/register/", {"person": enrolment.trainee.number})

    assert 'name="cnic"' not in page
    assert "working professionals only" in refused
    assert done["Location"] == "/me/"
    assert Enrolment.objects.get(cohort=second).status == "enrolled"


def test_an_offer_is_accepted_or_declined_by_the_api_once(client, soon):
    cohort = make_cohort(starts_at=soon, capacity=1)
    now = timezone.now()
    holder, first, second = (make_enrolment(cohort, at=now) for _ in range(3))
    client.force_login(first.trainee.user, backend=BACKEND)
    waiting = client.get(f"/api/v1/enrolments/{first.pk}/").json()
    early = post(client, f"enrolments/{first.pk}/accept/")
    withdraw(enrolment=holder, by=None, at=now)

    shown = client.get("/api/v1/enrolments/").json()["results"][0]
    strange = post(client, f"enrolments/{second.pk}/accept/")
    accepted = post(client, f"enrolments/{first.pk}/accept/")
    late = post(client, f"enrolments/{first.pk}/decline/")

    assert (waiting["status"], waiting["position"]) == ("waitlisted", 1)
    assert (early.status_code, early.json()["code"]) == (409, "offer_over")
    assert (shown["status"], shown["position"], shown["offer_expires_at"] is not None) == ("offered", None, True)
    assert strange.status_code == 404
    assert (accepted.status_code, accepted.json()["status"]) == (200, "enrolled")
    assert (late.status_code, late.json()["code"]) == (409, "offer_over")


def test_the_page_shows_the_deadline_first_and_takes_the_answer(client, soon):
    cohort = make_cohort(starts_at=soon, capacity=1)
    now = timezone.now()
    holder, first = make_enrolment(cohort, at=now), make_enrolment(cohort, at=now)
    client.force_login(first.trainee.user, backend=BACKEND)
    assert "Number 1" in client.get("/me/").content.decode()
    withdraw(enrolment=holder, by=None, at=now)

    page = client.get("/me/").content.decode()
    done = client.post(f"/me/enrolments/{first.pk}/accept/", follow=True).content.decode()

    assert "1 day 23 hours left" in page
    assert page.index("1 day 23 hours left") < page.index("Accept the place") < page.index("Decline")
    assert f"You have a place in {cohort.code}" in done


def test_a_trainee_moves_the_own_place_with_the_sessions_attended(client, soon):
    now = timezone.now()
    old = make_cohort(starts_at=now - timedelta(days=3), sessions=6)
    new, other = make_cohort(starts_at=soon, sessions=6), make_cohort(starts_at=soon, course=make_course("CC"))
    closed = make_cohort(starts_at=soon, registration_closes_at=now - timedelta(hours=1))
    enrolment = make_enrolment(old)
    first = old.sessions.order_by("number").first()
    mark_attendance(session=first, marks=[Mark(enrolment.pk, "present")], version=None, by=None, at=first.ends_at)
    client.force_login(enrolment.trainee.user, backend=BACKEND)

    page = client.get(f"/me/enrolments/{enrolment.pk}/move/").content.decode()
    refused = post(client, f"enrolments/{enrolment.pk}/transfer/", cohort=closed.code)
    strange = post(client, f"enrolments/{make_enrolment(old).pk}/transfer/", cohort=new.code)
    moved = client.post(f"/me/enrolments/{enrolment.pk}/move/", {"cohort": new.code}, follow=True).content.decode()

    assert new.code in page
    assert "One session that you attended counts there too" in page
    assert other.code not in page
    assert closed.code not in page
    assert (refused.status_code, refused.json()["code"]) == (409, "registration_closed")
    assert strange.status_code == 404
    assert f"You have moved to {new.code}" in moved
    assert Enrolment.objects.get(cohort=new).carried.count() == 1


def test_only_the_office_sees_names_moves_and_frees_no_shows(client, soon):
    old, new = make_cohort(capacity=2), make_cohort(starts_at=soon)
    first, second = make_enrolment(old), make_enrolment(old)
    client.force_login(make_office(), backend=BACKEND)

    refused = client.post(f"/manage/cohorts/{old.code}/capacity/", {"capacity": 1}, follow=True).content.decode()
    early = client.post(f"/manage/enrolments/{second.pk}/no-show/", follow=True).content.decode()
    preview = client.get(f"/manage/enrolments/{first.pk}/transfer/?cohort={new.code}").content.decode()
    client.post(f"/manage/enrolments/{first.pk}/transfer/", {"cohort": new.code, "carry": "on"})
    client.post(f"/manage/cohorts/{new.code}/auto-promote/", {"auto_promote": "on"})

    assert first.trainee.full_name in refused
    assert "fewer than 2 sessions were held" in early
    assert "No session to carry over" in preview
    assert Enrolment.objects.get(cohort=new).transferred_from == first
    new.refresh_from_db()
    assert new.auto_promote


def test_who_registers_in_urdu_is_written_to_in_urdu(client, soon):
    client.cookies["django_language"] = "ur"

    by_page(client, make_cohort(starts_at=soon))

    assert User.objects.get().language == "ur"
    message = Message.objects.get()
    assert message.language == "ur"
    assert "تصدیق" in message.subject
    assert 'dir="rtl"' in message.html


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
