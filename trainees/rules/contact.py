"""E-mail addresses and mobile numbers."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from trainees.rules.reading import NOTHING, Reading, ascii_digits, clean_text, drop_invisible


def read_email(text: str) -> Reading:
    """Read an e-mail address into lower case; letters that only look Latin are refused."""
    typed = clean_text(text)
    typed = re.sub(r"(?i)^mailto:\s*", "", typed)
    if match := re.fullmatch(r".*<([^<>]+)>", typed):
        typed = match[1]
    typed = typed.strip(" .,;").lower()
    if typed in NOTHING:
        return Reading(problems=("missing_email",))
    try:
        typed.encode("ascii")
        validate_email(typed)
    except (UnicodeEncodeError, ValidationError):
        return Reading(problems=("bad_email",))
    return Reading(value=typed) if len(typed) <= 254 else Reading(problems=("bad_email",))


def read_mobile(text: str) -> Reading:
    """Read a mobile number of Pakistan into E.164; two numbers, landlines and foreign numbers are doubts."""
    typed = ascii_digits(drop_invisible(unicodedata.normalize("NFKC", text), but="\n")).strip().strip("'\"")
    if typed.casefold().strip(" .") in NOTHING - {"no"}:
        return Reading(problems=("missing_mobile",))
    typed = re.sub(r"\.0+$", "", typed) if re.fullmatch(r"\d+\.0+", typed) else typed
    parts = [part for part in re.split(r"[/,;&\n]|\bor\b|\band\b", typed) if len(re.sub(r"\D", "", part)) >= 7]
    if len(parts) > 1:
        first = read_mobile(parts[0])
        return Reading(value=first.value, problems=first.problems, doubts=("two_mobiles",))
    if re.search(r"[^\d\s+().\-]", typed):
        return Reading(problems=("bad_mobile",))
    digits = re.sub(r"\D", "", typed)
    international = typed.startswith("+") or digits.startswith("00")
    digits = digits.removeprefix("00") if digits.startswith("00") else digits
    if international and not digits.startswith("92"):
        return Reading(value=f"+{digits}", doubts=("foreign_mobile",)) if 8 <= len(digits) <= 15 else _bad_mobile()
    if digits.startswith("92") and len(digits) >= 11:
        return _judge_mobile(digits[2:].removeprefix("0"), national=True)
    return _judge_mobile(digits.removeprefix("0"), national=digits.startswith("0"))


def _judge_mobile(rest: str, national: bool) -> Reading:
    if re.fullmatch(r"3\d{9}", rest):
        return Reading(value=f"+92{rest}")
    if national and re.fullmatch(r"[24-9]\d{7,9}", rest):
        return Reading(value=f"+92{rest}", doubts=("landline",))
    return _bad_mobile()


def _bad_mobile() -> Reading:
    return Reading(problems=("bad_mobile",))
