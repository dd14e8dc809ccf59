"""Run the suite twice, on SQLite and on PostgreSQL with Redis, on private servers of its own.

usage: python -m tests.servers [pytest arguments]

`HUNAR_TEST_PROFILE=sqlite` or `postgres` runs one of the two. Chromium drives the pages once, on SQLite;
on PostgreSQL only the tests marked `smoke` do, unless arguments ask for more.
"""

import contextlib
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


def free_port() -> int:
    """Return a port of the loopback address that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=300"
    control = [find_program("pg_ctl"), "-D", str(data), "-w", "-t", "60"]
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
    for _ in range(100):
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
