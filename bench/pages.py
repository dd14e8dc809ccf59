"""Every list of the office, the overview and a cohort, measured on one database. usage: python -m bench.pages SIZE FILE

Web is the CPU of this process (middleware, view, template); on PostgreSQL the server's CPU comes on top, that of
parallel workers included. The least of some rounds counts: whatever else the machine does can only add to it.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from bench.sized import prepare

ROUNDS = 7
TICK = os.sysconf("SC_CLK_TCK")
T, C, A, P, M = "manage/trainees", "manage/cohorts", "manage/applications", "manage/certificates", "manage/messages"
AHMAD, NOBODY, NUMBER = {"search": "Ahmad Noor"}, {"search": "Zulfiqar Qazalbash"}, {"search": "BN-20-000777"}
LISTS: dict[str, tuple[dict[str, str], ...]] = {
    T: (
        {},
        AHMAD,
        NOBODY,
        NUMBER,
        {"search": "احمد نور"},
        {"stage": "at_risk", "province": "PB"},
        {"stage": "attending"},
        {"stage": "placed", "gender": "F", "category": "graduate"},
        {"stage": "waiting"},
        {"status": "enrolled", "standing": "at_risk"},
        {"course": "AI", "city": "LHE"},
        {"cohort": "COHORT"},
        {"order": "name"},
        {"order": "-missed"},
        {"order": "cohort"},
        {"stage": "at_risk", "province": "PB", "order": "name"},
        {"stage": "completed", "search": "Fatima"},
    ),
    C: ({}, {"search": "AI-LHE"}, {"search": "Course"}, {"state": "running"}, {"course": "DS"}, {"over": "true"}),
    A: (
        {},
        AHMAD,
        NOBODY,
        {"search": "t777@"},
        {"stage": "applied"},
        {"stage": "in_review"},
        {"stage": "accepted", "city": "LHE", "gender": "F"},
        {"course": "AI", "province": "GB"},
    ),
    P: (
        {},
        AHMAD,
        NOBODY,
        {"search": "0000000000000077"},  # of databases of any size
        {"state": "issued", "placed": "true"},
        {"course": "AI", "city": "LHE", "gender": "F"},
        {"province": "GB"},
        {"cohort": "CLOSED"},
    ),
    M: ({}, {"state": "failed"}, {"kind": "enrolled"}, {"about": "COHORT"}, {"search": "t777@"}, {"search": "Fatima"}),
}
PAGED = {T, C, A, P, M}


def pages(client: Client, running: str, closed: str, trainee: str) -> Iterator[tuple[str, str, str]]:
    """Yield kind, title and address of each page to measure."""
    yield "overview", "overview", "/manage/"
    for filters in ({"city": "LHE", "gender": "F"}, {"course": "AI"}, {"province": "PB", "category": "graduate"}):
        yield "overview", f"overview {urlencode(filters)}", f"/manage/?{urlencode(filters)}"
    yield "cohort", "cohort, running", f"/manage/cohorts/{running}/"
    yield "cohort", "cohort, closed", f"/manage/cohorts/{closed}/"
    yield "list", "trainee", f"/manage/trainees/{trainee}/"
    yield "list", "cohort timetable", f"/manage/cohorts/{running}/timetable/"
    for name, choices in LISTS.items():
        for filters in choices:
            chosen = {key: {"COHORT": running, "CLOSED": closed}.get(value, value) for key, value in filters.items()}
            query = urlencode(chosen)
            title = f"{name.removeprefix('manage/')} {' '.join(f'{k}={v}' for k, v in filters.items())}".strip()
            yield "list", title, f"/{name}/?{query}"
            if name in PAGED and not filters:
                yield "list", f"{title} last page", f"/{name}/?page=last"
    listed = {f"/{name}/" for name in LISTS} | {"/manage/"}
    for address in _plain_addresses():
        if address not in listed and _is_page(client, address):
            yield "list", address.removeprefix("/manage/").strip("/"), address


def _plain_addresses(patterns: Any = None, start: str = "/") -> Iterator[str]:
    """Yield every address of the office and of the instructors that names nothing in particular."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        route = start + str(each.pattern)
        if hasattr(each, "url_patterns"):
            yield from _plain_addresses(each.url_patterns, route)
        elif route.startswith(("/manage/", "/teach/")) and "<" not in route:
            yield route


def _is_page(client: Client, address: str) -> bool:
    """Tell whether an address is a page to open: an act answers otherwise."""
    answer = client.get(address)
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/html")


def main(size: int, target: Path) -> None:
    filled = prepare(size)
    from bench.fill import make_office  # noqa: PLC0415 - models load after the set-up
    from cohorts.models import Cohort  # noqa: PLC0415
    from trainees.models import Trainee  # noqa: PLC0415

    client = Client()
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")
    newest = Cohort.objects.order_by("-id")
    running, closed = (newest.filter(state=state).values_list("code", flat=True)[0] for state in ("running", "closed"))
    trainee = Trainee.objects.filter(enrolments__cohort__code=closed).values_list("number", flat=True)[0]
    found = {
        title: {"kind": kind, **_measure(client, address)}
        for kind, title, address in pages(client, running, closed, trainee)
    }
    target.write_text(json.dumps({"filled": filled, "pages": found}), encoding="utf-8")


def _measure(client: Client, address: str) -> dict[str, Any]:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
        statements = len(queries)
    assert answer.status_code == 200, (address, answer.status_code)
    rounds = [_cost(client, address) for _ in range(ROUNDS)]
    web, database = min(rounds, key=sum)
    figures = {"statements": statements, "ms": web + database, "web_ms": web, "database_ms": database}
    print(f"  {web + database:8.1f} ms {statements:3} {address}", flush=True)
    return {**figures, "kb": len(answer.content) // 1024, "address": address}


def _cost(client: Client, address: str) -> tuple[float, float]:
    """Return the milliseconds of CPU of this process and of the database server."""
    web, database = time.process_time(), _server_seconds()
    client.get(address)
    return 1000 * (time.process_time() - web), 1000 * (_server_seconds() - database)


def _server_seconds() -> float:
    """Return the CPU of this connection's backend, and of the children its server has buried: parallel workers."""
    if connection.vendor == "sqlite":
        return 0.0
    connection.ensure_connection()
    backend: int = connection.connection.info.backend_pid
    parent = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
    buried = Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[13:15]
    clock = (~backend << 3) | 2  # what clock_getcpuclockid(3) returns for another process
    return time.clock_gettime(clock) + sum(map(int, buried)) / TICK


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
