"""The broker is away while people work: nobody sees an error, and nothing is lost."""

import time

import pytest

from tests.servers import free_port

pytestmark = [pytest.mark.worker, pytest.mark.xdist_group("worker")]
PATIENCE = 120

WORK = """
import shutil
from datetime import timedelta
from django.conf import settings
from django.test import Client
from django.utils import timezone
from certificates.models import Certificate
from tests.certificates.made import make_closed_cohort
from tests.factories import make_office
cohorts = [make_closed_cohort("Ali Khan", "Saba Naz") for _ in range(5)]
client = Client(raise_request_exception=False, SERVER_NAME="127.0.0.1")
client.force_login(make_office(), "django.contrib.auth.backends.ModelBackend")
queue = settings.DATA_DIR / "broker" / "queue"
if queue.exists():
    shutil.rmtree(queue)
    queue.write_text("stopped")
answers = [client.post(f"/manage/cohorts/{each.code}/certificates/").status_code for each in cohorts]
answers += [client.get(f"/c/{each.code}/").status_code for each in Certificate.objects.all()]
answers += [client.post("/c/ABC/report/", {"kind": "other", "text": "x"}).status_code for _ in range(5)]
if queue.is_file():
    queue.unlink()
    queue.mkdir()
Certificate.objects.update(rung_at=timezone.now() - timedelta(minutes=2))  # the time the broker was away
print(sorted(set(answers)), len(answers), Certificate.objects.filter(state="pending").count())
"""
STATE = """
from certificates.models import Certificate
from trainees.models import Message
issued = Certificate.objects.filter(state="issued").count()
print(issued, Message.objects.filter(state="sent", key__startswith="certificate-").count())
"""


def test_work_goes_on_without_the_broker_and_is_done_when_it_is_back(installation):
    broker = installation.environment.get("BROKER_URL", "")
    if broker:
        installation.environment["BROKER_URL"] = f"redis://127.0.0.1:{free_port()}/0"

    said = installation.python(WORK).strip().splitlines()[-1]
    assert said == "[200, 302, 404] 20 10", said

    if broker:
        installation.environment["BROKER_URL"] = broker
    installation.start("worker", "beat")
    deadline = time.monotonic() + PATIENCE
    state = ""
    while time.monotonic() < deadline and state != "10 10":
        time.sleep(2)
        state = installation.python(STATE).strip().splitlines()[-1]
    assert state == "10 10", installation.log()
