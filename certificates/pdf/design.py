"""A design: what a certificate looks like, as data, and the rules that keep it harmless and complete."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path

from django.utils.translation import gettext as _

from certificates.pdf.markup import TOKEN, Problem, compile_markup
from certificates.rules import FACES, missing_letters

FOLDER = Path(__file__).parent / "designs"
SHIPPED = "completion-1"
NEEDED_FIELDS = ("name", "course", "serial")
NEEDED_PLACES = ("qr",)
TAGS = frozenset(
    ("div", "p", "span", "h1", "h2", "h3", "b", "i", "em", "strong", "small", "br", "sub", "sup", "ul", "ol", "li")
)
ATTRIBUTES = frozenset(("id", "class", "lang", "dir"))
TAG = re.compile(r"<\s*/?\s*([^\s>/]*)([^>]*)>?")
ATTRIBUTE = re.compile(r"([^\s=/\"']+)(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")
CSS_CALL = re.compile(
    r"\\|@\s*(?!page\b)[\w-]+|url\s*\(\s*(?![\"']?data:image/(?:png|jpeg);base64,)|\b(?:image|image-set|element|src)\s*\(",
    re.I,
)
LENGTH = 100_000


@dataclass(frozen=True)
class Design:
    """Markup and style of one version; `frame` puts the interlaced frame and emblem under it."""

    label: str
    markup: str
    style: str
    frame: bool = True
    logo: str = ""  # sum of a picture, drawn at the place with the id "logo"


@cache
def shipped() -> Design:
    """Return the design that comes with the product."""
    markup, style = ((FOLDER / f"{SHIPPED}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css"))
    return Design(SHIPPED, markup, style)


def check_design(markup: str, style: str) -> list[Problem]:
    """Return everything that is wrong with a design, by line; an empty list means it may be kept (R62)."""
    if len(markup) + len(style) > LENGTH:
        return [Problem(1, _("longer than %d letters") % LENGTH)]
    problems = [*compile_markup(markup)[1], *_wrong_tags(markup), *_wrong_letters(markup), *_wrong_style(style)]
    for name in NEEDED_FIELDS:
        if not re.search(r"\{\{\s*" + name + r"\s*[|}]", markup):
            problems.append(Problem(1, _("the field %s is missing; a certificate must show it") % name))
    for place in NEEDED_PLACES:
        if not re.search(rf"\bid\s*=\s*[\"']?{place}\b", markup):
            problems.append(
                Problem(1, _('the place id="%s" is missing; its code leads to the verification page') % place)
            )
    return problems


def _wrong_tags(markup: str) -> Iterator[Problem]:
    """Allow a short list of elements and attributes: nothing that fetches, runs, or leaves the page."""
    for found in TAG.finditer(markup):
        line = markup.count("\n", 0, found.start()) + 1
        name = found[1].lower()
        if "{" in found[0]:
            yield Problem(line, _("a field cannot stand inside the angle brackets of an element"))
        if name not in TAGS:
            yield Problem(line, _("the element <%s> is not allowed") % name[:20])
        for attribute in ATTRIBUTE.finditer(found[2]):
            if attribute[1].lower() not in ATTRIBUTES:
                yield Problem(line, _("the attribute %s is not allowed") % attribute[1][:20])


def _wrong_letters(markup: str) -> Iterator[Problem]:
    """Find letters of the page's own words that no face has: they would be printed as empty boxes (R63)."""
    for number, line in enumerate(unescape(TOKEN.sub(" ", TAG.sub(" ", markup))).splitlines(), start=1):
        missing = [letter for letter in dict.fromkeys(line) if not letter.isspace() and not _has_face(letter)]
        if missing:
            yield Problem(number, _("a letter that no face has: %s") % " ".join(missing))


def _has_face(letter: str) -> bool:
    return any(not missing_letters(letter, path) for path in FACES.values())


def _wrong_style(style: str) -> Iterator[Problem]:
    for found in CSS_CALL.finditer(
        re.sub(r"/\*.*?\*/", lambda each: re.sub(r"[^\n]", " ", each[0]), style, flags=re.S)
    ):
        line = style.count("\n", 0, found.start()) + 1
        yield Problem(
            line, _("not allowed in a style: %s; pictures only as data:image/png or jpeg") % found[0].strip()[:20]
        )
