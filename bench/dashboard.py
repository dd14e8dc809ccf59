"""Pages of the programme office over the demonstration of 2,000 places: statements and CPU."""

import time
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import table
from portal.demonstration import Demonstration
from trainees.models import User

PAGES = (
    "/",
    "/manage/",
    "/manage/cohorts/",
    "/manage/cohorts/DS-ONL-03/",
    "/manage/trainees/",
    "/manage/applications/",
)


def main(json: dict[str, Any]) -> None:
    start = time.process_time()
    Demonstration(lambda step, share: None, timezone.now()).load()
    print(f"demonstration loaded in {time.process_time() - start:.1f} s CPU")
    client = Client()
    client.force_login(
        User.objects.get(email="office@example.org"), backend="django.contrib.auth.backends.ModelBackend"
    )
    rows = []
    for page in PAGES:
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(page)
        figures = []
        for _ in range(7):
            start = time.process_time()
            client.get(page)
            figures.append(1000 * (time.process_time() - start))
        rows.append((page, len(queries), sorted(figures)[3], len(answer.content) // 1024))
    table(("page", "statements", "CPU ms median", "kB"), rows)
    json["dashboard"] = {page: {"statements": n, "cpu_ms": cpu, "kb": kb} for page, n, cpu, kb in rows}
