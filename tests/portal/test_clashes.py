"""Clashes as rows: after whatever changes they are those of a plain definition, and only what changed is looked at."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cohorts.models import Cohort, CohortInstructor, Enrolment, Session
from portal.figures.check import check_figures
from portal.figures.clashes import current_clashes, forget_past_clashes, refresh_clashes
from portal.figures.refresh import refresh_figures
from portal.lists import views
from portal.models import Clash, StaleTimetable
from tests.factories import START, make_cohort, make_enrolment, make_instructor, make_office, make_session
from trainees.models import User

pytestmark = pytest.mark.django_db
AT = START + timedelta(days=1, hours=2)
PLACES = [("Tower", "1"), ("Tower", "2"), ("", "1"), ("Tower", "")]


def expected(at):
    """Go through every holder and every pair, without an index, a note or a query of the product."""
    sessions = [each for each in Session.objects.select_related("cohort") if each.state != "cancelled"]
    sessions = sorted((each for each in sessions if each.ends_at > at), key=lambda s: (s.starts_at, s.ends_at, s.pk))
    found = set()
    for link in CohortInstructor.objects.all():
        found |= pairs("instructor", link.user_id, "", [each for each in sessions if is_held(each, link.user_id)])
    for city, venue, room in {(s.cohort.city, s.venue, s.room) for s in sessions}:
        here = [s for s in sessions if (s.cohort.city, s.venue, s.room, s.mode) == (city, venue, room, "classroom")]
        if room:
            found |= pairs("room", 0, f"{venue}, {room}" if venue else room, here)
    live = list(Enrolment.objects.filter(status__in=Enrolment.LIVE).order_by("cohort_id"))
    for one, other in ((a, b) for a in live for b in live if a.trainee_id == b.trainee_id):
        for first, second in ((a, b) for a in sessions for b in sessions if one.cohort_id < other.cohort_id):
            meet = first.starts_at < second.ends_at and second.starts_at < first.ends_at
            if meet and (first.cohort_id, second.cohort_id) == (one.cohort_id, other.cohort_id):
                found.add(("trainee", one.trainee_id, "", first.pk, second.pk))
    return found


def is_held(session, user):
    given = {each.pk for each in session.instructors.all()}
    return (not given or user in given) and session.cohort.instructors.filter(pk=user).exists()


def pairs(kind, person, place, sessions):
    """Who begins while others are not over, with the one of them that is over last."""
    found = set()
    for n, each in enumerate(sessions):
        if earlier := [other for other in sessions[:n] if other.ends_at > each.starts_at]:
            found.add((kind, person, place, max(earlier, key=lambda other: other.ends_at).pk, each.pk))
    return found


def kept(at):
    return set(current_clashes(at=at).values_list("kind", "person", "place", "first_id", "second_id"))


def change_something(source, teachers):
    cohort = source.choice(Cohort.objects.order_by("pk"))
    session = source.choice(Session.objects.order_by("pk"))
    row, teacher = Session.objects.filter(pk=session.pk), source.choice(teachers)
    venue, room = source.choice(PLACES)
    enrolment = source.choice(Enrolment.objects.order_by("pk"))
    start = START + timedelta(days=source.randrange(4), minutes=source.randrange(600))
    match source.choice(
        ["move", "cancel", "hold", "room", "mode", "name", "leave", "give", "add", "drop", "who", "city"]
    ):
        case "move":
            row.update(starts_at=start, ends_at=start + timedelta(minutes=source.randrange(30, 400)))
        case "cancel":
            row.update(state="cancelled", cancel_reason="x")
        case "hold":
            row.update(state="held")
        case "room":
            row.update(venue=venue, room=room, mode="classroom")
        case "mode":
            row.update(mode="online")
        case "name":
            cohort.instructors.add(teacher)
        case "leave":
            cohort.instructors.remove(teacher)
        case "give":
            session.instructors.set([teacher] if teacher in session.cohort.instructors.all() else [])
        case "add":
            made = make_session(cohort, 100 + Session.objects.count(), start)
            made.number = 1000 + source.randrange(10**6)
            made.save()
        case "drop":
            session.instructors.clear()
            session.delete()
        case "who":
            status = source.choice(["not_completed", "withdrawn"])
            closed = START if status == "not_completed" else None
            changed = Enrolment.objects.filter(pk=enrolment.pk)
            if not Enrolment.objects.filter(trainee=enrolment.trainee_id, cohort=cohort).exists():
                changed.update(cohort=cohort)
            changed.update(status=status, closed_at=closed, withdrawn_at=START)
        case "city":
            Cohort.objects.filter(pk=cohort.pk).update(city=source.choice(["LHE", "KHI"]))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_changes_the_rows_are_those_of_a_plain_definition(seed):
    source = random.Random(seed)
    cohorts = [make_cohort(sessions=4, starts_at=START + timedelta(hours=n), city="LHE") for n in range(5)]
    teachers = [make_instructor(cohorts[0]) for _ in range(3)]
    for cohort in cohorts[1:4]:
        first = make_enrolment(cohorts[0])
        Enrolment.objects.filter(pk=first.pk).update(status="not_completed", closed_at=START)
        make_enrolment(cohort, first.trainee)
    seen = 0
    for _step in range(30):
        for _ in range(source.randrange(1, 4)):
            change_something(source, teachers)
        assert kept(AT) == expected(AT)
        seen += len(kept(AT))

    assert seen > 30
    later = AT + timedelta(days=1)
    assert kept(later) == expected(later)
    forget_past_clashes(at=later)
    assert kept(AT) == expected(later)


def test_what_changed_alone_is_looked_at_and_a_second_look_costs_one_query(django_assert_num_queries):
    one, other, third = make_cohort(), make_cohort(), make_cohort()
    other.instructors.add(make_instructor(one))
    make_instructor(third)
    assert current_clashes(at=START).count() == 4
    standing = set(Clash.objects.values_list("pk", flat=True))
    with django_assert_num_queries(1):
        assert refresh_clashes(at=START) == 0

    Session.objects.filter(pk=third.sessions.first().pk).update(starts_at=START - timedelta(hours=1))
    assert refresh_clashes(at=START) == 1
    assert set(Clash.objects.values_list("pk", flat=True)) == standing
    Session.objects.filter(pk=one.sessions.first().pk).update(state="held")
    assert not StaleTimetable.objects.exists()


def test_many_changes_are_looked_at_by_going_through_everything_once(monkeypatch):
    monkeypatch.setattr("portal.figures.clashes.MANY", 2)
    cohorts = [make_cohort() for _ in range(4)]
    teacher = make_instructor(cohorts[0])
    for each in cohorts[1:]:
        each.instructors.add(teacher)

    assert kept(START) == expected(START) != set()


def test_the_cost_of_a_change_does_not_grow_with_the_programme():
    counts = []
    for _ in range(2):
        for _ in range(4):
            make_cohort().instructors.add(make_instructor(make_cohort()))
        refresh_clashes(at=START)
        Session.objects.filter(pk=Session.objects.latest("pk").pk).update(room="1", mode="classroom")
        with CaptureQueriesContext(connection) as queries:
            refresh_clashes(at=START)
        counts.append(len(queries))

    assert counts[0] == counts[1] < 20


def test_the_list_has_every_clash_on_one_of_its_pages(client, monkeypatch):
    monkeypatch.setattr(views, "PAGE", 2)
    soon = START.replace(year=2099)
    one, other = make_cohort("A-1", starts_at=soon, city="LHE"), make_cohort("B-1", starts_at=soon)
    teacher = make_instructor(one)
    User.objects.filter(pk=teacher.pk).update(full_name="Hira <Latif>")
    other.instructors.add(teacher)
    Session.objects.filter(number=1).update(mode="classroom", venue="Tower", room="4")
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")

    read = [client.get("/manage/clashes/", {"page": page}) for page in (1, 2)]

    found = [clash.pk for answer in read for clash in answer.context["object_list"]]
    assert len(found) == len(set(found)) == read[0].context["paginator"].count == 4
    page = read[0].content.decode()
    assert "Hira &lt;Latif&gt;<small>Instructor</small>" in page
    assert 'href="/manage/cohorts/B-1/timetable/"' in page
    assert "Tower, 4" not in page  # another city has a house of that name
    Cohort.objects.update(city="LHE")
    rooms = client.get("/manage/clashes/", {"kind": "room", "search": "b-1"})
    assert "Tower, 4<small>Room</small>" in rooms.content.decode()
    assert rooms.context["paginator"].count == 1


def test_the_nightly_check_finds_a_clash_that_is_gone_and_wrong_hours():
    one, other = make_cohort("A-1"), make_cohort("B-1", starts_at=START + timedelta(hours=2))
    other.instructors.add(make_instructor(one))
    refresh_figures()
    assert check_figures(started=START, clock=lambda: START).differences == 0

    gone = Clash.objects.first()
    gone.delete()
    Cohort.objects.filter(pk=one.pk).update(minutes=1)

    check = check_figures(started=START, clock=lambda: START)
    assert check.examples == ["A-1: hours of its timetable", f"clash of sessions {gone.first_id} and {gone.second_id}"]
