"""Run the benchmarks, each in a process and a data folder of its own, between two calibrations.

usage: bin/bench [name ...] [--postgres] [--keep DIR] [--json FILE]
"""

import argparse
import ast
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import calibrate, table
from tests.servers import postgresql, redis

FOLDER = Path(__file__).parent
NO_BENCHMARK = {
    *("__init__", "__main__", "absences", "addresses", "calibrate", "fill", "job", "marks", "one", "pages", "rooms"),
    *("seldom", "sized"),
}


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in NO_BENCHMARK)


def describe(name: str) -> str:
    text = ast.get_docstring(ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8")))
    return (text or "").split("\n")[0]


@contextlib.contextmanager
def surroundings(with_servers: bool, keep: Path | None) -> Iterator[dict[str, str]]:
    """Yield an environment on private servers or on none: a benchmark never touches data that stands.

    What `keep` names is a folder of the benchmarks' own, used again by the next run.
    """
    clean = {name: text for name, text in os.environ.items() if name not in ("DATABASE_URL", "BROKER_URL")}
    clean |= {"LOG_LEVEL": "ERROR", "SITE_URL": "http://testserver", "HUNAR_PLAIN_STATIC": "yes"}
    with contextlib.ExitStack() as stack:
        folder = _folder(stack, keep / ("postgres" if with_servers else "sqlite") if keep else None)
        folder.chmod(0o755)
        places = {name: folder / name for name in ("data", "postgresql", "redis")}
        for place in places.values():
            place.mkdir(exist_ok=True)
        clean["HUNAR_DATA"] = str(places["data"])
        if with_servers:
            clean["DATABASE_URL"] = stack.enter_context(postgresql(places["postgresql"]))
            clean["BROKER_URL"] = stack.enter_context(redis(places["redis"]))
        yield clean


def _folder(stack: contextlib.ExitStack, kept: Path | None) -> Path:
    if kept is None:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hunar-bench-")))
    kept.mkdir(parents=True, exist_ok=True)
    return kept


def run(name: str, with_servers: bool, keep: Path | None) -> dict[str, Any]:
    """Run one benchmark and return its figures beside the machine's."""
    print(f"\n== {name}: {describe(name)}  [{'PostgreSQL, Redis' if with_servers else 'SQLite'}]", flush=True)
    before = calibrate.measure()
    with surroundings(with_servers, keep) as environment, tempfile.NamedTemporaryFile(suffix=".json") as answer:
        done = subprocess.run([sys.executable, "-m", "bench.one", name, answer.name], env=environment)
        text = Path(answer.name).read_text(encoding="utf-8")
    after = calibrate.measure()
    print_calibration(before, after)
    figures = json.loads(text) if text else {}
    return {"figures": figures, "before": before, "after": after, "failed": done.returncode != 0}


def print_calibration(before: dict[str, Any], after: dict[str, Any]) -> None:
    print()
    rows = [(key, before[key], after[key]) for key in ("loop_cpu_s", "page_cpu_ms")]
    table(("calibration", "before", "after"), rows)
    if any(abs(late / early - 1) > 0.15 for _key, early, late in rows):
        print("The machine changed by more than 15 % meanwhile: run again before you believe a figure.")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measure. Without a name: everything.")
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(names()) or "none yet")
    parser.add_argument("--postgres", action="store_true", help="on a private PostgreSQL and Redis")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep filled databases there for the next run")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there as well")
    options = parser.parse_args()
    if unknown := set(options.names) - set(names()):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(names())}")
    results = {name: run(name, options.postgres, options.keep) for name in options.names or names()}
    if options.json:
        options.json.write_text(json.dumps(results, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
    return int(any(result["failed"] for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
