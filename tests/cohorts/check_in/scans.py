"""Codes that were tampered with, and a trainee who scans one."""

from datetime import timedelta

from cohorts.services.check_in import check_in
from tests.factories import START

END = START + timedelta(hours=3)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def alter(code):
    """Return the code with one letter changed, in eight ways for each letter."""
    return [
        code[:at] + ALPHABET[(ALPHABET.index(letter) + step) % 64] + code[at + 1 :]
        for at, letter in enumerate(code)
        for step in (1, 2, 4, 8, 16, 32, 63, 47)
    ]


def arrive(session, trainee, *, minutes=0, device="d", address="a"):
    at = START + timedelta(minutes=minutes)
    return check_in(session=session, trainee=trainee, device=device, address=address, by=trainee.user, at=at)
