"""Run the suite twice, on SQLite and on PostgreSQL with Redis, on private servers of its own.

usage: python -m tests.servers [pytest arguments]
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
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
    """Run a private PostgreSQL (as the postgres user when we are root) and yield its address."""
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    data, port = folder / "data", free_port()
    initdb = [find_program("initdb"), "-D", str(data), "-U", "hunar", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run([*initdb, "--locale", "C.UTF-8"], check=True, stdout=subprocess.DEVNULL, cwd=folder, **identity)
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
    control = [find_program("pg_ctl"), "-D", str(data), "-w", "-t", "60"]
    start = [*control, "-o", options, "-l", str(folder / "log"), "start"]
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL, cwd=folder, **identity)
    try:
        yield f"postgres://hunar@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], stdout=subprocess.DEVNULL, cwd=folder, **identity)


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Run a private Redis and yield its address."""
    port = free_port()
    command = [find_program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    server = subprocess.Popen([*command, "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(20)


def run_pytest(arguments: list[str], environment: dict[str, str]) -> int:
    """Run the suite once in its own process; a run that finds no test counts as passed when arguments narrow it."""
    parallel = [] if any(each.startswith("-n") for each in arguments) else ["-n", "2", "--dist", "loadgroup"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *parallel, *arguments]
    code = subprocess.run(command, env={**os.environ, **BOTH, **environment}).returncode
    return 0 if code == 5 and arguments else code


def main(arguments: list[str]) -> int:
    folder = Path(tempfile.mkdtemp(prefix="hunar-servers-"))
    folder.chmod(0o755)
    for name in ("postgresql", "redis"):
        (folder / name).mkdir()
    try:
        print("== SQLite, filesystem broker", flush=True)
        first = run_pytest(arguments, {"DATABASE_URL": "", "BROKER_URL": ""})
        print("== PostgreSQL, Redis", flush=True)
        with postgresql(folder / "postgresql") as database, redis(folder / "redis") as broker:
            second = run_pytest(arguments, {"DATABASE_URL": database, "BROKER_URL": broker})
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return first or second


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
