"""The broker is away while people work: nobody sees an error, and nothing is lost.

Fifty requests while it is away for some seconds; `HUNAR_FAULT_SECONDS=60` makes it a minute.
"""

import contextlib
import json
import os
import shutil
import time
import urllib.error
import urllib.request

import pytest

from tests.factories import make_registration
from tests.servers import redis

pytestmark = [pytest.mark.worker, pytest.mark.xdist_group("worker")]
SECONDS = int(os.environ.get("HUNAR_FAULT_SECONDS", "5"))
PATIENCE = 600

PREPARE = """
from datetime import timedelta
from django.utils import timezone
from rest_framework.authtoken.models import Token
from tests.certificates.made import make_closed_cohort
from tests.factories import *
for _ in range(10):
    print(make_closed_cohort("Ali Khan", "Saba Naz").code)
soon = timezone.now() + timedelta(days=20)
print(make_cohort(starts_at=soon, capacity=30).code, Token.objects.create(user=make_office()).key)
"""
STATE = """
from certificates.models import Certificate
from trainees.models import Message
print(Certificate.objects.filter(state="issued").count(), *(
    Message.objects.filter(state="sent", **kind).count() for kind in ({"kind": "certificate"}, {"kind": "confirm"})
))
"""


@contextlib.contextmanager
def broker_of(installation):
    """Run the installation's own broker; yield how to stop it and how to start it again."""
    with contextlib.ExitStack() as running:
        if not installation.environment.get("BROKER_URL"):
            queue = installation.folder / "broker" / "queue"

            def stop():
                queue.rename(aside := queue.with_name("queue-away"))  # at once: nobody puts anything in meanwhile
                queue.write_text("a file, so that nothing can be put in or taken out")
                shutil.rmtree(aside)

            def start():
                queue.unlink()
                queue.mkdir()

        else:
            folder = installation.folder / "redis"
            folder.mkdir()
            server = contextlib.ExitStack()
            installation.environment["BROKER_URL"] = server.enter_context(redis(folder))
            running.push(server)
            port = int(installation.environment["BROKER_URL"].rsplit(":", 1)[1].split("/")[0])

            def stop():
                server.close()

            def start():
                running.enter_context(redis(folder, port))

        yield stop, start


def ask(installation, path, body=None, token=""):
    """Send one request and return the status of the answer."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Token {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(
            urllib.request.Request(installation.url + path, data, headers), timeout=60
        ) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_work_goes_on_without_the_broker_and_is_done_when_it_is_back(installation):
    *closed, (open_cohort, token) = map(str.split, installation.python(PREPARE).strip().splitlines()[-11:])
    asked = []
    for number, [code] in enumerate(closed):
        asked.append((f"/api/v1/cohorts/{code}/certificates/", {}, token, 201))
        for part in range(2):
            own = {"cnic": f"35202{number}{part}000001", "email": f"person{number}{part}@example.org"}
            person = {**make_registration(**own), "consent": True, "cohort": open_cohort}
            asked.append(("/api/v1/registrations/", person, "", 201))
        asked.append((f"/c/ABC{number}/", None, "", 404))
        asked.append((f"/cohorts/{open_cohort}/", None, "", 200))
    assert len(asked) == 50

    with broker_of(installation) as (stop, start):
        installation.start()
        stop()
        begun = time.monotonic()
        answers = []
        for number, (path, body, key, _expected) in enumerate(asked):
            time.sleep(max(0.0, begun + SECONDS * number / len(asked) - time.monotonic()))
            answers.append(ask(installation, path, body, key))
        time.sleep(max(0.0, begun + SECONDS - time.monotonic()))
        start()
        deadline = time.monotonic() + PATIENCE
        state = ""
        while time.monotonic() < deadline and state != "20 20 20":
            time.sleep(2)
            state = installation.python(STATE).strip().splitlines()[-1]

        assert answers == [expected for *_request, expected in asked]
        assert state == "20 20 20", installation.log()
        installation.stop()
