"""A batch by the real worker, two processes: wall, CPU, memory (HUNAR_BENCH_COUNT certificates, 2,000 unless set)."""

import csv
import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from bench import table
from certificates.models import Batch, Certificate, Signatory
from certificates.services.issue import issue_certificates
from cohorts.models import Cohort
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
from portal.demonstration import SIGNATURES
from tests.factories import LATER, make_cohort, make_enrolment, make_trainee
from tests.servers import worker_processes
from trainees.models import Message

PATIENCE = 900  # seconds
TICK = os.sysconf("SC_CLK_TCK")
MEMORY = ("Rss", "Pss", "Private_Clean", "Private_Dirty")


def main(json: dict[str, Any]) -> None:
    count = int(os.environ.get("HUNAR_BENCH_COUNT", "2000"))
    cohort = make_graduates(count)
    command = [sys.executable, "manage.py", "up", "--only", "worker", "beat"]
    worker = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=sys.stderr)
    try:
        _until(lambda: len(worker_processes(settings.DATA_DIR)) >= 3, 60)
        time.sleep(5)  # the pool prepares itself
        figures = _measure(cohort, count)
    finally:
        worker.terminate()
        worker.wait(60)
    json["batch"] = figures


def make_graduates(count: int) -> Cohort:
    """A closed cohort of people with the names of the demonstration, Urdu among them, and two who sign."""
    cohort = make_cohort("AI-ONL-01", sessions=1, capacity=count)
    with (settings.BASE_DIR / "demo" / "enrolments.csv").open(encoding="utf-8") as file:
        for row in islice(cycle(list(csv.DictReader(file))), count):
            make_enrolment(cohort, make_trainee(full_name=row["full_name"], full_name_ur=row["full_name_ur"]))
    for position, drawn in enumerate(SIGNATURES, start=1):
        Signatory.objects.create(name="Amna Rauf", title="Director", position=position, signature=drawn)
    marks = [Mark(pk, "present") for pk in cohort.enrolments.values_list("pk", flat=True)]
    mark_attendance(session=cohort.sessions.get(), marks=marks, version=None, by=None, at=LATER)
    close_cohort(cohort=cohort, by=None, at=LATER)
    cohort.refresh_from_db()
    return cohort


def _measure(cohort: Cohort, count: int) -> dict[str, Any]:
    """Issue, and look at the processes while the worker draws and mails."""
    issued, sent = Certificate.objects.filter(state="issued"), Message.objects.filter(state="sent")
    start, worker, servers = time.perf_counter(), _cpu(_worker()), _cpu(_servers())
    issue_certificates(cohort=cohort, by=None, at=LATER)
    held: dict[int, list[dict[str, int]]] = {}
    for wanted in (1, 500, 2000, count):
        if wanted <= count and wanted not in held:
            _until(lambda wanted=wanted: issued.count() >= wanted, PATIENCE)  # type: ignore[misc]
            held[wanted] = [_memory(pid) for pid in _pool()]
    drawn = time.perf_counter() - start
    _until(lambda: sent.count() == count, PATIENCE)
    mailed = time.perf_counter() - start
    each = 1000 * (_cpu(_worker()) - worker) / count
    beside = 1000 * (_cpu(_servers()) - servers) / count
    head = ("certificates", "wall s drawn", "wall s mailed", "worker CPU ms each", "servers CPU ms each", "kB each")
    size = sum(issued.values_list("size", flat=True)) / count / 1000
    table(head, [(count, drawn, mailed, each, beside, size)])
    rows = [(n, *[value / 1000 for of in each for value in of.values()]) for n, each in held.items()]
    table(("memory MB after", *[f"{kind} {n}" for n in (1, 2) for kind in ("RSS", "PSS", "own")]), rows)
    assert Batch.objects.get().total == count
    figures = {"count": count, "wall_s": drawn, "mailed_s": mailed, "cpu_ms": each, "servers_cpu_ms": beside}
    return figures | {"memory_kb": held, "database": connection.vendor, "kilobytes": size}


def _until(reached: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > end:
            raise RuntimeError("the worker did not get there")
        time.sleep(0.1)


def _worker() -> list[int]:
    return worker_processes(settings.DATA_DIR)


def _pool() -> list[int]:
    """Return the processes that draw: children of the worker's first one."""
    everybody = _worker()
    return [pid for pid in everybody if int(_stat(pid)[1]) in everybody]


def _servers() -> list[int]:
    """Return PostgreSQL and Redis by their folders, which lie beside the data folder; none on SQLite."""
    beside = Path(settings.DATA_DIR).parent
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                folder = Path(os.readlink(entry / "cwd"))
            except OSError:
                continue
            if folder in ((beside / "postgresql" / "data"), (beside / "redis")):
                found.append(int(entry.name))
    return found


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def _cpu(pids: list[int]) -> float:
    """Return the seconds that processes have used, those of their ended children too."""
    return sum(sum(map(int, _stat(pid)[11:15])) for pid in pids) / TICK


def _memory(pid: int) -> dict[str, int]:
    """Return what a process holds in kB: with what it shares, with its part of that, and alone."""
    held = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    size = {kind: int(held[kind].split()[0]) for kind in MEMORY}
    return {"rss": size["Rss"], "pss": size["Pss"], "own": size["Private_Clean"] + size["Private_Dirty"]}
