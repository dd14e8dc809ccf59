"""Offers (R33, R35), automatic promotion, no-show (R39), transfer with sessions carried over."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import translation

from cohorts.models import CarriedSession
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
from cohorts.services.enrolment import (
    accept_offer,
    decline_offer,
    mark_no_show,
    preview_carried,
    preview_each,
    set_auto_promote,
    set_capacity,
    transfer,
    withdraw,
)
from cohorts.services.enrolment.leaving import due_cohorts, release_expired
from cohorts.services.errors import AlreadyEnrolled, CameAlready, CapacityBelowTaken, CohortFull, NotOpen, OfferOver
from cohorts.tasks import sweep_places
from tests.factories import (
    BEFORE,
    LATER,
    START,
    make_cohort,
    make_course,
    make_enrolment,
    make_registered,
    make_trainee,
)
from trainees.models import Message, User

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def offered(cohort=None):
    """Return an enrolment with an offer and, behind it, one that waits."""
    cohort = cohort or make_cohort(capacity=1)
    holder, first, second = (make_enrolment(cohort) for _ in range(3))
    withdraw(enrolment=holder, by=None, at=BEFORE)
    first.refresh_from_db()
    return first, second


def status_of(enrolment):
    enrolment.refresh_from_db()
    return enrolment.status


def mark(session, enrolment, status, minutes=None):
    marks = [Mark(enrolment.pk, status, minutes)]
    mark_attendance(session=session, marks=marks, version=None, by=None, at=session.ends_at)


def prove_tallies():
    out = StringIO()
    call_command("check_tallies", stdout=out)
    return out.getvalue()


def test_an_offer_holds_the_place_until_it_is_accepted():
    first, second = offered()
    assert (first.status, first.offer_expires_at) == ("offered", BEFORE + 2 * DAY)
    assert make_enrolment(first.cohort).status == "waitlisted"

    accepted = accept_offer(enrolment=first, by=first.trainee.user, at=BEFORE + DAY)

    assert (accepted.status, accepted.enrolled_at, accepted.sessions_planned) == ("enrolled", BEFORE + DAY, 4)
    assert status_of(second) == "waitlisted"
    assert accept_offer(enrolment=first, by=None, at=BEFORE + DAY).status == "enrolled"  # a second tap
    assert Message.objects.get(key=f"enrolment-{first.pk}-enrolled").attachments  # the timetable for the calendar


def test_what_is_declined_is_offered_to_the_next_at_once_and_never_again_to_the_same():
    first, second = offered()

    decline_offer(enrolment=first, by=None, at=BEFORE + DAY)
    withdraw(enrolment=second, by=None, at=BEFORE + DAY)

    assert (status_of(first), first.withdrawal_reason) == ("withdrawn", "offer declined")
    assert status_of(second) == "withdrawn"
    with pytest.raises(NotOpen):
        accept_offer(enrolment=first, by=None, at=BEFORE + DAY)


def test_silence_lets_an_offer_lapse_and_the_next_is_asked_with_a_deadline_of_their_own():
    first, second = offered()
    until = BEFORE + 2 * DAY

    with pytest.raises(OfferOver):
        accept_offer(enrolment=first, by=None, at=until)
    for cohort in due_cohorts(at=until):
        release_expired(cohort=cohort, at=until)

    assert status_of(first) == "withdrawn"
    assert (status_of(second), second.offer_expires_at) == ("offered", until + 2 * DAY)
    assert Message.objects.filter(key=f"enrolment-{first.pk}-offer_lapsed").exists()
    assert due_cohorts(at=until) == []


def test_the_beat_task_finds_what_ran_out():
    first, second = offered()  # years ago

    sweep_places()

    assert (status_of(first), status_of(second)) == ("withdrawn", "offered")


def test_an_offer_ends_when_the_cohort_starts():
    first, _second = offered(make_cohort(capacity=1, starts_at=BEFORE + timedelta(hours=5)))

    assert first.offer_expires_at == BEFORE + timedelta(hours=5)


def test_automatic_promotion_enrols_before_the_start_and_offers_after_it():
    cohort = make_cohort(capacity=1)
    holder, first, second = (make_enrolment(cohort) for _ in range(3))
    set_auto_promote(cohort=cohort, auto_promote=True, by=None, at=BEFORE)

    withdraw(enrolment=holder, by=None, at=BEFORE)
    withdraw(enrolment=first, by=None, at=START + timedelta(hours=1))

    assert first.trainee.enrolments.get().enrolled_at == BEFORE
    assert status_of(second) == "offered"


def test_each_free_place_is_offered_once():
    cohort = make_cohort(capacity=1, waitlist_limit=9)
    make_enrolment(cohort)
    line = [make_enrolment(cohort) for _ in range(4)]

    set_capacity(cohort=cohort, capacity=3, by=None, at=BEFORE)
    set_capacity(cohort=cohort, capacity=4, by=None, at=BEFORE)

    assert [status_of(each) for each in line] == ["offered", "offered", "offered", "waitlisted"]
    with pytest.raises(CapacityBelowTaken):
        set_capacity(cohort=cohort, capacity=3, by=None, at=BEFORE)


def test_who_holds_an_offer_cannot_take_a_second_place():
    first, _second = offered()

    with pytest.raises(AlreadyEnrolled):
        make_enrolment(make_cohort(), first.trainee)


def test_closing_ends_the_line_and_its_offers():
    first, second = offered(make_cohort(capacity=1, sessions=1))

    close_cohort(cohort=first.cohort, by=None, at=LATER)

    assert (status_of(first), status_of(second)) == ("withdrawn", "withdrawn")


def test_a_no_show_frees_the_place_keeps_the_marks_and_is_told():
    cohort = make_cohort(capacity=1)
    gone, waiting = make_enrolment(cohort), make_enrolment(cohort)
    first, second, *_rest = cohort.sessions.order_by("number")
    mark(first, gone, "absent")
    with pytest.raises(CameAlready):
        mark_no_show(enrolment=gone, by=None, at=first.ends_at)
    mark(second, gone, "absent")

    mark_no_show(enrolment=gone, by=None, at=second.ends_at)

    assert status_of(gone) == "no_show"
    assert gone.records.count() == 2
    assert (gone.sessions_absent, gone.sessions_planned) == (2, 2)  # nothing after leaving counts (R11)
    assert status_of(waiting) == "offered"
    assert Message.objects.filter(key=f"enrolment-{gone.pk}-no_show").exists()


def test_who_came_once_is_no_no_show():
    cohort = make_cohort()
    came = make_enrolment(cohort)
    first, second, third, *_rest = cohort.sessions.order_by("number")
    for session, status in ((first, "absent"), (second, "absent"), (third, "late")):
        mark(session, came, status)

    with pytest.raises(CameAlready, match="was there"):
        mark_no_show(enrolment=came, by=None, at=third.ends_at)


def halfway():
    """Return an enrolment with two sessions attended of three, and a cohort of the same course two weeks later."""
    old, new = make_cohort(), make_cohort(starts_at=START + 14 * DAY)
    enrolment = make_enrolment(old)
    one, two, three, _four = old.sessions.order_by("number")
    mark(one, enrolment, "present")
    mark(two, enrolment, "absent")
    mark(three, enrolment, "late", 100)
    return enrolment, new, three.ends_at + timedelta(hours=1)


def test_a_transfer_half_way_carries_the_attended_sessions_by_name_and_the_old_marks_stay():
    enrolment, new, at = halfway()
    assert [each.attended.number for each in preview_carried(enrolment=enrolment, cohort=new)] == [1, 3]

    moved = transfer(enrolment=enrolment, cohort=new, by=None, at=at, carry=True)

    assert [(each.session.number, each.status) for each in moved.carried.order_by("id")] == [
        (1, "present"),
        (3, "late"),
    ]
    assert (moved.sessions_present, moved.sessions_late, moved.sessions_planned) == (1, 1, 4)
    assert (moved.minutes_present, moved.minutes_late) == (180, 100)
    assert (status_of(enrolment), enrolment.records.count(), moved.records.count()) == ("withdrawn", 3, 0)
    assert "1, 3" in Message.objects.get(key=f"enrolment-{moved.pk}-transferred").text
    assert prove_tallies() == "enrolments=1 differences=0\n"


def test_a_carried_session_stands_unless_the_trainee_comes_again():
    enrolment, new, at = halfway()
    moved = transfer(enrolment=enrolment, cohort=new, by=None, at=at, carry=True)
    one, two, three, four = new.sessions.order_by("number")

    mark(one, moved, "absent")  # need not come again
    mark(three, moved, "present")  # came again: that is better than late
    mark(two, moved, "present")
    mark(four, moved, "absent")

    moved.refresh_from_db()
    assert (moved.sessions_present, moved.sessions_late, moved.sessions_absent) == (3, 0, 1)
    assert prove_tallies() == "enrolments=1 differences=0\n"
    close_cohort(cohort=new, by=None, at=LATER)
    assert status_of(moved) == "completed"


def test_without_the_wish_and_to_another_course_nothing_is_carried():
    enrolment, new, at = halfway()
    other = make_cohort(course=make_course("CC"), starts_at=START + 14 * DAY)
    assert preview_carried(enrolment=enrolment, cohort=other) == []

    moved = transfer(enrolment=enrolment, cohort=new, by=None, at=at)

    assert not CarriedSession.objects.exists()
    assert moved.sessions_planned == 4


def test_a_second_transfer_takes_along_what_the_first_carried():
    enrolment, new, at = halfway()
    third = make_cohort(starts_at=START + 28 * DAY)
    moved = transfer(enrolment=enrolment, cohort=new, by=None, at=at, carry=True)

    again = transfer(enrolment=moved, cohort=third, by=None, at=at, carry=True)

    assert again.carried.count() == 2
    assert again.transferred_from == moved


def test_a_transfer_gives_no_place_for_a_place_in_a_line_and_frees_the_old_one_for_the_next():
    full, old = make_cohort(capacity=1), make_cohort(capacity=1)
    make_enrolment(full)
    moving, waiting = make_enrolment(old), make_enrolment(old)

    with pytest.raises(CohortFull):
        transfer(enrolment=moving, cohort=full, by=None, at=BEFORE)
    assert status_of(moving) == "enrolled"
    transfer(enrolment=moving, cohort=make_cohort(), by=None, at=BEFORE)

    assert status_of(waiting) == "offered"


def test_a_transfer_keeps_the_hold():
    enrolment = make_registered(make_cohort())

    moved = transfer(enrolment=enrolment, cohort=make_cohort(), by=None, at=BEFORE)

    assert moved.hold_expires_at == BEFORE + 2 * DAY


def test_an_offer_to_somebody_without_account_is_not_written_in_the_language_of_who_left():
    cohort = make_cohort(capacity=1)
    first = make_enrolment(cohort)
    sibling = make_enrolment(cohort, make_trainee(email=first.trainee.email))
    assert sibling.trainee.user is None

    with translation.override("ur"):
        withdraw(enrolment=first, by=None, at=BEFORE)

    assert Message.objects.get(trainee=sibling.trainee, kind="offered").language == User.Language.ENGLISH


def test_what_many_cohorts_would_take_over_is_found_at_once(django_assert_num_queries):
    enrolment, new, _at = halfway()
    later = make_cohort(starts_at=START + 28 * DAY)
    other = make_cohort(course=make_course("CC"))

    with django_assert_num_queries(3):
        found = preview_each(enrolment=enrolment, cohorts=[new, later, other])

    numbers = {pk: [each.session.number for each in carried] for pk, carried in found.items()}
    assert numbers == {new.pk: [1, 3], later.pk: [1, 3], other.pk: []}
    assert {each.session.cohort_id for each in found[later.pk]} == {later.pk}
