"""Builders for files of every kind, and for the class, the sessions and the people that they speak of."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cohorts.imports.meetings.matching import Person, Roster
from cohorts.imports.meetings.placing import Slot, place
from cohorts.imports.meetings.reading import Reading, read_file
from cohorts.imports.meetings.verdicts import Outcome, judge
from cohorts.imports.meetings.words import fold
from cohorts.models import Cohort
from tests.factories import make_cohort, make_enrolment, make_trainee

KARACHI = "Asia/Karachi"
HEADER = ["Name (Original Name)", "User Email", "Join Time", "Leave Time", "Duration (Minutes)", "Guest"]
NAMES = ("Sara Ahmed Khan", "Bilal Raza", "Hina Malik", "Usman Butt")


def make_class() -> Cohort:
    """Make a cohort of three sessions whose trainees have these four names."""
    made = make_cohort("AI-ONL-01", sessions=3)
    for name in NAMES:
        make_enrolment(made, make_trainee(full_name=name))
    return made


def row(label: str, start="10:00:00", end="13:00:00", email="", day="05/04/2020") -> list[object]:
    """Return a line under HEADER; the day is in the order that the first session makes plain."""
    return [label, email, f"{day} {start}", f"{day} {end}", 0, "Yes"]


def slot(number: int, day: str, start: str = "10:00", end: str = "13:00", zone: str = KARACHI) -> Slot:
    """Return a session in local time; an end before the start is on the next day."""
    first = datetime.fromisoformat(f"{day} {start}").replace(tzinfo=ZoneInfo(zone))
    last = datetime.fromisoformat(f"{day} {end}").replace(tzinfo=ZoneInfo(zone))
    last += timedelta(days=1) if last <= first else timedelta()
    return Slot(number, number, day, int(first.timestamp()), int(last.timestamp()))


def roster(*names: str, instructor: str = "Teacher One", code: str = "AI-ONL-01", aliases=None) -> Roster:
    """Return a roster of these names, numbered T-20-00001 on, with addresses made of the names."""
    people = tuple(
        Person(n, f"T-20-{n:05d}", (name,), (f"{name.lower().replace(' ', '.')}.{n}@example.org",))
        for n, name in enumerate(names, 1)
    )
    return Roster(people, (instructor,), ("teacher@example.org",), aliases or {}, frozenset({fold(code)}))


def read(content: bytes | str, name: str = "report.csv", encoding: str = "utf-8") -> Reading:
    return read_file(io.BytesIO(content.encode(encoding) if isinstance(content, str) else content), name)


def table(rows: Iterable[Iterable[object]], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def judge_one(reading: Reading, slots: list[Slot], people: Roster, *, zone: str = KARACHI, wanted=()) -> Outcome:
    """Judge the one session that a reading falls into."""
    placed = place(reading, slots, zone, wanted=wanted)
    (found,) = {*placed.stays, *placed.marks}
    return judge(next(each for each in slots if each.id == found), [(reading, placed)], people)
