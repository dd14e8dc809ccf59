"""The pages of `bench.addresses`, measured on one database. usage: python -m bench.pages SIZE FILE [ROWS]

Web is the CPU of this process (middleware, view, template); on PostgreSQL the server's CPU comes on top, that of
parallel workers included. The least of some rounds counts: whatever else the machine does can only add to it.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.sized import prepare

ROUNDS = 7
TICK = os.sysconf("SC_CLK_TCK")


def main(size: int, target: Path, rows_before: dict[str, int]) -> None:
    """Measure; of a page with more rows than it had before, also one of as many rows as then, to compare the two."""
    filled = prepare(size)
    from bench.addresses import list_pages  # noqa: PLC0415 - models load after the set-up
    from portal.lists import views  # noqa: PLC0415

    found, usual = {}, views.PAGE
    for reader, kind, title, address in list_pages():
        figures = found[title] = {"kind": kind, **_measure(reader, address)}
        if 0 < rows_before.get(title, 0) < figures["rows"]:
            views.PAGE = rows_before[title]
            figures["ms_of_equal_rows"] = _measure(reader, address)["ms"]
            views.PAGE = usual
    target.write_text(json.dumps({"filled": filled, "pages": found}), encoding="utf-8")


def _measure(client: Client, address: str) -> dict[str, Any]:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
        statements = len(queries)
    assert answer.status_code == 200, (address, answer.status_code)
    rounds = [_cost(client, address) for _ in range(ROUNDS)]
    web, database = min(rounds, key=sum)
    rows = answer.content.count(b'role="rowheader"')
    figures = {"statements": statements, "ms": web + database, "web_ms": web, "database_ms": database, "rows": rows}
    print(f"  {web + database:8.1f} ms {statements:3} {rows:3} {address}", flush=True)
    return {**figures, "kb": len(answer.content) // 1024, "address": address}


def _cost(client: Client, address: str) -> tuple[float, float]:
    """Return the milliseconds of CPU of this process and of the database server."""
    web, database = time.process_time(), _server_seconds()
    client.get(address)
    return 1000 * (time.process_time() - web), 1000 * (_server_seconds() - database)


def _server_seconds() -> float:
    """Return the CPU of this connection's backend, and of the children its server has buried: parallel workers."""
    if connection.vendor == "sqlite":
        return 0.0
    connection.ensure_connection()
    backend: int = connection.connection.info.backend_pid
    parent = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
    buried = Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[13:15]
    clock = (~backend << 3) | 2  # what clock_getcpuclockid(3) returns for another process
    return time.clock_gettime(clock) + sum(map(int, buried)) / TICK


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]) if sys.argv[3:] else {})
