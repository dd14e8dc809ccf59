"""The Eid of 2020: published as 25 to 27 May, moved to 22 to 27 May by a notice of 16 May."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from icalendar import Calendar

from cohorts.models import Cohort, Holiday, TimetableChange
from cohorts.services.schedule import carry_out, waiting_changes
from tests.factories import make_enrolment, make_office
from trainees.models import Message

DATA = Path(__file__).parent.parent / "data"
DEMO = Path(__file__).parent.parent.parent / "demo"
NOTICE = datetime(2020, 5, 16, 7, tzinfo=UTC)
EID = [date(2020, 5, day) for day in range(22, 28)]
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
pytestmark = pytest.mark.django_db


def lay_out(entry, minutes, off):
    """Compute a timetable from the file alone: a list of (date, minutes), by a plain walk through the days."""
    day, found = date.fromisoformat(entry["start_date"]), []
    slots = {}
    for slot in entry["weekly_pattern"]:
        start, end = (time.fromisoformat(slot[name]) for name in ("start", "end"))
        length = (end.hour * 60 + end.minute - start.hour * 60 - start.minute) % 1440
        slots.setdefault(WEEKDAYS.index(slot["weekday"]), []).append(length)
    while minutes:
        for length in slots.get(day.weekday(), []) if day not in off else []:
            length = min(length, minutes)
            minutes -= length
            found += [(day, length)] if length else []
        day += timedelta(days=1)
    return found


WEEKEND = [  # the published days fell on Monday to Wednesday; the notice added Friday to Sunday
    ("AI-LHE-91", [("FR", "15:00", "18:00"), ("SA", "10:00", "13:00")]),
    ("AI-LHE-92", [("SA", "10:00", "15:00"), ("MO", "18:00", "20:00")]),
    ("AI-LHE-93", [("SU", "22:00", "01:00"), ("TU", "22:00", "01:00")]),
]


def read_cohorts():
    document = json.loads((DEMO / "cohorts.json").read_text())
    for code, slots in WEEKEND:
        pattern = [dict(zip(("weekday", "start", "end"), slot, strict=True)) for slot in slots]
        person = {"name": "Sana Gul", "email": f"instructor.{code.lower()}@example.org"}
        extra = {"code": code, "weekly_pattern": pattern, "instructor": person}
        document["cohorts"].append(document["cohorts"][0] | extra)
    return document


def import_programme(tmp_path, known):
    """Import courses and cohorts; `known` are the days of Eid that the timetables are laid around."""
    holidays = json.loads((DEMO / "holidays_2020.json").read_text())
    days = [each for each in holidays["holidays"] if not each["name"].startswith("Eid-ul-Fitr")]
    holidays["holidays"] = days + [{"date": day, "name": "Eid-ul-Fitr"} for day in known]
    files = {"holidays.json": holidays, "cohorts.json": read_cohorts()}
    for name, document in files.items():
        (tmp_path / name).write_text(json.dumps(document))
    call_command("import_courses", str(DEMO / "courses.json"))
    call_command("import_cohorts", str(tmp_path / "cohorts.json"), "--holidays", str(tmp_path / "holidays.json"))


def expected(off):
    hours = {each["code"]: each["contact_hours"] for each in json.loads((DEMO / "courses.json").read_text())["courses"]}
    entries = read_cohorts()["cohorts"]
    return {each["code"]: lay_out(each, hours[each["course"]] * 60, off) for each in entries}


def timetables():
    return {
        cohort.code: list(cohort.sessions.order_by("starts_at").values_list("date", "minutes"))
        for cohort in Cohort.objects.prefetch_related("sessions")
    }


@pytest.mark.parametrize(
    ("known", "touched_cohorts"), [(["2020-05-25", "2020-05-26", "2020-05-27"], 3), ([], 15)], ids=["published", "open"]
)
def test_the_notice_moves_every_timetable_by_one_act_and_everybody_hears_of_it_once(
    tmp_path, client, known, touched_cohorts
):
    import_programme(tmp_path, known)
    off = set(Holiday.objects.values_list("date", flat=True))
    before, after = expected(off), expected(off | set(EID))
    touched = sorted(code for code in after if after[code] != before[code])
    assert timetables() == before
    assert len(touched) >= touched_cohorts
    cohort = Cohort.objects.get(code=touched[0])
    people = [make_enrolment(cohort, at=NOTICE - timedelta(days=30)).trainee.email for _ in range(3)]
    people += cohort.instructors.values_list("email", flat=True)
    office = make_office()
    client.force_login(office, backend="django.contrib.auth.backends.ModelBackend")
    form = {"first": "2020-05-22", "last": "2020-05-27", "holiday_name": "Eid-ul-Fitr", "reason": "Notice of 16 May"}

    with time_machine.travel(NOTICE, tick=False):
        preview = client.post("/manage/timetables/", form)
        assert [each.cohort.code for each in preview.context["ready"]] == [
            each.code for each in Cohort.objects.order_by("starts_on", "code") if each.code in touched
        ]
        assert timetables() == before

        answer = client.post("/manage/timetables/", form | {"act": "yes"})
        for change_id in [*waiting_changes(), *waiting_changes()]:  # delivered twice
            carry_out(change_id=change_id, at=NOTICE)
        progress = client.get(answer.url)

    assert timetables() == after
    answers = json.loads((DATA / "cohorts.answers.json").read_text())
    for code, answer in answers.items():  # of somebody else's reckoning, for the 56 of the file
        last = Cohort.objects.get(code=code).sessions.order_by("starts_at").last()
        zone = ZoneInfo("Asia/Karachi")
        assert last.ends_at.astimezone(zone).replace(tzinfo=None).isoformat() == answer["last_end"]
    assert f"{len(touched)} of {len(touched)} cohorts" in progress.content.decode()
    assert set(Holiday.objects.values_list("date", flat=True)) == off | set(EID)
    assert TimetableChange.objects.filter(state="done", by=office).count() == len(touched)
    mails = Message.objects.filter(kind="timetable", about=cohort.code)
    assert sorted(mails.values_list("to", flat=True)) == sorted(people)
    assert Message.objects.filter(kind="timetable").count() == len(people) + len(touched) - 1

    events = Calendar.from_ical(mails[0].attachments[0]["content"]).walk("VEVENT")
    moved = cohort.sessions.filter(sequence=1)
    assert {str(each["uid"]) for each in events} == {f"session-{each.pk}@testserver" for each in moved}
    assert not {each.decoded("dtstart").date() for each in events} & set(EID)
