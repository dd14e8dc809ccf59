"""Identity numbers."""

import re
import unicodedata

from django.utils.translation import gettext as _

from trainees.rules.reading import MESSAGES, NOTHING, Reading, ascii_digits, drop_invisible


def read_cnic(text: str) -> Reading:
    """Read an identity number: 13 digits from 1 to 8 first, however it was grouped (R-: hints never refuse)."""
    typed = ascii_digits(drop_invisible(unicodedata.normalize("NFKC", text))).strip().strip("'\"’‘`")
    if typed.casefold().strip(" .") in NOTHING:
        return Reading(problems=("missing_cnic",))
    if re.fullmatch(r"\d+([.,]\d+)?\s*[eE]\s*\+?\s*\d+", typed.strip()):
        return Reading(problems=("cnic_scientific",))
    digits = re.sub(r"\.0+$", "", typed)
    digits = re.sub(r"(?i)^\s*(cnic|nic)\s*(no|number|#)?[.:\s]*", "", digits)
    digits = re.sub(r"[\s\-_.,/]", "", digits)
    doubts: tuple[str, ...] = ()
    if re.search(r"[oO]", digits) and re.fullmatch(r"[\doO]+", digits):
        digits, doubts = re.sub(r"[oO]", "0", digits), ("cnic_letter_o",)
    if not digits.isdecimal():
        return Reading(problems=("cnic_letters",) if any(c.isalpha() for c in digits) else ("cnic_length",))
    return _judge_cnic(digits, doubts)


def _judge_cnic(digits: str, doubts: tuple[str, ...]) -> Reading:
    if len(digits) != 13:
        return Reading(problems=("cnic_length",))
    if len(set(digits)) == 1 or digits.startswith("123451234567") or digits in ("1234567890123", "0123456789012"):
        return Reading(problems=("cnic_placeholder",))
    if digits[0] in "09":
        return Reading(problems=("cnic_province",))
    return Reading(value=digits, doubts=doubts)


def gender_of_cnic(cnic: str) -> str:
    """Return the gender that the last digit of a CNIC hints at: odd male, even female."""
    return "M" if int(cnic[-1]) % 2 else "F"


def mask_cnic(cnic: str) -> str:
    """Return the number as anyone without the right sees it: 35202-*****-*."""
    return f"{cnic[:5]}-*****-*" if cnic else ""


def mask_typed_cnic(typed: str) -> str:
    """Return a number as it was typed with every digit after the fifth hidden; its length and signs stay to judge."""
    seen, kept = 0, []
    for letter in typed:
        seen += letter.isdigit()
        kept.append("*" if letter.isdigit() and seen > 5 else letter)
    return "".join(kept)


def explain_cnic_length(text: str) -> str:
    """Say how many digits were typed and how many are missing or too many; a CNIC has 13."""
    typed = sum(letter.isdecimal() for letter in ascii_digits(text))
    values = {"n": abs(13 - typed), "typed": typed}
    if typed < 13:
        one = _("One digit is missing: you typed %(typed)d, a CNIC has 13. Compare it with your card.")
        more = _("%(n)d digits are missing: you typed %(typed)d, a CNIC has 13. Compare it with your card.")
    elif typed > 13:
        one = _("One digit too many: you typed %(typed)d, a CNIC has 13. Compare it with your card.")
        more = _("%(n)d digits too many: you typed %(typed)d, a CNIC has 13. Compare it with your card.")
    else:
        return str(MESSAGES["cnic_length"])
    return (one if values["n"] == 1 else more) % values
