"""Venues and rooms of a filled database: five cohorts of one city share a room, at different hours."""

from django.db import connection

from bench.fill import write
from cohorts.models import Cohort, Room, Venue

COHORTS, ROOMS = 5, 10  # of one room, of one venue
SEATS = (40, 60, 36)  # a third of the rooms is too small for a cohort of forty
WITHOUT = 9  # each such room is not settled yet


def write_rooms() -> None:
    """Give every cohort that meets in a classroom its room, and its sessions with it; some have none yet."""
    found = Cohort.objects.filter(mode="classroom").order_by("id").values_list("id", "city")
    groups: dict[tuple[str, int], list[int]] = {}
    for pk, city in found:
        groups.setdefault((city, pk // COHORTS), []).append(pk)
    in_city: dict[str, list[list[int]]] = {}
    for (city, _number), cohorts in groups.items():
        in_city.setdefault(city, []).append(cohorts)
    for city, shared in in_city.items():
        rooms = _rooms(city, len(shared))
        for n, cohorts in enumerate(shared):
            if n % WITHOUT:
                Cohort.objects.filter(pk__in=cohorts).update(
                    held_in=rooms[n], venue=rooms[n].venue.name, room=rooms[n].name
                )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cohorts_session SET venue = c.venue, room = c.room, held_in_id = c.held_in_id, mode = c.mode "
            "FROM cohorts_cohort c WHERE c.id = cohorts_session.cohort_id AND c.held_in_id IS NOT NULL"
        )


def _rooms(city: str, count: int) -> list[Room]:
    houses = range((count + ROOMS - 1) // ROOMS)
    write(Venue(city=city, name=f"House {n + 1} of {city}", address="12 Mall Road") for n in houses)
    venues = list(Venue.objects.filter(city=city).order_by("id"))
    write(
        Room(venue=venues[n // ROOMS], name=f"Room {n % ROOMS + 1}", seats=SEATS[n % len(SEATS)]) for n in range(count)
    )
    return list(Room.objects.filter(venue__city=city).select_related("venue").order_by("id"))
