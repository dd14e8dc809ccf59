"""The verification page at 50 requests a second from a real web server (HUNAR_BENCH_SECONDS, 60 unless set)."""

import os
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle, islice
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import table
from certificates.models import Certificate, LookUps
from certificates.services.issue import issue_certificates
from tests.certificates.made import finish, make_closed_cohort
from tests.factories import LATER, make_office
from tests.servers import free_port

CERTIFICATES, RATE = 500, 50


def main(json: dict[str, Any]) -> None:
    seconds = int(os.environ.get("HUNAR_BENCH_SECONDS", "60"))
    codes = _prepare()
    statements = _count_statements(codes[0])
    drawn = sorted(settings.CERTIFICATES_DIR.rglob("*"))
    address = f"http://127.0.0.1:{free_port()}"
    server = _serve(address)
    try:
        times = _drive(address, codes, seconds)
    finally:
        server.terminate()
        server.wait(30)
    counted = sum(LookUps.objects.values_list("count", flat=True)) - len(statements)
    assert sorted(settings.CERTIFICATES_DIR.rglob("*")) == drawn, "a look-up made a file"
    middle, late, worst = (times[int(len(times) * share)] for share in (0.5, 0.95, 0.999))
    table(
        ("verification page", "requests", "p50 ms", "p95 ms", "p99.9 ms", "statements", "counted look-ups"),
        [
            (
                f"{RATE}/s for {seconds} s, {len(codes)} certificates",
                len(times),
                middle,
                late,
                worst,
                "/".join(map(str, statements.values())),
                counted,
            )
        ],
    )
    json["verify"] = {"requests": len(times), "p50_ms": middle, "p95_ms": late, "statements": statements}


def _prepare() -> list[str]:
    names = [f"Person {chr(65 + n // 26)}{chr(97 + n % 26)}" for n in range(CERTIFICATES)]
    cohort = make_closed_cohort(*names)
    issue_certificates(cohort=cohort, by=None, at=LATER)
    finish(cohort)
    return list(Certificate.objects.values_list("code", flat=True))


def _count_statements(code: str) -> dict[str, int]:
    """Return the statements of one look-up by who asks; signed in with and without a language of the browser's own."""
    office, counted = make_office(), {}
    for who, cookies in (("anybody", {}), ("signed in", {}), ("and a language", {"django_language": "ur"})):
        client = Client()
        if who != "anybody":
            client.force_login(office, "django.contrib.auth.backends.ModelBackend")
        client.cookies.load(cookies)
        client.get("/c/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/c/{code}/").status_code == 200
        counted[who] = len(queries)
    return counted


def _serve(address: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "SITE_URL": address, "HUNAR_THROTTLE_VERIFY": "1000000/min"}
    port = address.rsplit(":", 1)[1]
    command = [sys.executable, "manage.py", "up", "--only", "web", "--port", port]
    server = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stderr=subprocess.DEVNULL)
    for _ in range(150):
        try:
            urllib.request.urlopen(address + "/c/", timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return server
    server.terminate()
    raise RuntimeError("the web server did not answer")


def _drive(address: str, codes: list[str], seconds: int) -> list[float]:
    """Ask at a fixed pace, whatever the answers take; return the sorted waits in milliseconds from the due moment."""
    with ThreadPoolExecutor(32) as pool:
        start = time.monotonic()
        asked: list[Future[float]] = []
        for number, code in enumerate(islice(cycle(codes), RATE * seconds)):
            due = start + number / RATE
            time.sleep(max(0.0, due - time.monotonic()))
            asked.append(pool.submit(_ask, f"{address}/c/{code}/", due))
        return sorted(each.result() for each in asked)


def _ask(address: str, due: float) -> float:
    with urllib.request.urlopen(address, timeout=30) as answer:
        if b"This certificate is valid" not in answer.read():
            raise RuntimeError("the page did not say valid")
    return (time.monotonic() - due) * 1000
