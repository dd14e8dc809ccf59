"""Venues and their rooms: entered when something names them first, completed by the office, never deleted."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Prefetch, Q
from django.utils.translation import gettext as _

from audit.services import compare, record
from cohorts.models import Cohort, Mode, Room, Session, Venue
from cohorts.services.errors import Conflict
from cohorts.services.locks import lock_in_order
from trainees.models import User

Words = tuple[str, str]  # venue and room, as people read them


class VenueRetired(Conflict):
    def __init__(self, name: str) -> None:
        text = _("%s is retired: choose another place, or bring it back first.") % name
        super().__init__(text, code="venue_retired")


class VenueExists(Conflict):
    def __init__(self, venue: Venue) -> None:
        text = _("%(city)s has a venue called %(name)s already.")
        super().__init__(text % {"city": venue.get_city_display(), "name": venue.name}, code="venue_exists")


def find_rooms(
    *, city: str, places: Iterable[Words], by: User | None, at: datetime, standing: Iterable[Words] = ()
) -> dict[Words, Room]:
    """Return the room that each pair of words means, whatever its case; what is named first is entered.

    Raises VenueRetired for a place that is retired, unless it is one of the `standing`. One query, two more where
    something is not, whose venues are locked, and three for each that is new.
    """
    wanted = {(venue, room) for venue, room in places if venue}
    if not wanted:
        return {}
    kept = set(standing)
    rooms = rooms_of(city)
    if named := {venue.strip().lower() for venue, room in wanted - kept}:
        lock_in_order(Venue.objects.filter(pk__in={r.venue_id for r in rooms if r.venue.name.lower() in named}))
        rooms = rooms_of(city)
    known = {_key(room.venue.name, room.name): room for room in rooms}
    found = {}
    for venue, room in sorted(wanted):
        there = known.get(_key(venue, room))
        if there is None:
            there = known[_key(venue, room)] = _enter(city, venue, room, by, at)
        if (there.retired_at or there.venue.retired_at) and (venue, room) not in kept:
            raise VenueRetired(", ".join(part for part in (room, venue) if part))
        found[venue, room] = there
    return found


def rooms_of(city: str = "") -> list[Room]:
    """Return the rooms of a city, or all, with their venues, in the order of names. One query."""
    found = Room.objects.select_related("venue").order_by("venue__city", "venue__name", "name")
    return list(found.filter(venue__city=city) if city else found)


def known_venues(city: str = "") -> list[Venue]:
    """Return the venues that can be chosen, of a city or all, with their rooms that can be. Two queries."""
    rooms = Room.objects.filter(retired_at__isnull=True).exclude(name="").order_by("name")
    found = Venue.objects.filter(retired_at__isnull=True, **({"city": city} if city else {}))
    return list(found.prefetch_related(Prefetch("rooms", rooms)).order_by("city", "name"))


def _key(venue: str, room: str) -> Words:
    return venue.strip().lower(), room.strip().lower()


def _enter(city: str, venue: str, room: str, by: User | None, at: datetime) -> Room:
    house = Venue.objects.filter(city=city, name__iexact=venue.strip()).first()
    try:
        with transaction.atomic():
            if house is None:
                house = Venue.objects.create(city=city, name=venue.strip())
                record(act="venue.save", by=by, at=at, subject=house, detail={"new": True})
            return Room.objects.create(venue=house, name=room.strip())
    except IntegrityError:  # somebody else named the same place in this very moment: theirs stands
        house = Venue.objects.get(city=city, name__iexact=venue.strip())
        return Room.objects.get_or_create(venue=house, name__iexact=room.strip(), defaults={"name": room.strip()})[0]


@transaction.atomic
def save_venue(
    *, venue: Venue | None, values: Mapping[str, Any], rooms: Mapping[str, int | None], by: User | None, at: datetime
) -> Venue:
    """Enter or change a venue: `values` are city, name, address and map_url, `rooms` seats by name.

    A room that is left out is retired, one that is named again brought back. A new name reaches every
    cohort and session that is held there, and the calendars of those to come. Raises VenueExists. Five
    queries, and two for each room that changes.
    """
    if venue is not None:
        there = Session.objects.filter(held_in__venue=venue).values("cohort")
        lock_in_order(Cohort.objects.filter(Q(held_in__venue=venue) | Q(pk__in=there)))
    kept = Venue.objects.select_for_update(no_key=True).get(pk=venue.pk) if venue else Venue()
    before = describe_venue(kept) if venue else {}
    twin = Venue.objects.filter(city=values["city"], name__iexact=values["name"]).exclude(pk=kept.pk).first()
    if twin is not None:
        raise VenueExists(twin)
    renamed = venue is not None and kept.name != values["name"]
    for name, value in values.items():
        setattr(kept, name, value)
    kept.save()
    _save_rooms(kept, rooms, at)
    if renamed:
        _rename_places(kept, at)
    changed = compare(before, describe_venue(kept))
    if changed:
        record(act="venue.save", by=by, at=at, subject=kept, detail={"changed": changed} if venue else {"new": True})
    return kept


def describe_venue(venue: Venue) -> dict[str, Any]:
    """Return what the page of a venue asks, as it stands: for previews and the history. One query."""
    rooms = venue.rooms.filter(retired_at__isnull=True).exclude(name="").order_by("name")
    said = [f"{seats or ''} {name}".strip() for name, seats in rooms.values_list("name", "seats")]
    return {
        "city": str(venue.get_city_display()),
        "name": venue.name,
        "address": venue.address,
        "map_url": venue.map_url,
        "rooms": said,
    }


def _save_rooms(venue: Venue, wanted: Mapping[str, int | None], at: datetime) -> None:
    standing = {room.name.lower(): room for room in venue.rooms.exclude(name="")}
    for name, seats in wanted.items():
        room = standing.pop(name.lower(), None) or Room(venue=venue)
        room.name, room.seats, room.retired_at = name, seats, None
        room.save()
        held = Q(held_in=room) & ~Q(room=name)
        Cohort.objects.filter(held).update(room=name)
        Session.objects.filter(held).update(room=name)
    venue.rooms.filter(pk__in=[room.pk for room in standing.values()], retired_at__isnull=True).update(retired_at=at)
    Room.objects.get_or_create(venue=venue, name="")  # the house as a whole


def _rename_places(venue: Venue, at: datetime) -> None:
    Cohort.objects.filter(held_in__venue=venue).update(venue=venue.name)
    sessions = Session.objects.filter(held_in__venue=venue)
    sessions.update(venue=venue.name)
    sessions.filter(starts_at__gt=at).update(sequence=F("sequence") + 1)


def place_words(mode: str, venue: str, room: str) -> list[Words]:
    """Return the place that these columns name: none when it is online."""
    return [(venue, room)] if mode == Mode.CLASSROOM and venue else []
