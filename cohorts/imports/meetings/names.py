"""Lists of names as people paste them: numbered, with bullets, ticks, addresses or trainee numbers beside the name."""

import re
from collections.abc import Iterable, Iterator

from cohorts.imports.meetings.columns import EMAIL, meaning_of
from cohorts.imports.meetings.people import Met
from trainees.rules import clean_text

LEADING = re.compile(r"^\s*(?:[\[(]?\d{1,3}[\])]?\s*[.):\-–]+\s*|\d{1,3}\s+(?=[^\W\d_])|[-*•·●▪◦>+✓✔☑✅]+\s*)+")
TRAILING = re.compile(r"[\s✓✔☑✅,;:\-–👍🙋]+$|\s*[-–:(\[]\s*(?:present|حاضر|yes|p)\s*[)\]]?\s*$", re.IGNORECASE)


def people_of(lines: Iterable[tuple[int, str]]) -> Iterator[Met]:
    """Return a `Met` for each line that names somebody; a heading and blank lines name nobody."""
    for line, text in lines:
        plain = clean_text(text, 300)
        found = EMAIL.search(plain)
        label = plain.replace(found[0], "").replace("<>", "").replace("()", "") if found else plain
        label = TRAILING.sub("", LEADING.sub("", label)).strip(" ,;\"'")
        heading = not found and meaning_of(label) in ("name", "number", "email") and len(label.split()) <= 3
        if (label or found) and not heading and (found or any(c.isalnum() for c in label)):
            yield Met(label, found[0].lower() if found else "", line=line, rows=1, present=True)
