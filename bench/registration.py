"""Registration by the API's own view, with the share of the password hash told apart."""

import time
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import table
from tests.factories import make_cohort, make_registration

COUNT = 60


def main(json: dict[str, Any]) -> None:
    settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["register"] = "100000/hour"  # type: ignore[index]
    cohort = make_cohort(capacity=500)
    client = Client()

    def post() -> None:
        body = {**make_registration(), "consent": True, "cohort": cohort.code}
        answer = client.post("/api/v1/registrations/", body, content_type="application/json")
        assert answer.status_code == 201, answer.content

    post()
    with CaptureQueriesContext(connection) as queries:
        post()
    statements = len(queries)  # now: the next request empties the log
    start = time.process_time()
    for _ in range(COUNT):
        post()
    whole = 1000 * (time.process_time() - start) / COUNT
    start = time.process_time()
    for _ in range(10):
        make_password("three-unrelated-words")
    hashing = 1000 * (time.process_time() - start) / 10
    table(
        ("registration", "CPU ms", "of it password hash", "beside it", "statements"),
        [(f"{COUNT} by API", whole, hashing, whole - hashing, statements)],
    )
    json["registration"] = {"cpu_ms": whole, "hash_ms": hashing, "statements": statements}
