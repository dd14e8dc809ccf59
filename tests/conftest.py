"""Fixtures for the whole suite: a clean cache, real servers, a real browser."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseOperations
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.servers import free_port

ROOT = Path(__file__).parent.parent

# The same examples in every run, however slow the machine: a new one would fail by chance, for somebody else's change.
hypothesis_settings.register_profile(
    "suite", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("suite")

_sql_flush = DatabaseOperations.sql_flush


def _flush_append_only(self, style, tables, **options):
    """Lift the append-only triggers of SQLite around Django's flush between transactional tests."""
    with self.connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
    drops = [f"DROP TRIGGER {name}" for name, _sql in triggers]
    return [*drops, *_sql_flush(self, style, tables, **options), *[sql for _name, sql in triggers]]


DatabaseOperations.sql_flush = _flush_append_only


@pytest.fixture(autouse=True)
def _clean_cache():
    cache.clear()


@pytest.fixture(autouse=True)
def _usual_language():
    """Begin in the default language: a request of the test before may have left its thread in a reader's."""
    translation.activate(settings.LANGUAGE_CODE)


PATIENCE = 180  # seconds that a start may take where other tests use the machine too


def end_process(process: "subprocess.Popen[bytes]") -> None:
    """Ask a process to end and wait for it; one that does not is ended all the same."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Installation:
    """A whole product of its own: data folder, database, web server, worker and beat."""

    def __init__(self, template: "Installation | None" = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hunar-installation-"))
        self.template = template
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process: subprocess.Popen[bytes] | None = None
        self.database = ""
        self.environment = {
            **{k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "BROKER_URL", "SITE_URL")},
            "HUNAR_DATA": str(self.folder),
            "SITE_URL": self.url,
            "HUNAR_DIE_WITH_PARENT": "yes",
            "HUNAR_THROTTLE_REGISTER": "10000/hour",
            "HUNAR_THROTTLE_REGISTER_PAGE": "10000/hour",
            "HUNAR_THROTTLE_TOKEN": "10000/hour",
            "HUNAR_THROTTLE_VERIFY": "10000/min",
        }
        if os.environ.get("DATABASE_URL"):
            self._create_database()
        elif template:
            shutil.copy(template.folder / "hunar.sqlite3", self.folder)
        if os.environ.get("BROKER_URL"):
            self._take_redis_database()

    def _create_database(self) -> None:
        address = os.environ["DATABASE_URL"]
        self.database = f"installation_{uuid.uuid4().hex[:12]}"
        origin = f' TEMPLATE "{self.template.database}"' if self.template else ""
        with psycopg.connect(address, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{self.database}"{origin}')
        self.environment["DATABASE_URL"] = address.rsplit("/", 1)[0] + f"/{self.database}"

    def _take_redis_database(self) -> None:
        base = os.environ["BROKER_URL"].rsplit("/", 1)[0]
        with redis.Redis.from_url(f"{base}/0") as server:
            number = 100 + server.incr("installations")  # database 0 counts, so that no two share one
        self.environment["BROKER_URL"] = f"{base}/{number}"

    def manage(self, *arguments: str, check: bool = True) -> str:
        """Run a management command and return what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if check and done.returncode:
            raise AssertionError(f"{arguments} ended with {done.returncode}\n{done.stdout[-3000:]}")
        return done.stdout

    def python(self, code: str) -> str:
        """Run a piece of Python inside the installation and return what it printed."""
        return self.manage("shell", "-v", "0", "-c", code)

    def start(self, *roles: str) -> None:
        """Start the product (or some of its roles) and wait until the web server answers."""
        port = self.url.rsplit(":", 1)[1]
        command = [sys.executable, "manage.py", "up", "--port", port]
        command += ["--only", *roles] if roles else []
        log = open(self.folder / "up.log", "ab")  # noqa: SIM115 - the child keeps it
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        if not roles or "web" in roles:
            self._wait_for_web()

    def _wait_for_web(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(self.url + "/accounts/login/", timeout=10).close()
                return
            except OSError:
                time.sleep(0.2)
        raise AssertionError("the web server did not answer\n" + self.log())

    def log(self) -> str:
        return (self.folder / "up.log").read_text(errors="replace")[-6000:]

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            end_process(self.process)
        self.process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated() -> Iterator[Installation]:
    """A migrated installation that others copy: migrating anew takes seconds each time."""
    made = Installation()
    made.manage("migrate", "--verbosity", "0")
    yield made
    made.remove()


@pytest.fixture
def installation(migrated: Installation) -> Iterator[Installation]:
    """A migrated installation of its own, not started."""
    made = Installation(template=migrated)
    yield made
    made.remove()


@pytest.fixture
def empty_installation() -> Iterator[Installation]:
    """An installation whose data folder and database hold nothing yet."""
    made = Installation()
    yield made
    made.remove()


@pytest.fixture(scope="module")
def chromium():
    """Debian's Chromium. Its event loop ends with the module: code that runs one of its own is tested in others."""
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415 - only where a browser is driven

    expect.set_options(timeout=30_000)  # as long as Playwright waits for a page; its five seconds are few for two cores
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        flags += ["--disable-component-update", "--disable-sync", "--no-first-run"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        yield browser
        browser.close()


@pytest.fixture
def phone(chromium):
    """A page 390 px wide."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    yield context.new_page()
    context.close()


@pytest.fixture
def desktop(chromium):
    """A page 1280 px wide."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    yield context.new_page()
    context.close()


def is_sqlite() -> bool:
    return connection.vendor == "sqlite"


__all__ = ["Installation", "is_sqlite", "settings"]
