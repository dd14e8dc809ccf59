"""Certificate codes: 16 characters of Crockford's base 32, the last of them a check character.

Fifteen random characters (75 bits, from `secrets`) and a check over GF(32): the check is the value of the
data's polynomial at a primitive element, so every single wrong character and every swap of two
characters is noticed (R50, R51).
"""

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


def make_code() -> str:
    """Return a new code, never derived from anything."""
    data = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return data + check_character(data)


def normalise(typed: str) -> str:
    """Return what a person typed as a code would be stored: case, spaces, hyphens and look-alikes put right."""
    return re.sub(r"[\s\-_./\\#:]", "", typed[:64]).upper().translate(_LOOK_ALIKES)


def is_code(text: str) -> bool:
    """Tell whether a normalised text has the form of a code, its check included."""
    formed = len(text) == LENGTH and all(character in ALPHABET for character in text)
    return formed and check_character(text[:-1]) == text[-1]


def grouped(code: str) -> str:
    """Return a code in groups of four, as it is printed."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def check_character(data: str) -> str:
    """Return the check character of the data characters."""
    value = 0
    for character in data:
        value = _times_alpha(value) ^ ALPHABET.index(character)
    return ALPHABET[_times_alpha(value)]


def _times_alpha(value: int) -> int:
    """Multiply by the primitive element x of GF(32) modulo x^5 + x^2 + 1."""
    value <<= 1
    return value ^ 0b100101 if value & 0b100000 else value
