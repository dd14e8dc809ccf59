"""What a label in a meeting says about its bearer: a name, another in brackets, a number, a device, a part played."""

import re
from dataclasses import dataclass

from cohorts.imports.meetings.words import DEVICES, HOST_MARKS, OTHER_MARKS, PARTS_OF_DEVICES, fold, words
from trainees.rules import ascii_digits, clean_text
from trainees.rules.names import KINSHIP

TITLES = words(
    "mr|mrs|ms|miss|mister|dr|engr|eng|engineer|prof|professor|sir|madam|mam|maam|herr|frau|sr|sra|mme|bhai|sahib|sahab|جناب|محترمہ"
    "|محترم|ڈاکٹر|پروفیسر|انجینئر|مسٹر|مس"
)
MUHAMMAD = words("muhammad|mohammad|mohammed|muhammed|mohamed|muhamad|mohamad|mohd|muhd|md|mhd|mohammod|محمد")
BRACKETS = re.compile(r"[(\[{（【]([^()\[\]{}（）【】]*)[)\]}）】]")
NUMBER = re.compile(r"(?<![^\W_])([A-Za-z]{1,8})[\W_]*(\d{2,4})(?:[\W_]+(\d{1,6})|(\d{3,6}))(?!\d)")
PARTS = re.compile(r"\s+[-–—|/:•·~]+\s*|\s*[|/•·~]+\s+|_{1,}")
HOSTS, OTHERS = words(HOST_MARKS), words(OTHER_MARKS)
GENERIC = words(DEVICES) | words(PARTS_OF_DEVICES)
SURE_DEVICES = words(
    "iphone|ipad|galaxy|redmi|huawei|infinix|samsung|oppo|vivo|realme|tecno|nokia|macbook|laptop|xiaomi|desktop|android|tablet"
    "|qmobile|oneplus|ipod|motorola|lenovo"
)


@dataclass(frozen=True)
class Label:
    """A label taken apart. `names` are all the names it may mean, the one in brackets (the account's own) first."""

    text: str
    display: str
    originals: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()  # of "Ali Khan | Section B"
    numbers: tuple[str, ...] = ()  # whole trainee numbers, as `number_key` makes them
    digits: tuple[str, ...] = ()  # other numbers of two digits or more: perhaps the end of a trainee number
    turned: str = ""  # "Ali Khan" of "Khan, Ali"
    host: bool = False
    device: bool = False  # names a machine or nobody, perhaps with somebody's name beside it


def parse_label(text: str, codes: frozenset[str] = frozenset(), prefixes: frozenset[str] = frozenset()) -> Label:
    """Take a label apart; `codes` are words that name the cohort and not a person, `prefixes` are those of
    trainee numbers, as `number_key` makes them."""
    plain = ascii_digits(clean_text(text))
    found = [(each[0], key) for each in NUMBER.finditer(plain) for key in _keys(each[0], prefixes)]
    numbers = tuple(key for _text, key in found)
    cut = plain
    for written, _key in found:
        cut = cut.replace(written, " ")
    rest, host, originals = _brackets(cut)
    rest = " ".join(word for word in rest.split() if fold(word) not in codes)
    pieces = [piece.strip(" -–,.;:") for piece in PARTS.split(rest)]
    pieces = [piece for piece in pieces if piece and fold(piece) not in codes]
    host = host or any(fold(piece) in HOSTS for piece in pieces[1:])
    pieces = [piece for piece in pieces if fold(piece) not in HOSTS | OTHERS] or pieces[:1]
    digits = tuple(found for piece in pieces for found in re.findall(r"(?<!\w)\d{2,6}(?!\w)", piece))
    display = _without_digits(" ".join(pieces))
    device = _is_device(display or plain) and not numbers
    parts = tuple(name for piece in pieces if len((name := _without_digits(piece)).split()) > 1)
    parts = parts if len(pieces) > 1 else ()
    return Label(text, display, originals, parts, numbers, digits, _turn(display), host, device)


def _turn(display: str) -> str:
    """Return "Ali Khan" for "Khan, Ali", "" for a label without exactly one comma inside."""
    pieces = [piece.strip() for piece in display.split(",")]
    return f"{pieces[1]} {pieces[0]}" if len(pieces) == 2 and all(pieces) else ""


def _keys(written: str, prefixes: frozenset[str]) -> list[str]:
    """Return the key of a number as written, also where its parts run together, if its prefix is one of ours."""
    keys = [number_key(written)]
    letters, digits = re.sub(r"[\W\d_]", "", written), re.sub(r"\D", "", written)
    for prefix in prefixes:
        head, _space, tail = prefix.partition(" ")
        if letters.casefold() == head and tail and digits.startswith(tail) and len(digits) > len(tail):
            keys.append(f"{prefix} {int(digits[len(tail) :])}")
    return [key for key in dict.fromkeys(keys) if key.rpartition(" ")[0] in prefixes]


def _brackets(plain: str) -> tuple[str, bool, tuple[str, ...]]:
    host, originals = False, []
    for inside in BRACKETS.findall(plain):
        said = fold(inside)
        if any(fold(part) in HOSTS for part in re.split(r"[,;/]", inside)):
            host = True
        elif said and said not in OTHERS:
            originals.append(_without_digits(inside))
    return BRACKETS.sub(" ", plain), host, tuple(name for name in originals if name)


def _without_digits(text: str) -> str:
    return " ".join(re.sub(r"(?<!\w)[#]?\d[\d.\-/]*(?!\w)", " ", text).strip(" -–,.;:#").split())


def _is_device(display: str) -> bool:
    said = fold(display).split()
    if not said or set(said) & SURE_DEVICES:
        return bool(said)
    return all(word in GENERIC or (any(c.isdigit() for c in word) and len(word) < 12) for word in said)


def number_key(text: str) -> str:
    """Return a trainee number for comparing: its letters and numbers without signs and leading zeros."""
    runs = re.findall(r"[a-z]+|\d+", ascii_digits(text).casefold())
    return " ".join(str(int(run)) if run.isdecimal() else run for run in runs)


def name_words(name: str) -> list[str]:
    """Return the words of a name for comparing: no title, no "S/O ...", the forms of Muhammad as one."""
    said = fold(KINSHIP.sub("", name)).split()
    while len(said) > 1 and said[0] in TITLES:
        said = said[1:]
    return ["muhammad" if word in MUHAMMAD and len(said) > 1 else word for word in said]


def name_key(name: str) -> str:
    """Return a name without case, spaces and marks; two people of one key are never told apart by name."""
    return "".join(name_words(name))
