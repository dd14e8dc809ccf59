"""The code on the screen: sealed, of one session and second, taken for thirty seconds (R25)."""

import base64
from datetime import timedelta

import pytest
import time_machine

from cohorts.check_in_codes import AlteredCode, ExpiredCode, make_code, read_code
from tests.cohorts.check_in.scans import alter
from tests.factories import START, make_enrolment


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
    torn = ["", "x", code[:-1], code + "A", code + "=", f" {code}", "ü" * 28, code.replace(code[0], "+")]
    altered = [*alter(code), *torn]
    assert len(altered) >= 200
    for each in altered:
        with pytest.raises(AlteredCode):
            read_code(each, START)


def test_a_code_carries_104_bits_of_seal_and_belongs_to_its_session_and_second():
    codes = [base64.urlsafe_b64decode(make_code(n, START + timedelta(seconds=m))) for n in (1, 2) for m in (0, 1)]

    assert all(len(code) == 21 for code in codes)
    assert len({code[8:] for code in codes}) == 4


def test_the_door_takes_no_expired_and_no_altered_code_and_every_fresh_one(session, client):
    """The same numbers over HTTP: 100 expired, 100 fresh with clocks 20 s off, 200 altered."""
    with time_machine.travel(START, tick=False):
        expired = [make_code(session.pk, START - timedelta(seconds=30 + n)) for n in range(100)]
        fresh = [make_code(session.pk, START + timedelta(seconds=n % 41 - 20)) for n in range(100)]
        altered = alter(fresh[0])[:200]
        answers = [
            [client.get(f"/check-in/{code}/").status_code for code in codes] for codes in (expired, fresh, altered)
        ]

    assert [set(each) for each in answers] == [{410}, {302}, {404}]
    assert [len(each) for each in answers] == [100, 100, 200]


def test_a_code_that_is_old_or_altered_says_so(session, client):
    client.force_login(make_enrolment(session.cohort).trainee.user)
    code = make_code(session.pk, START)
    with time_machine.travel(START + timedelta(seconds=31), tick=False):
        old = client.get(f"/check-in/{code}/")
        altered = client.get(f"/check-in/{code[::-1]}/")

    assert (old.status_code, altered.status_code) == (410, 404)
    assert b"on the screen now" in old.content
    assert client.post("/check-in/", {"person": "x"}).status_code == 410
