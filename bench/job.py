"""One long work in a process of its own, as a worker does it. usage: python -m bench.job SIZE FILE [WORK]

Without a work: all of them, one after the other, while the product's own web server answers a reader.
"""

import http.client
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

from bench.sized import prepare
from tests.servers import free_port

EVERY = 0.25  # seconds between two pages that the reader opens
IDLE = 30  # seconds
PAGES = ("/manage/", "/manage/trainees/", "/manage/cohorts/", "/manage/trainees/?stage=at_risk&province=PB")


def main(size: int, target: Path) -> None:
    prepare(size)
    from django.test import Client  # noqa: PLC0415 - Django is set up first

    from bench.fill import make_office  # noqa: PLC0415

    client = Client()
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")
    cookie = client.cookies["sessionid"].value
    with _web() as port:
        _read(port, cookie, lambda: False, len(PAGES))
        ends = time.monotonic() + IDLE
        idle = _read(port, cookie, lambda: time.monotonic() < ends)
        jobs = {name: _run(name, size, port, cookie) for name in WORKS}
    target.write_text(json.dumps({"idle": idle, "jobs": jobs}), encoding="utf-8")


def _run(name: str, size: int, port: int, cookie: str) -> dict[str, Any]:
    answer = Path(os.environ["HUNAR_DATA"]) / "job.json"
    process = subprocess.Popen([sys.executable, "-m", "bench.job", str(size), str(answer), name])
    pages = _read(port, cookie, lambda: process.poll() is None)
    if process.returncode:
        raise RuntimeError(f"{name} ended with {process.returncode}")
    found = {**json.loads(answer.read_text(encoding="utf-8")), "pages": pages}
    print(f"  {name}: {found['seconds']:.0f} s, {found['peak_mb']} MB, p95 {pages['p95']:.0f} ms", flush=True)
    return found


def _read(port: int, cookie: str, goes_on: Callable[[], bool], least: int = 1) -> dict[str, float]:
    """Open a page each quarter of a second, whether the last one has come or not; return the waits in milliseconds."""
    waits: list[float] = []
    threads = []
    due = time.monotonic()
    while goes_on() or len(threads) < least:
        address = PAGES[len(threads) % len(PAGES)]
        threads.append(threading.Thread(target=_open, args=(port, cookie, address, due, waits)))
        threads[-1].start()
        due += EVERY
        time.sleep(max(0.0, due - time.monotonic()))
    for thread in threads:
        thread.join()
    waits.sort()
    return {"p50": waits[len(waits) // 2], "p95": waits[int(len(waits) * 0.95)], "pages": len(waits)}


def _open(port: int, cookie: str, address: str, due: float, waits: list[float]) -> None:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    client.request("GET", address, headers={"Cookie": f"sessionid={cookie}"})
    answer = client.getresponse()
    answer.read()
    client.close()
    assert answer.status == 200, (address, answer.status)
    waits.append(1000 * (time.monotonic() - due))


@contextmanager
def _web() -> Iterator[int]:
    """Run the product's web server on this database; yield its port."""
    port = free_port()
    command = [sys.executable, "manage.py", "up", "--port", str(port), "--only", "web"]
    environment = {**os.environ, "HUNAR_DIE_WITH_PARENT": "yes", "ALLOWED_HOSTS": "127.0.0.1"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()
                break
            except OSError:
                time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(40)


def _export(kind: str) -> tuple[int, int]:
    from django.utils import timezone  # noqa: PLC0415

    from bench.fill import make_office  # noqa: PLC0415
    from cohorts.models import Enrolment  # noqa: PLC0415
    from portal.export.services import make_export, request_export  # noqa: PLC0415
    from portal.lists.catalogue import LISTS  # noqa: PLC0415

    total = Enrolment.objects.count()
    every_column = "&".join(f"columns={column.key}" for column in LISTS["trainees"].columns)
    asked = {"name": "trainees", "kind": kind, "query": every_column, "total": total, "by": make_office()}
    export = request_export(**asked, at=timezone.now())
    assert make_export(export_id=export.pk, clock=timezone.now)
    export.refresh_from_db()
    export.path.unlink()
    return export.done, export.size


def _check() -> tuple[int, int]:
    from django.utils import timezone  # noqa: PLC0415

    from portal.figures.check import check_figures  # noqa: PLC0415

    check = check_figures(started=timezone.now(), clock=timezone.now)
    assert not check.differences, check.examples[:5]
    return check.enrolments, 0


def _report() -> tuple[int, int]:
    from django.utils import timezone  # noqa: PLC0415

    from cohorts.models import Cohort  # noqa: PLC0415
    from portal.reports.drawing import draw_report  # noqa: PLC0415
    from portal.reports.services import make_report, request_report  # noqa: PLC0415

    report = request_report(cohort=None, by=None, at=timezone.now())
    assert make_report(report_id=report.pk, draw=draw_report, clock=timezone.now)
    report.refresh_from_db()
    report.path.unlink()
    report.sheet_path.unlink()
    return Cohort.objects.count(), report.size


WORKS: dict[str, Callable[[], tuple[int, int]]] = {
    "export CSV": lambda: _export("csv"),
    "export XLSX": lambda: _export("xlsx"),
    "nightly check": _check,
    "report of the programme": _report,
}


def work(name: str, target: Path) -> None:
    django.setup()
    start = time.perf_counter()
    rows, size = WORKS[name]()
    figures = {
        "rows": rows,
        "file_mb": size / 1e6,
        "seconds": time.perf_counter() - start,
        "cpu_s": time.process_time(),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    target.write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[3:]:
        work(sys.argv[3], Path(sys.argv[2]))
    else:
        main(int(sys.argv[1]), Path(sys.argv[2]))
