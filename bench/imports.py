"""Import of 2,400 applications, 56 cohorts and a roster of 2,140."""

import contextlib
import io
import resource
import time
from pathlib import Path
from typing import Any

from django.core.management import call_command

from bench import table

DEMO = Path(__file__).parent.parent / "demo"


def main(json: dict[str, Any]) -> None:
    acts = [
        ("courses, 10", ["import_courses", str(DEMO / "courses.json")]),
        ("cohorts, 56", ["import_cohorts", str(DEMO / "cohorts.json"), "--holidays", str(DEMO / "holidays_2020.json")]),
        ("applications, 2,400", ["import_applicants", str(DEMO / "applicants.csv")]),
        ("applications again", ["import_applicants", str(DEMO / "applicants.csv")]),
        ("roster, 2,140", ["import_enrolments", str(DEMO / "enrolments.csv")]),
    ]
    rows = []
    for name, command in acts:
        cpu, wall = time.process_time(), time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            call_command(*command)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        rows.append((name, time.process_time() - cpu, time.perf_counter() - wall, peak))
    table(("import", "CPU s", "wall s", "peak MB"), rows)
    json["imports"] = {name: {"cpu_s": cpu, "wall_s": wall, "peak_mb": peak} for name, cpu, wall, peak in rows}
