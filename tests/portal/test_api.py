"""The API: sign-in, one shape of refusal, registers, lists with a fixed number of queries, nonsense."""

import json

import pytest
from django.core.cache import cache

from cohorts.models import AttendanceRecord, Enrolment
from tests.factories import (
    START,
    make_cohort,
    make_enrolment,
    make_instructor,
    make_office,
    make_registration,
    make_trainee,
    make_user,
)
from trainees.models import Trainee

pytestmark = pytest.mark.django_db
NONSENSE = [
    "x" * 10_000,
    "a\x00b",
    "\u202eevil\u202c",
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    "😀😀😀",
    "аdmin@example.org",  # a Cyrillic letter
    "٣٥٢٠٢١٢٣٤٥٦٧٨",
    "31/02/1998",
    "01/01/1870",
    "01/01/2035",
    "03xx1234567",
    "",
    " ",
    None,
    12,
    -1.5e300,
    [],
    {},
    True,
]


@pytest.fixture(autouse=True)
def _no_throttle(settings):
    settings.REST_FRAMEWORK = {
        **settings.REST_FRAMEWORK,
        "DEFAULT_THROTTLE_RATES": dict.fromkeys(
            ("register", "verify", "verify_unknown", "report", "token"), "100000/hour"
        ),
    }
    cache.clear()


def post(client, path, body, **headers):
    return client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json", **headers)


def put(client, path, body):
    return client.put(f"/api/v1/{path}", json.dumps(body), content_type="application/json")


def sign_in(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_token_opens_the_api_and_a_wrong_password_does_not(client):
    user = make_user("somebody@example.org", password="three-unrelated-words")

    wrong = post(client, "auth/token/", {"email": user.email, "password": "no"})
    token = post(client, "auth/token/", {"email": " Somebody@Example.org", "password": "three-unrelated-words"})

    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_credentials")
    header = {"HTTP_AUTHORIZATION": f"Token {token.json()['token']}"}
    assert client.get("/api/v1/enrolments/", **header).status_code == 200
    assert client.get("/api/v1/enrolments/").json() == {
        "code": "not_authenticated",
        "detail": "Authentication credentials were not provided.",
        "fields": {},
    }


def test_registering_answers_trainee_and_enrolment(client):
    cohort = make_cohort(capacity=1, waitlist_limit=1)

    first = post(client, "registrations/", {**make_registration(), "consent": True, "cohort": cohort.code})
    second = post(client, "registrations/", {**make_registration(), "consent": True, "cohort": cohort.code})
    third = post(client, "registrations/", {**make_registration(), "consent": True, "cohort": cohort.code})

    assert (first.status_code, first.json()["enrolment"]["status"]) == (201, "enrolled")
    assert first.json()["trainee"]["number"] == "T-20-00001"
    assert (second.json()["enrolment"]["status"], second.json()["enrolment"]["position"]) == ("waitlisted", 1)
    assert (third.status_code, third.json()["code"]) == (409, "full")
    assert Trainee.objects.count() == 2


def test_a_known_person_is_a_conflict_that_names_the_field(client):
    cohort, known = make_cohort(), make_trainee()
    body = {**make_registration(cnic=known.cnic), "consent": True, "cohort": cohort.code}

    answer = post(client, "registrations/", body)

    assert (answer.status_code, answer.json()["code"]) == (409, "cnic_registered")
    assert known.cnic not in answer.content.decode()


@pytest.mark.parametrize("value", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_in_any_field_is_never_an_error_of_ours(client, value):
    cohort = make_cohort(capacity=500)
    for field in make_registration():
        body = {**make_registration(), "consent": True, "cohort": cohort.code, field: value}

        answer = post(client, "registrations/", body)

        assert answer.status_code in (201, 400), (field, answer.content[:200])
        if answer.status_code == 400:
            assert set(answer.json()) == {"code", "detail", "fields"}
    for body in ([], "text", 3, None, {"cohort": value}):
        assert post(client, "registrations/", body).status_code in (400, 404)


def test_a_register_is_read_saved_and_refused_when_stale(client):
    cohort = make_cohort()
    enrolment, session = make_enrolment(cohort), cohort.sessions.first()
    sign_in(client, make_instructor(cohort))
    path = f"sessions/{session.pk}/attendance/"
    assert client.get(f"/api/v1/{path}").json()["version"] == 0

    saved = put(client, path, {"version": 0, "marks": [{"enrolment": enrolment.pk, "status": "late", "minutes": 90}]})
    stale = put(client, path, {"version": 0, "marks": [{"enrolment": enrolment.pk, "status": "absent"}]})

    assert (saved.status_code, saved.json()["version"]) == (200, 1)
    assert saved.json()["marks"][0]["minutes"] == 90
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert stale.json()["differences"] == [{"enrolment": enrolment.pk, "stands": "late", "wanted": "absent"}]
    assert AttendanceRecord.objects.get().status == "late"


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"marks": 3},
        {"marks": [3]},
        {"marks": [{"enrolment": "x", "status": "present"}]},
        {"marks": [{"status": "x"}]},
    ],
)
def test_a_register_of_nonsense_is_a_400(client, body):
    cohort = make_cohort()
    sign_in(client, make_instructor(cohort))

    answer = put(client, f"sessions/{cohort.sessions.first().pk}/attendance/", body)

    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "detail", "fields"}


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000])
def test_a_body_nested_without_end_is_a_400(client, body):
    answer = client.post("/api/v1/registrations/", body, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


@pytest.mark.parametrize(
    "path", ["cohorts/", "courses/", "enrolments/", "sessions/", "trainees/", "certificates/", "batches/"]
)
def test_lists_cost_the_same_for_one_and_three(client, django_assert_num_queries, path):
    sign_in(client, make_office())
    make_enrolment(make_cohort(sessions=1))
    client.get(f"/api/v1/{path}")
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as one:
        client.get(f"/api/v1/{path}")
    statements = len(one)
    for _ in range(2):
        make_enrolment(make_cohort(sessions=1))

    with django_assert_num_queries(statements):
        client.get(f"/api/v1/{path}")


def test_a_trainee_changes_the_own_contact_only(client):
    trainee, other = make_trainee(), make_trainee()
    sign_in(client, trainee.user)

    path = f"/api/v1/trainees/{trainee.number}/"
    right = client.patch(path, json.dumps({"mobile": "0364-1234567"}), content_type="application/json")
    wrong = client.patch(path, json.dumps({"mobile": "12"}), content_type="application/json")
    strange = client.patch(f"/api/v1/trainees/{other.number}/", "{}", content_type="application/json")

    assert (right.status_code, wrong.status_code, strange.status_code) == (200, 400, 404)
    trainee.refresh_from_db()
    assert trainee.mobile == "+923641234567"


def test_one_enrols_oneself_and_gives_the_place_back(client):
    trainee, cohort = make_trainee(), make_cohort(starts_at=START)
    sign_in(client, trainee.user)

    made = post(client, "enrolments/", {"cohort": cohort.code})
    twice = post(client, "enrolments/", {"cohort": cohort.code})
    gone = post(client, f"enrolments/{made.json()['id']}/withdraw/", {})

    assert (made.status_code, twice.status_code, gone.json()["status"]) == (201, 409, "withdrawn")
    assert Enrolment.objects.get().withdrawal_reason == ""


@pytest.mark.parametrize(
    "path", ["/c/%00/", "/cohorts/%00/", "/?page=%00", "/c/" + "9" * 300 + "/", "/api/v1/cohorts/?page=0"]
)
def test_strange_addresses_are_answered(client, path):
    assert client.get(path).status_code in (200, 400, 404)


def test_the_office_lists_answer_strange_filters(client):
    sign_in(client, make_office())

    for path in ("/manage/trainees/", "/manage/cohorts/", "/manage/applications/", "/manage/certificates/"):
        for query in ("?page=x", "?page=99999", "?state=nope&status=nope", "?search=" + "%F0%9F%98%80" * 300):
            assert client.get(path + query).status_code in (200, 404), path + query


def test_a_repeated_write_with_its_key_is_done_once(client):
    cohort = make_cohort()
    body = {**make_registration(), "consent": True, "cohort": cohort.code}

    first = post(client, "registrations/", body, HTTP_IDEMPOTENCY_KEY="k1")
    again = post(client, "registrations/", body, HTTP_IDEMPOTENCY_KEY="k1")
    other = post(client, "registrations/", {**body, "email": "other@example.org"}, HTTP_IDEMPOTENCY_KEY="k1")

    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert Enrolment.objects.count() == 1
