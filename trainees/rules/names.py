"""Names of people."""

import re
import unicodedata

from rapidfuzz.distance import OSA

from trainees.rules.reading import NOTHING, Reading, clean_text, is_flooded

LONGEST = 120
TITLES = r"(?:mr|mrs|ms|miss|engr|eng|dr|prof)"
KINSHIP = re.compile(r"\s+(?:s|d|w)\s*[/\\]\s*o\b.*$|\s+(?:son|daughter|wife)\s+of\b.*$", re.IGNORECASE)
PARTICLES = {"ul", "ur", "us", "e", "i", "bin", "bint", "ibn", "al", "un", "uz"}


def read_name(text: str) -> Reading:
    """Read a person's name: no title, no "S/O ...", spaces and case put right, letters as typed.

    Never cut: one that is too long is a doubt, and the value is what would fit.
    """
    name = KINSHIP.sub("", clean_text(text))
    name = re.sub(rf"^(?:{TITLES}\b\.?\s+)+", "", name, flags=re.IGNORECASE).strip(" .,-")
    if name.casefold() in NOTHING or not any(c.isalpha() for c in name):
        return Reading(problems=("missing_name",))
    if len(name) > LONGEST:
        return Reading(value=name[:LONGEST].strip(), doubts=("too_long",), limit=LONGEST)
    if _holds_signs(name):
        return Reading(value=_case(name), doubts=("name_unclear",))
    return Reading(value=_case(name), doubts=("name_letters",) if _scripts(name) - {"LATIN", "ARABIC"} else ())


def read_name_ur(text: str) -> Reading:
    """Read a name in Urdu letters; none is fine. Letters joined by an old keyboard are taken apart."""
    name = clean_text(unicodedata.normalize("NFKC", text))
    if len(name) > LONGEST:
        return Reading(value=name[:LONGEST].strip(), doubts=("too_long",), limit=LONGEST)
    if name and (_holds_signs(name) or _scripts(name) != {"ARABIC"}):
        return Reading(value=name, doubts=("name_not_urdu",))
    return Reading(value=name)


def _holds_signs(name: str) -> bool:
    odd = any(unicodedata.category(c)[0] in "SN" and c not in "`´" for c in name)
    return odd or is_flooded(name) or bool(re.search(r"[{}\[\]/@#%*_\\!?;:\"]", name))


def _scripts(name: str) -> set[str]:
    """Return the scripts of the letters, by the first word of their names in Unicode."""
    return {unicodedata.name(c, "UNKNOWN").split()[0] for c in name if c.isalpha()} - {"MODIFIER"}


def is_slip(before: str, after: str) -> bool:
    """Tell whether two names differ by a slip of the keyboard: one or two letters, at most a third of them (R57).

    Two letters that changed places count as one; case and spacing as none.
    """
    old, new = ("".join(clean_text(name).casefold().split()) for name in (before, after))
    return OSA.distance(old, new) * 3 <= min(6, len(old))


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
