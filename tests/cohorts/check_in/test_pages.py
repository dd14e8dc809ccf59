"""The pages of self check-in: the phone, the screen in the room, the review, the head count."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import time_machine

from cohorts.check_in_codes import make_code
from cohorts.models import AttendanceRecord, CheckIn
from cohorts.services.check_in import (
    review_check_ins,
)
from tests.cohorts.check_in.scans import arrive
from tests.factories import START, make_cohort, make_enrolment, make_instructor


def test_a_scan_before_sign_in_counts_from_its_first_page(session, client):
    """R25."""
    trainee = make_enrolment(session.cohort).trainee
    trainee.user.set_password("three-unrelated-words")
    trainee.user.save()
    with time_machine.travel(START + timedelta(minutes=14), tick=False):
        scanned = client.get(f"/check-in/{make_code(session.pk, START + timedelta(minutes=14))}/")
        assert (scanned.status_code, scanned.url) == (302, "/check-in/")
        asked = client.get("/check-in/")
        assert asked.url == "/accounts/login/?next=/check-in/"
    with time_machine.travel(START + timedelta(minutes=18), tick=False):
        signed = client.post(asked.url, {"login": trainee.user.email, "password": "three-unrelated-words"})
        assert signed.url == "/check-in/"
        assert b"data-send" in client.get("/check-in/").content
        done = client.post("/check-in/", {"person": trainee.number})

    assert b"You are marked present" in done.content
    assert AttendanceRecord.objects.get().marked_at == START + timedelta(minutes=14)


def test_behind_a_proxy_the_address_is_the_phones(session, client, settings):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    people = [make_enrolment(session.cohort).trainee for _ in range(2)]
    with time_machine.travel(START, tick=False):
        for n, each in enumerate(people):
            client.force_login(each.user)
            client.get(f"/check-in/{make_code(session.pk, START)}/")
            client.post("/check-in/", {"person": each.number}, headers={"x-forwarded-for": f"198.51.100.{n}"})

    assert CheckIn.objects.values("address").distinct().count() == 2


def test_the_screen_changes_its_code_and_shows_flags_within_ten_seconds(session, client):
    client.force_login(make_instructor(session.cohort))
    people = [make_enrolment(session.cohort) for _ in range(3)]
    with time_machine.travel(START, tick=False) as clock:
        page = client.get(f"/teach/sessions/{session.pk}/check-in/").content.decode()
        first = client.get(f"/teach/sessions/{session.pk}/check-in/?part=code").content
        clock.shift(15)
        second = client.get(f"/teach/sessions/{session.pk}/check-in/?part=code").content
        for each in people:
            arrive(session, each.trainee, device="one phone")
        state = client.get(f"/teach/sessions/{session.pk}/check-in/?part=state").content.decode()

    every = [int(seconds) for seconds in re.findall(r'hx-trigger="every (\d+)s"', page)]
    assert every == [15, 5]
    assert 'http-equiv="refresh" content="15"' in page
    assert first != second
    assert "1 to check" in state
    assert people[0].trainee.full_name not in state.split("hn-flags")[1]


def test_the_review_numbers_devices_and_networks_and_shows_no_address(session, client):
    people = [make_enrolment(session.cohort).trainee for _ in range(6)]
    for n, each in enumerate(people):
        arrive(session, each, minutes=n, device=f"d{min(n, 4)}", address="203.0.113.9" if n == 2 else "10.0.0.1")
    client.force_login(make_instructor(session.cohort))

    review = review_check_ins(session)
    page = client.get(f"/teach/sessions/{session.pk}/check-in/review/").content.decode()

    numbers = [(each.device, each.on_device, each.address, each.on_address) for each in review.traces]
    assert numbers == [(5, 2, 1, 5), (5, 2, 1, 5), (4, 1, 1, 5), (3, 1, 2, 1), (2, 1, 1, 5), (1, 1, 1, 5)]
    assert [each.trainee for each in review.distant] == [people[2]]
    assert review.flags == 1
    assert "Another network than the room" in page
    assert "203.0.113" not in page


def test_every_page_shows_the_cohorts_clock(client, db):
    """R22: a cohort abroad, whatever the server's zone is."""
    session = make_cohort(time_zone="Europe/London").sessions.order_by("number")[0]
    trainee = make_enrolment(session.cohort).trainee
    begins = session.starts_at.astimezone(ZoneInfo("Europe/London"))
    client.force_login(trainee.user)
    with time_machine.travel(session.starts_at - timedelta(hours=1), tick=False):
        client.get(f"/check-in/{make_code(session.pk, session.starts_at - timedelta(hours=1))}/")
        early = client.post("/check-in/", {"person": trainee.number}).content.decode()
    arrive(session, trainee)
    client.force_login(make_instructor(session.cohort))
    with time_machine.travel(session.starts_at, tick=False):
        pages = [
            client.get(f"/teach/sessions/{session.pk}/{page}/").content.decode() for page in ("check-in", "ledger")
        ]

    assert f"opens at {begins - timedelta(minutes=30):%H:%M}" in early
    assert f"On time until <b>{begins + timedelta(minutes=15):%H:%M}</b>" in pages[0]
    assert f"<time><bdi>{begins:%H:%M}</bdi></time>" in pages[1]


def test_the_head_count_is_one_step(session, client):
    client.force_login(make_instructor(session.cohort))
    arrive(session, make_enrolment(session.cohort).trainee)

    agrees = client.post(f"/teach/sessions/{session.pk}/check-in/heads/", {"heads": "1"})
    fewer = client.post(f"/teach/sessions/{session.pk}/check-in/heads/", {"heads": "0"})
    nonsense = client.post(f"/teach/sessions/{session.pk}/check-in/heads/", {"heads": "many"})

    assert agrees.url == f"/teach/sessions/{session.pk}/"
    assert fewer.url == nonsense.url == f"/teach/sessions/{session.pk}/check-in/review/"
    session.refresh_from_db()
    assert session.heads == 0
