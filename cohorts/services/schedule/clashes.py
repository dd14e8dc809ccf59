"""Two things at once: an instructor, a room or a trainee wanted by two sessions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, QuerySet, Value, When
from django.db.models.functions import Concat

from cohorts.models import Cohort, CohortInstructor, Enrolment, Mode, Session
from cohorts.services.schedule.drafts import Draft

Key = tuple[str, int, str]  # who or what is wanted: its kind, the person's id (or 0), the words of the room


@dataclass(frozen=True)
class Booking:
    """One session as far as clashes go."""

    cohort_id: int
    code: str
    city: str
    session_id: int | None
    number: int
    date: date
    start: time
    starts_at: datetime
    ends_at: datetime
    venue: str
    room: str

    def overlaps(self, other: "Booking") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True)
class Clash:
    """What is wanted twice (`instructor`, `room` or `trainee`, and its name), and by which two sessions."""

    kind: str
    name: str
    first: Booking
    second: Booking
    person: int = 0  # the account of an instructor, or the trainee

    @property
    def key(self) -> Key:
        return (self.kind, self.person, "" if self.person else self.name)


def list_clashes(*, since: datetime, drafts: Mapping[Cohort, Iterable[Draft]] | None = None) -> list[Clash]:
    """Return every clash of sessions that end after `since`, soonest first. Four queries.

    Cohorts in `drafts` count as they will be, and then only clashes that touch one of them are returned.
    """
    drafts = drafts or {}
    bookings = _stored(since, [cohort.pk for cohort in drafts])
    bookings += [_drafted(cohort, draft) for cohort, each in drafts.items() for draft in each if draft.counts]
    focus = {cohort.pk for cohort in drafts}
    found = [
        *_shared("instructor", _by_instructor(bookings)),
        *_shared("room", _by_room(bookings)),
        *_of_trainees(bookings),
    ]
    if focus:
        found = [each for each in found if {each.first.cohort_id, each.second.cohort_id} & focus]
    unique = {(each.kind, each.name, each.first, each.second): each for each in found}
    return sorted(unique.values(), key=lambda clash: (clash.first.starts_at, clash.kind, clash.name))


def clashes_of(cohort: Cohort, since: datetime) -> list[Clash]:
    """Return the clashes that one cohort is part of. At most ten queries, over the cohorts that share with it."""
    _keys, found = clashes_around(cohorts={cohort.pk}, also=(), since=since)
    own = {each for each in found if cohort.pk in (each.first.cohort_id, each.second.cohort_id)}
    return sorted(own, key=lambda clash: (clash.first.starts_at, clash.kind, clash.name))


def clashes_around(*, cohorts: set[int], also: Iterable[Key], since: datetime) -> tuple[set[Key], list[Clash]]:
    """Return whom and what some cohorts want, with `also`, and every clash of these: with any cohort, after `since`.

    At most ten queries, over the cohorts that share something with them.
    """
    keys = _wanted(cohorts, since) | set(also)
    near = _users_of(keys, since)
    bookings = _stored(since, [], among=near)
    found = [
        *_shared("instructor", _by_instructor(bookings)),
        *_shared("room", _by_room(bookings)),
        *_of_trainees(bookings, among=near),
    ]
    return keys, [each for each in found if each.key in keys]


def _wanted(cohorts: set[int], since: datetime) -> set[Key]:
    """Return the instructors and rooms of some cohorts, and their people who are in another one too. Three queries."""
    teachers = CohortInstructor.objects.filter(cohort__in=cohorts).values_list("user_id", flat=True)
    rooms = _in_rooms(since).filter(cohort__in=cohorts).values_list("words", flat=True).distinct()
    others = Enrolment.objects.filter(trainee=OuterRef("trainee"), status__in=Enrolment.LIVE).exclude(pk=OuterRef("pk"))
    shared = Enrolment.objects.filter(Exists(others), cohort__in=cohorts, status__in=Enrolment.LIVE)
    return {
        *(("instructor", pk, "") for pk in teachers),
        *(("room", 0, words) for words in rooms),
        *(("trainee", pk, "") for pk in shared.values_list("trainee_id", flat=True)),
    }


def _users_of(keys: set[Key], since: datetime) -> set[int]:
    """Return the cohorts that want any of these. A query for each kind of which there are some."""
    people = {kind: {pk for each, pk, _words in keys if each == kind} for kind in ("instructor", "trainee")}
    rooms = {words for kind, _pk, words in keys if kind == "room"}
    taught = CohortInstructor.objects.filter(user__in=people["instructor"])
    there = _in_rooms(since).filter(words__in=rooms)
    inside = Enrolment.objects.filter(trainee__in=people["trainee"], status__in=Enrolment.LIVE)
    return {pk for rows in (taught, there, inside) for pk in rows.values_list("cohort_id", flat=True).distinct()}


def _in_rooms(since: datetime) -> QuerySet[Any]:
    """Sessions to come that need a room, with its `words` as `_say_room` has them."""
    found = Session.objects.countable().filter(ends_at__gt=since, mode=Mode.CLASSROOM).exclude(room="")
    words = Case(When(venue="", then=F("room")), default=Concat("venue", Value(", "), "room"))
    return found.annotate(words=words)


def _say_room(venue: str, room: str) -> str:
    return f"{venue}, {room}" if venue else room


def _stored(since: datetime, without: list[int], among: set[int] | None = None) -> list[Booking]:
    sessions = Session.objects.countable().filter(ends_at__gt=since).exclude(cohort__in=without)
    if among is not None:
        sessions = sessions.filter(cohort__in=among)
    rows = sessions.values_list(
        *("cohort_id", "cohort__code", "cohort__city", "pk", "number", "date", "start_time", "starts_at", "ends_at"),
        *("venue", "room", "mode"),
    )
    return [_booking(*row) for row in rows]


def _drafted(cohort: Cohort, draft: Draft) -> Booking:
    slot, place = draft.slot, draft.place
    times = (slot.date, slot.start, slot.starts_at, slot.ends_at)
    who = (cohort.pk, cohort.code, cohort.city, draft.session.pk if draft.session else None)
    return _booking(*who, draft.number, *times, place.venue, place.room, place.mode)


def _booking(
    cohort_id: int,
    code: str,
    city: str,
    session_id: int | None,
    number: int,
    day: date,
    start: time,
    starts_at: datetime,
    ends_at: datetime,
    venue: str,
    room: str,
    mode: str,
) -> Booking:
    room = room if mode == Mode.CLASSROOM else ""
    return Booking(cohort_id, code, city, session_id, number, day, start, starts_at, ends_at, venue, room)


def _by_instructor(bookings: list[Booking]) -> dict[tuple[str, int], list[Booking]]:
    through = CohortInstructor.objects.filter(cohort__in={each.cohort_id for each in bookings}).values_list(
        "cohort_id", "user_id", "user__full_name", "user__email"
    )
    teachers: dict[int, list[tuple[str, int]]] = {}
    for cohort_id, user_id, name, email in through:
        teachers.setdefault(cohort_id, []).append((name or email, user_id))
    held: dict[tuple[str, int], list[Booking]] = {}
    holders = _holders(bookings)
    for each in bookings:
        own = holders.get(each.session_id or 0)
        for teacher in teachers.get(each.cohort_id, []):
            if own is None or teacher[1] in own:
                held.setdefault(teacher, []).append(each)
    return held


def _holders(bookings: list[Booking]) -> dict[int, set[int]]:
    """Return who holds the sessions that are given to some of their cohort's instructors. One query."""
    cohorts = {each.cohort_id for each in bookings}
    given = Session.instructors.through.objects.filter(session__cohort__in=cohorts)
    held: dict[int, set[int]] = {}
    for session_id, user_id in given.values_list("session_id", "user_id"):
        held.setdefault(session_id, set()).add(user_id)
    return held


def _by_room(bookings: list[Booking]) -> dict[tuple[str, str], list[Booking]]:
    held: dict[tuple[str, str], list[Booking]] = {}
    for each in bookings:
        if each.room:
            held.setdefault((_say_room(each.venue, each.room), each.city), []).append(each)
    return held


def _shared(kind: str, held: Mapping[tuple[str, Any], list[Booking]]) -> list[Clash]:
    """Return each booking of a holder that begins while another is not over, with the one that is over last."""
    found = []
    for (name, told_apart), bookings in held.items():
        person = told_apart if kind == "instructor" else 0
        open_one: Booking | None = None
        for each in sorted(bookings, key=lambda booking: (booking.starts_at, booking.ends_at, booking.session_id or 0)):
            if open_one is not None and each.overlaps(open_one):
                found.append(Clash(kind, name, open_one, each, person))
            if open_one is None or each.ends_at > open_one.ends_at:
                open_one = each
    return found


def _of_trainees(bookings: list[Booking], among: set[int] | None = None) -> list[Clash]:
    """Return clashes of people who take part in two cohorts; one query finds the few who do."""
    both: dict[str, Any] = {  # by one filter, so that all of it is asked of the same second enrolment
        "status__in": Enrolment.LIVE,
        "trainee__enrolments__status__in": Enrolment.LIVE,
        "trainee__enrolments__cohort_id__gt": F("cohort_id"),
    }
    if among is not None:
        both |= {"cohort__in": among, "trainee__enrolments__cohort__in": among}
    pairs = Enrolment.objects.filter(**both)
    by_cohort: dict[int, list[Booking]] = {}
    for each in bookings:
        by_cohort.setdefault(each.cohort_id, []).append(each)
    found = []
    names = ("trainee__full_name", "trainee_id", "cohort_id", "trainee__enrolments__cohort_id")
    for name, person, one, other in pairs.values_list(*names):
        for first in by_cohort.get(one, []):
            meet = [each for each in by_cohort.get(other, []) if first.overlaps(each)]
            found += [Clash("trainee", name, first, each, person) for each in meet]
    return found
