"""What people write for a city, a category, a year, a course, a date."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from trainees import rules as people
from trainees.rules import Reading, clean_text

CITIES = {
    "KHI": "karachi khi kar کراچی",
    "LHE": "lahore lhr lhe لاہور",
    "ISB": "islamabad isb isl islamabadrawalpindi rawalpindi rwp pindi اسلامآباد",
    "PEW": "peshawar pew psh پشاور",
    "QTA": "quetta qta uet کوئٹہ",
    "ONL": "online onlinefromhome onlineonly remote virtual fromhome home distance آنلائن",
}
CITY_OF = {word: code for code, words in CITIES.items() for word in words.split()}
# What people write for a course whose title they do not spell out: words of the title that it stands for.
NICKNAMES = {
    "ai": "artificial intelligence",
    "ml": "machine learning",
    "aiml": "artificial intelligence",
    "deeplearning": "artificial intelligence",
    "dataanalytics": "data analytics",
    "analytics": "data analytics",
    "aws": "cloud",
    "azure": "cloud",
    "infosec": "cyber",
    "informationsecurity": "cyber",
    "cybersec": "cyber",
    "networksecurity": "cyber",
    "smartcontracts": "blockchain",
    "hadoop": "big data",
    "bigdata": "big data",
    "datascience": "data science",
    "datasciences": "data science",
    "blockchain": "blockchain",
    "devops": "devops",
    "arvr": "augmented virtual",
    "vrar": "augmented virtual",
    "ar": "augmented",
    "vr": "virtual",
    "xr": "augmented virtual",
    "metaverse": "augmented virtual",
    "iot": "internet things",
    "rpa": "robotic process",
    "uipath": "robotic process",
    "docker": "devops",
}


@dataclass(frozen=True)
class CourseName:
    """What the rules need to know of a course."""

    code: str
    title: str


def detect_date_order(values: Iterable[Any]) -> str:
    """Return `mdy` when the dates of a file only make sense with the month first, else `dmy` (the country's habit)."""
    first = second = 0
    for value in values:
        match = re.match(r"\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*\d{2,4}", people.ascii_digits(str(value)))
        if match:
            first += int(match[1]) > 12
            second += 12 < int(match[2]) <= 31
    return "mdy" if second > 2 * first else "dmy"


def read_city(text: str) -> Reading:
    """Read where a person wants to attend."""
    word = re.sub(r"[\W_]", "", clean_text(text).casefold())
    code = CITY_OF.get(word) or next((CITY_OF[name] for name in CITY_OF if len(name) > 5 and name in word), "")
    return Reading(value=code) if code else Reading(value="", doubts=("city_unclear",))


def read_category(text: str) -> Reading:
    """Read `graduate` or `professional`."""
    word = clean_text(text).casefold()
    professional = any(part in word for part in ("profession", "working", "employ", "job"))
    graduate = any(part in word for part in ("fresh", "graduate", "student"))
    if professional != graduate:
        return Reading(value="professional" if professional else "graduate")
    return Reading(value="", doubts=("category_unclear",))


def read_year(text: str) -> int | None:
    """Read a year of graduation: 2019, "June 2019", "2015-2019" (the last counts), 19."""
    typed = people.ascii_digits(text)
    if years := re.findall(r"\b(?:19|20)\d\d\b", typed):
        return int(years[-1])
    if match := re.fullmatch(r"\s*'?(\d\d)(?:\.0)?\s*", typed):
        return 2000 + int(match[1]) if int(match[1]) < 60 else 1900 + int(match[1])
    return None


def match_course(typed: str, courses: Iterable[CourseName]) -> str | None:
    """Return the code of the one course that is meant, or None: by code, title, nickname or words of the title."""
    text = clean_text(typed).casefold()
    flat = re.sub(r"[\W_]", "", text)
    if not flat:
        return None
    courses = list(courses)
    for course in courses:
        if flat in (course.code.casefold(), re.sub(r"[\W_]", "", course.title.casefold())):
            return course.code
    if flat in NICKNAMES:
        return _by_words(NICKNAMES[flat].split(), courses)
    words = [word for word in re.findall(r"[^\W_]+", text) if word not in ("and", "the", "of", "in", "course", "with")]
    if found := _by_words(words, courses):
        return found
    meant = {_by_words(NICKNAMES[word].split(), courses) for word in [*words, *_pairs(words)] if word in NICKNAMES}
    meant.discard(None)
    return meant.pop() if len(meant) == 1 else None


def _pairs(words: list[str]) -> list[str]:
    return [a + b for a, b in pairwise(words)]


def _by_words(words: list[str], courses: list[CourseName]) -> str | None:
    """Return the only course whose title has every word."""
    fits = [
        course.code
        for course in courses
        if words and all(word in re.findall(r"[^\W_]+", course.title.casefold()) for word in words)
    ]
    return fits[0] if len(fits) == 1 else None
