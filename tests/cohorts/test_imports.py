"""Courses, cohorts and rosters from files."""

import json
from collections import Counter
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import Sum

from cohorts.imports.cohorts_file import Meeting, Slot
from cohorts.models import Cohort, Enrolment
from cohorts.services.schedule import instants, plan
from courses.models import AttendancePolicy, Course
from tests.factories import make_enrolment
from trainees.models import Message, Trainee

DATA = Path(__file__).parent.parent / "data"
DEMO = Path(__file__).parent.parent.parent / "demo"
pytestmark = pytest.mark.django_db


def last_line(capsys):
    return capsys.readouterr().out.strip().splitlines()[-1]


@pytest.fixture
def programme(capsys):
    call_command("import_courses", str(DEMO / "courses.json"))
    call_command("import_cohorts", str(DEMO / "cohorts.json"), "--holidays", str(DEMO / "holidays_2020.json"))
    assert last_line(capsys) == "rows=56 created=56 updated=0 unchanged=0"


def test_all_56_cohorts_equal_the_answers(programme, capsys):
    answers = json.loads((DATA / "cohorts.answers.json").read_text())
    for cohort in Cohort.objects.all():
        sessions, zone = list(cohort.sessions.order_by("number")), ZoneInfo(cohort.time_zone)
        answer = answers.pop(cohort.code)
        first, last = (at.astimezone(zone).replace(tzinfo=None) for at in (sessions[0].starts_at, sessions[-1].ends_at))
        assert len(sessions) == answer["sessions"]
        assert (first.isoformat(), last.isoformat()) == (answer["first"], answer["last_end"])
        assert sum(session.minutes for session in sessions) == answer["minutes"]
    assert not answers
    assert Cohort.objects.aggregate(places=Sum("capacity"))["places"] == 2000

    call_command("import_courses", str(DEMO / "courses.json"))
    assert last_line(capsys) == "rows=10 created=0 updated=0 unchanged=10"
    call_command("import_cohorts", str(DEMO / "cohorts.json"))
    assert last_line(capsys) == "rows=56 created=0 updated=0 unchanged=56"


def test_a_changed_rule_is_a_new_version(programme, tmp_path, capsys):
    document = json.loads((DEMO / "courses.json").read_text())
    document["courses"][0]["completion_rule"]["min_attendance_percent"] = 70
    path = tmp_path / "courses.json"
    path.write_text(json.dumps(document))

    call_command("import_courses", str(path))

    assert last_line(capsys) == "rows=10 created=0 updated=1 unchanged=9"
    versions = AttendancePolicy.objects.filter(course__code="AI").order_by("version")
    assert list(versions.values_list("version", "minimum_percent")) == [(1, 75), (2, 70)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weekly_pattern": [{"weekday": "XX", "start": "10:00", "end": "13:00"}]}, "weekday must be one of"),
        ({"capacity": 0}, "capacity: must lie between"),
        ({"timezone": "Mars/Base"}, "timezone: is no time zone"),
        ({"start_date": "2020-02-31"}, "start_date: give a date"),
        ({"course": "ZZ"}, "there is no course ZZ"),
        ({"weekly_pattern": []}, "give a weekly pattern or a list of sessions"),
    ],
)
def test_a_wrong_cohort_is_named_and_nothing_kept(programme, tmp_path, change, said):
    entry = json.loads((DEMO / "cohorts.json").read_text())["cohorts"][0]
    path = tmp_path / "cohorts.json"
    path.write_text(json.dumps({"cohorts": [{**entry, "code": "GOOD-1"}, {**entry, "code": "BAD-1", **change}]}))

    with pytest.raises(CommandError, match=said):
        call_command("import_cohorts", str(path))

    assert not Cohort.objects.filter(code__in=["GOOD-1", "BAD-1"]).exists()


def test_explicit_sessions_need_no_pattern(programme, tmp_path):
    meetings = [
        {"date": "2026-11-20", "start": "22:00", "end": "01:00"},
        {"date": "2026-11-21", "start": "10:00", "end": "12:00"},
    ]
    entry = {"code": "X-1", "course": "AI", "city": "ONL", "mode": "online", "capacity": 5, "sessions": meetings}
    path = tmp_path / "cohorts.json"
    path.write_text(json.dumps({"cohorts": [entry]}))

    call_command("import_cohorts", str(path))

    sessions = Cohort.objects.get(code="X-1").sessions.order_by("number")
    assert [(each.date.isoformat(), each.minutes) for each in sessions] == [("2026-11-20", 180), ("2026-11-21", 120)]


def test_a_file_changes_places_through_the_same_door(programme, tmp_path):
    """R37, R38: more places go to the line, fewer than taken are refused with the names."""
    meetings = [{"date": "2026-11-20", "start": "10:00", "end": "13:00"}]
    entry = {"code": "X-1", "course": "AI", "city": "ONL", "mode": "online", "capacity": 1, "sessions": meetings}
    path = tmp_path / "cohorts.json"

    def save(**fields):
        path.write_text(json.dumps({"cohorts": [{**entry, "waitlist_limit": 5, **fields}]}))
        call_command("import_cohorts", str(path))

    save()
    holder, waiting = (make_enrolment(Cohort.objects.get(code="X-1")) for _ in range(2))
    save(capacity=2)

    waiting.refresh_from_db()
    assert waiting.status == "offered"
    with pytest.raises(CommandError, match=holder.trainee.full_name):
        save(capacity=1)
    assert Cohort.objects.get(code="X-1").capacity == 2


def test_a_clock_change_shortens_a_night_in_a_zone_that_has_one():
    night = instants(Meeting(date(2020, 3, 28), time(22), time(4)), ZoneInfo("Europe/London"))

    assert night.minutes == 300


def test_the_last_session_is_shortened_to_the_hours():
    planned, skipped = plan(
        pattern=[Slot(0, time(10), time(13))],
        starts_on=date(2020, 5, 4),
        minutes=400,
        holidays=[date(2020, 5, 11)],
        time_zone="Asia/Karachi",
    )

    assert [each.minutes for each in planned] == [180, 180, 40]
    assert [each.date.day for each in planned] == [4, 18, 25]
    assert skipped == [date(2020, 5, 11)]


def test_the_roster_keeps_numbers_and_urdu_names(programme, capsys):
    call_command("import_enrolments", str(DEMO / "enrolments.csv"))

    assert last_line(capsys) == "rows=2140 created=2140 updated=0 unchanged=0 duplicates=0 review=0 rejected=0"
    assert Counter(Enrolment.objects.values_list("status", flat=True)) == {"enrolled": 2000}
    assert Trainee.objects.get(number="PSEB-20-00001").full_name_ur == "صبا ناز"
    assert not Message.objects.exists()
    taken = {each.code: each.taken for each in Cohort.objects.with_places()}
    assert all(taken[each.code] == each.capacity for each in Cohort.objects.all())

    call_command("import_enrolments", str(DEMO / "enrolments.csv"))
    assert last_line(capsys) == "rows=2140 created=0 updated=0 unchanged=2140 duplicates=0 review=0 rejected=0"


def test_a_row_of_an_unknown_cohort_is_named_and_the_others_go_on(programme, tmp_path, capsys):
    path = tmp_path / "roster.csv"
    path.write_text(
        "Name;CNIC;E-mail;Cohort\nAli Khan;30000-1234567-1;ali@example.org;AI-ONL-01\n"
        "Sara Khan;30000-1234568-2;sara@example.org;NOPE-01\nBad;123;bad@example.org;AI-ONL-01\n"
    )

    call_command("import_enrolments", str(path))

    captured = capsys.readouterr()
    assert captured.out.strip() == "rows=3 created=1 updated=0 unchanged=0 duplicates=0 review=0 rejected=2"
    assert "row 2 (line 3): There is no cohort NOPE-01" in captured.err
    assert "row 3 (line 4): The CNIC must have 13 digits" in captured.err


def test_course_modules_must_add_up(tmp_path):
    path = tmp_path / "courses.json"
    course = {"code": "Q", "title": "Q", "contact_hours": 10, "modules": [{"title": "One", "hours": 9}]}
    path.write_text(json.dumps({"courses": [course]}))

    with pytest.raises(CommandError, match="the modules have 9 hours, the contact hours are 10"):
        call_command("import_courses", str(path))

    assert not Course.objects.exists()
