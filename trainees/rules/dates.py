"""Dates as people type them."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Any

from trainees.rules.reading import NOTHING, Reading, ascii_digits, clean_text, drop_invisible

MINIMUM_AGE = 18

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
    text = ascii_digits(drop_invisible(unicodedata.normalize("NFKC", str(value)))).strip().strip("'\"").casefold()
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
    if len(months) != 1 or len(numbers) != 2 or extra or max(map(len, numbers)) > 4:
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


def read_year(text: str, *, until: int) -> Reading:
    """Read a year of four digits from 1950 to `until`."""
    typed = ascii_digits(drop_invisible(text)).strip()
    year = int(typed) if typed.isdecimal() and len(typed) == 4 else 0
    return Reading(value=year) if 1950 <= year <= until else Reading(problems=("bad_year",))
