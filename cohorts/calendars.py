"""Sessions as calendar files (RFC 5545, and RFC 5546 for what goes by mail)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from cohorts.models import Session
from trainees.services.calendar import make_calendar_secret
from trainees.services.messages import Attachment

# Many sessions in one file, each with its own UID: that is a PUBLISH. A REQUEST may hold one UID only and
# asks for an answer that nobody here reads (RFC 5546, 3.2).
METHOD = "PUBLISH"


@dataclass(frozen=True)
class Entry:
    """One session as a calendar shows it; hashable, so that equal timetables are written out once."""

    uid: str
    sequence: int
    starts_at: datetime  # local, with the cohort's zone
    ends_at: datetime
    title: str
    place: str
    about: str
    url: str
    cancelled: bool


def timetable_file(sessions: Iterable[Session], *, language: str, at: datetime) -> Attachment:
    """Return sessions of one cohort as the file that goes with a mail. The caller has joined cohort and course."""
    entries = entries_of(sessions, language)
    hour = at.replace(minute=0, second=0, microsecond=0)  # a rush of registrations shares one text
    return Attachment("timetable.ics", f"text/calendar; method={METHOD}", write_calendar(entries, "", hour))


def entries_of(sessions: Iterable[Session], language: str) -> tuple[Entry, ...]:
    """Return what a calendar shows of each session, in the reader's language. No queries when joined."""
    with translation.override(language):
        return tuple(_entry(session, language) for session in sessions)


@lru_cache(maxsize=64)
def write_calendar(entries: tuple[Entry, ...], name: str, stamp: datetime) -> str:
    """Write a calendar; with a `name` it is a feed that programs fetch again. Zones are spelled out."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//Hunar//{settings.SITE_HOST}//EN")
    calendar.add("method", METHOD)
    calendar.add("calscale", "GREGORIAN")
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", timedelta(hours=6), parameters={"value": "DURATION"})
        calendar.add("x-published-ttl", "PT6H")
    for entry in entries:
        calendar.add_component(_event(entry, stamp))
    calendar.add_missing_timezones()
    return calendar.to_ical().decode()


def describe_calendar(user: Any) -> dict[str, str]:
    """Return the secret address of an account's calendar, and as a link that calendar programs open."""
    address = settings.SITE_URL + reverse("calendar", args=[make_calendar_secret(user)])
    return {"calendar_address": address, "calendar_link": "webcal://" + address.partition("://")[2]}


def _entry(session: Session, language: str) -> Entry:
    cohort = session.cohort
    course = cohort.course.title_ur if language == "ur" and cohort.course.title_ur else cohort.course.title
    zone = ZoneInfo(cohort.time_zone)
    cancelled = session.state == Session.State.CANCELLED
    title = _("%(course)s, session %(number)d") % {"course": course, "number": session.number}
    about = [cohort.code, session.topic, session.cancel_reason if cancelled else "", session.link]
    return Entry(
        uid=f"session-{session.pk}@{settings.SITE_HOST}",
        sequence=session.sequence,
        starts_at=session.starts_at.astimezone(zone),
        ends_at=session.ends_at.astimezone(zone),
        title=_("Cancelled: %s") % title if cancelled else title,
        place=session.place,
        about="\n".join(part for part in about if part),
        url=session.link or settings.SITE_URL + reverse("cohort", args=[cohort.code]),
        cancelled=cancelled,
    )


def _event(entry: Entry, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", stamp)
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("summary", entry.title)
    event.add("location", entry.place)
    event.add("description", entry.about)
    event.add("url", entry.url)
    event.add("organizer", f"mailto:{_office_address()}")
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    return event


def _office_address() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">").strip()
