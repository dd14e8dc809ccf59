"""Long work over 200,000 trainees in the background: seconds, memory, and what the pages feel of it."""

from typing import Any

from bench import table
from bench.sized import FULL, run_sized

MEMORY, TIMES = 200, 2.0  # MB of an export; p95 of the pages against their idle value


def main(json: dict[str, Any]) -> None:
    found = run_sized("bench.job", FULL)
    jobs = found["jobs"]
    head = ("work", "rows", "seconds", "CPU s", "peak MB", "file MB", "pages p50 ms", "pages p95 ms", "against idle")
    idle = ("nothing", 0, 0.0, 0.0, 0, 0.0, found["idle"]["p50"], found["idle"]["p95"], 1.0)
    table(head, [idle, *(_row(name, job, found["idle"]) for name, job in jobs.items())])
    exports = {name: job for name, job in jobs.items() if name.startswith("export")}
    failed = [
        name
        for name, job in exports.items()
        if job["peak_mb"] > MEMORY or job["pages"]["p95"] > TIMES * found["idle"]["p95"]
    ]
    print(f"{len(exports) - len(failed)} of {len(exports)} exports are within their limits.")
    json |= {"trainees": FULL, "limits": {"export_peak_mb": MEMORY, "pages_p95_times": TIMES}, **found}
    json["failed"] = failed


def _row(name: str, job: dict[str, Any], idle: dict[str, float]) -> tuple[object, ...]:
    pages = job["pages"]
    figures = (job["rows"], job["seconds"], job["cpu_s"], job["peak_mb"], job["file_mb"])
    return (name, *figures, pages["p50"], pages["p95"], pages["p95"] / idle["p95"])
