"""The office's pages over 200,000 trainees, 5,000 cohorts and 6 million marks: statements and CPU.

HUNAR_BENCH_TRAINEES sets another size; a cohort has forty.
"""

import os
import time
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import table
from bench.fill import SIZE, fill, make_office
from cohorts.models import Cohort

ROUNDS = 7


def main(json: dict[str, Any]) -> None:
    trainees = int(os.environ.get("HUNAR_BENCH_TRAINEES", "200000"))
    start = time.perf_counter()
    fill(trainees=trainees, cohorts=max(4, trainees // SIZE))
    filled = time.perf_counter() - start
    print(f"filled with {trainees:,} trainees in {filled:.0f} s")
    client = Client()
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")
    rows = [_measure(client, page) for page in _pages()]
    table(("page", "statements", "CPU ms median", "kB"), rows)
    json["trainees"], json["filled_s"] = trainees, filled
    json["pages"] = {page: {"statements": n, "cpu_ms": cpu, "kb": kb} for page, n, cpu, kb in rows}


def _pages() -> tuple[str, ...]:
    running = Cohort.objects.filter(state="running").order_by("-id").first()
    assert running is not None
    return (
        "/manage/",
        "/manage/?city=LHE&gender=F",
        f"/manage/cohorts/{running.code}/",
        "/manage/cohorts/",
        "/manage/trainees/",
        "/manage/trainees/?search=Ahmad+Noor",
        "/manage/trainees/?stage=at_risk&province=PB",
        "/manage/applications/",
        "/manage/certificates/",
    )


def _measure(client: Client, page: str) -> tuple[str, int, float, int]:
    client.get(page)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(page)
    statements = len(queries)  # before the next request forgets them
    assert answer.status_code == 200, page
    figures = []
    for _ in range(ROUNDS):
        start = time.process_time()
        client.get(page)
        figures.append(1000 * (time.process_time() - start))
    return page, statements, sorted(figures)[ROUNDS // 2], len(answer.content) // 1024
