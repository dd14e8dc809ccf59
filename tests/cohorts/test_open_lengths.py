"""Enrolments that stood before they kept the lengths of their open sessions: filled as they would be computed."""

from importlib import import_module

import pytest
from django.apps import apps

from cohorts.models import Enrolment, Session
from cohorts.services import tallies
from cohorts.services.attendance import Mark, mark_attendance
from tests.factories import BEFORE, START, make_cohort, make_enrolment

pytestmark = pytest.mark.django_db


def test_the_migration_fills_what_the_service_computes():
    even, uneven = make_cohort(sessions=5), make_cohort(sessions=5)
    Session.objects.filter(cohort=uneven, number__gte=4).update(minutes=330)
    for cohort in (even, uneven):
        people = [make_enrolment(cohort, at=at) for at in (BEFORE, BEFORE, START.replace(day=6))]
        first = cohort.sessions.get(number=1)
        marks = [Mark(people[0].pk, "present"), Mark(people[1].pk, "excused")]
        mark_attendance(session=first, marks=marks, version=None, by=None, at=first.ends_at)
        tallies.recompute(cohort=cohort, enrolments=people)
    kept = Enrolment.objects.order_by("pk").values_list("open_lengths", "standing")
    expected = list(kept)
    Enrolment.objects.update(open_lengths="")
    Enrolment.objects.filter(standing="at_risk").update(standing="on_track")

    import_module("cohorts.migrations.0020_open_lengths").fill(apps, None)

    assert list(kept) == expected
    assert {lengths for lengths, _standing in expected} == {"180:4", "180:3", "330:2 180:2", "330:2 180:1"}
    assert ("330:2 180:2", "at_risk") in expected
