"""Run the suite twice, on SQLite and on PostgreSQL with Redis, on private servers of its own.

usage: python -m tests.servers [pytest arguments]

`HUNAR_TEST_PROFILE=sqlite` or `postgres` runs one of the two. Chromium drives the pages once, on SQLite;
on PostgreSQL only the tests marked `smoke` do, unless arguments ask for more.
"""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

BOTH = {"HUNAR_PLAIN_STATIC": "yes"}


def _ports() -> Iterator[int]:
    """Yield the ports of this process: a thousand, below those that the system takes for connections by itself."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")) + 1
    first = 20_000 + 1_000 * (worker % 12)
    for n in itertools.count(os.getpid()):
        yield first + n % 1_000


PORTS = _ports()


def free_port() -> int:
    """Return a port of the loopback address that is free, and that no other process of the run is given."""
    for port in itertools.islice(PORTS, 1_000):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise SystemExit("no port is free")


def find_program(name: str) -> str:
    """Return the path of a server program; PostgreSQL's are outside PATH on Debian."""
    places = [shutil.which(name), *map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True))]
    for place in places:
        if place and Path(place).exists() and "/local/" not in place:
            return place
    raise SystemExit(f"bin/test needs {name}: run bin/setup --test")


@contextlib.contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a private PostgreSQL (as the postgres user when we are root) and yield its address.

    A folder that holds one already is used as it stands.
    """
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    data, port = folder / "data", free_port()
    if not data.exists():
        initdb = [find_program("initdb"), "-D", str(data), "-U", "hunar", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run([*initdb, "--locale", "C.UTF-8"], check=True, stdout=subprocess.DEVNULL, cwd=folder, **identity)
    # Races hold a connection for each of two hundred threads, in more than one process. Statistics that come in
    # the middle of a run would change the plans that tests look at.
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    options += " -c max_connections=800 -c autovacuum=off"
    control = [find_program("pg_ctl"), "-D", str(data), "-w", "-t", "180"]
    start = [*control, "-o", options, "-l", str(folder / "log"), "start"]
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL, cwd=folder, **identity)
    try:
        yield f"postgres://hunar@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], stdout=subprocess.DEVNULL, cwd=folder, **identity)


@contextlib.contextmanager
def redis(folder: Path, port: int = 0) -> Iterator[str]:
    """Run a private Redis and yield its address."""
    port = port or free_port()
    command = [find_program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    # Many databases: each installation that a test starts takes one of its own.
    command += ["--save", "", "--appendonly", "no", "--databases", "4096"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, server)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(20)


def worker_processes(folder: Path) -> list[int]:
    """Return the ids of the Celery processes of an installation, found by its data folder."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            command = Path(f"/proc/{entry}/cmdline").read_bytes()
            environment = Path(f"/proc/{entry}/environ").read_bytes()
        except OSError:
            continue
        if b"\0portal.worker\0" in command and f"HUNAR_DATA={folder}\0".encode() in environment:
            found.append(int(entry))
    return found


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit(f"bin/test could not start {server.args!r}")


def run_pytest(arguments: list[str], environment: dict[str, str]) -> int:
    """Run the suite once in its own process; a run that finds no test counts as passed when arguments narrow it."""
    chosen = any(each.startswith(("-n", "--numprocesses", "--pdb")) for each in arguments)
    parallel = [] if chosen else ["-n", "2", "--dist", "loadgroup"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *parallel, *arguments]
    code = subprocess.run(command, env={**os.environ, **BOTH, **environment}).returncode
    return 0 if code == 5 and arguments else code


def run_sqlite(arguments: list[str]) -> int:
    print("== SQLite, filesystem broker", flush=True)
    return run_pytest(arguments, {"DATABASE_URL": "", "BROKER_URL": ""})


def run_postgres(arguments: list[str]) -> int:
    print("== PostgreSQL, Redis", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="hunar-servers-"))
    folder.chmod(0o755)
    for name in ("postgresql", "redis"):
        (folder / name).mkdir()
    try:
        with postgresql(folder / "postgresql") as database, redis(folder / "redis") as broker:
            once = [] if arguments else ["-m", "not browser or smoke"]
            return run_pytest([*once, *arguments], {"DATABASE_URL": database, "BROKER_URL": broker})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str]) -> int:
    """Run the profiles one after the other; the first failure's code is the answer."""
    # TERM must end the servers too: as an exception it passes every `finally`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    profiles = {"sqlite": run_sqlite, "postgres": run_postgres}
    wanted = os.environ.get("HUNAR_TEST_PROFILE")
    codes = [run(arguments) for name, run in profiles.items() if wanted in (None, "", name)]
    return max(codes, key=bool) if codes else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
