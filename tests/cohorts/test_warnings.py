"""Warnings about attendance (R73)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cohorts.models import AttendanceWarning, Cohort, Enrolment
from cohorts.rules.warnings import count_in_row, decide_levels
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.make_up import credit_make_up
from cohorts.services.warnings import find_watched, read_concerns, warn_trainees
from cohorts.views.teach import warnings as pages
from tests.factories import START, make_cohort, make_enrolment, make_instructor, make_office
from trainees.models import Message

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [([], 0), (["absent", "present"], 0), (["present", "absent", "absent"], 2), (["absent", "excused", "absent"], 2)],
)
def test_a_row_of_absences_ends_with_the_latest_and_is_not_broken_by_leave(statuses, expected):
    assert count_in_row(statuses) == expected


def test_levels_follow_standing_and_row():
    assert decide_levels("on_track", 2) == []
    assert decide_levels("on_track", 3) == ["in_row"]
    assert decide_levels("cannot_reach", 3) == ["cannot_reach", "in_row"]


@pytest.fixture
def running():
    cohort = make_cohort(sessions=16)
    return cohort, make_enrolment(cohort), make_enrolment(cohort)


def hold(cohort, number, marks, at=None):
    session = cohort.sessions.get(number=number)
    wishes = [Mark(enrolment.pk, status) for enrolment, status in marks.items()]
    mark_attendance(session=session, marks=wishes, version=None, by=None, at=at or session.ends_at)
    return session.ends_at


def test_a_mail_goes_once_per_level_and_quotes_figures_and_dates(running):
    cohort, missing, coming = running
    for number in (1, 2, 3):
        at = hold(cohort, number, {missing: "absent", coming: "present"})

    assert warn_trainees(at=at) == 2
    assert warn_trainees(at=at + timedelta(hours=1)) == 0

    assert set(AttendanceWarning.objects.values_list("enrolment_id", "level")) == {
        (missing.pk, "at_risk"),
        (missing.pk, "in_row"),
    }
    mails = {mail.key: mail.text for mail in Message.objects.filter(kind="warning")}
    assert set(mails) == {f"enrolment-{missing.pk}-warning-at_risk", f"enrolment-{missing.pk}-warning-in_row"}
    text = mails[f"enrolment-{missing.pk}-warning-at_risk"]
    for quoted in (
        "So far: 0.0 %",
        "Best you can still reach: 81.2 %",
        "You can still miss: 1",
        "4 May 2020, 5 May 2020",
    ):
        assert quoted in text
    for number in (4, 5):
        at = hold(cohort, number, {missing: "absent", coming: "present"})

    assert warn_trainees(at=at) == 1
    assert AttendanceWarning.objects.latest("id").level == "cannot_reach"


def test_figures_are_read_when_the_warning_is_sent(running):
    cohort, missing, coming = running
    for number in (1, 2, 3):
        at = hold(cohort, number, {missing: "absent", coming: "present"})
    for number in (1, 2, 3):
        hold(cohort, number, {missing: "present"}, at)

    assert warn_trainees(at=at) == 0


def test_a_session_made_up_for_is_not_missed(running):
    cohort, missing, coming = running
    for number in (1, 2, 3):
        at = hold(cohort, number, {missing: "absent", coming: "present"})
    third = cohort.sessions.get(number=3)
    credit_make_up(enrolment=missing, missed=third, attended=None, on=third.date, note="extra hour", by=None, at=at)

    (concern,) = read_concerns(find_watched(cohorts=Cohort.objects.values("pk"), at=at))

    assert (concern.in_row, len(concern.missed)) == (0, 2)


def test_nobody_is_warned_when_no_session_is_left(running):
    cohort, missing, _coming = running
    for number in range(1, 17):
        at = hold(cohort, number, {missing: "absent"})

    assert warn_trainees(at=at) == 0


def test_the_list_shows_own_cohorts_and_costs_the_same_for_more_people(running, client, django_assert_num_queries):
    cohort = running[0]
    soon = make_cohort(sessions=16, starts_at=(timezone.now() - timedelta(days=3)).replace(microsecond=0))
    people = [make_enrolment(soon, at=START) for _ in range(3)]
    for number in (1, 2, 3):
        hold(soon, number, dict.fromkeys(people, "absent"))
    client.force_login(make_instructor(soon), backend="django.contrib.auth.backends.ModelBackend")

    page = client.get("/teach/warnings/").content.decode()

    assert all(each.trainee.full_name in page for each in people)
    client.force_login(make_instructor(cohort), backend="django.contrib.auth.backends.ModelBackend")
    assert people[0].trainee.full_name not in client.get("/teach/warnings/").content.decode()
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")
    client.get("/teach/warnings/")
    with django_assert_num_queries(14):  # one of them for the side bar
        client.get("/teach/warnings/")


def test_the_list_comes_in_pages_those_out_of_reach_first(running, client, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 2)
    soon = make_cohort(sessions=16, starts_at=(timezone.now() - timedelta(days=3)).replace(microsecond=0))
    people = [make_enrolment(soon, at=START) for _ in range(3)]
    for number in (1, 2, 3):
        hold(soon, number, dict.fromkeys(people, "absent"))
    Enrolment.objects.filter(pk=people[2].pk).update(standing="cannot_reach")
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")

    shown = [
        [concern.enrolment.pk for concern, _told in client.get(f"/teach/warnings/?page={number}").context["rows"]]
        for number in (1, 2)
    ]

    assert shown == [[people[2].pk, people[0].pk], [people[1].pk]]
