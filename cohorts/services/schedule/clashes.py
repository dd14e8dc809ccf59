"""Two things at once: an instructor, a room or a trainee wanted by two sessions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import F

from cohorts.models import Cohort, CohortInstructor, Enrolment, Mode, Session
from cohorts.services.schedule.drafts import Draft


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
    """Return the clashes that one cohort is part of. Seven queries, over the cohorts that share something with it."""
    near = _neighbours(cohort, since)
    bookings = _stored(since, [], among=near)
    found = [
        *_shared("instructor", _by_instructor(bookings)),
        *_shared("room", _by_room(bookings)),
        *_of_trainees(bookings, among=near),
    ]
    own = {each for each in found if cohort.pk in (each.first.cohort_id, each.second.cohort_id)}
    return sorted(own, key=lambda clash: (clash.first.starts_at, clash.kind, clash.name))


def _neighbours(cohort: Cohort, since: datetime) -> set[int]:
    """Return the cohort and those with which it shares an instructor, a room or a person. Three queries."""
    own = Session.objects.countable().filter(cohort=cohort, ends_at__gt=since).exclude(room="")
    rooms = set(own.values_list("venue", "room"))
    there = Session.objects.countable().filter(ends_at__gt=since, room__in={room for _venue, room in rooms})
    taught = Cohort.objects.filter(instructors__in=cohort.instructors.all()).values_list("pk", flat=True)
    people = Enrolment.objects.filter(cohort=cohort, status__in=Enrolment.LIVE).values("trainee")
    elsewhere = Enrolment.objects.filter(trainee__in=people, status__in=Enrolment.LIVE)
    in_rooms = {pk for pk, venue, room in there.values_list("cohort_id", "venue", "room") if (venue, room) in rooms}
    return {cohort.pk, *taught, *elsewhere.values_list("cohort_id", flat=True), *(in_rooms if rooms else ())}


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


def _by_instructor(bookings: list[Booking]) -> dict[str, list[Booking]]:
    through = CohortInstructor.objects.values_list("cohort_id", "user_id", "user__full_name", "user__email")
    teachers: dict[int, list[tuple[int, str]]] = {}
    for cohort_id, user_id, name, email in through:
        teachers.setdefault(cohort_id, []).append((user_id, name or email))
    held: dict[tuple[int, str], list[Booking]] = {}
    holders = _holders(bookings)
    for each in bookings:
        own = holders.get(each.session_id or 0)
        for teacher in teachers.get(each.cohort_id, []):
            if own is None or teacher[0] in own:
                held.setdefault(teacher, []).append(each)
    return {f"{name}\0{user_id}": found for (user_id, name), found in held.items()}


def _holders(bookings: list[Booking]) -> dict[int, set[int]]:
    """Return who holds the sessions that are given to some of their cohort's instructors. One query."""
    cohorts = {each.cohort_id for each in bookings}
    given = Session.instructors.through.objects.filter(session__cohort__in=cohorts)
    held: dict[int, set[int]] = {}
    for session_id, user_id in given.values_list("session_id", "user_id"):
        held.setdefault(session_id, set()).add(user_id)
    return held


def _by_room(bookings: list[Booking]) -> dict[str, list[Booking]]:
    held: dict[str, list[Booking]] = {}
    for each in bookings:
        if each.room:
            held.setdefault(f"{each.venue}, {each.room}".strip(", ") + f"\0{each.city}", []).append(each)
    return held


def _shared(kind: str, held: dict[str, list[Booking]]) -> list[Clash]:
    """Return overlapping neighbours among the bookings of each holder."""
    found = []
    for key, bookings in held.items():
        open_one: Booking | None = None
        for each in sorted(bookings, key=lambda booking: (booking.starts_at, booking.ends_at)):
            if open_one is not None and each.overlaps(open_one):
                found.append(Clash(kind, key.split("\0")[0], open_one, each))
            if open_one is None or each.ends_at > open_one.ends_at:
                open_one = each
    return found


def _of_trainees(bookings: list[Booking], among: set[int] | None = None) -> list[Clash]:
    """Return clashes of people who take part in two cohorts; one query finds the few who do."""
    pairs = Enrolment.objects.filter(
        status__in=Enrolment.LIVE,
        trainee__enrolments__status__in=Enrolment.LIVE,
        trainee__enrolments__cohort_id__gt=F("cohort_id"),
    )
    if among is not None:
        pairs = pairs.filter(cohort__in=among, trainee__enrolments__cohort__in=among)
    by_cohort: dict[int, list[Booking]] = {}
    for each in bookings:
        by_cohort.setdefault(each.cohort_id, []).append(each)
    found = []
    for name, one, other in pairs.values_list("trainee__full_name", "cohort_id", "trainee__enrolments__cohort_id"):
        for first in by_cohort.get(one, []):
            found += [Clash("trainee", name, first, each) for each in by_cohort.get(other, []) if first.overlaps(each)]
    return found
