"""The office's pages over 2,000 and over 200,000 trainees (5,000 cohorts, 6 million marks): statements, CPU, growth.

HUNAR_BENCH_TRAINEES sets another large size; a cohort has forty. With `--keep` the filled databases stay.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench import table
from bench.pages import prepare_database

SMALL = 2_000
LIMITS = {"overview": (300, 5.0), "cohort": (100, 2.0), "list": (150, 2.0)}  # milliseconds, growth
STATEMENTS = 15


def main(json: dict[str, Any]) -> None:
    sizes = (SMALL, int(os.environ.get("HUNAR_BENCH_TRAINEES", "200000")))
    small, full = (_measure(size) for size in sizes)
    rows = [_judge(page, small["pages"][page], full["pages"][page]) for page in full["pages"]]
    head = ("page", "statements", f"ms at {sizes[0]:,}", f"ms at {sizes[1]:,}", "web", "database", "growth", "verdict")
    table(head, [tuple(row.values()) for row in rows])
    failed = [row["page"] for row in rows if row["verdict"] != "ok"]
    print(f"{len(rows) - len(failed)} of {len(rows)} pages are within their limits.")
    json["sizes"] = {size: found["filled"] for size, found in zip(sizes, (small, full), strict=True)}
    json["limits"] = {"ms and growth": LIMITS, "statements of the overview": STATEMENTS}
    json["pages"], json["failed"] = rows, failed


def _measure(size: int) -> dict[str, Any]:
    """Run `bench.pages` on a database of its own, beside the others of this data folder or server."""
    folder = Path(os.environ["HUNAR_DATA"]) / str(size)
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "HUNAR_DATA": str(folder)}
    if address := os.environ.get("DATABASE_URL"):
        environment["DATABASE_URL"] = prepare_database(address, f"trainees_{size}")
    answer = folder / "pages.json"
    subprocess.run([sys.executable, "-m", "bench.pages", str(size), str(answer)], env=environment, check=True)
    found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    return found


def _judge(page: str, small: dict[str, Any], full: dict[str, Any]) -> dict[str, Any]:
    limit, growth_limit = LIMITS[full["kind"]]
    growth = full["ms"] / small["ms"]
    faults = [
        *(["slow"] if full["ms"] > limit else []),
        *(["grows"] if growth > growth_limit else []),
        *(["statements"] if full["statements"] != small["statements"] else []),
        *(["statements"] if full["kind"] == "overview" and full["statements"] > STATEMENTS else []),
    ]
    return {
        "page": page,
        "statements": full["statements"],
        "small_ms": small["ms"],
        "full_ms": full["ms"],
        "web_ms": full["web_ms"],
        "database_ms": full["database_ms"],
        "growth": growth,
        "verdict": ", ".join(faults) or "ok",
    }
