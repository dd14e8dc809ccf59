"""What a reading is, and how text is cleaned before it is read."""

import unicodedata
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

NOTHING = {"", "-", "--", "n/a", "na", "nil", "none", "null", "no", "applied", "applied for", "not available", "nan"}
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"))

MESSAGES: dict[str, Any] = {
    "missing_name": _("The name is missing."),
    "name_unclear": _("The name holds digits or signs; give it as on the CNIC."),
    "name_letters": _("The name holds letters of another script; write it in Latin letters as on the CNIC."),
    "name_not_urdu": _("Write the Urdu name in Urdu letters only, or leave it empty."),
    "too_long": _("This is too long: at most %(limit)d characters fit."),
    "text_unclear": _("This holds signs that do not belong here; write it in words."),
    "bad_year": _("Give the year as four digits, 1950 or later."),
    "missing_cnic": _("The CNIC is missing."),
    "cnic_length": _("The CNIC must have 13 digits; count them on the card."),
    "cnic_scientific": _("A spreadsheet shortened the CNIC (as 3.5E+12); type it as text."),
    "cnic_placeholder": _("This CNIC is a placeholder, not a real number."),
    "cnic_province": _("A CNIC begins with a digit from 1 to 8."),
    "cnic_letters": _("The CNIC holds letters; give its 13 digits."),
    "cnic_letter_o": _("The CNIC has the letter O where a zero belongs; compare it with the card."),
    "missing_email": _("The e-mail address is missing."),
    "bad_email": _("This is not an e-mail address; it should look like name@example.org."),
    "missing_mobile": _("The mobile number is missing."),
    "bad_mobile": _("This is not a mobile number; it should look like 0300 1234567."),
    "two_mobiles": _("Two numbers were given; choose one."),
    "landline": _("This is a landline; a mobile number is needed."),
    "foreign_mobile": _("This is a foreign number; ask for one in Pakistan."),
    "missing_dob": _("The date of birth is missing."),
    "bad_dob": _("This is not a date; give day, month and year as 14/08/1998."),
    "dob_future": _("The date of birth lies after the application."),
    "dob_too_old": _("The date of birth lies more than 90 years back; check the year."),
    "underage": _("Applicants must be at least 18 years old."),
    "gender_unclear": _("The gender could not be read."),
    "gender_cnic_mismatch": _("The gender differs from the last digit of the CNIC (odd: male, even: female)."),
    "province_unclear": _("The province could not be read."),
}


@dataclass(frozen=True)
class Reading:
    """What was understood: a value, and the codes of what is wrong or doubtful."""

    value: Any = None
    problems: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    limit: int = 0  # of `too_long`


def require(reading: Reading) -> Any:
    """Return the value for a form or the API, where nobody can look: a doubt is an error too.

    Raises ValidationError with the code and its message.
    """
    for code in (*reading.problems, *reading.doubts):
        raise ValidationError(MESSAGES[code], code=code, params={"limit": reading.limit})
    return reading.value


def ascii_digits(text: str) -> str:
    """Turn Urdu, Arabic, full-width and other digits into 0-9, and every dash into a hyphen."""
    turned = "".join(
        str(unicodedata.digit(c)) if c.isdigit() and unicodedata.digit(c, None) is not None else c for c in text
    )
    return turned.translate(DASHES)


def clean_text(text: str, limit: int | None = None) -> str:
    """Collapse white space, drop control, bidi and other invisible characters; keep letters as typed.

    Zero-width (non-)joiners stay: Urdu spelling needs them. Cut at `limit`, for what is only shown.
    """
    kept = drop_invisible(unicodedata.normalize("NFC", text), but="\u200c\u200d")
    return " ".join(kept.split())[:limit].strip()


def drop_invisible(text: str, *, but: str = "") -> str:
    """Drop what nobody sees and nobody typed: control and bidi characters, lone surrogates, unassigned ones."""
    return "".join(
        c if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn") or c in but else " " if c.isspace() else ""
        for c in text
    )


def read_words(text: str, *, limit: int) -> Reading:
    """Read a district, a degree, an employer: words, with the signs that titles have, and nothing that runs.

    Never cut: what is too long is a problem, and the value is what would fit.
    """
    words = clean_text(text)
    if len(words) > limit:
        return Reading(value=words[:limit].strip(), problems=("too_long",), limit=limit)
    if not words or is_plain(words):
        return Reading(value=words)
    return Reading(value=words, problems=("text_unclear",))


def is_plain(words: str) -> bool:
    """Tell whether a text holds letters, no markup or pictures, and does not begin as a formula."""
    has_letters = any(c.isalpha() for c in words)
    foreign = any(unicodedata.category(c) in ("So", "Sc") or c in "<>{}[]|=^~\\" for c in words)
    return has_letters and not foreign and words[0] not in "=+-@" and not is_flooded(words)


def is_flooded(text: str) -> bool:
    """Tell whether marks are piled on one letter; Urdu puts two, no language more than three."""
    run = 0
    for letter in text:
        run = run + 1 if unicodedata.combining(letter) else 0
        if run > 3:
            return True
    return False


def is_nothing(text: str) -> bool:
    """Tell whether an answer says that there is none."""
    return clean_text(text).casefold().strip(" .") in NOTHING
