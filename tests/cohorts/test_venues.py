"""Venues and rooms: entered by what names them first, never deleted while something meets there."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.urls import reverse

from cohorts.imports.cohorts_file import CohortRow, Slot
from cohorts.models import Cohort, Room, Session, Venue
from cohorts.services.schedule import Place, SwitchPlace, change_timetable, import_cohorts, list_clashes
from cohorts.services.venues import VenueExists, VenueRetired, save_venue
from tests.factories import BEFORE, START, make_cohort, make_course

pytestmark = pytest.mark.django_db
MORNING = Slot(0, START.time().replace(hour=10), START.time().replace(hour=13))


def row(code="AI-LHE-01", venue="Arfa Tower", room="Lab 1", **fields):
    make_course()
    given = {"city": "LHE", "mode": "classroom", "time_zone": "Asia/Karachi", "starts_on": date(2020, 5, 4)}
    given |= {"capacity": 30, "waitlist_limit": 5, "pattern": (MORNING,), "meetings": (), "instructors": ()}
    return CohortRow(code=code, course="AI", venue=venue, room=room, **{**given, **fields})


def load(*rows):
    import_cohorts(rows=list(rows), by=None, at=BEFORE)
    return Cohort.objects.get(code=rows[0].code)


@transaction.atomic
def delete_behind_the_back(model):
    model.objects.all()._raw_delete("default")
    connection.check_constraints()


def enter(venue=None, name="Arfa Tower", rooms=None, at=BEFORE, **values):
    given = {"city": "LHE", "name": name, "address": "", "map_url": "", **values}
    return save_venue(venue=venue, values=given, rooms=rooms or {}, by=None, at=at)


def test_a_file_enters_the_venue_once_and_cohort_and_sessions_point_there():
    cohort = load(row())
    load(row("AI-LHE-02", venue=" arfa TOWER", room="lab 1"))

    room = Room.objects.get()
    assert (room.venue.city, room.venue.name, room.name) == ("LHE", "Arfa Tower", "Lab 1")
    assert set(Session.objects.values_list("held_in", "venue", "room")) == {(room.pk, "Arfa Tower", "Lab 1")}
    assert set(Cohort.objects.values_list("held_in", "venue")) == {(room.pk, "Arfa Tower")}
    assert import_cohorts(rows=[row()], by=None, at=BEFORE) == {"unchanged": 1}
    assert cohort.venue == "Arfa Tower"


def test_an_online_cohort_is_held_nowhere():
    assert load(row(city="ONL", mode="online", venue="", room="")).held_in is None
    assert not Venue.objects.exists()


def test_a_new_name_reaches_all_that_is_held_there_and_the_calendars_to_come():
    cohort = load(row())
    venue = Venue.objects.get()

    enter(venue, name="Arfa Karim Tower", rooms={"LAB 1": 24}, at=START + timedelta(days=1))

    cohort.refresh_from_db()
    assert (cohort.venue, cohort.room) == ("Arfa Karim Tower", "LAB 1")
    said = cohort.sessions.order_by("number").values_list("venue", "room", "sequence")
    assert list(said) == [("Arfa Karim Tower", "LAB 1", 0 if n == 0 else 1) for n in range(len(said))]


def test_two_venues_of_a_city_do_not_share_a_name():
    enter()
    with pytest.raises(VenueExists):
        enter(name="ARFA tower")
    assert enter(name="Arfa Tower", city="KHI").pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Venue.objects.create(city="LHE", name="arfa tower")


def test_a_room_left_out_is_retired_and_named_again_brought_back():
    venue = enter(rooms={"Lab 1": 30, "Lab 2": None})

    enter(venue, rooms={"Lab 2": 20})
    assert Room.objects.get(name="Lab 1").retired_at == BEFORE
    enter(venue, rooms={"lab 1": 31, "Lab 2": 20})
    assert list(Room.objects.exclude(name="").order_by("id").values_list("name", "seats", "retired_at")) == [
        ("lab 1", 31, None),
        ("Lab 2", 20, None),
    ]


def test_a_retired_venue_takes_no_new_cohort_and_keeps_those_that_meet_there():
    cohort = load(row())
    Venue.objects.update(retired_at=BEFORE)

    with pytest.raises(ValidationError, match="AI-LHE-02: venue: Lab 1, Arfa Tower is retired"):
        load(row("AI-LHE-02"))
    assert not Cohort.objects.filter(code="AI-LHE-02").exists()
    load(row(capacity=31))
    cohort.refresh_from_db()
    assert (cohort.capacity, cohort.venue) == (31, "Arfa Tower")


def test_a_session_is_not_moved_into_a_retired_place():
    enter(rooms={"Hall": None})
    Venue.objects.update(retired_at=BEFORE)
    cohort = make_cohort(city="LHE")

    wish = SwitchPlace(START.date(), Place("classroom", "Arfa Tower", "Hall"))
    with pytest.raises(VenueRetired):
        change_timetable(cohort=cohort, wish=wish, by=None, at=BEFORE)
    assert not cohort.sessions.exclude(venue="").exists()


def test_a_place_named_in_a_timetable_is_entered_and_pointed_to():
    cohort = make_cohort(city="LHE")

    wish = SwitchPlace(START.date(), Place("classroom", "City Hall", "4"))
    change_timetable(cohort=cohort, wish=wish, by=None, at=BEFORE)

    assert set(cohort.sessions.values_list("held_in__venue__name", "held_in__name")) == {("City Hall", "4")}


def test_houses_of_one_name_in_two_cities_do_not_clash():
    load(row(), row("AI-KHI-01", city="KHI"), row("AI-LHE-02"))

    assert {(each.first.code, each.second.code) for each in list_clashes(since=BEFORE)} == {("AI-LHE-01", "AI-LHE-02")}


@pytest.mark.parametrize("model", [Room, Venue])
def test_what_is_in_use_cannot_be_deleted(model):
    load(row())
    with pytest.raises(ProtectedError):
        model.objects.all().delete()
    with pytest.raises(IntegrityError):
        delete_behind_the_back(model)
    assert model.objects.exists()


def test_the_public_page_says_where_it_is(client):
    cohort = load(row(starts_on=date(2030, 5, 6)))
    enter(Venue.objects.get(), address="346 Ferozepur Road", map_url="https://maps.example.org/arfa")

    page = client.get(reverse("cohort", args=[cohort.code])).content.decode()

    assert "346 Ferozepur Road" in page
    assert 'href="https://maps.example.org/arfa"' in page
