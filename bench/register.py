"""Saving registers of fifty: 2,000 marks in 40 sessions."""

import time
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import table
from cohorts.services.attendance import Mark, mark_attendance
from tests.factories import LATER, make_cohort, make_enrolment


def main(json: dict[str, Any]) -> None:
    cohort = make_cohort(sessions=40, capacity=60)
    people = [make_enrolment(cohort).pk for _ in range(50)]
    sessions = list(cohort.sessions.order_by("number"))
    cpu, wall = time.process_time(), time.perf_counter()
    for session in sessions[:-1]:
        marks = [Mark(pk, "present") for pk in people]
        mark_attendance(session=session, marks=marks, version=0, by=None, at=LATER)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    with CaptureQueriesContext(connection) as queries:
        marks = [Mark(pk, "late") for pk in people]
        mark_attendance(session=sessions[-1], marks=marks, version=0, by=None, at=LATER)
    count = 39 * 50
    table(
        ("registers of 50", "CPU s", "wall s", "CPU ms a mark", "statements a save"),
        [("1,950 marks", cpu, wall, 1000 * cpu / count, len(queries))],
    )
    json["register"] = {"cpu_s": cpu, "wall_s": wall, "cpu_ms_per_mark": 1000 * cpu / count, "statements": len(queries)}
