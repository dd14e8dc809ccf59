"""Self check-in: codes, cut-offs, flags (R19, R25-R27)."""

import base64
import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from cohorts.check_in_codes import AlteredCode, ExpiredCode, make_code, read_code
from cohorts.models import AttendanceChange, AttendanceRecord, CheckIn
from cohorts.rules.check_in import find_distant, find_shared, judge_arrival
from cohorts.services.attendance import Mark, RegisterClosed, close_register, mark_attendance
from cohorts.services.check_in import (
    CheckInAhead,
    CheckInOver,
    NoSuchScan,
    check_in,
    count_heads,
    review_check_ins,
    take_scan,
)
from tests.factories import START, make_cohort, make_enrolment, make_instructor, make_trainee, make_user

END = START + timedelta(hours=3)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def test_a_hundred_expired_codes_are_refused_and_none_accepted():
    for n in range(100):
        with pytest.raises(ExpiredCode):
            read_code(make_code(n, START), START + timedelta(seconds=30 + n))


@pytest.mark.parametrize("off", [-20, 20])
def test_a_hundred_fresh_codes_are_accepted_with_clocks_twenty_seconds_off(off):
    for n in range(100):
        made = START + timedelta(seconds=n)
        assert read_code(make_code(n, made + timedelta(seconds=off)), made) == n


def test_two_hundred_altered_codes_are_refused():
    code = make_code(7, START)
    altered = [
        code[:at] + ALPHABET[(ALPHABET.index(code[at]) + step) % 64] + code[at + 1 :]
        for at in range(len(code))
        for step in (1, 2, 4, 8, 16, 32, 63, 47)
    ]
    altered += ["", "x", code[:-1], code + "A", code + "=", f" {code}", "ü" * 28, code.replace(code[0], "+")]
    assert len(altered) >= 200
    for each in altered:
        with pytest.raises(AlteredCode):
            read_code(each, START)


def test_a_code_carries_104_bits_of_seal_and_belongs_to_its_session_and_second():
    codes = [base64.urlsafe_b64decode(make_code(n, START + timedelta(seconds=m))) for n in (1, 2) for m in (0, 1)]

    assert all(len(code) == 21 for code in codes)
    assert len({code[8:] for code in codes}) == 4


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(-31, "early"), (-30, "present"), (0, "present"), (15, "present"), (16, "late"), (179, "late"), (180, "over")],
)
def test_an_arrival_is_judged_by_the_cut_off(minutes, expected):
    assert judge_arrival(START + timedelta(minutes=minutes), START, END, 15).status == expected


def test_three_on_one_browser_are_shared_and_two_are_not():
    assert find_shared([(1, "a"), (2, "a"), (3, "b"), (4, "b"), (5, "b")]) == [[3, 4, 5]]


@pytest.mark.parametrize(
    ("addresses", "distant"),
    [
        ("aaaaab", [5]),
        ("aaaabb", []),  # four are no room
        ("aaaaaaaabb", []),  # two share the other one: not unlike all others
        ("aaaaaabc", [6, 7]),
        ("abcdefgh", []),  # mobile lines
        ("aaaaabcd", []),  # five of eight are not three of four
        ("", []),
    ],
)
def test_an_address_unlike_all_others_is_told_only_where_the_room_shares_one(addresses, distant):
    """R27: a hint, no proof."""
    assert find_distant(enumerate(addresses)) == distant


@pytest.fixture
def session(db):
    return make_cohort().sessions.order_by("number")[0]


def arrive(session, trainee, *, minutes=0, device="d", address="a"):
    at = START + timedelta(minutes=minutes)
    return check_in(session=session, trainee=trainee, device=device, address=address, by=trainee.user, at=at)


def test_a_scan_marks_present_or_late_with_the_minutes_left(session):
    punctual, late = make_enrolment(session.cohort), make_enrolment(session.cohort)

    arrive(session, punctual.trainee)
    arrive(session, late.trainee, minutes=40)

    marks = {each.enrolment_id: (each.status, each.minutes, each.channel) for each in AttendanceRecord.objects.all()}
    assert marks == {punctual.pk: ("present", 180, "check-in"), late.pk: ("late", 140, "check-in")}
    assert set(CheckIn.objects.values_list("device", flat=True)) != {"d"}


def test_a_second_scan_changes_nothing(session):
    trainee = make_enrolment(session.cohort).trainee

    assert arrive(session, trainee) == arrive(session, trainee, minutes=60)

    assert AttendanceChange.objects.count() == CheckIn.objects.count() == 1


def test_too_early_says_when_and_a_later_scan_works(session):
    trainee = make_enrolment(session.cohort).trainee
    with pytest.raises(CheckInAhead, match="opens at 09:30"):
        arrive(session, trainee, minutes=-45)
    assert arrive(session, trainee, minutes=-10).status == "present"
    with pytest.raises(CheckInOver):
        arrive(session, make_enrolment(session.cohort).trainee, minutes=180)


def test_what_is_odd_is_kept_and_flagged_and_nothing_blocked(session):
    people = [make_enrolment(session.cohort) for _ in range(4)]
    mark_attendance(session=session, marks=[Mark(people[3].pk, "absent")], version=None, by=None, at=START)
    stranger = make_trainee()

    for each in (*(enrolment.trainee for enrolment in people), stranger):
        arrive(session, each, device="one phone")
    surplus = count_heads(session=session, heads=2, by=None, at=START)
    session.refresh_from_db()
    review = review_check_ins(session)

    assert (review.here, surplus, review.surplus, review.flags) == (3, 1, 1, 4)
    assert sorted(map(len, review.shared)) == [5]
    assert [each.trainee for each in review.outside] == [stranger]
    assert [each.enrolment for each in review.contradicted] == [people[3]]
    assert AttendanceRecord.objects.get(enrolment=people[3]).status == "absent"


def test_a_scan_after_closing_is_kept_for_the_instructor(session):
    first, second = make_enrolment(session.cohort), make_enrolment(session.cohort)
    arrive(session, first.trainee)
    close_register(session=session, by=None, at=START)

    done = arrive(session, second.trainee, minutes=5)

    assert not done.wrote
    assert [each.enrolment for each in review_check_ins(session).contradicted] == [second]


def test_a_scan_takes_over_what_the_closing_wrote_by_rule_in_one_step(session, client):
    first, second = make_enrolment(session.cohort), make_enrolment(session.cohort)
    arrive(session, first.trainee)
    close_register(session=session, by=None, at=START)
    done = arrive(session, second.trainee, minutes=40)
    sign_in(client, make_instructor(session.cohort))
    with time_machine.travel(END, tick=False):
        review = client.get(f"/teach/sessions/{session.pk}/check-in/review/").content.decode()
        client.post(f"/teach/check-ins/{done.pk}/take/")

    assert f'action="/teach/check-ins/{done.pk}/take/"' in review
    record = AttendanceRecord.objects.get(enrolment=second)
    assert (record.status, record.minutes, record.channel) == ("late", 140, "check-in")
    assert AttendanceChange.objects.latest("id").reason == "scan confirmed"
    assert review_check_ins(session).contradicted == []


def test_a_scan_does_not_take_over_a_persons_mark_in_a_closed_or_locked_register(session):
    enrolment, instructor = make_enrolment(session.cohort), make_user()
    mark_attendance(session=session, marks=[Mark(enrolment.pk, "absent")], version=None, by=instructor, at=START)
    scan = arrive(session, enrolment.trainee)
    close_register(session=session, by=None, at=START)
    with pytest.raises(RegisterClosed):
        take_scan(scan=scan, by=instructor, at=END)

    take_scan(scan=scan, by=instructor, at=END, may_correct=True)

    assert AttendanceRecord.objects.get().status == "present"


def test_after_the_lock_time_a_scan_needs_the_right_to_correct(session):
    first, second = make_enrolment(session.cohort), make_enrolment(session.cohort)
    arrive(session, first.trainee)
    close_register(session=session, by=None, at=START)
    scan = arrive(session, second.trainee)
    with pytest.raises(RegisterClosed):
        take_scan(scan=scan, by=make_user(), at=END + timedelta(hours=49))


def test_a_scan_from_no_list_cannot_be_taken(session):
    with pytest.raises(NoSuchScan):
        take_scan(scan=arrive(session, make_trainee()), by=None, at=START)


def test_the_review_numbers_devices_and_networks_and_shows_no_address(session, client):
    people = [make_enrolment(session.cohort).trainee for _ in range(6)]
    for n, each in enumerate(people):
        arrive(session, each, minutes=n, device=f"d{min(n, 4)}", address="203.0.113.9" if n == 2 else "10.0.0.1")
    sign_in(client, make_instructor(session.cohort))

    review = review_check_ins(session)
    page = client.get(f"/teach/sessions/{session.pk}/check-in/review/").content.decode()

    numbers = [(each.device, each.on_device, each.address, each.on_address) for each in review.traces]
    assert numbers == [(5, 2, 1, 5), (5, 2, 1, 5), (4, 1, 1, 5), (3, 1, 2, 1), (2, 1, 1, 5), (1, 1, 1, 5)]
    assert [each.trainee for each in review.distant] == [people[2]]
    assert review.flags == 1
    assert "Another network than the room" in page
    assert "203.0.113" not in page


def test_behind_a_proxy_the_address_is_the_phones(session, client, settings):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    people = [make_enrolment(session.cohort).trainee for _ in range(2)]
    with time_machine.travel(START, tick=False):
        for n, each in enumerate(people):
            sign_in(client, each.user)
            client.get(f"/check-in/{make_code(session.pk, START)}/")
            client.post("/check-in/", {"person": each.number}, headers={"x-forwarded-for": f"198.51.100.{n}"})

    assert CheckIn.objects.values("address").distinct().count() == 2


def sign_in(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


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


def test_a_code_that_is_old_or_altered_says_so(session, client):
    sign_in(client, make_enrolment(session.cohort).trainee.user)
    code = make_code(session.pk, START)
    with time_machine.travel(START + timedelta(seconds=31), tick=False):
        old = client.get(f"/check-in/{code}/")
        altered = client.get(f"/check-in/{code[::-1]}/")

    assert (old.status_code, altered.status_code) == (410, 404)
    assert b"on the screen now" in old.content
    assert client.post("/check-in/", {"person": "x"}).status_code == 410


def test_the_screen_changes_its_code_and_shows_flags_within_ten_seconds(session, client):
    sign_in(client, make_instructor(session.cohort))
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


def test_every_page_shows_the_cohorts_clock(client, db):
    """R22: a cohort abroad, whatever the server's zone is."""
    session = make_cohort(time_zone="Europe/London").sessions.order_by("number")[0]
    trainee = make_enrolment(session.cohort).trainee
    begins = session.starts_at.astimezone(ZoneInfo("Europe/London"))
    sign_in(client, trainee.user)
    with time_machine.travel(session.starts_at - timedelta(hours=1), tick=False):
        client.get(f"/check-in/{make_code(session.pk, session.starts_at - timedelta(hours=1))}/")
        early = client.post("/check-in/", {"person": trainee.number}).content.decode()
    arrive(session, trainee)
    sign_in(client, make_instructor(session.cohort))
    with time_machine.travel(session.starts_at, tick=False):
        pages = [
            client.get(f"/teach/sessions/{session.pk}/{page}/").content.decode() for page in ("check-in", "ledger")
        ]

    assert f"opens at {begins - timedelta(minutes=30):%H:%M}" in early
    assert f"On time until <b>{begins + timedelta(minutes=15):%H:%M}</b>" in pages[0]
    assert f"<time><bdi>{begins:%H:%M}</bdi></time>" in pages[1]


def test_the_door_takes_no_expired_and_no_altered_code_and_every_fresh_one(session, client):
    """The same numbers over HTTP: 100 expired, 100 fresh with clocks 20 s off, 200 altered."""
    with time_machine.travel(START, tick=False):
        expired = [make_code(session.pk, START - timedelta(seconds=30 + n)) for n in range(100)]
        fresh = [make_code(session.pk, START + timedelta(seconds=n % 41 - 20)) for n in range(100)]
        letters = [(at, step) for at in range(28) for step in range(1, 9)][:200]
        altered = [
            fresh[0][:at] + ALPHABET[(ALPHABET.index(fresh[0][at]) + n) % 64] + fresh[0][at + 1 :] for at, n in letters
        ]
        answers = [
            [client.get(f"/check-in/{code}/").status_code for code in codes] for codes in (expired, fresh, altered)
        ]

    assert [set(each) for each in answers] == [{410}, {302}, {404}]
    assert [len(each) for each in answers] == [100, 100, 200]


def test_the_head_count_is_one_step(session, client):
    sign_in(client, make_instructor(session.cohort))
    arrive(session, make_enrolment(session.cohort).trainee)

    agrees = client.post(f"/teach/sessions/{session.pk}/check-in/heads/", {"heads": "1"})
    fewer = client.post(f"/teach/sessions/{session.pk}/check-in/heads/", {"heads": "0"})
    nonsense = client.post(f"/teach/sessions/{session.pk}/check-in/heads/", {"heads": "many"})

    assert agrees.url == f"/teach/sessions/{session.pk}/"
    assert fewer.url == nonsense.url == f"/teach/sessions/{session.pk}/check-in/review/"
    session.refresh_from_db()
    assert session.heads == 0
