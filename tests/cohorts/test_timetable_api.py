"""Rescheduling by the API: one session, or a cohort; 400 and 409 as everywhere."""

from datetime import date

import pytest

from cohorts.models import Cohort, Holiday, TimetableChange
from tests.factories import BEFORE, make_cohort, make_enrolment, make_office
from trainees.models import Message

pytestmark = pytest.mark.django_db
PATTERN = [{"weekday": day, "start": "10:00", "end": "13:00"} for day in ("MO", "TU", "WE", "TH")]


@pytest.fixture
def api(client):
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")

    def call(method, path, **data):
        answer = getattr(client, method)(f"/api/v1/{path}", data=data, content_type="application/json")
        return answer.status_code, answer.json()

    return call


@pytest.fixture(autouse=True)
def _before(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def test_one_session_is_moved_and_the_same_wish_again_changes_nothing(api):
    cohort = make_cohort(weekly_pattern=PATTERN)
    make_enrolment(cohort)
    session = cohort.sessions.get(number=2)

    status, body = api("patch", f"sessions/{session.pk}/", date="2020-05-11", room="4", mode="classroom")
    assert status == 200
    assert (body["date"], body["starts_at"], body["room"], body["sequence"]) == (
        "2020-05-11",
        "2020-05-11T10:00:00+05:00",
        "4",
        1,
    )
    assert api("patch", f"sessions/{session.pk}/", date="2020-05-11", room="4") == (200, body)
    assert Message.objects.count() == TimetableChange.objects.count() == 1


def test_a_session_is_cancelled_once_and_with_a_reason(api):
    session = make_cohort().sessions.get(number=1)

    status, body = api("patch", f"sessions/{session.pk}/", state="cancelled")
    assert (status, body["fields"]) == (400, {"reason": ["Say why; the reason goes into the mail."]})
    assert api("patch", f"sessions/{session.pk}/", state="cancelled", reason="Strike")[1]["state"] == "cancelled"
    status, body = api("patch", f"sessions/{session.pk}/", state="cancelled", reason="Strike")
    assert (status, body["code"]) == (409, "session_cancelled")


def test_conflicts_are_409_with_their_code(api):
    cohort = make_cohort()
    session = cohort.sessions.get(number=1)
    Holiday.objects.create(date=date(2020, 5, 12), name="Founder's day")

    status, body = api("patch", f"sessions/{session.pk}/", date="2020-05-12")
    assert (status, body["code"], list(body["fields"])) == (409, "holiday", ["date"])
    status, body = api("patch", f"sessions/{session.pk}/", date="2020-05-05")
    assert (status, body["code"]) == (409, "overlap")
    status, body = api("patch", f"sessions/{session.pk}/", date="2020-05-12", force=True, reason="agreed")
    assert (status, body["date"]) == (200, "2020-05-12")
    Cohort.objects.update(state="closed", closed_at=BEFORE, policy=cohort.course.policies.get())
    status, body = api("patch", f"sessions/{session.pk}/", date="2020-05-19")
    assert (status, body["code"]) == (409, "closed")


@pytest.mark.parametrize(
    "wrong", [{"date": "31/02/2020"}, {"date": "9999-12-31"}, {"start_time": "x"}, {"mode": "1"}, {"link": "file:///x"}]
)
def test_nonsense_names_its_field(api, wrong):
    session = make_cohort().sessions.get(number=1)

    status, body = api("patch", f"sessions/{session.pk}/", **wrong)

    assert (status, list(body["fields"])) == (400, list(wrong))


def test_dates_without_classes_are_tried_then_done(api):
    cohort = make_cohort(weekly_pattern=PATTERN)
    make_enrolment(cohort)
    path, wish = f"cohorts/{cohort.code}/reschedule/", {"dates": ["2020-05-05"], "reason": "Strike"}

    status, tried = api("post", path + "?dry_run=1", **wish)
    assert (status, tried["dry_run"], tried["ends_on_before"], tried["ends_on"]) == (
        200,
        True,
        "2020-05-07",
        "2020-05-11",
    )
    assert [(each["before"]["date"], each["after"]["date"]) for each in tried["sessions"]] == [
        ("2020-05-05", "2020-05-11")
    ]
    assert not TimetableChange.objects.exists()
    status, done = api("post", path, **wish)
    assert (status, done["edition"], done["told"]) == (200, 1, 1)
    status, again = api("post", path, **wish)
    assert (status, again["code"]) == (409, "nothing_to_change")


def test_a_place_from_a_date_on_and_one_more_session(api):
    cohort = make_cohort(mode="classroom", venue="Hall")
    path = f"cohorts/{cohort.code}/reschedule/"

    api("post", path, from_date="2020-05-07", mode="classroom", venue="Library", room="2")
    api("post", path, add={"date": "2020-05-09", "start_time": "09:00", "end_time": "11:00"})

    assert list(cohort.sessions.order_by("number").values_list("venue", "minutes")) == [
        ("", 180),
        ("", 180),
        ("", 180),
        ("Library", 180),
        ("Hall", 120),
    ]


@pytest.mark.parametrize(
    "wrong",
    [{}, {"dates": []}, {"dates": ["2020-05-05"], "from_date": "2020-05-05"}, {"add": {"date": "2020-05-09"}}],
)
def test_a_wish_must_be_one_and_whole(api, wrong):
    cohort = make_cohort()

    assert api("post", f"cohorts/{cohort.code}/reschedule/", **wrong)[0] == 400
