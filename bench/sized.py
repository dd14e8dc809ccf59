"""Databases of a given size, side by side in one data folder or on one server, filled once."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import django

FULL = int(os.environ.get("HUNAR_BENCH_TRAINEES", "200000"))
COHORTS = 50  # at least, however few the trainees


def run_sized(module: str, size: int, *more: str) -> dict[str, Any]:
    """Run `python -m MODULE SIZE FILE [MORE]` on the database of a size and return what it wrote as JSON."""
    folder = Path(os.environ["HUNAR_DATA"]) / str(size)
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "HUNAR_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "portal.settings"}
    if address := os.environ.get("DATABASE_URL"):
        environment["DATABASE_URL"] = _beside(address, f"trainees_{size}")
    answer = folder / "figures.json"
    subprocess.run([sys.executable, "-m", module, str(size), str(answer), *more], env=environment, check=True)
    found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    return found


def prepare(size: int) -> float:
    """Migrate, fill what is empty, add rooms, absences and the rows of seldom lists where they are missing, and bring
    summaries and statistics up to date; return the seconds of filling.
    """
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - Django is set up first

    from bench.absences import write_absences  # noqa: PLC0415
    from bench.fill import SIZE, fill  # noqa: PLC0415
    from bench.rooms import write_rooms  # noqa: PLC0415
    from bench.seldom import add_seldom_rows  # noqa: PLC0415
    from cohorts.models import Room  # noqa: PLC0415
    from courses.models import Programme  # noqa: PLC0415
    from portal.figures.refresh import refresh_figures  # noqa: PLC0415
    from portal.tasks import collect_statistics  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    start = time.perf_counter()
    is_new = not Programme.objects.exists()
    if is_new:
        print(f"filling a database with {size:,} trainees", flush=True)
        fill(trainees=size, cohorts=max(COHORTS, size // SIZE))
    if not Room.objects.exists():
        write_rooms()
        write_absences()
    add_seldom_rows()
    refresh_figures()
    _vacuum()
    collect_statistics()
    return time.perf_counter() - start if is_new else 0.0


def _vacuum() -> None:
    """Do at once what PostgreSQL does by itself in time: without, no index is read alone, and every page goes through
    the notes of stale cohorts that are gone.
    """
    from django.db import connection  # noqa: PLC0415

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _beside(address: str, name: str) -> str:
    """Make a database beside the one of an address, if it is missing, and return its address."""
    import psycopg  # noqa: PLC0415 - only where PostgreSQL is asked for

    with psycopg.connect(address, autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            server.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
    return f"{address.rpartition('/')[0]}/{name}"
