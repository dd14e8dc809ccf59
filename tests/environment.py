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

atexit.register(shutil.rmtree, os.environ["HUNAR_DATA"], ignore_errors=True)
