"""Times as reports write them: a moment with its day still undecided (5/11 or 11/5), a time of day, a duration."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from cohorts.imports.meetings.words import AM, CLOSE_SCRIPTS, MONTH_NUMBERS, PM, UNIT_SECONDS, fold, words
from trainees.rules import ascii_digits

ISO = re.compile(r"(?<!\d)(\d{4})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})(?!\d)\s*[日일]?")
NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})(?!\d)")
COMPACT = re.compile(r"(?<!\d)(20\d{2})(\d{2})(\d{2})(?!\d)")
SHORT = re.compile(r"(?<![\d:])(\d{1,2})\s*[-/.]\s*(\d{1,2})(?![\d:])")
TIME = re.compile(r"(?<![\d:.])(\d{1,2})\s*[:٫]\s*(\d{2})(?:\s*:\s*(\d{2})(?:[.,]\d+)?)?(?![\d:])")
DOTTED = re.compile(r"(?<![\d.])(\d{1,2})[.hH](\d{2})(?:[.m](\d{2}))?(?![\d.])")
ZONE = re.compile(r"(?:(?:utc|gmt)\s*)?([+-])(\d{1,2}):?(\d{2})?$|(?<![^\d\s])(z|utc|gmt)$")
SERIAL, EPOCH = re.compile(r"\d{5}[.,]\d{2,}"), re.compile(r"1[5-9]\d{8}(?:\d{3})?")
FIRST_SERIAL, LAST_SERIAL = 36_526, 73_050  # the days of the years 2000 to 2099
AM_WORDS, PM_WORDS = words(AM), words(PM)
ISO_DURATION = re.compile(r"^p(?:t)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)(?:[.,]\d+)?s)?$")
CLOCKED = re.compile(r"^(\d{1,3}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?$")


@dataclass(frozen=True)
class Stamp:
    """A moment as written. `day` is ISO where it is certain, "5/11/2020" where the order is not, "" where
    there is none; `offset` minutes east of UTC where the text says so."""

    day: str
    seconds: int
    offset: int | None = None


def clean(text: str) -> str:
    """Digits to 0-9, one kind of space, nothing invisible, lower case."""
    plain = ascii_digits(unicodedata.normalize("NFKC", text)).casefold()
    return " ".join("".join(c for c in plain if unicodedata.category(c) != "Cf").split())


def read_stamp(cell: Any) -> Stamp | None:
    """Return the moment in a cell, or None when there is none. A cell of a workbook may be one already."""
    if isinstance(cell, datetime):
        return Stamp(cell.date().isoformat(), cell.hour * 3600 + cell.minute * 60 + cell.second)
    if isinstance(cell, time):
        return Stamp("", cell.hour * 3600 + cell.minute * 60 + cell.second)
    if isinstance(cell, float):
        return _of_serial(cell)
    if isinstance(cell, str) and 4 <= len(cell) <= 60:
        return _read_text(cell)
    return None


def read_day_alone(cell: Any) -> str:
    """Return the day in a cell that holds a day and no time, as written; "" when it does not."""
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return cell.isoformat()
    if not isinstance(cell, str) or not 6 <= len(cell) <= 40:
        return ""
    day, rest = split_day(clean(cell))
    return day if not any(c.isdigit() for c in rest) else ""


def _of_serial(number: float) -> Stamp | None:
    """Read a spreadsheet's count of days, which is what a moment becomes when its cell loses its format."""
    if not FIRST_SERIAL <= number <= LAST_SERIAL or number == int(number):
        return None
    days, seconds = divmod(round(number * 86400), 86400)
    return Stamp((date(1899, 12, 30) + timedelta(days=days)).isoformat(), seconds)


@lru_cache(maxsize=65536)
def _read_text(text: str) -> Stamp | None:
    plain = clean(text)
    if SERIAL.fullmatch(plain):
        return _of_serial(float(plain.replace(",", ".")))
    if EPOCH.fullmatch(plain):
        epoch = int(plain[:10])
        return Stamp(datetime.fromtimestamp(epoch, UTC).date().isoformat(), epoch % 86400, 0)
    day, rest = split_day(plain)
    found = TIME.search(rest) or (DOTTED.search(rest) if day else None)
    if not found:
        return None
    around = f"{rest[: found.start()]} {rest[found.end() :]}"
    offset, around = _offset(around.strip())
    seconds = _seconds(found, around)
    if seconds is None or (not day and any(c.isdigit() for c in around)):
        return None
    return Stamp(day, seconds, offset)


def _seconds(found: re.Match[str], around: str) -> int | None:
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    half = _half(around)
    if half is not None and hour <= 12:
        hour = hour % 12 + 12 * half
    return hour * 3600 + minute * 60 + second if hour < 24 and minute < 60 and second < 60 else None


def _half(around: str) -> int | None:
    """Return 0 before noon, 1 after, None when no word says it."""
    said = fold(around.replace("ö", "o")) if around else ""
    if not said:
        return None
    for parts in ({said, said.replace(" ", "")}, set(said.split())):  # "قبل دوپہر" ends with a word for the afternoon
        if parts & PM_WORDS:
            return 1
        if parts & AM_WORDS:
            return 0
    if CLOSE_SCRIPTS.search(said):
        return 1 if any(w in said for w in ("下午", "午後", "오후")) else 0 if "午" in said or "오전" in said else None
    return None


def _offset(around: str) -> tuple[int | None, str]:
    found = ZONE.search(around)
    if not found or (found[1] and not found[3] and not re.search(r"utc|gmt", around)):
        return None, around
    rest = around[: found.start()].strip()
    if found[4]:
        return 0, rest
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return (minutes if found[1] == "+" else -minutes), rest


def split_day(plain: str) -> tuple[str, str]:
    """Return the day in a cleaned text and the text without it."""
    for pattern in (ISO, NUMERIC, COMPACT):
        if found := pattern.search(plain):
            rest = f"{plain[: found.start()]} {plain[found.end() :]}".replace(" t", " ").strip()
            first, second, third = found.groups()
            day = f"{first}/{second}/{third}" if pattern is NUMERIC else certain_day(first, second, third)
            return day, rest
    return _worded(plain)


def days_in(text: str) -> list[str]:
    """Return the day that a file name or title names, in every way it may be read."""
    day, _rest = split_day(clean(text.replace("_", " ")))
    return [day] if day else []


def certain_day(year: str | int, month: str | int, day: str | int) -> str:
    """Return an ISO day, or "" for a day that the calendar lacks."""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


WORDED = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th|\.|º)?\s*(?:de |of |[-/ ])?\s*)?"
    r"([^\W\d_]{3,14})\.?[-/ ,]*(?:de |del )?(\d{1,4})?,?\s*(\d{4})?"
)


def _worded(plain: str) -> tuple[str, str]:
    """Read "May 11, 2020", "11. Mai 2020", "11-May-20"; a month must be named."""
    for found in WORDED.finditer(plain):
        month = MONTH_NUMBERS.get(fold(found[2]))
        if month is None:
            continue
        rest = f"{plain[: found.start()]} {plain[found.end() :]}".strip()
        if found[1] and found[3] and len(found[3]) in (2, 4):
            year = found[3] if len(found[3]) == 4 else f"20{found[3]}"
            return certain_day(year, month, found[1]), f"{rest} {found[4] or ''}".strip()
        if found[3] and found[4]:
            return certain_day(found[4], month, found[3]), rest
    return "", plain


def days_of(day: str, order: str, year: int = 0) -> str:
    """Return the ISO day of a written one under `order` (dmy, mdy, ymd), "" when it is none."""
    if "/" not in day:
        return day
    first, second, third = day.split("/")
    if not third.isdecimal():
        return ""
    if order == "ymd" and len(third) == 2:
        return certain_day(f"20{first.zfill(2)}", second, third)
    full = third if len(third) == 4 else f"20{third}"
    return certain_day(full, second, first) if order == "dmy" else certain_day(full, first, second)


@lru_cache(maxsize=4096)
def read_duration(text: str, unit: int = 60) -> int | None:
    """Return seconds: `1h 2m 3s`, `1 hr 2 min`, `PT1H2M`, `01:02:03`, and a bare number in `unit` seconds."""
    plain = clean(text)
    if re.fullmatch(r"\d+(?:[.,]\d+)?", plain):
        return round(float(plain.replace(",", ".")) * unit)
    if found := ISO_DURATION.match(plain.replace(" ", "")):
        parts = [int(part or 0) for part in found.groups()]
        return parts[0] * 3600 + parts[1] * 60 + parts[2] if any(found.groups()) else None
    if found := CLOCKED.match(plain):
        first, second, third = (int(part) if part is not None else None for part in found.groups())
        return (first or 0) * 3600 + (second or 0) * 60 + (third or 0)
    return _in_words(plain)


def _in_words(plain: str) -> int | None:
    total, seen = 0, False
    for number, unit in re.findall(r"(\d+)\s*([^\W\d_]+)", plain):
        seconds = UNIT_SECONDS.get(fold(unit)) or UNIT_SECONDS.get(fold(unit)[:3])
        if seconds is None:
            return None
        total, seen = total + int(number) * seconds, True
    return total if seen else None


def duration_of(cell: Any, unit: int = 60) -> int | None:
    """Return the seconds of a cell that may be a workbook's number, time or span of time."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, timedelta):
        return int(cell.total_seconds())
    if isinstance(cell, time):
        return cell.hour * 3600 + cell.minute * 60 + cell.second
    if isinstance(cell, int | float):
        return round(cell * unit)
    return read_duration(cell, unit) if isinstance(cell, str) and 0 < len(cell) <= 60 else None
