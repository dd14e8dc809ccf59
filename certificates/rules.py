"""What is printed and whether it can be: pure functions over texts and font tables."""

import unicodedata
from calendar import monthrange
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import uharfbuzz
from django.conf import settings
from django.utils.translation import gettext as _
from rapidfuzz.distance import Levenshtein

from trainees.rules import clean_text

FONTS = Path(settings.BASE_DIR) / "static" / "certificates" / "fonts"
LATIN = FONTS / "EBGaramond_600SemiBold.ttf"
URDU = FONTS / "NotoNastaliqUrdu_400Regular.ttf"
FACES = {
    "regular": FONTS / "EBGaramond_400Regular.ttf",
    "italic": FONTS / "EBGaramond_400Regular_Italic.ttf",
    "semibold": LATIN,
    "title": FONTS / "Cinzel_600SemiBold.ttf",
    "urdu": URDU,
}
NAME_WIDTH = 600.0  # points between the frame's inner edges, with air
NAME_SIZES = (30.0, 16.0)  # largest and smallest in points; below the smallest the name takes two lines


@dataclass(frozen=True)
class Printed:
    """Every fact on a certificate, as it was at the moment of issue (R52)."""

    code: str
    serial: str
    verify_url: str
    name: str
    name_ur: str
    programme: str
    organisation: str
    course: str
    course_code: str
    cohort: str
    contact_hours: int
    starts_on: str  # ISO dates
    ends_on: str
    issued_on: str
    valid_until: str = ""  # empty: for life
    time_zone: str = "Asia/Karachi"  # in which its last day ends (R60)
    signatories: list[dict[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Unprintable:
    """A name that the fonts cannot set, why, what it might be, and which letters of it are to blame."""

    text: str
    reason: str
    proposal: str
    bad: frozenset[str] = frozenset()
    is_urdu: bool = False

    @property
    def field(self) -> str:
        """The field of a trainee that holds it."""
        return "full_name_ur" if self.is_urdu else "full_name"

    @property
    def runs(self) -> list[tuple[bool, str]]:
        """The text in pieces, each bad or good as a whole, to be marked on a page."""
        return [(is_bad, "".join(letters)) for is_bad, letters in groupby(self.text, key=self.bad.__contains__)]


@cache
def font(path: Path) -> uharfbuzz.Font:
    """Load a font once per process."""
    return uharfbuzz.Font(uharfbuzz.Face(path.read_bytes()))


def width_of(text: str, size: float, path: Path = LATIN) -> float:
    """Return the width of a line in points, shaped as it will be printed (about 0.03 ms)."""
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    loaded = font(path)
    uharfbuzz.shape(loaded, buffer)
    return sum(position.x_advance for position in buffer.glyph_positions or ()) * size / loaded.face.upem


def fit_name(name: str) -> tuple[float, list[str]]:
    """Return the size in points and the lines in which a name fits the frame; a last resort is under 16 pt."""
    return fit_text(name, width=NAME_WIDTH, sizes=NAME_SIZES, face="semibold")


def fit_text(text: str, *, width: float, sizes: tuple[float, float], face: str) -> tuple[float, list[str]]:
    """Return the size in points and the lines, one or two, in which a text fits a width.

    Between the largest and the smallest size on one line, then on two; what is too long even so goes below it.
    """
    largest, smallest = sizes
    path = FACES[face]
    wanted = largest * width / max(width_of(text, largest, path), 1)
    if wanted >= smallest:
        return min(largest, round(wanted - 0.05, 1)), [text]
    lines = _two_lines(text, path)
    widest = max(width_of(line, smallest, path) for line in lines)
    return min(smallest, round(smallest * width / widest - 0.05, 1)), lines


def _two_lines(text: str, path: Path) -> list[str]:
    words = text.split(" ")
    if len(words) == 1:
        middle = len(text) // 2
        return [text[:middle], text[middle:]]
    cuts: list[tuple[str, str]] = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
    widths = [max(width_of(first, 16, path), width_of(second, 16, path)) for first, second in cuts]
    return list(cuts[widths.index(min(widths))])


def missing_letters(text: str, path: Path) -> list[str]:
    """Return the letters that a font lacks."""
    loaded = font(path)
    return [
        letter
        for letter in dict.fromkeys(text)
        if letter not in " \u200c\u200d" and not loaded.get_nominal_glyph(ord(letter))
    ]


# Names of which nothing has to be asked: every letter is in its face. All others are looked at one by one.
PLAIN_NAME = r"^[A-Za-z][A-Za-z .'-]{0,99}$"
PLAIN_NAME_UR = "^[آابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھءیےئؤۂ ]{0,99}$"


def is_printable(name: str, name_ur: str) -> bool:
    """Tell whether a certificate can print both names."""
    return not (check_name(name) or check_name_ur(name_ur))


def check_name(name: str) -> Unprintable | None:
    """Say why a Latin name cannot be printed, with a proposal; None when it can (R63)."""
    cleaned = clean_text(name, 300)
    if not cleaned:
        return Unprintable(name, _("there is no name"), "")
    if digits := [letter for letter in cleaned if letter.isdigit()]:
        reason = _("a digit in the name: %s") % " ".join(digits)
        return Unprintable(name, reason, _without(cleaned, str.isdigit), frozenset(digits))
    if missing := missing_letters(cleaned, LATIN):
        reason = _("a sign that the face lacks: %s") % " ".join(missing)
        return Unprintable(name, reason, _without(cleaned, set(missing).__contains__), frozenset(missing))
    if len(cleaned) > 120:
        return Unprintable(name, _("longer than 120 letters"), "")
    return _check_marks(name, cleaned, most=2)


def check_name_ur(name: str) -> Unprintable | None:
    """Say why an Urdu name cannot be printed; an empty one is simply left out."""
    cleaned = clean_text(name, 300)
    if missing := missing_letters(cleaned, URDU):
        reason = _("a letter that the Urdu face lacks: %s") % " ".join(missing)
        return Unprintable(name, reason, _without(cleaned, set(missing).__contains__), frozenset(missing), is_urdu=True)
    problem = _check_marks(name, cleaned, most=3)
    return replace(problem, is_urdu=True) if problem else None


def _check_marks(name: str, cleaned: str, *, most: int) -> Unprintable | None:
    """Refuse a pile of marks on one letter, which would grow into the lines above and below."""
    piled: set[str] = set()
    for is_mark, letters in groupby(cleaned, key=lambda letter: unicodedata.combining(letter) > 0):
        pile = list(letters)
        if is_mark and len(pile) > most:
            piled |= set(pile)
    if not piled:
        return None
    reason = _("more than %d marks on one letter") % most
    return Unprintable(name, reason, _without(cleaned, piled.__contains__), frozenset(piled))


def _without(text: str, drop: Any) -> str:
    """Return the text without some letters: a zero inside a word was an o, an accent falls back to its base."""
    kept = []
    for position, letter in enumerate(text):
        if not drop(letter):
            kept.append(letter)
        elif letter == "0" and 0 < position < len(text) - 1:
            kept.append("o")
        elif (base := unicodedata.normalize("NFD", letter)[0]) != letter and not drop(base):
            kept.append(base)
    return clean_text("".join(kept))


def letters_changed(old: str, new: str) -> int:
    """Return how many letters lie between two spellings; case and spaces are not letters."""
    return Levenshtein.distance("".join(old.split()).casefold(), "".join(new.split()).casefold())


def needs_evidence(old: str, new: str, corrected_before: bool) -> bool:
    """Tell whether a correction of the name needs proof: more than two letters, or not the first one (R57)."""
    changed = letters_changed(old, new)
    return changed > 2 or (corrected_before and changed > 0)


def seconds_left(finished: list[datetime], remaining: int) -> int | None:
    """Return how long the rest may take at the pace of the newest, None when too few are done to tell."""
    newest = sorted(finished)[-20:]
    if len(newest) < 3 or not remaining:
        return None
    return round((newest[-1] - newest[0]).total_seconds() / (len(newest) - 1) * remaining) or 1


def last_day(issued_on: date, valid_months: int | None) -> date | None:
    """Return the day on whose end a certificate expires, None for one that never does (R60)."""
    if valid_months is None:
        return None
    months = issued_on.month - 1 + valid_months
    year, month = issued_on.year + months // 12, months % 12 + 1
    return date(year, month, min(issued_on.day, monthrange(year, month)[1]))


def verdict_on(state: str, expires_on: date | None, time_zone: str, at: datetime) -> str:
    """Return valid, revoked, replaced or expired; a day lasts to its end in the certificate's own zone (R60)."""
    if state != "issued":
        return state
    is_over = expires_on is not None and at.astimezone(ZoneInfo(time_zone)).date() > expires_on
    return "expired" if is_over else "valid"


def period(printed: Printed) -> str:
    """Return the course's dates as they are printed; of an imported one there may be one date or none."""
    return " – ".join(day_text(day) for day in (printed.starts_on, printed.ends_on) if day)


def particulars(printed: Printed) -> str:
    """Return cohort, dates and hours in one line; what is not known is left out."""
    cohort = f"Cohort {printed.cohort}" if printed.cohort else ""
    hours = f"{printed.contact_hours} contact hours" if printed.contact_hours else ""
    return " · ".join(part for part in (cohort, period(printed), hours) if part)


def end_of_validity(printed: Printed) -> datetime | None:
    """Return the moment from which a certificate is expired: the end of its last day in its own zone (R60)."""
    if not printed.valid_until:
        return None
    day = date.fromisoformat(printed.valid_until) + timedelta(days=1)
    return datetime.combine(day, time(), ZoneInfo(printed.time_zone))


def day_text(iso: str) -> str:
    """Return a day as it is printed; an empty text stays empty."""
    if not iso:
        return ""
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%B %Y}"
