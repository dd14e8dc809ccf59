"""The demonstration's attendance files, scored against their answers."""

import csv
import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

from cohorts.imports.meetings.matching import Person, Roster
from cohorts.imports.meetings.placing import Slot, place
from cohorts.imports.meetings.reading import read_file
from cohorts.imports.meetings.verdicts import Outcome, judge
from cohorts.imports.meetings.words import fold
from tests.cohorts.meetings.files import KARACHI, slot

DEMO = Path(__file__).parents[3] / "demo"
FILES = DEMO / "attendance"
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
CODES = (
    *("AI-ONL-01", "DS-ONL-01", "CC-ONL-01", "CY-ONL-01", "AI-ONL-02", "BC-ONL-01"),
    *("AI-KHI-01", "DS-LHE-01", "CC-ISB-01", "DO-ONL-01", "IOT-PEW-01", "CY-QTA-01"),
)


def answers(folder: Path = FILES) -> dict[str, list[dict[str, str]]]:
    """Return file -> its lines of answers.csv."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (folder / "answers.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["file"]].append(row)
    return found


def timetable(cohort: dict, courses: dict, holidays: set[str]) -> list[Slot]:
    """Lay out a cohort's sessions by the rule in the note of cohorts.json."""
    left, day, found = courses[cohort["course"]]["contact_hours"] * 60, date.fromisoformat(cohort["start_date"]), []
    while left > 0:
        for pattern in cohort["weekly_pattern"]:
            if WEEKDAYS[day.weekday()] != pattern["weekday"] or left <= 0 or day.isoformat() in holidays:
                continue
            one = slot(len(found) + 1, day.isoformat(), pattern["start"], pattern["end"], cohort["timezone"])
            found.append(one)
            left -= (one.end - one.start) // 60
        day += timedelta(days=1)
    return found


class Programme:
    """Cohorts, rosters and timetables of a data set, without a database."""

    def __init__(self, folder: Path = DEMO) -> None:
        def load(name: str) -> dict:
            return json.loads((folder / name).read_text(encoding="utf-8"))

        self.cohorts = {each["code"]: each for each in load("cohorts.json")["cohorts"]}
        courses = {each["code"]: each for each in load("courses.json")["courses"]}
        holidays = {each["date"] for each in load("holidays_2020.json")["holidays"]}
        self.slots = {code: timetable(each, courses, holidays) for code, each in self.cohorts.items() if code in CODES}
        with (folder / "enrolments.csv").open(encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["status"] == "enrolled"]
        self.rows = {code: [row for row in rows if row["cohort_code"] == code] for code in CODES}

    def roster(self, code: str) -> Roster:
        people = tuple(
            Person(n, row["trainee_no"], (row["full_name"], row["full_name_ur"]), (row["email"].lower(),))
            for n, row in enumerate(self.rows[code], 1)
        )
        teacher = self.cohorts[code]["instructor"]
        return Roster(people, (teacher["name"],), (teacher["email"],), {}, frozenset({fold(code)}))


def score(programme: Programme, folder: Path = FILES) -> dict[str, Counter]:
    """Compare every file with its answers: counts per format."""
    table: dict[str, Counter] = defaultdict(Counter)
    for file, rows in answers(folder).items():
        code, counts = rows[0]["cohort"], table[rows[0]["format"]]
        with (folder / file).open("rb") as opened:
            reading = read_file(opened, Path(file).name)
        slots, people = programme.slots[code], programme.roster(code)
        placed = place(reading, slots, KARACHI)
        outcomes = {
            each.day: judge(each, [(reading, placed)], people)
            for each in slots
            if each.id in placed.stays or each.id in placed.marks
        }
        counts["files"] += 1
        counts["wrong sessions"] += len(set(outcomes) ^ {row["session_date"] for row in rows})
        for row in rows:
            if row["session_date"] in outcomes:
                _score_row(counts, row, outcomes[row["session_date"]], people)
    return table


def _score_row(counts: Counter, row: dict[str, str], outcome: Outcome, people: Roster) -> None:
    number = {each.number: each.id for each in people.people}.get(row["trainee_no"])
    label = " ".join(row["label_in_file"].split()), row["email_in_file"].lower()
    same = [each for each in outcome.people if (each.seen.label, each.seen.email) == label]
    same = [each for each in same if each.seen.number in ("", row["trainee_no"])]  # like labels told apart by number
    counts["wrong"] += any(each.verdict.id not in (None, number) for each in same)
    expected = row["expect"]
    if expected == "match":
        counts["match"] += 1
        counts["found"] += number in outcome.of
        if number in outcome.of:
            stay, tolerance = outcome.stay(number), float(row["tolerance_seconds"] or 0)
            counts["union off"] += abs(stay.seconds_union - int(row["seconds_union"])) > tolerance
            off = abs(stay.seconds_in_session - int(row["seconds_in_window"])) > tolerance
            counts["estimate off" if stay.estimated or outcome_guesses(row) else "inside off"] += off
    elif expected in ("review", "ignore"):
        counts[expected] += 1
        counts[f"{expected} missed"] += not any(each.verdict.verdict == expected for each in same)
    elif expected == "absent" and outcome.timed:
        counts["absent"] += 1
        counts["wrong"] += number in outcome.of
    else:
        counts["marks"] += 1
        status = outcome.of[number][0].status if number in outcome.of else "absent"
        counts["marks off"] += status != expected


def outcome_guesses(row: dict[str, str]) -> bool:
    """Tell whether a format gives a first moment and a sum only: what lies inside is then an estimate."""
    return row["format"] in ("meet_extension", "zoom_unique_users")
