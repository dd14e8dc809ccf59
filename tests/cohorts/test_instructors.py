"""Several instructors of one cohort: who holds which session, and what follows from it (R74)."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import ProtectedError
from django.urls import reverse

from cohorts.models import CohortInstructor, Session
from cohorts.services.instructors import (
    InstructorRetired,
    NotOfCohort,
    add_instructor,
    find_holders,
    give_sessions,
    remove_instructor,
)
from cohorts.services.reminders import remind_instructors
from cohorts.services.schedule import MoveSession, Place, change_timetable, import_cohorts, list_clashes
from tests.cohorts.test_venues import row
from tests.factories import BEFORE, LATER, START, make_cohort, make_enrolment, make_instructor, make_user
from trainees.models import Message, User
from trainees.services.calendar import make_calendar_secret

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def shared():
    """A cohort of four sessions: the first is Anna's, the second Bilal's, the others are everybody's."""
    cohort = make_cohort("A-1")
    anna, bilal = make_instructor(cohort), make_instructor(cohort)
    first, second = cohort.sessions.order_by("number")[:2]
    holders = {first.pk: [anna.pk], second.pk: [bilal.pk]}
    give_sessions(cohort=cohort, holders=holders, by=None, at=BEFORE)
    return cohort, anna, bilal


def test_a_file_tells_who_is_newly_named_once_and_of_nothing_that_is_over():
    hira = ("Hira Latif", "hira@example.org")
    first, second, over = (row(code, instructors=(hira,)) for code in ("N-1", "N-2", "N-3"))

    for _again in range(2):
        import_cohorts(rows=[first, second], by=None, at=BEFORE)
    import_cohorts(rows=[over], by=None, at=LATER)

    assert list(Message.objects.order_by("id").values_list("to", "kind", "about")) == [
        ("hira@example.org", "invited", "N-1"),
        ("hira@example.org", "named", "N-2"),
    ]
    import_cohorts(rows=[row("N-4", instructors=(hira,))], by=None, at=BEFORE, notify=False)
    assert Message.objects.count() == 2


def held(user):
    return list(Session.objects.held_by(user).order_by("number").values_list("number", flat=True))


def test_each_holds_the_own_and_the_common_sessions(shared):
    cohort, anna, bilal = shared

    assert (held(anna), held(bilal), held(make_user())) == ([1, 3, 4], [2, 3, 4], [])
    holders = find_holders(cohort.sessions.order_by("number"))
    assert [[each.pk for each in found] for found in holders.values()] == [
        [anna.pk],
        [bilal.pk],
        [anna.pk, bilal.pk],
        [anna.pk, bilal.pk],
    ]


def test_registers_of_colleagues_do_not_exist_on_pages_and_by_api(client, shared):
    cohort, anna, _bilal = shared
    make_enrolment(cohort)
    client.force_login(anna, backend=BACKEND)
    own, other = cohort.sessions.order_by("number")[:2]

    pages = [client.get(reverse("session_register", args=[each.pk])).status_code for each in (own, other)]
    api = [client.get(f"/api/v1/sessions/{each.pk}/attendance/").status_code for each in (own, other)]
    marks = client.put(f"/api/v1/sessions/{other.pk}/attendance/", {"marks": []}, "application/json")

    assert (pages, api, marks.status_code) == ([200, 404], [200, 404], 404)


def test_calendar_and_reminders_follow(client, shared):
    cohort, anna, bilal = shared
    entries = client.get(reverse("calendar", args=[make_calendar_secret(anna)])).content.decode()
    first, second = cohort.sessions.order_by("number")[:2]
    assert (f"session-{first.pk}@" in entries, f"session-{second.pk}@" in entries) == (True, False)

    remind_instructors(at=second.ends_at + timedelta(hours=3))

    asked = Message.objects.filter(kind="unmarked").order_by("id").values_list("to", "cause")
    assert [(to, cause.split("-")[1]) for to, cause in asked] == [
        (anna.email, str(first.pk)),
        (bilal.email, str(second.pk)),
    ]


def test_the_day_shows_the_own_sessions(client, shared):
    cohort, anna, _bilal = shared
    shift = LATER - START
    for session in cohort.sessions.all():
        session.starts_at, session.ends_at = session.starts_at + shift * 20, session.ends_at + shift * 20
        session.save()
    client.force_login(anna, backend=BACKEND)

    context = client.get(reverse("teach")).context

    shown = [context["first"], *context["today"], *context["later"]]
    assert [each.number for each in shown if each] == [1, 3, 4]


def test_two_instructors_clash_only_where_they_hold_both(shared):
    _cohort, anna, bilal = shared
    other = make_cohort("B-1", sessions=2)
    other.instructors.add(anna)
    other.instructors.add(bilal)

    clashes = {(each.first.number, each.name) for each in list_clashes(since=BEFORE) if each.kind == "instructor"}

    assert {number for number, _name in clashes} == {1, 2}
    assert len(list_clashes(since=BEFORE)) == 2


def test_the_mail_of_a_change_carries_only_own_sessions(shared):
    cohort, anna, bilal = shared
    second = cohort.sessions.get(number=2)
    times = (second.date, second.start_time.replace(hour=15), second.end_time.replace(hour=18))

    wish = MoveSession(second.pk, *times, Place("online"))
    change_timetable(cohort=cohort, wish=wish, by=None, at=BEFORE)

    mails = {each.to: len(each.attachments) for each in Message.objects.filter(kind="timetable")}
    assert mails == {anna.email: 0, bilal.email: 1}


def test_sessions_go_only_to_instructors_of_the_cohort_and_of_it(shared):
    cohort, anna, _bilal = shared
    stranger, elsewhere = make_user(), make_cohort(sessions=1).sessions.get()
    first = cohort.sessions.get(number=1)

    for holders in ({first.pk: [stranger.pk]}, {elsewhere.pk: [anna.pk]}):
        with pytest.raises(NotOfCohort):
            give_sessions(cohort=cohort, holders=holders, by=None, at=BEFORE)
    assert held(anna) == [1, 3, 4]


def test_a_removed_instructor_leaves_the_sessions_to_the_others(shared):
    cohort, anna, bilal = shared

    remove_instructor(cohort=cohort, user=anna, by=None, at=BEFORE)

    assert (held(anna), held(bilal)) == ([], [1, 2, 3, 4])


def test_an_instructor_is_invited_once_and_a_retired_one_refused():
    cohort, other = make_cohort(), make_cohort()
    user = add_instructor(cohort=cohort, email="New@Example.org", name="Hira Latif", by=None, at=BEFORE)
    add_instructor(cohort=other, email="new@example.org", name="", by=None, at=BEFORE)

    assert (user.full_name, Message.objects.filter(kind="invited").count()) == ("Hira Latif", 1)
    User.objects.filter(pk=user.pk).update(retired_at=BEFORE)
    with pytest.raises(InstructorRetired):
        add_instructor(cohort=make_cohort(), email="new@example.org", name="", by=None, at=BEFORE)


def test_an_account_that_teaches_cannot_be_deleted(shared):
    with pytest.raises(ProtectedError):
        shared[1].delete()
    assert CohortInstructor.objects.filter(user=shared[1]).exists()


def mails(user):
    return list(Message.objects.filter(to=user.email).order_by("id").values_list("kind", "about", "language"))


def test_who_has_an_account_is_told_once_for_each_cohort_in_the_own_language():
    user = make_user("hira@example.org", password="three-unrelated-words", language="ur")
    first, second = make_cohort("A-1"), make_cohort("B-2")

    for cohort in (first, first, second):
        add_instructor(cohort=cohort, email=user.email, name="", by=None, at=BEFORE)

    assert mails(user) == [("named", "A-1", "ur"), ("named", "B-2", "ur")]
    mail = Message.objects.filter(to=user.email).first()
    assert "A-1" in mail.subject
    for text in (mail.subject, mail.text, mail.html):
        assert "پڑھائیں" in text or "استاد" in text
        assert "instructor" not in text
    assert 'dir="rtl"' in mail.html
    assert "/teach/" in mail.text


def test_who_was_invited_for_one_cohort_is_told_of_the_next():
    first, second = make_cohort("A-1"), make_cohort("B-2")
    user = add_instructor(cohort=first, email="new@example.org", name="Hira", by=None, at=BEFORE)
    add_instructor(cohort=second, email="new@example.org", name="", by=None, at=BEFORE)

    assert mails(user) == [("invited", "A-1", "en-gb"), ("named", "B-2", "en-gb")]


def test_a_mail_leaves_with_the_naming_or_not_at_all(django_capture_on_commit_callbacks):
    user = make_user("hira@example.org", password="three-unrelated-words")
    cohort = make_cohort("A-1")

    def name_and_fail():
        with transaction.atomic():
            add_instructor(cohort=cohort, email=user.email, name="", by=None, at=BEFORE)
            raise RuntimeError("something else failed")

    with django_capture_on_commit_callbacks() as rung, pytest.raises(RuntimeError):
        name_and_fail()

    assert (rung, mails(user)) == ([], [])


def test_who_is_removed_and_named_again_is_told_again():
    user = make_user("hira@example.org", password="three-unrelated-words")
    cohort = make_cohort("A-1")
    for _ in range(2):
        add_instructor(cohort=cohort, email=user.email, name="", by=None, at=BEFORE)
        remove_instructor(cohort=cohort, user=user, by=None, at=BEFORE)

    assert mails(user) == [("named", "A-1", "en-gb")] * 2
