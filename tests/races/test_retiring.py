"""Something is retired while somebody begins to use it: nothing new comes to what is retired."""

from datetime import timedelta
from functools import partial
from threading import Event

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection
from django.db.models import QuerySet

from audit.models import AuditEntry
from cohorts.imports.cohorts_file import read_cohorts
from cohorts.services import instructors
from cohorts.services.enrolment import places
from cohorts.services.schedule import AddSession, Place, change_timetable, cohort_file, storing
from cohorts.services.venues import save_venue
from portal.setup.retiring import set_retired
from tests.factories import BEFORE, START, make_cohort, make_course, make_trainee, make_user
from tests.races.test_places import run_together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]  # one race at a time
ENTRY = {
    "code": "NEW-1",
    "course": "AI",
    "city": "LHE",
    "mode": "online",
    "capacity": 9,
    "waitlist_limit": 0,
    "venue": None,
    "timezone": "Asia/Karachi",
    "start_date": "2020-05-04",
    "weekly_pattern": [{"weekday": "MO", "start": "10:00", "end": "13:00"}],
    "instructors": [],
}


def enrol():
    cohort, trainee = make_cohort(), make_trainee()
    act = partial(places.enrol, trainee=trainee, cohort=cohort, by=None, at=BEFORE)
    return cohort.course, act, "enrolment.create", (places, "_count_for")


def enrol_in_the_programme():
    course, *rest = enrol()
    return course.programme, *rest


def name():
    cohort, user = make_cohort(), make_user("hira@example.org")
    act = partial(instructors.add_instructor, cohort=cohort, email=user.email, name="", by=None, at=BEFORE)
    return user, act, "cohort.instructors", (instructors, "_names")


def make():
    course = make_course("AI")
    act = partial(cohort_file.import_cohorts, rows=read_cohorts([ENTRY]), by=None, at=BEFORE)
    return course, act, "cohort.save", (cohort_file, "plan_row")


def make_in_the_programme():
    course, *rest = make()
    return course.programme, *rest


def hold():
    values = {"city": "LHE", "name": "Centre", "address": "", "map_url": ""}
    venue = save_venue(venue=None, values=values, rooms={"Lab": 9}, by=None, at=BEFORE)
    cohort = make_cohort(city="LHE")
    wish = AddSession((START + timedelta(days=9)).date(), *_hours(), Place("classroom", "Centre", "Lab"))
    act = partial(change_timetable, cohort=cohort, wish=wish, by=None, at=BEFORE)
    return venue, act, "timetable.change", (storing, "_fill")


def _hours():
    return START.time(), (START + timedelta(hours=3)).time()


KINDS = {
    "course": [enrol, make],
    "programme": [enrol_in_the_programme, make_in_the_programme],
    "instructor": [name],
    "venue": [hold],
}
PAIRS = [(kind, each) for kind, acts in KINDS.items() for each in acts]


def race(monkeypatch, kind, prepare, patience):
    """Retire the thing just when somebody has found it in use for the taking; return what came of both.

    Who has found it waits for the other, but no longer than the patience, in seconds.
    """
    thing, act, entry, (module, step) = prepare()
    found, retired, go_on = Event(), Event(), getattr(module, step)

    def pause(*given, **more):
        found.set()
        retired.wait(patience)
        return go_on(*given, **more)

    monkeypatch.setattr(module, step, pause)

    def retire():
        found.wait(60)
        done = set_retired(kind=kind, pk=thing.pk, retired=True, by=None, at=BEFORE)
        retired.set()
        return done

    results = run_together([act, retire])
    taken = AuditEntry.objects.filter(act=entry).order_by("-id").values_list("id", flat=True).first()
    gone = AuditEntry.objects.filter(act=f"{kind}.retire").values_list("id", flat=True).first()
    return results, taken, gone


@pytest.mark.parametrize(("kind", "prepare"), PAIRS)
def test_nothing_new_comes_to_what_is_retired(monkeypatch, kind, prepare):
    # A lock keeps the other waiting for longer than any patience.
    (taken_by, retired_by), taken, gone = race(monkeypatch, kind, prepare, patience=2)

    assert retired_by is True
    assert not isinstance(taken_by, Exception)
    assert taken < gone


@pytest.mark.parametrize(("kind", "prepare"), PAIRS)
def test_without_the_locks_something_new_comes_to_it(monkeypatch, kind, prepare):
    """PostgreSQL then takes what was retired before; SQLite, whose lock is the IMMEDIATE transaction, breaks off."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_kinds: self)
    monkeypatch.delitem(connection.settings_dict["OPTIONS"], "transaction_mode", raising=False)

    results, taken, gone = race(monkeypatch, kind, prepare, patience=60)

    broke_off = any(isinstance(each, OperationalError) for each in results)
    assert broke_off or taken > gone


def test_what_was_retired_first_is_refused():
    for kind, prepare in PAIRS:
        thing, act, _entry, _step = prepare()
        set_retired(kind=kind, pk=thing.pk, retired=True, by=None, at=BEFORE)
        with pytest.raises(ValidationError, match=r"retired|no longer offered"):
            act()
        set_retired(kind=kind, pk=thing.pk, retired=False, by=None, at=BEFORE)
