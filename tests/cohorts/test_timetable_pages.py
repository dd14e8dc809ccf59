"""The office's pages of timetables, holidays and clashes."""

from datetime import date, timedelta

import pytest
import time_machine

from cohorts.models import Holiday, Session, TimetableChange
from cohorts.services.attendance import Mark, mark_attendance
from tests.factories import BEFORE, START, make_cohort, make_enrolment, make_instructor, make_office
from trainees.models import Message

pytestmark = pytest.mark.django_db
PATTERN = [{"weekday": day, "start": "10:00", "end": "13:00"} for day in ("MO", "TU", "WE", "TH")]


@pytest.fixture
def office(client):
    user = make_office()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    with time_machine.travel(BEFORE, tick=False):
        yield user


def form_of(session, **more):
    given = {"date": session.date, "start": "10:00", "end": "13:00", "mode": "online", "reason": "The hall is closed"}
    return given | more


def test_a_session_is_shown_then_moved(client, office):
    cohort = make_cohort(weekly_pattern=PATTERN)
    make_enrolment(cohort)
    session = cohort.sessions.get(number=2)
    address, wish = f"/manage/sessions/{session.pk}/", form_of(session, date="2020-05-11")
    assert b'value="2020-05-05"' in client.get(address).content

    shown = client.post(address, wish).content.decode()
    assert "Change 1 session and tell 1 people" in shown
    assert "Tue 5 May 2020" in shown
    assert "Mon 11 May 2020" in shown
    assert Session.objects.get(pk=session.pk).date == date(2020, 5, 5)

    page = client.post(address, wish | {"act": "yes"}, follow=True).content.decode()
    assert "1 sessions changed; 1 people are told." in page
    assert Session.objects.get(pk=session.pk).date == date(2020, 5, 11)
    assert "1 told: 0 mails sent, 0 failed" in page
    assert TimetableChange.objects.get().by == office


def test_a_holiday_is_refused_beside_the_form_and_held_when_insisted_with_a_reason(client, office):
    cohort = make_cohort()
    Holiday.objects.create(date=date(2020, 5, 11), name="Founder's day")
    session = cohort.sessions.get(number=2)
    address, wish = f"/manage/sessions/{session.pk}/", form_of(session, date="2020-05-11")

    refused = client.post(address, wish | {"act": "yes"})
    assert refused.status_code == 422
    assert "2020-05-11 (Founder&#x27;s day)" in refused.content.decode()
    assert client.post(address, wish | {"act": "yes", "insist": "on", "reason": ""}).status_code == 422
    assert client.post(address, wish | {"act": "yes", "insist": "on"}).status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"date": "31/02/2020"},
        {"date": "9999-12-31"},
        {"date": "\x00"},
        {"start": "25:00"},
        {"mode": "<b>"},
        {"link": "javascript:alert(1)"},
        {"venue": "x" * 10_000},
    ],
)
def test_nonsense_is_named_beside_its_field_and_changes_nothing(client, office, wrong):
    session = make_cohort().sessions.get(number=1)

    answer = client.post(f"/manage/sessions/{session.pk}/", form_of(session) | wrong | {"act": "yes"})

    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert list(answer.context["form"].errors) == list(wrong)
    assert not TimetableChange.objects.exists()


def test_dates_are_taken_out_of_one_cohort(client, office):
    cohort = make_cohort(weekly_pattern=PATTERN)
    address = f"/manage/cohorts/{cohort.code}/timetable/skip/"
    span = {"first": "2020-05-05", "last": "2020-05-06", "reason": "Strike"}

    assert "would end on <b>12 May 2020</b> instead of 7 May 2020" in client.post(address, span).content.decode()
    client.post(address, span | {"act": "yes"})

    assert [each.date.day for each in cohort.sessions.order_by("number")] == [4, 7, 11, 12]
    backwards = client.post(address, {"first": "2020-05-06", "last": "2020-05-05"})
    assert backwards.context["form"].errors["last"] == ["The last day is before the first."]


def test_a_session_is_added_and_struck(client, office):
    cohort = make_cohort()
    client.post(
        f"/manage/cohorts/{cohort.code}/timetable/add/",
        {"date": "2020-05-09", "start": "22:00", "end": "01:00", "mode": "online", "act": "yes"},
    )
    added = cohort.sessions.get(number=5)
    assert (added.minutes, added.ends_at - added.starts_at) == (180, timedelta(hours=3))

    client.post(f"/manage/sessions/{added.pk}/cancel/", {"reason": "Not needed", "act": "yes"})

    added.refresh_from_db()
    assert (added.state, added.cancel_reason) == ("cancelled", "Not needed")


def test_everything_from_a_date_on_goes_online(client, office):
    cohort = make_cohort(mode="classroom")
    cohort.sessions.update(mode="classroom", venue="Hall")

    client.post(
        f"/manage/cohorts/{cohort.code}/timetable/switch/",
        {"from_date": "2020-05-06", "mode": "online", "link": "https://meet.example.org/a", "act": "yes"},
    )

    modes = list(cohort.sessions.order_by("number").values_list("mode", flat=True))
    assert modes == ["classroom", "classroom", "online", "online"]


def test_late_marks_are_offered_again_after_a_session_moved(client, office):
    cohort = make_cohort()
    late = make_enrolment(cohort)
    session = cohort.sessions.get(number=1)
    mark_attendance(session=session, marks=[Mark(late.pk, "late", 140)], version=None, by=None, at=START)
    client.post(f"/manage/sessions/{session.pk}/", form_of(session, start="10:30", act="yes"))
    assert "changed after marking" in client.get(f"/manage/cohorts/{cohort.code}/timetable/").content.decode()

    page = client.get(f"/manage/sessions/{session.pk}/marks/").content.decode()
    assert late.trainee.full_name in page
    assert "150 minutes" in page
    with time_machine.travel(START + timedelta(days=1)):
        client.post(f"/manage/sessions/{session.pk}/marks/", {"derive": "yes"})

    late.refresh_from_db()
    assert (late.sessions_late, late.sessions_present) == (0, 1)


def test_a_holiday_offers_the_sessions_that_stand_on_it(client, office):
    make_cohort("A-1"), make_cohort("B-1")

    asked = client.post("/manage/holidays/", {"date": "2020-05-05", "name": "Founder's day"})
    assert [each.number for each in asked.context["standing_on"]] == [2, 2]
    assert not Holiday.objects.exists()
    client.post("/manage/holidays/", {"date": "2020-05-05", "name": "Founder's day", "confirm": "yes"})
    page = client.get("/manage/holidays/").content.decode()

    assert "Move 2 sessions…" in page
    assert "/manage/timetables/?first=2020-05-05&amp;last=2020-05-05" in page
    again = client.post("/manage/holidays/", {"date": "2020-05-05", "name": "Again"})
    assert "is a holiday already" in again.content.decode()


def test_a_holiday_is_renamed_and_removed_only_when_no_timetable_goes_around_it(client, office):
    make_cohort(weekly_pattern=PATTERN)
    used = Holiday.objects.create(date=date(2020, 5, 5), name="Wrong")
    free = Holiday.objects.create(date=date(2020, 12, 25), name="Free")

    client.post(f"/manage/holidays/{used.pk}/rename/", {"name": "Right"})
    refused = client.post(f"/manage/holidays/{used.pk}/remove/", follow=True).content.decode()
    client.post(f"/manage/holidays/{free.pk}/remove/")

    assert "Timetables were laid around" in refused
    assert list(Holiday.objects.values_list("name", flat=True)) == ["Right"]


def test_a_whole_programme_goes_online_but_only_its_classrooms(client, office):
    room, online = make_cohort("A-1", mode="classroom"), make_cohort("B-1")
    Session.objects.filter(cohort=room).update(mode="classroom", venue="Hall", room="4")
    wish = {"from_date": "2020-05-05", "mode": "online", "only": "classroom", "reason": "Closed by order"}

    shown = client.post("/manage/timetables/switch/", wish)
    assert [each.cohort for each in shown.context["ready"]] == [room]
    progress = client.post("/manage/timetables/switch/", wish | {"act": "yes"}).url

    page = client.get(progress).content.decode()
    assert "0 of 1 cohorts" in page
    assert "hx-trigger" in page
    assert online.timetable_changes.count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_for_one_and_for_three(client, office, django_assert_num_queries, count):
    for _ in range(count):
        one, other = make_cohort(), make_cohort()
        other.instructors.add(make_instructor(one))
        Holiday.objects.create(date=date(2021, 1, Holiday.objects.count() + 1), name="H")
        client.post(f"/manage/cohorts/{one.code}/timetable/skip/", {"first": "2020-05-05", "act": "yes"})

    with django_assert_num_queries(8):  # session, user, two of rights, the side bar
        client.get("/manage/holidays/")
    with django_assert_num_queries(17):
        client.get(f"/manage/cohorts/{one.code}/timetable/")
    assert Message.objects.count() == count
