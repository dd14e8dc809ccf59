"""The cohorts of today in the demonstration: one instructor teaches all three, at whatever hour it is loaded."""

from datetime import datetime, timedelta

import pytest

from cohorts.services.schedule import list_clashes
from portal.demonstration import ZONE, Demonstration
from tests.factories import make_course

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("hour", [0, 7, 11, 13, 18, 21, 23])
def test_nobody_is_wanted_twice_by_the_cohorts_of_today(hour):
    for code in ("AI", "CC", "DS"):
        make_course(code, contact_hours=120)
    now = datetime(2026, 11, 26, hour, 40, tzinfo=ZONE)

    cohorts = Demonstration(lambda _step, _share: None, now)._plan_today()

    assert {user.email for each in cohorts for user in each.instructors.all()} == {"instructor@example.org"}
    assert [each.sessions.count() for each in cohorts] == [40, 40, 40]
    assert list_clashes(since=now - timedelta(days=30)) == []
    running = cohorts[0].sessions.get(date=now.date())
    assert (running.starts_at <= now <= running.ends_at) == (hour != 23)
