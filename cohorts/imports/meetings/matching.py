"""Who a label is: certain evidence or a person's decision, never a likeness (R29). No database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from cohorts.imports.meetings.labels import Label, name_key, name_words, number_key, parse_label
from cohorts.imports.meetings.words import fold
from trainees.rules import ascii_digits

CANDIDATES = 5
LIKE_ENOUGH = 62


@dataclass(frozen=True)
class Person:
    """A trainee of the cohort as the matching sees one."""

    id: int  # of the enrolment
    number: str
    names: tuple[str, ...]  # Latin, and Urdu where there is one
    emails: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """What a file says of one person's identity."""

    label: str
    email: str = ""
    number: str = ""
    role: str = ""


@dataclass(frozen=True)
class Candidate:
    """Somebody a label may be, with the reasons in order."""

    id: int
    score: int
    reasons: tuple[str, ...]  # name, shared name, e-mail, number, alias, begins, like, e-mail name


@dataclass(frozen=True)
class Verdict:
    """match, review or ignore; `how` names the evidence, `why` what forbids a match."""

    verdict: str
    id: int | None = None
    how: str = ""
    why: str = ""


@dataclass
class Roster:
    """The cohort's people with the look-ups that matching needs."""

    people: tuple[Person, ...]
    instructor_names: tuple[str, ...] = ()
    instructor_emails: tuple[str, ...] = ()
    aliases: Mapping[str, set[int]] = field(default_factory=dict)  # folded label -> enrolments
    codes: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.by_id = {person.id: person for person in self.people}
        self.by_name = _index((name_key(name), p.id) for p in self.people for name in p.names)
        self.by_email = _index((email.casefold(), p.id) for p in self.people for email in p.emails)
        self.by_number = _index((number_key(p.number), p.id) for p in self.people)
        self.prefixes = frozenset(key.rpartition(" ")[0] for key in self.by_number)
        self.hosts = {name_key(name) for name in self.instructor_names} - {""}
        self.host_emails = {email.casefold() for email in self.instructor_emails}

    def named(self, name: str) -> set[int]:
        """Return the people of exactly this name; "M. Ali" is who alone begins with M and goes on as Ali."""
        found = self.by_name.get(name_key(name), set()) if name_key(name) else set()
        said = name_words(name)
        if not found and len(said) > 1 and len(said[0]) == 1:
            found = {
                person.id
                for person in self.people
                for each in person.names
                if (own := name_words(each))[1:] == said[1:] and own[0].startswith(said[0])
            }
        return set(found)

    def named_in(self, text: str) -> set[int]:
        """Return the people whose whole name of two words or more stands in a text ("Hina Malik's iPhone")."""
        said = set(name_words(text))
        return {
            person.id
            for person in self.people
            for name in person.names
            if len(own := name_words(name)) > 1 and set(own) <= said
        }


def _index(pairs: Iterable[tuple[str, int]]) -> dict[str, set[int]]:
    index: dict[str, set[int]] = {}
    for key, value in pairs:
        if key:
            index.setdefault(key, set()).add(value)
    return index


def match(seen: Seen, roster: Roster) -> Verdict:
    """Decide who a label is. Strong evidence is an address, a trainee number, a name that one person alone has,
    an alias that a person confirmed. Where two of them point to two people, nobody is chosen."""
    label = parse_label(seen.label, roster.codes, roster.prefixes)
    named = _by_name(label, roster)
    if host := _host(seen, label, named, roster):
        return host
    mailed = roster.by_email.get(seen.email.casefold(), set()) if seen.email else set()
    numbered, stranger = _by_number(seen, label, roster)
    if stranger:
        return Verdict("review", why="number of another cohort")
    strong = [(each, how) for each, how in ((mailed, "e-mail"), (numbered, "number")) if each]
    if strong:
        return _by_strong(strong, named, label, roster)
    return _by_weak(seen, named, label, roster)


def _by_strong(strong: list[tuple[set[int], str]], named: set[int], label: Label, roster: Roster) -> Verdict:
    """Settle by address and number; a name may tell apart who shares them, and may contradict them."""
    common = set.intersection(*(each for each, _how in strong))
    if not common:
        return Verdict("review", why="address and number disagree")
    if len(common) > 1:
        common &= named or common
    if len(common) != 1:
        return Verdict("review", why="shared")
    chosen = next(iter(common))
    if named and chosen not in named and not _part_of(label, roster.by_id[chosen]):
        return Verdict("review", why="name of somebody else")
    if not named and strong[0][1] == "number" and not _agrees(label, roster.by_id[chosen]):
        return Verdict("review", why="number and name disagree")
    return Verdict("match", chosen, strong[0][1])


def _by_weak(seen: Seen, named: set[int], label: Label, roster: Roster) -> Verdict:
    known = set(roster.aliases.get(fold(seen.label), set())) & set(roster.by_id)
    ended = _by_last_digits(seen, label, roster)
    if len(named) == 1:
        (chosen,) = named
        if (ended and chosen not in ended) or (known and chosen not in known):
            return Verdict("review", why="evidence disagrees")
        return Verdict("match", chosen, "name")
    if len(named) > 1:
        narrowed = named & ended
        if len(narrowed) == 1 and not known - narrowed:
            return Verdict("match", next(iter(narrowed)), "number and name")
        return Verdict("review", why="shared name")
    agreeing = {each for each in ended if _agrees(label, roster.by_id[each], strictly=True)}
    if len(agreeing) == 1 and not known - agreeing:
        return Verdict("match", next(iter(agreeing)), "number and name")
    if len(known) == 1 and not label.device and not ended:
        return Verdict("match", next(iter(known)), "alias")
    if label.host or seen.role == "host":
        return Verdict("ignore", how="host")
    return Verdict("review", why="device" if label.device else "unknown")


def _host(seen: Seen, label: Label, named: set[int], roster: Roster) -> Verdict | None:
    """Tell the instructor from trainees: by address, or by name when no trainee has it."""
    if seen.email and seen.email.casefold() in roster.host_emails:
        return Verdict("ignore", how="instructor's e-mail")
    if seen.email and seen.email.casefold() in roster.by_email:
        return None
    if any(name_key(name) in roster.hosts for name in (label.display, *label.originals)):
        return Verdict("review", why="instructor's name") if named else Verdict("ignore", how="instructor's name")
    return None


def _by_name(label: Label, roster: Roster) -> set[int]:
    """Return who bears the label's names. The account's own name counts before the one chosen in the meeting,
    unless that is somebody else's whole name."""
    shown = roster.named(label.display) | roster.named(label.turned)
    own = {each for name in label.originals for each in roster.named(name)}
    if own:
        inside = any(set(name_words(label.display)) <= set(name_words(name)) for name in label.originals)
        if inside or shown & own:
            return own
        return own | shown | roster.named_in(label.display)
    return shown or {each for name in label.parts for each in roster.named(name)}


def _by_number(seen: Seen, label: Label, roster: Roster) -> tuple[set[int], bool]:
    """Return who has the whole number in the label or the form, and whether it is nobody's of this cohort."""
    typed = number_key(seen.number) if any(c.isalpha() for c in seen.number) else ""
    keys = [*label.numbers, *([typed] if typed else [])]
    found = {each for key in keys for each in roster.by_number.get(key, set())}
    foreign = any(key.rpartition(" ")[0] in roster.prefixes for key in keys) and not found
    return found, foreign


def _by_last_digits(seen: Seen, label: Label, roster: Roster) -> set[int]:
    """Return whose number ends as what was typed ("558" for PSEB-20-00558)."""
    typed = [part for part in (ascii_digits(seen.number), *label.digits) if part.isdecimal()]
    return {
        person.id
        for part in typed
        for person in roster.people
        if _last_run(person.number) == int(part) or (len(part) >= 3 and person.number.endswith(part))
    }


def _last_run(number: str) -> int:
    digits = number[len(number.rstrip("0123456789")) :]
    return int(digits) if digits else -1


def _part_of(label: Label, person: Person) -> bool:
    said = set(name_words(label.display))
    return bool(said) and any(said <= set(name_words(name)) for name in person.names)


def _agrees(label: Label, person: Person, *, strictly: bool = False) -> bool:
    """Tell whether a label's name can be the person's: a word in common, or one that sounds alike. A label
    without a name, or in a script in which we have no name of the person, contradicts nothing."""
    said = [word for name in (label.display, *label.originals) for word in name_words(name)]
    own = [word for name in person.names for word in name_words(name)]
    if not said or (label.device and not strictly):
        return not strictly
    if not strictly and all(word.isascii() for word in said) != any(word.isascii() for word in own):
        return True
    telling = [word for word in said if word != "muhammad"] or said
    return any(fuzz.ratio(word, other) >= 75 for word in telling for other in own if len(word) > 2)


def candidates(seen: Seen, roster: Roster, met: Iterable[int] = ()) -> list[Candidate]:
    """Return who a label may be, the best first, with the reasons: for a person to decide, never to act on."""
    label, already = parse_label(seen.label, roster.codes, roster.prefixes), set(met)
    known = roster.aliases.get(fold(seen.label), set())
    ended = _by_last_digits(seen, label, roster)
    mailed = roster.by_email.get(seen.email.casefold(), set()) if seen.email else set()
    numbered, _stranger = _by_number(seen, label, roster)
    found = []
    for person in roster.people:
        score, reasons = _likeness(seen, label, person)
        for group, bonus, reason in (
            (known, 100, "alias"),
            (mailed, 95, "e-mail"),
            (numbered, 95, "number"),
            (ended, 75, "digits"),
        ):
            if person.id in group:
                score, reasons = max(score, bonus) + 3, (reason, *reasons)
        if score >= LIKE_ENOUGH:
            found.append(Candidate(person.id, score, reasons))
    return sorted(found, key=lambda each: (-each.score, each.id in already, each.id))[:CANDIDATES]


def _likeness(seen: Seen, label: Label, person: Person) -> tuple[int, tuple[str, ...]]:
    """Return how alike a label and a person are, out of 100, and why."""
    best, reasons = 0, ("like",)
    names = [name for name in (label.display, *label.originals) if name]
    for said in (name_words(name) for name in names):
        for own in (name_words(name) for name in person.names):
            score, reason = _compare(said, own, device=label.device)
            if score > best:
                best, reasons = score, (reason,)
    local = fold(seen.email.partition("@")[0])
    letters = "".join(c for c in local if c.isalpha())
    if letters and (score := round(fuzz.ratio(letters, name_key(person.names[0])) * 0.9)) > max(best, 75):
        best, reasons = score, ("e-mail name",)
    return best, reasons


def _compare(said: list[str], own: list[str], *, device: bool) -> tuple[int, str]:
    if not said or not own:
        return 0, "like"
    if said == own:
        return 100, "name"
    telling = [word for word in said if len(word) > 2 and word != "muhammad"] or [
        word for word in said if len(word) > 2
    ]
    shared = [word for word in telling if word in own]
    if shared and (device or set(said) <= set(own)):
        return 85, "word"
    if any(other.startswith(word) for word in telling for other in own):
        return 75, "begins"
    if shared:
        return 70, "word"
    score = round(fuzz.ratio("".join(said), "".join(own)))
    near = max((fuzz.ratio(word, other) for word in telling for other in own if len(other) > 2), default=0)
    return max(score, round(near * 0.85)), "like"
