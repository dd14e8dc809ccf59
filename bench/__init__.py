"""The benchmarks behind `bin/bench`.

A benchmark is a module `bench/<name>.py` with a line of documentation and `main(json: dict[str, Any]) -> None`:
it measures on the empty, migrated database it finds, prints a table (`bench.table`) and puts its figures into `json`.
"""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table: words to the left, numbers to the right."""
    body = [list(row) for row in rows]
    columns = [_column(name, cells) for name, cells in zip(head, zip(*body, strict=True), strict=True)] if body else []
    for number, line in enumerate(zip(*columns, strict=True)):
        print("  ".join(line).rstrip())
        if number == 0:
            print("  ".join("-" * len(cell) for cell in line))


def _column(name: str, cells: Sequence[object]) -> list[str]:
    texts = [name, *[_shown(cell) for cell in cells]]
    width = max(map(len, texts))
    is_number = all(isinstance(cell, int | float) for cell in cells)
    return [text.rjust(width) if is_number else text.ljust(width) for text in texts]


def _shown(cell: object) -> str:
    return f"{cell:,.2f}" if isinstance(cell, float) else f"{cell:,}" if isinstance(cell, int) else str(cell)
