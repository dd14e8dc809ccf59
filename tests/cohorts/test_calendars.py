"""Calendar files, read back with the icalendar package and compared with the timetable (R22, R23)."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from icalendar import Calendar

from cohorts.services.enrolment import enrol, withdraw
from cohorts.services.schedule import AddSession, CancelSession, MoveSession, Place, SkipDates, change_timetable
from tests.factories import BEFORE, make_cohort, make_enrolment, make_instructor, make_trainee
from trainees.models import Message
from trainees.services.calendar import find_calendar_owner, make_calendar_secret

pytestmark = pytest.mark.django_db
NIGHT = [{"weekday": day, "start": "22:00", "end": "01:00"} for day in ("MO", "WE", "TH")]
FIELDS = ("date", "start_time", "end_time")


def make_night(code="AI-ONL-02", zone="Asia/Karachi"):
    """Four sessions from ten in the evening until one, ends on the next day."""
    cohort = make_cohort(code, sessions=0, weekly_pattern=NIGHT, time_zone=zone)
    for day in (4, 6, 7, 11):
        wish = AddSession(date(2020, 5, day), time(22), time(1), Place("online"))
        change_timetable(cohort=cohort, wish=wish, by=None, at=BEFORE)
    return cohort


def events_of(text):
    return {str(each["uid"]): each for each in Calendar.from_ical(text).walk("VEVENT")}


def assert_equal(text, cohort):
    """Every session of the cohort is in the file, at its local date and times, in its zone; and nothing else."""
    events, zone = events_of(text), ZoneInfo(cohort.time_zone)
    sessions = list(cohort.sessions.order_by("number"))
    assert len(events) == len(sessions)
    for session in sessions:
        event = events[f"session-{session.pk}@testserver"]
        starts, ends = event.decoded("dtstart"), event.decoded("dtend")
        assert str(event["dtstart"].params["TZID"]) == cohort.time_zone
        assert (starts.date(), starts.time(), ends.time()) == (session.date, session.start_time, session.end_time)
        assert (starts, ends) == (session.starts_at.astimezone(zone), session.ends_at.astimezone(zone))
        assert ends.date() == session.date + timedelta(days=session.end_time <= session.start_time)
        assert event["sequence"] == session.sequence
        assert event["status"] == ("CANCELLED" if session.state == "cancelled" else "CONFIRMED")


@pytest.mark.parametrize("zone", ["Asia/Karachi", "Europe/London"])
def test_the_mail_of_a_place_holds_the_night_cohort_over_midnight(zone):
    cohort = make_night(zone=zone)
    Message.objects.all().delete()

    enrol(trainee=make_trainee(), cohort=cohort, by=None, at=BEFORE)

    (file,) = Message.objects.get(kind="enrolled").attachments
    assert_equal(file["content"], cohort)
    calendar = Calendar.from_ical(file["content"])
    assert file["type"] == "text/calendar; method=PUBLISH"
    assert str(calendar["method"]) == "PUBLISH"
    assert [str(each["tzid"]) for each in calendar.walk("VTIMEZONE")] == [zone]


def test_a_moved_session_moves_and_a_cancelled_one_says_so(client):
    cohort = make_night()
    enrolment = make_enrolment(cohort)
    address = reverse("calendar", args=[make_calendar_secret(enrolment.trainee.user)])
    before = events_of(client.get(address).content)
    first, second = cohort.sessions.order_by("number")[:2]

    wish = MoveSession(first.pk, date(2020, 5, 5), time(21), time(23, 30), Place("classroom", "Arfa Tower", "4"))
    change_timetable(cohort=cohort, wish=wish, by=None, at=BEFORE)
    change_timetable(cohort=cohort, wish=CancelSession(second.pk, "Strike"), by=None, at=BEFORE, reason="Strike")

    text = client.get(address).content
    after = events_of(text)
    assert_equal(text, cohort)
    assert set(before) == set(after)
    moved, struck = after[f"session-{first.pk}@testserver"], after[f"session-{second.pk}@testserver"]
    assert (before[moved["uid"]]["sequence"], moved["sequence"]) == (0, 1)
    assert str(moved["location"]) == "4, Arfa Tower"
    assert (struck["sequence"], struck["status"]) == (1, "CANCELLED")
    assert "Cancelled" in str(struck["summary"])
    mailed = events_of(Message.objects.filter(kind="timetable").order_by("-id")[0].attachments[0]["content"])
    assert list(mailed) == [f"session-{second.pk}@testserver"]
    assert (mailed[struck["uid"]]["sequence"], mailed[struck["uid"]]["status"]) == (1, "CANCELLED")


def test_a_feed_holds_what_one_attends_and_teaches_and_nothing_else(client):
    attended, taught, other = make_cohort(sessions=2), make_cohort(sessions=1), make_cohort(sessions=1)
    enrolment = make_enrolment(attended)
    make_enrolment(other)
    user = enrolment.trainee.user
    taught.instructors.add(user)
    address = reverse("calendar", args=[make_calendar_secret(user)])

    assert len(events_of(client.get(address).content)) == 3
    withdraw(enrolment=enrolment, by=None, at=BEFORE)
    assert len(events_of(client.get(address).content)) == 1


def test_a_secret_is_long_and_bound_to_its_person():
    one, other = make_instructor(make_cohort()), make_instructor(make_cohort())
    secret = make_calendar_secret(one)

    assert len(secret.partition("-")[2]) == 40  # hexadecimal: 160 bits
    assert find_calendar_owner(secret) == one
    for wrong in ("", "-", "zz-zz", f"{other.pk:x}-{secret.partition('-')[2]}", secret[:-1], f"é-{secret}"):
        assert find_calendar_owner(wrong) is None
    one.is_active = False
    one.save()
    assert find_calendar_owner(secret) is None


def test_a_renewed_address_makes_the_old_one_worthless(client):
    user = make_instructor(make_cohort(sessions=1))
    old = reverse("calendar", args=[make_calendar_secret(user)])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert old in client.get("/teach/").content.decode()

    client.post("/me/calendar/")

    assert client.get(old).status_code == 404
    user.refresh_from_db()
    new = reverse("calendar", args=[make_calendar_secret(user)])
    assert client.get(new)["Content-Type"].startswith("text/calendar")
    assert new in client.get("/teach/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_a_feed_costs_two_queries(client, django_assert_num_queries, count):
    user = make_instructor(make_cohort(sessions=2))
    for _ in range(count):
        make_cohort(sessions=2).instructors.add(user)
    address = reverse("calendar", args=[make_calendar_secret(user)])

    with django_assert_num_queries(2):
        client.get(address)


def test_dates_taken_out_move_in_the_calendar_too(client):
    cohort = make_night()
    enrolment = make_enrolment(cohort)

    change_timetable(cohort=cohort, wish=SkipDates((date(2020, 5, 6),)), by=None, at=BEFORE)

    address = reverse("calendar", args=[make_calendar_secret(enrolment.trainee.user)])
    assert_equal(client.get(address).content, cohort)
