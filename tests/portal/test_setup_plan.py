"""Where and when a cohort is held, changed on its set-up page: every session before and after, then the act."""

from datetime import datetime, time, timedelta

import pytest
from django.forms import Select
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import make_aware
from pytest_django.asserts import assertHTMLEqual

from cohorts.models import Cohort
from cohorts.services.venues import save_venue
from tests.factories import BEFORE, make_cohort, make_enrolment, make_instructor, make_office
from tests.portal.test_setup import NONSENSE, confirm, errors
from trainees.models import Message
from trainees.widgets import LongSelect

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def office(client):
    client.force_login(make_office("Programme office"), backend=BACKEND)
    return client


@pytest.fixture
def room():
    values = {"city": "LHE", "name": "Centre", "address": "", "map_url": ""}
    return save_venue(venue=None, values=values, rooms={"Lab 1": 24}, by=None, at=BEFORE).rooms.get(name="Lab 1")


SLOTS = "TU 10:00-13:00"
PLAN = {"mode": "online", "city": "ONL", "place": "", "link": "", "pattern": SLOTS, "reason": "", "from_date": ""}


def make_ahead(**fields):
    """A weekly cohort of which three sessions are still to come, from the Monday after next on."""
    today = timezone.localdate()
    monday = today + timedelta(days=14 - today.weekday())
    ten = make_aware(datetime.combine(monday, time(10)))
    pattern = [{"weekday": day, "start": "10:00", "end": "13:00"} for day in ("MO", "TU", "WE")]
    return make_cohort(sessions=3, starts_at=ten, weekly_pattern=pattern, **fields), monday


def test_a_cohort_is_held_elsewhere_and_at_other_times_after_a_look_at_every_session(office, room):
    cohort, monday = make_ahead(city="LHE")
    make_enrolment(cohort)
    make_instructor(cohort)
    page = reverse("setup_plan", args=[cohort.code])
    assert page in office.get(reverse("setup_cohort", args=[cohort.code])).content.decode()
    shown = office.get(page).context["form"]
    assert (shown["pattern"].value(), shown["from_date"].value()) == (
        "MO 10:00-13:00\nTU 10:00-13:00\nWE 10:00-13:00",
        monday,
    )
    typed = {**PLAN, "from_date": str(monday), "mode": "classroom", "city": "LHE", "place": str(room.pk)}

    preview = office.post(page, typed)

    assert [(each.name, each.new) for each in preview.context["changes"]] == [
        ("Held", "Classroom"),
        ("Venue and room", "Centre, Lab 1"),
        ("Weekly pattern", "TU 10:00-13:00"),
        ("Starts", str(monday + timedelta(days=1))),
    ]
    assert "3 sessions would change" in preview.content.decode()
    assert "Save and tell 2 people" in preview.content.decode()
    cohort.refresh_from_db()
    assert (cohort.mode, Message.objects.count()) == ("online", 0)

    confirm(office, page, typed)

    assert list(cohort.sessions.order_by("number").values_list("date", "room")) == [
        (monday + timedelta(days=1 + 7 * n), "Lab 1") for n in range(3)
    ]
    assert Message.objects.filter(kind="timetable").count() == 2
    history = office.get(reverse("setup_cohort", args=[cohort.code])).context["history"]
    assert "TU 10:00-13:00" in [change.new for line in history for change in line.changes]


def test_what_stands_already_or_is_closed_is_not_saved(office):
    cohort, monday = make_ahead()
    page = reverse("setup_plan", args=[cohort.code])
    same = {**PLAN, "from_date": str(monday), "pattern": "WE 10:00-13:00\nMO 10:00-13:00\nTU 10:00-13:00"}

    preview = office.post(page, same)
    assert 'name="confirm"' not in preview.content.decode()
    assert confirm(office, page, same).status_code == 422

    Cohort.objects.filter(pk=cohort.pk).update(state="closed", closed_at=BEFORE, policy=cohort.course.policies.get())
    assert "This cannot be done" in office.post(page, {**same, "pattern": SLOTS}).content.decode()
    assert "Where and when" not in office.get(reverse("setup_cohort", args=[cohort.code])).content.decode()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"pattern": ""}, "pattern"),
        ({"pattern": "Someday 10-13"}, "pattern"),
        ({"from_date": "31/02/2030"}, "from_date"),
        ({"from_date": ""}, "from_date"),
        ({"city": "LON"}, "city"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"place": "ROOM"}, "place"),
        ({"mode": "classroom", "city": "KHI", "place": "ROOM"}, "place"),
    ],
)
def test_what_is_wrong_with_a_plan_is_said_where_it_was_typed(office, room, typed, field):
    cohort, monday = make_ahead()
    given = {name: str(room.pk) if value == "ROOM" else value for name, value in typed.items()}

    page = office.post(reverse("setup_plan", args=[cohort.code]), {**PLAN, "from_date": str(monday), **given})

    assert (page.status_code, set(errors(page))) == (422, {field})


def test_no_nonsense_in_a_plan_is_an_error_of_ours(office):
    cohort, monday = make_ahead()
    url, typed = reverse("setup_plan", args=[cohort.code]), {**PLAN, "from_date": str(monday)}

    answers = {(field, each): office.post(url, {**typed, field: each}) for field in typed for each in NONSENSE}
    answers["far"] = office.post(url, {**typed, "from_date": "2099-12-31"})

    assert {key: page.status_code for key, page in answers.items() if page.status_code not in (200, 422)} == {}


@pytest.mark.parametrize("value", ["", "7", None, "9"])
@pytest.mark.parametrize("attrs", [{"id": "id_place", "required": True, "disabled": False}, {}])
def test_a_choice_among_many_is_drawn_as_django_draws_it(value, attrs):
    choices = [("", "Not fixed yet"), (7, 'A & "B" <i>'), ("8", "C")]

    drawn, usual = (widget(choices=choices).render("place", value, attrs) for widget in (LongSelect, Select))

    assertHTMLEqual(drawn, usual)
