"""How fast this machine is now, so that figures of different days and machines can be compared by division.

`python -m bench.calibrate` prints one JSON line. Two measures, each the best of some rounds: a fixed loop of
plain Python, and a fixed page that WeasyPrint draws the naive way. They never change with the product.
"""

import json
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import weasyprint

LOOP = 1_000_000
PAGES = 12
STYLE = """
@page { size: A4 landscape; margin: 15mm }
body { font-family: "DejaVu Serif", serif; text-align: center; border: 2pt solid #345; padding: 10mm }
h1 { font-size: 28pt; margin: 0 0 6mm } .name { font-size: 22pt; border-bottom: 1pt solid #888 }
table { margin: 6mm auto; border-collapse: collapse } td { border: .5pt solid #888; padding: 1.5mm 4mm }
svg { width: 28mm; height: 28mm }
"""


def plain_loop() -> int:
    """Do arithmetic, look-ups and string work for about half a second."""
    total, seen = 7, {}
    for number in range(LOOP):
        total = (total * 33 + number) % 4_294_967_291
        if number % 16 == 0:
            seen[total % 4093] = f"{total:x}"
    return total + len(seen)


def fixed_page(number: int) -> str:
    """Return a page of the weight of a certificate: a heading, a table and a field of squares."""
    rows = "".join(f"<tr><td>Part {part}</td><td>{(number * part) % 50} hours</td></tr>" for part in range(1, 8))
    squares, state = [], 4711 + number
    for place in range(29 * 29):
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
        if state > 1_073_741_824:
            squares.append(f"M{place % 29} {place // 29}h1v1h-1z")
    picture = f'<svg viewBox="0 0 29 29"><path d="{"".join(squares)}"/></svg>'
    body = f'<h1>A fixed page</h1><p class="name">Somebody, number {number}</p><table>{rows}</table>{picture}'
    return f'<!doctype html><html lang="en"><head><style>{STYLE}</style></head><body>{body}</body></html>'


def draw_pages() -> int:
    return sum(len(weasyprint.HTML(string=fixed_page(number)).write_pdf()) for number in range(PAGES))


def best_cpu(work: Callable[[], object], rounds: int) -> float:
    """Return the least processor time that the work took, in seconds."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def measure(rounds: int = 2) -> dict[str, Any]:
    """Measure the machine. Takes about five seconds."""
    weasyprint.HTML(string=fixed_page(0)).write_pdf()  # fonts are found the first time
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "weasyprint": weasyprint.__version__,
        "loop_cpu_s": round(best_cpu(plain_loop, rounds), 4),
        "page_cpu_ms": round(1000 * best_cpu(draw_pages, rounds) / PAGES, 2),
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
