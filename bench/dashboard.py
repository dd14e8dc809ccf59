"""The office's pages over 2,000 and over 200,000 trainees (5,000 cohorts, 6 million marks): statements, CPU, growth.

HUNAR_BENCH_TRAINEES sets another large size; a cohort has forty. With `--keep` the filled databases stay.
"""

from typing import Any

from bench import table
from bench.sized import FULL, run_sized

SMALL = 2_000
LIMITS = {"overview": (300, 5.0), "cohort": (100, 2.0), "list": (150, 2.0)}  # milliseconds, growth
STATEMENTS = 15


def main(json: dict[str, Any]) -> None:
    sizes = (SMALL, FULL)
    small, full = (run_sized("bench.pages", size) for size in sizes)
    rows = [_judge(page, small["pages"][page], full["pages"][page]) for page in full["pages"] if page in small["pages"]]
    head = ("page", "statements", f"ms at {sizes[0]:,}", f"ms at {sizes[1]:,}", "web", "database", "growth", "verdict")
    table(head, [tuple(row.values()) for row in rows])
    failed = [row["page"] for row in rows if row["verdict"] != "ok"]
    print(f"{len(rows) - len(failed)} of {len(rows)} pages are within their limits.")
    json["sizes"] = {size: found["filled"] for size, found in zip(sizes, (small, full), strict=True)}
    json["limits"] = {"ms and growth": LIMITS, "statements of the overview": STATEMENTS}
    json["pages"], json["failed"] = rows, failed


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
