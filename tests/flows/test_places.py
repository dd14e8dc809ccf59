"""A place over HTTP: offered and answered, moved by its owner, moved and freed by the office."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cohorts.models import Enrolment
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.enrolment import withdraw
from tests.factories import make_cohort, make_course, make_enrolment, make_office
from tests.flows.doors import post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unslowed")]


def test_an_offer_is_accepted_or_declined_by_the_api_once(client, soon):
    cohort = make_cohort(starts_at=soon, capacity=1)
    now = timezone.now()
    holder, first, second = (make_enrolment(cohort, at=now) for _ in range(3))
    client.force_login(first.trainee.user)
    waiting = client.get(f"/api/v1/enrolments/{first.pk}/").json()
    early = post(client, f"enrolments/{first.pk}/accept/")
    withdraw(enrolment=holder, by=None, at=now)

    shown = client.get("/api/v1/enrolments/").json()["results"][0]
    strange = post(client, f"enrolments/{second.pk}/accept/")
    accepted = post(client, f"enrolments/{first.pk}/accept/")
    late = post(client, f"enrolments/{first.pk}/decline/")

    assert (waiting["status"], waiting["position"]) == ("waitlisted", 1)
    assert (early.status_code, early.json()["code"]) == (409, "offer_over")
    assert (shown["status"], shown["position"], shown["offer_expires_at"] is not None) == ("offered", None, True)
    assert strange.status_code == 404
    assert (accepted.status_code, accepted.json()["status"]) == (200, "enrolled")
    assert (late.status_code, late.json()["code"]) == (409, "offer_over")


def test_the_page_shows_the_deadline_first_and_takes_the_answer(client, soon):
    cohort = make_cohort(starts_at=soon, capacity=1)
    now = timezone.now()
    holder, first = make_enrolment(cohort, at=now), make_enrolment(cohort, at=now)
    client.force_login(first.trainee.user)
    assert "Number 1" in client.get("/me/").content.decode()
    withdraw(enrolment=holder, by=None, at=now)

    page = client.get("/me/").content.decode()
    done = client.post(f"/me/enrolments/{first.pk}/accept/", follow=True).content.decode()

    assert "1 day 23 hours left" in page
    assert page.index("1 day 23 hours left") < page.index("Accept the place") < page.index("Decline")
    assert f"You have a place in {cohort.code}" in done


def test_a_trainee_moves_the_own_place_with_the_sessions_attended(client, soon):
    now = timezone.now()
    old = make_cohort(starts_at=now - timedelta(days=3), sessions=6)
    new, other = make_cohort(starts_at=soon, sessions=6), make_cohort(starts_at=soon, course=make_course("CC"))
    closed = make_cohort(starts_at=soon, registration_closes_at=now - timedelta(hours=1))
    enrolment = make_enrolment(old)
    first = old.sessions.order_by("number").first()
    mark_attendance(session=first, marks=[Mark(enrolment.pk, "present")], version=None, by=None, at=first.ends_at)
    client.force_login(enrolment.trainee.user)

    page = client.get(f"/me/enrolments/{enrolment.pk}/move/").content.decode()
    refused = post(client, f"enrolments/{enrolment.pk}/transfer/", cohort=closed.code)
    strange = post(client, f"enrolments/{make_enrolment(old).pk}/transfer/", cohort=new.code)
    moved = client.post(f"/me/enrolments/{enrolment.pk}/move/", {"cohort": new.code}, follow=True).content.decode()

    assert new.code in page
    assert "One session that you attended counts there too" in page
    assert other.code not in page
    assert closed.code not in page
    assert (refused.status_code, refused.json()["code"]) == (409, "registration_closed")
    assert strange.status_code == 404
    assert f"You have moved to {new.code}" in moved
    assert Enrolment.objects.get(cohort=new).carried.count() == 1


def test_only_the_office_sees_names_moves_and_frees_no_shows(client, soon):
    old, new = make_cohort(capacity=2), make_cohort(starts_at=soon)
    first, second = make_enrolment(old), make_enrolment(old)
    client.force_login(make_office())

    refused = client.post(f"/manage/cohorts/{old.code}/capacity/", {"capacity": 1}, follow=True).content.decode()
    early = client.post(f"/manage/enrolments/{second.pk}/no-show/", follow=True).content.decode()
    preview = client.get(f"/manage/enrolments/{first.pk}/transfer/?cohort={new.code}").content.decode()
    client.post(f"/manage/enrolments/{first.pk}/transfer/", {"cohort": new.code, "carry": "on"})
    client.post(f"/manage/cohorts/{new.code}/auto-promote/", {"auto_promote": "on"})

    assert first.trainee.full_name in refused
    assert "fewer than 2 sessions were held" in early
    assert "No session to carry over" in preview
    assert Enrolment.objects.get(cohort=new).transferred_from == first
    new.refresh_from_db()
    assert new.auto_promote
