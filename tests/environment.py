"""Loaded before the settings: gives every test process a data folder of its own, so that no test touches var/."""

import atexit
import os
import shutil
import tempfile

os.environ["HUNAR_DATA"] = tempfile.mkdtemp(prefix="hunar-test-")
os.environ.setdefault("HUNAR_PLAIN_STATIC", "yes")
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)
os.environ["SITE_URL"] = "http://testserver"
os.environ.setdefault("LOG_LEVEL", "ERROR")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs beside the ORM

if os.environ.get("BROKER_URL"):
    # Clearing the cache empties its Redis database: each test process has its own, and 0 is for the count of
    # installations (tests/conftest.py), which must not start again while one of them runs.
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    os.environ["BROKER_URL"] = os.environ["BROKER_URL"].rsplit("/", 1)[0] + f"/{worker + 1}"

atexit.register(shutil.rmtree, os.environ["HUNAR_DATA"], ignore_errors=True)
