"""A scan marks by the cut-off, what is odd is flagged, and what came too late is taken by a person (R19, R26, R27)."""

from datetime import timedelta

import pytest
import time_machine
from django.db.models import Q

from cohorts.models import AttendanceChange, AttendanceRecord, CheckIn
from cohorts.rules.check_in import find_distant, find_shared, judge_arrival
from cohorts.services.attendance import Mark, RegisterClosed, close_register, mark_attendance
from cohorts.services.check_in import (
    CheckInAhead,
    CheckInOver,
    NoSuchScan,
    count_heads,
    review_check_ins,
    take_scan,
)
from tests.cohorts.check_in.scans import END, arrive
from tests.factories import START, make_enrolment, make_instructor, make_trainee, make_user


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(-31, "early"), (-30, "present"), (0, "present"), (15, "present"), (16, "late"), (179, "late"), (180, "over")],
)
def test_an_arrival_is_judged_by_the_cut_off(minutes, expected):
    assert judge_arrival(START + timedelta(minutes=minutes), START, END, 15).status == expected


def test_three_on_one_browser_are_shared_and_two_are_not():
    assert find_shared([(1, "a"), (2, "a"), (3, "b"), (4, "b"), (5, "b")]) == [[3, 4, 5]]


@pytest.mark.parametrize(
    ("addresses", "distant"),
    [
        ("aaaaab", [5]),
        ("aaaabb", []),  # four are no room
        ("aaaaaaaabb", []),  # two share the other one: not unlike all others
        ("aaaaaabc", [6, 7]),
        ("abcdefgh", []),  # mobile lines
        ("aaaaabcd", []),  # five of eight are not three of four
        ("", []),
    ],
)
def test_an_address_unlike_all_others_is_told_only_where_the_room_shares_one(addresses, distant):
    """R27: a hint, no proof."""
    assert find_distant(enumerate(addresses)) == distant


def test_a_scan_marks_present_or_late_with_the_minutes_left(session):
    punctual, late = make_enrolment(session.cohort), make_enrolment(session.cohort)

    arrive(session, punctual.trainee)
    arrive(session, late.trainee, minutes=40)

    marks = {each.enrolment_id: (each.status, each.minutes, each.channel) for each in AttendanceRecord.objects.all()}
    assert marks == {punctual.pk: ("present", 180, "check-in"), late.pk: ("late", 140, "check-in")}
    assert not CheckIn.objects.filter(Q(device="d") | Q(address="a")).exists()  # both are kept as hashes


def test_a_second_scan_changes_nothing(session):
    trainee = make_enrolment(session.cohort).trainee

    assert arrive(session, trainee) == arrive(session, trainee, minutes=60)

    assert AttendanceChange.objects.count() == CheckIn.objects.count() == 1


def test_too_early_says_when_and_a_later_scan_works(session):
    trainee = make_enrolment(session.cohort).trainee
    with pytest.raises(CheckInAhead, match="opens at 09:30"):
        arrive(session, trainee, minutes=-45)
    assert arrive(session, trainee, minutes=-10).status == "present"
    with pytest.raises(CheckInOver):
        arrive(session, make_enrolment(session.cohort).trainee, minutes=180)


def test_what_is_odd_is_kept_and_flagged_and_nothing_blocked(session):
    people = [make_enrolment(session.cohort) for _ in range(4)]
    mark_attendance(session=session, marks=[Mark(people[3].pk, "absent")], version=None, by=None, at=START)
    stranger = make_trainee()

    for each in (*(enrolment.trainee for enrolment in people), stranger):
        arrive(session, each, device="one phone")
    surplus = count_heads(session=session, heads=2, by=None, at=START)
    session.refresh_from_db()
    review = review_check_ins(session)

    assert (review.here, surplus, review.surplus, review.flags) == (3, 1, 1, 4)
    assert sorted(map(len, review.shared)) == [5]
    assert [each.trainee for each in review.outside] == [stranger]
    assert [each.enrolment for each in review.contradicted] == [people[3]]
    assert AttendanceRecord.objects.get(enrolment=people[3]).status == "absent"


def test_a_scan_after_closing_is_kept_for_the_instructor(session):
    first, second = make_enrolment(session.cohort), make_enrolment(session.cohort)
    arrive(session, first.trainee)
    close_register(session=session, by=None, at=START)

    done = arrive(session, second.trainee, minutes=5)

    assert not done.wrote
    assert [each.enrolment for each in review_check_ins(session).contradicted] == [second]


def test_a_scan_takes_over_what_the_closing_wrote_by_rule_in_one_step(session, client):
    first, second = make_enrolment(session.cohort), make_enrolment(session.cohort)
    arrive(session, first.trainee)
    close_register(session=session, by=None, at=START)
    done = arrive(session, second.trainee, minutes=40)
    client.force_login(make_instructor(session.cohort))
    with time_machine.travel(END, tick=False):
        review = client.get(f"/teach/sessions/{session.pk}/check-in/review/").content.decode()
        client.post(f"/teach/check-ins/{done.pk}/take/")

    assert f'action="/teach/check-ins/{done.pk}/take/"' in review
    record = AttendanceRecord.objects.get(enrolment=second)
    assert (record.status, record.minutes, record.channel) == ("late", 140, "check-in")
    assert AttendanceChange.objects.latest("id").reason == "scan confirmed"
    assert review_check_ins(session).contradicted == []


def test_a_scan_does_not_take_over_a_persons_mark_in_a_closed_or_locked_register(session):
    enrolment, instructor = make_enrolment(session.cohort), make_user()
    mark_attendance(session=session, marks=[Mark(enrolment.pk, "absent")], version=None, by=instructor, at=START)
    scan = arrive(session, enrolment.trainee)
    close_register(session=session, by=None, at=START)
    with pytest.raises(RegisterClosed):
        take_scan(scan=scan, by=instructor, at=END)

    take_scan(scan=scan, by=instructor, at=END, may_correct=True)

    assert AttendanceRecord.objects.get().status == "present"


def test_after_the_lock_time_a_scan_needs_the_right_to_correct(session):
    first, second = make_enrolment(session.cohort), make_enrolment(session.cohort)
    arrive(session, first.trainee)
    close_register(session=session, by=None, at=START)
    scan = arrive(session, second.trainee)
    with pytest.raises(RegisterClosed):
        take_scan(scan=scan, by=make_user(), at=END + timedelta(hours=49))


def test_a_scan_from_no_list_cannot_be_taken(session):
    with pytest.raises(NoSuchScan):
        take_scan(scan=arrive(session, make_trainee()), by=None, at=START)
