"""Meeting reports: each format of the demonstration against its answers, and a Zoom file of 50 MB."""

import random
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import table
from cohorts.models import Session
from cohorts.services.meetings import add_file, read_kept
from tests.cohorts.meetings.demonstration import Programme, score
from tests.factories import LATER, START, make_cohort, make_enrolment, make_trainee

ROWS, PEOPLE = 500_000, 30
COLUMNS = ("match", "found", "review", "review missed", "ignore missed", "wrong", "union off", "inside off")
MORE = ("estimate off", "marks", "marks off")


def main(json: dict[str, Any]) -> None:
    scored = score(Programme())
    rows = [(name, counts["files"], *[counts[c] for c in (*COLUMNS, *MORE)]) for name, counts in scored.items()]
    table(("format", "files", *COLUMNS, *MORE), rows)
    json["formats"] = {name: dict(counts) for name, counts in scored.items()}
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        size = _write_large(Path(file.name))
        json["large"] = _read_large(Path(file.name), size)


def _write_large(path: Path) -> int:
    """Write half a million short joins of thirty people, about a hundred bytes a row."""
    chance, names = (
        random.Random(1),
        [f"Trainee Person Number {chr(65 + n % 26)}{chr(97 + n // 26)}" for n in range(PEOPLE)],
    )
    first = START.replace(tzinfo=None) + timedelta(hours=5)
    with path.open("w", encoding="utf-8") as file:
        file.write(
            "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent\r\n"
        )
        for n in range(ROWS):
            name = names[n % PEOPLE]
            start = first + timedelta(seconds=chance.randrange(10_000))
            end = start + timedelta(seconds=chance.randrange(5, 600))
            times = f"{start:%m/%d/%Y %I:%M:%S %p},{end:%m/%d/%Y %I:%M:%S %p}"
            file.write(f"{name},{name.replace(' ', '.').lower()}@example.org,{times},10,Yes,\r\n")
    return path.stat().st_size


def _read_large(path: Path, size: int) -> dict[str, float]:
    cohort = make_cohort("AI-ONL-01", sessions=1, capacity=PEOPLE)
    for n in range(PEOPLE):
        make_enrolment(cohort, make_trainee(full_name=f"Trainee Person Number {chr(65 + n % 26)}{chr(97 + n // 26)}"))
    session = Session.objects.get()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    with path.open("rb") as file:
        kept = time.perf_counter()
        added = add_file(
            session=session, name="large.csv", chunks=iter(lambda: file.read(1 << 20), b""), by=None, at=LATER
        )
        began = time.perf_counter()
    read_kept(file_id=added.file.pk, at=datetime.now(UTC))
    done = time.perf_counter()
    added.file.refresh_from_db()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    people = added.file.people.filter(verdict="match").count()
    rows = [(size / 1e6, added.file.rows_read, people, began - kept, done - began, peak, before)]
    print()
    table(("MB", "rows", "found", "taken in s", "read s", "peak MB", "MB before"), rows)
    return {"mb": size / 1e6, "taken_in_s": began - kept, "read_s": done - began, "peak_mb": peak, "people": people}
