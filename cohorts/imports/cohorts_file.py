"""The cohorts file and the holidays file (JSON)."""

from dataclasses import dataclass
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from courses.imports import Fields, UnreadableEntry, entries_of

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
CITIES = ("KHI", "LHE", "ISB", "PEW", "QTA", "ONL")


@dataclass(frozen=True)
class Slot:
    """A weekly meeting, in local time; an end that is not later than the start is on the next day."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True)
class Meeting:
    """One meeting on one date, in local time."""

    date: date
    start: time
    end: time


@dataclass(frozen=True)
class CohortRow:
    code: str
    course: str
    city: str
    mode: str
    venue: str
    room: str
    time_zone: str
    starts_on: date
    capacity: int
    waitlist_limit: int
    pattern: tuple[Slot, ...]
    meetings: tuple[Meeting, ...]
    instructors: tuple[tuple[str, str], ...]  # name, e-mail


def read_holidays(document: Any) -> dict[date, str]:
    """Return date -> name from a holidays document: a list, or an object with `holidays`."""
    found = document.get("holidays") if isinstance(document, dict) else document
    if not isinstance(found, list):
        raise UnreadableEntry(_("the file"), "holidays", _("must be a list"))
    days = {}
    for position, entry in enumerate(found, 1):
        fields = Fields(entry if isinstance(entry, dict) else {"date": entry}, position, "holiday")
        days[fields.day("date")] = fields.text("name", "Holiday", 120)
    return days


def read_cohorts(document: Any) -> list[CohortRow]:
    """Return the cohorts of a document. Raises UnreadableEntry at the first wrong field."""
    entries = entries_of(document, "cohorts")
    rows = [_read_cohort(Fields(entry, position, "cohort")) for position, entry in enumerate(entries, 1)]
    codes = [row.code for row in rows]
    for code in codes:
        if codes.count(code) > 1:
            raise UnreadableEntry(f"cohort {code}", "code", _("stands twice in the file"))
    return rows


def _read_cohort(fields: Fields) -> CohortRow:
    entry = fields.entry
    venue = entry.get("venue") or {}
    place = Fields(venue if isinstance(venue, dict) else {"name": venue}, 1, fields.name + " venue")
    pattern = tuple(_read_slot(fields, slot) for slot in _objects(fields, "weekly_pattern"))
    meetings = tuple(_read_meeting(fields, each) for each in _objects(fields, "sessions"))
    if not pattern and not meetings:
        raise fields.wrong("weekly_pattern", _("give a weekly pattern or a list of sessions"))
    return CohortRow(
        code=fields.text("code", limit=30),
        course=fields.text("course", limit=12),
        city=_choice(fields, "city", CITIES, "ONL"),
        mode=_choice(fields, "mode", ("classroom", "online"), "online"),
        venue=place.text("name", ""),
        room=place.text("room", "", 80),
        time_zone=_time_zone(fields),
        starts_on=fields.day("start_date")
        if entry.get("start_date")
        else min(each.date for each in meetings)
        if meetings
        else fields.day("start_date"),
        capacity=fields.number("capacity", least=1, most=100_000),
        waitlist_limit=fields.number("waitlist_limit", 0, most=100_000),
        pattern=pattern,
        meetings=tuple(sorted(meetings, key=lambda each: (each.date, each.start))),
        instructors=_read_instructors(fields),
    )


def _objects(fields: Fields, name: str) -> list[dict[str, Any]]:
    found = fields.entry.get(name) or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise fields.wrong(name, _("give a list of objects"))
    return found


def _choice(fields: Fields, name: str, allowed: tuple[str, ...], default: str) -> str:
    value = fields.text(name, default, 20)
    if value not in allowed:
        raise fields.wrong(name, _("must be one of %s") % ", ".join(allowed))
    return value


def _time_zone(fields: Fields) -> str:
    name = fields.text("timezone", fields.entry.get("time_zone") or "Asia/Karachi", 60)
    if name not in available_timezones():
        raise fields.wrong("timezone", _("is no time zone; give a name such as Asia/Karachi"))
    return str(ZoneInfo(name))


def _read_slot(fields: Fields, slot: dict[str, Any]) -> Slot:
    weekday = str(slot.get("weekday", "")).strip().upper()[:2]
    if weekday not in WEEKDAYS:
        raise fields.wrong("weekly_pattern", _("weekday must be one of %s") % ", ".join(WEEKDAYS))
    return Slot(WEEKDAYS.index(weekday), _clock(fields, slot, "start"), _clock(fields, slot, "end"))


def _read_meeting(fields: Fields, entry: dict[str, Any]) -> Meeting:
    try:
        day = date.fromisoformat(str(entry.get("date")))
    except ValueError:
        raise fields.wrong("sessions", _("date must look like 2020-05-04")) from None
    return Meeting(day, _clock(fields, entry, "start"), _clock(fields, entry, "end"))


def _clock(fields: Fields, entry: dict[str, Any], name: str) -> time:
    try:
        return time.fromisoformat(str(entry.get(name))).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise fields.wrong(name, _("give a time as 10:00")) from None


def _read_instructors(fields: Fields) -> tuple[tuple[str, str], ...]:
    entry = fields.entry
    found = entry.get("instructors") or ([entry["instructor"]] if entry.get("instructor") else [])
    people = []
    for position, person in enumerate(found if isinstance(found, list) else [], 1):
        inner = Fields(person if isinstance(person, dict) else {}, position, fields.name + " instructor")
        email = inner.text("email", limit=254).lower()
        try:
            validate_email(email)
        except ValidationError:
            raise fields.wrong("instructor", _("the e-mail address is not valid")) from None
        people.append((inner.text("name", "", 120), email))
    return tuple(people)
