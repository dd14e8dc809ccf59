"""A cohort with four classes a week, and wishes to change its timetable."""

from datetime import time

from cohorts.services.schedule import MoveSession, Place, change_timetable
from tests.factories import BEFORE, make_cohort

ONLINE = Place("online")
MON_TO_THU = [{"weekday": day, "start": "10:00", "end": "13:00"} for day in ("MO", "TU", "WE", "TH")]


def cohort_of(sessions=4, **fields):
    """Sessions on Monday 4 May 2020 and the days after, 10 to 13 in Karachi."""
    return make_cohort(sessions=sessions, weekly_pattern=MON_TO_THU, **fields)


def dates(cohort):
    return [each.date.day for each in cohort.sessions.countable().order_by("number")]


def change(cohort, wish, **more):
    return change_timetable(cohort=cohort, wish=wish, by=None, at=BEFORE, **more)


def move(session, day, start=time(10), end=time(13), place=ONLINE):
    return MoveSession(session.pk, day, start, end, place)
