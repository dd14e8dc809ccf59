"""The office's pages over 2,000 and over 200,000 trainees (5,000 cohorts, 6 million marks): statements, CPU, growth.

Growth compares pages of as many rows. HUNAR_BENCH_TRAINEES sets another large size; a cohort has forty. With `--keep`
the filled databases stay.
"""

from json import dumps
from typing import Any

from bench import table
from bench.sized import FULL, run_sized

SMALL = 2_000
LIMITS = {"overview": (300, 5.0), "cohort": (100, 2.0), "list": (150, 2.0)}  # milliseconds, growth
STATEMENTS = 15


def main(json: dict[str, Any]) -> None:
    small = run_sized("bench.pages", SMALL)
    rows_of_small = {page: figures["rows"] for page, figures in small["pages"].items()}
    full = run_sized("bench.pages", FULL, dumps(rows_of_small))
    both = [page for page in full["pages"] if page in small["pages"]]
    rows = [_judge(page, small["pages"][page], full["pages"][page]) for page in both]
    times = (f"ms at {SMALL:,}", f"ms at {FULL:,}", "web", "database", "growth")
    table(("page", "statements", "rows", *times, "verdict"), [tuple(row.values()) for row in rows])
    failed = [row["page"] for row in rows if row["verdict"] != "ok"]
    print(f"{len(rows) - len(failed)} of {len(rows)} pages are within their limits.")
    json["sizes"] = {SMALL: small["filled"], FULL: full["filled"]}
    json["limits"] = {"ms and growth": LIMITS, "statements of the overview": STATEMENTS}
    json["pages"], json["failed"] = rows, failed


def _judge(page: str, small: dict[str, Any], full: dict[str, Any]) -> dict[str, Any]:
    limit, growth_limit = LIMITS[full["kind"]]
    growth = full.get("ms_of_equal_rows", full["ms"]) / small["ms"]
    is_empty = full["rows"] and not small["rows"]  # a page without rows asks nothing about them
    more = full["statements"] > small["statements"] and not is_empty
    faults = [
        *(["slow"] if full["ms"] > limit else []),
        *(["grows"] if growth > growth_limit else []),
        *(["statements"] if more or (full["kind"] == "overview" and full["statements"] > STATEMENTS) else []),
    ]
    return {
        "page": page,
        "statements": full["statements"],
        "rows": full["rows"],
        "small_ms": small["ms"],
        "full_ms": full["ms"],
        "web_ms": full["web_ms"],
        "database_ms": full["database_ms"],
        "growth": growth,
        "verdict": ", ".join(faults) or "ok",
    }
