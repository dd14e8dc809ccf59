"""Reading what people type about themselves: one home for forms, API and imports. No database, no clock.

A reading never guesses silently: it has a value, *problems* (cannot be used) and *doubts* (a person must look).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

NOTHING = {"", "-", "--", "n/a", "na", "nil", "none", "null", "no", "applied", "applied for", "not available", "nan"}
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"))
MINIMUM_AGE = 18

MESSAGES: dict[str, Any] = {
    "missing_name": _("The name is missing."),
    "name_unclear": _("The name holds digits or signs; give it as on the CNIC."),
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


def require(reading: Reading) -> Any:
    """Return the value for a form or the API, where nobody can look: a doubt is an error too.

    Raises ValidationError with the code and its message.
    """
    for code in (*reading.problems, *reading.doubts):
        raise ValidationError(MESSAGES[code], code=code)
    return reading.value


def ascii_digits(text: str) -> str:
    """Turn Urdu, Arabic, full-width and other digits into 0-9, and every dash into a hyphen."""
    turned = "".join(
        str(unicodedata.digit(c)) if c.isdigit() and unicodedata.digit(c, None) is not None else c for c in text
    )
    return turned.translate(DASHES)


def clean_text(text: str, limit: int = 200) -> str:
    """Collapse white space, drop control, bidi and other invisible characters; keep letters as typed.

    Zero-width (non-)joiners stay: Urdu spelling needs them.
    """
    kept = (
        c
        if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn") or c in "\u200c\u200d"
        else " "
        if c.isspace()
        else ""
        for c in unicodedata.normalize("NFC", text)
    )
    return " ".join("".join(kept).split())[:limit].strip()


def is_nothing(text: str) -> bool:
    """Tell whether an answer says that there is none."""
    return clean_text(text).casefold().strip(" .") in NOTHING


TITLES = r"(?:mr|mrs|ms|miss|engr|eng|dr|prof)"
KINSHIP = re.compile(r"\s+(?:s|d|w)\s*[/\\]\s*o\b.*$|\s+(?:son|daughter|wife)\s+of\b.*$", re.IGNORECASE)
PARTICLES = {"ul", "ur", "us", "e", "i", "bin", "bint", "ibn", "al", "un", "uz"}


def read_name(text: str) -> Reading:
    """Read a person's name: no title, no "S/O ...", spaces and case put right, letters as typed."""
    name = clean_text(text, 300)
    name = KINSHIP.sub("", name)
    name = re.sub(rf"^(?:{TITLES}\b\.?\s+)+", "", name, flags=re.IGNORECASE).strip(" .,-")
    if name.casefold() in NOTHING or not any(c.isalpha() for c in name):
        return Reading(problems=("missing_name",))
    if len(name) > 120:
        return Reading(value=name[:120], doubts=("name_unclear",))
    doubts = ("name_unclear",) if re.search(r"[\d<>{}\[\]|=@#$%^*+_\\~!?;:\"]", name) else ()
    return Reading(value=_case(name), doubts=doubts)


def _case(name: str) -> str:
    """Put the case right only where it is plainly not meant: all upper, all lower, or swapped."""
    words = name.split(" ")
    letters = [word for word in words if word.isascii() and word.isalpha() and len(word) > 1]
    swapped = bool(letters) and all(word[0].islower() and word[1:].isupper() for word in letters)
    if not (name.isupper() or name.islower() or swapped):
        return name
    turned = [word.lower() if word.lower() in PARTICLES and n else _capital(word) for n, word in enumerate(words)]
    return " ".join(turned)


def _capital(word: str) -> str:
    return re.sub(r"(^|[-(.])([^\W\d_])", lambda m: m[1] + m[2].upper(), word.lower())


def read_cnic(text: str) -> Reading:
    """Read an identity number: 13 digits from 1 to 8 first, however it was grouped (R-: hints never refuse)."""
    typed = ascii_digits(unicodedata.normalize("NFKC", text)).strip().strip("'\"’‘`")
    if typed.casefold().strip(" .") in NOTHING:
        return Reading(problems=("missing_cnic",))
    if re.fullmatch(r"\d+([.,]\d+)?\s*[eE]\s*\+?\s*\d+", typed.strip()):
        return Reading(problems=("cnic_scientific",))
    digits = re.sub(r"\.0+$", "", typed)
    digits = re.sub(r"(?i)^\s*(cnic|nic)\s*(no|number|#)?[.:\s]*", "", digits)
    digits = re.sub(r"[\s\-_.,/\u200b-\u200f]", "", digits)
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


def read_email(text: str) -> Reading:
    """Read an e-mail address into lower case; letters that only look Latin are refused."""
    typed = clean_text(text, 320)
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
    typed = ascii_digits(unicodedata.normalize("NFKC", text)).strip().strip("'\"")
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


MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan جنوری",
            "february feb فروری",
            "march mar مارچ",
            "april apr اپریل",
            "may مئی",
            "june jun جون",
            "july jul جولائی",
            "august aug اگست",
            "september sep sept ستمبر",
            "october oct اکتوبر",
            "november nov نومبر",
            "december dec دسمبر",
        ),
        start=1,
    )
    for name in names.split()
}


def read_date(value: Any, *, order: str = "dmy", pivot: int = 2020) -> date | None:
    """Return the date a person typed, or None. Where day and month could be swapped, `order` decides.

    `pivot` is the year of the file: a two-digit year lies within the hundred years up to it.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return date(1899, 12, 30) + timedelta(days=int(value)) if 10_000 < value < 60_000 else None
    text = ascii_digits(unicodedata.normalize("NFKC", str(value))).strip().strip("'\"").casefold()
    text = re.sub(
        r"[T ]\d{1,2}:\d{2}(:\d{2})?(\.\d+)?( ?[ap]m)?( ?(gmt|utc)?[+-]\d{1,2}(:?\d{2})?|z)?$", "", text, flags=re.I
    )
    if re.fullmatch(r"\d{5}(\.0+)?", text):
        return read_date(float(text))
    if match := re.fullmatch(r"(\d{4})[-/.\s](\d{1,2})[-/.\s](\d{1,2})", text):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    if match := re.fullmatch(r"(\d{1,2})\s*[-/.\s]\s*(\d{1,2})\s*[-/.\s]\s*(\d{4}|\d{2})", text):
        return _numeric(int(match[1]), int(match[2]), _year(match[3], pivot), order)
    return _worded(text, pivot)


def _numeric(first: int, second: int, year: int, order: str) -> date | None:
    readings = [_date(year, second, first), _date(year, first, second)]
    if order == "mdy":
        readings.reverse()
    return readings[0] or readings[1]


def _worded(text: str, pivot: int) -> date | None:
    words = re.findall(r"\d+|[^\W\d_]+", re.sub(r"(\d)(st|nd|rd|th)\b", r"\1", text))
    months = [MONTHS[word] for word in words if word in MONTHS]
    numbers = [word for word in words if word.isdecimal()]
    extra = [word for word in words if not word.isdecimal() and word not in MONTHS and word not in ("of", "the")]
    if len(months) != 1 or len(numbers) != 2 or extra:
        return None
    if len(numbers[0]) == 4:
        numbers.reverse()
    day, year = int(numbers[0]), _year(numbers[1], pivot)
    return _date(year, months[0], day)


def _year(typed: str, pivot: int) -> int:
    year = int(typed)
    if len(typed) > 2:
        return year
    century = pivot - pivot % 100
    return century + year if century + year <= pivot else century - 100 + year


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_birth_date(value: Any, *, on: date, order: str = "dmy") -> Reading:
    """Read a date of birth as of the day of application `on`."""
    if isinstance(value, str) and clean_text(value).casefold() in NOTHING:
        return Reading(problems=("missing_dob",))
    born = read_date(value, order=order, pivot=on.year)
    if born is None:
        return Reading(problems=("bad_dob",))
    if born >= on:
        return Reading(problems=("dob_future",))
    if born.year < on.year - 90:
        return Reading(problems=("dob_too_old",))
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return Reading(value=born) if age >= MINIMUM_AGE else Reading(value=born, problems=("underage",))


MALE = {"m", "male", "man", "boy", "mr", "مرد", "لڑکا", "مذکر"}
FEMALE = {"f", "female", "woman", "girl", "ms", "mrs", "lady", "عورت", "خاتون", "لڑکی", "مونث"}


def read_gender(text: str) -> Reading:
    """Read M or F; anything else is for a person to settle."""
    word = clean_text(text).casefold().strip(".")
    if word in MALE:
        return Reading(value="M")
    return Reading(value="F") if word in FEMALE else Reading(value="", doubts=("gender_unclear",))


def gender_of_cnic(cnic: str) -> str:
    """Return the gender that the last digit of a CNIC hints at: odd male, even female."""
    return "M" if int(cnic[-1]) % 2 else "F"


PROVINCES = {
    "PB": "punjab panjab pb pnjab پنجاب",
    "SD": "sindh sind sd sindhh سندھ",
    "KP": "kp kpk nwfp khyberpakhtunkhwa khyberpakhtoonkhwa khyberpukhtunkhwa pakhtunkhwa khyber خیبرپختونخوا",
    "MD": "fata exfata mergeddistricts mergeddistrictskp newlymergeddistricts mergedareas md tribaldistricts",
    "BA": "balochistan baluchistan ba blochistan بلوچستان",
    "IS": "islamabad ict islamabadcapitalterritory federalarea federal capital is isb isl اسلامآباد",
    "GB": "gilgitbaltistan gb gilgit baltistan northernareas گلگتبلتستان",
    "JK": "ajk azadkashmir azadjammukashmir azadjammuandkashmir ajandk kashmir jk aj آزادکشمیر",
}
PROVINCE_OF = {word: code for code, words in PROVINCES.items() for word in words.split()}


def read_province(text: str) -> Reading:
    """Read the province of domicile into its code; an unclear one is a doubt."""
    typed = clean_text(text)
    word = re.sub(r"[\W_]", "", typed.casefold().replace("&", ""))
    code = PROVINCE_OF.get(word) or PROVINCE_OF.get(word.removesuffix("province"))
    return Reading(value=code) if code else Reading(value="", doubts=("province_unclear",))


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
