"""Saving registers of fifty, and how much a whole register saves against one request per person."""

import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import table
from cohorts.models import Session
from cohorts.services.attendance import Mark, mark_attendance
from tests.factories import LATER, make_cohort, make_enrolment, make_instructor

REGISTER = 40


def main(json: dict[str, Any]) -> None:
    cohort = make_cohort(sessions=40, capacity=60)
    people = [make_enrolment(cohort).pk for _ in range(50)]
    sessions = list(cohort.sessions.order_by("number"))
    cpu, wall = time.process_time(), time.perf_counter()
    for session in sessions[:-3]:
        _save(session, people, "present")
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    with CaptureQueriesContext(connection) as queries:
        _save(sessions[-3], people, "late")
    count = len(sessions[:-3]) * 50
    rows = [(f"{count:,} marks", cpu, wall, 1000 * cpu / count, len(queries))]
    table(("registers of 50", "CPU s", "wall s", "CPU ms a mark", "statements a save, with BEGIN and COMMIT"), rows)
    json["register"] = {"cpu_s": cpu, "wall_s": wall, "cpu_ms_per_mark": 1000 * cpu / count, "statements": len(queries)}
    json["register"] |= _compare(cohort, sessions[-2:], people[:REGISTER])


def _save(session: Session, people: list[int], status: str) -> None:
    marks = [Mark(pk, status) for pk in people]
    mark_attendance(session=session, marks=marks, version=None, by=None, at=LATER)


def _compare(cohort: Any, sessions: list[Session], people: list[int]) -> dict[str, float]:
    """Send the marks of a class by the API, at once and one request each."""
    client = Client()
    client.force_login(make_instructor(cohort), backend="django.contrib.auth.backends.ModelBackend")

    def put(session: Session, part: list[int]) -> None:
        marks = [{"enrolment": pk, "status": "present"} for pk in part]
        address = f"/api/v1/sessions/{session.pk}/attendance/"
        answer = client.put(address, {"marks": marks}, content_type="application/json")
        assert answer.status_code == 200, answer.content

    client.get(f"/api/v1/sessions/{sessions[0].pk}/attendance/")  # loads what the first request of a process loads
    whole = _time(lambda: put(sessions[0], people)) / len(people)
    single = _time(lambda: [put(sessions[1], [pk]) for pk in people]) / len(people)
    rows = [("one request for all", whole), ("one request each", single), ("times faster", single / whole)]
    table((f"{len(people)} marks by the API", "ms a mark"), rows)
    return {"ms_per_mark_whole": whole, "ms_per_mark_single": single, "times_faster": single / whole}


def _time(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - start)
