"""Registration over HTTP by 8 clients: rate, CPU of web and database, and the share of the password hash."""

import http.client
import json as codec
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import table
from cohorts.models import Cohort
from tests.factories import make_cohort, make_registered, make_registration
from tests.servers import free_port

CLIENTS = 8
COUNT = 240
TICK = os.sysconf("SC_CLK_TCK")


def main(json: dict[str, Any]) -> None:
    cohort = make_cohort(capacity=500)
    statements = _count_statements(cohort)
    database = _database_process()
    hashing = _hash_cpu()
    with _server() as (process, port):
        _post_all(cohort, port, 16)  # the first requests load modules and templates
        before = _cpu(process), _cpu(database)
        started = time.perf_counter()
        answers = _post_all(cohort, port, COUNT)
        seconds = time.perf_counter() - started
        web = (_cpu(process) - before[0]) * 1000 / COUNT
        data = (_cpu(database) - before[1]) * 1000 / COUNT
    times = sorted(answers)
    figures = {
        "per_second": COUNT / seconds,
        "p50_ms": times[COUNT // 2],
        "p99_ms": times[COUNT * 99 // 100],
        "web_cpu_ms": web,
        "hash_ms": hashing,
        "web_beside_hash_ms": web - hashing,
        "database_cpu_ms": data,
        "statements": statements,
    }
    table(("registration by HTTP", f"{CLIENTS} clients"), list(figures.items()))
    json["registration"] = figures


def _count_statements(cohort: Cohort) -> int:
    make_registered(cohort)
    with CaptureQueriesContext(connection) as queries:
        make_registered(cohort)
    return sum(not each["sql"].startswith(("BEGIN", "COMMIT")) for each in queries)


def _hash_cpu() -> float:
    started = time.process_time()
    for _ in range(10):
        make_password("three-unrelated-words")
    return 1000 * (time.process_time() - started) / 10


@contextmanager
def _server() -> Iterator[tuple[int, int]]:
    """Run the product's own web server on the benchmark's database; yield its process and port."""
    port = free_port()
    command = [sys.executable, "manage.py", "up", "--port", str(port), "--only", "web"]
    environment = {
        **os.environ,
        "HUNAR_THROTTLE_REGISTER_PAGE": "1000000/hour",
        "HUNAR_THROTTLE_REGISTER": "1000000/hour",
        "HUNAR_DIE_WITH_PARENT": "yes",
    }
    environment["ALLOWED_HOSTS"] = "127.0.0.1"
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                _get(port, "/accounts/login/")
                break
            except OSError:
                time.sleep(0.2)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(40)


def _get(port: int, path: str) -> None:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    client.request("GET", path)
    client.getresponse().read()
    client.close()


def _post_all(cohort: Cohort, port: int, count: int) -> list[float]:
    """Post `count` new people from all clients at once; return each answer's time in milliseconds."""
    bodies = [codec.dumps({**make_registration(), "consent": True, "cohort": cohort.code}) for _ in range(count)]
    taken: list[float] = []
    threads = [threading.Thread(target=_post, args=(port, bodies[n::CLIENTS], taken)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == count, f"{count - len(taken)} of {count} were not answered 201"
    return taken


def _post(port: int, bodies: list[str], taken: list[float]) -> None:
    for body in bodies:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        started = time.perf_counter()
        client.request("POST", "/api/v1/registrations/", body, {"Content-Type": "application/json"})
        answer = client.getresponse()
        text = answer.read()
        assert answer.status == 201, text
        taken.append(1000 * (time.perf_counter() - started))
        client.close()


def _database_process() -> int | None:
    """Return the process of the PostgreSQL server; SQLite works inside the web process."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    return _stat(backend)[0]


def _cpu(process: int | None) -> float:
    """Return the seconds of CPU that a process, its children and those it has buried have used."""
    if process is None:
        return 0.0
    stats = {int(path.name): _stat(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdecimal()}
    family, grown = {process}, True
    while grown:
        found = {pid for pid, (parent, _ticks) in stats.items() if parent in family} - family
        family, grown = family | found, bool(found)
    return sum(stats[pid][1] for pid in family if pid in stats) / TICK


def _stat(pid: int) -> tuple[int, int]:
    """Return parent and clock ticks of a process; one that has just ended counts nothing."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0
    return int(fields[1]), sum(int(each) for each in fields[11:15])
