"""Writing to many: looked at with real names, sent once, cancelled in time (R69, R72)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from audit.models import AuditEntry
from cohorts.models import Announcement
from cohorts.services import announcements
from cohorts.services.announcements import (
    AnnouncementGone,
    Letter,
    NobodyToTell,
    UnknownPlaceholder,
    announce,
    cancel_announcement,
    choose_examples,
    count_mails,
    due_announcements,
    recipients_of,
    write_announcement,
    write_to,
)
from cohorts.services.enrolment import withdraw
from tests.factories import BEFORE, make_cohort, make_enrolment, make_instructor, make_office, make_trainee
from trainees.models import Message
from trainees.services.messages import send_message

pytestmark = pytest.mark.django_db
LETTER = Letter("Bring a laptop, {name}", "Dear {name} ({number}),\n\n{cohort} starts on {starts_on}.")
BOTH = Letter("Hello", "Dear {name}", "سلام", "محترم {name}")


def send(cohort=None, letter=LETTER, by=None, **more):
    made = announce(
        letter=letter, cohort=cohort, filter=more.pop("filter", {}), by=by or make_office(), at=BEFORE, **more
    )
    for announcement_id in [*due_announcements(at=BEFORE)] * 2:
        write_announcement(announcement_id=announcement_id, at=BEFORE)
    made.refresh_from_db()
    return made


def urdu(enrolment):
    enrolment.trainee.user.language = "ur"
    enrolment.trainee.user.save()
    return enrolment


def test_each_person_gets_one_mail_with_the_placeholders_filled():
    cohort = make_cohort("AI-ONL-01")
    first, second = make_enrolment(cohort), make_enrolment(cohort)
    make_enrolment(make_cohort())

    made = send(cohort)

    mails = {each.to: each for each in Message.objects.all()}
    assert set(mails) == {first.trainee.email, second.trainee.email}
    mail = mails[first.trainee.email]
    assert mail.subject == f"Bring a laptop, {first.trainee.full_name}"
    assert f"({first.trainee.number}),\n\nAI-ONL-01 starts on 4 May 2020." in mail.text
    assert (made.state, made.recipients) == ("written", 2)
    assert count_mails([made])[made.pk] == {"queued": 2, "sent": 0, "failed": 0, "cancelled": 0}


def test_an_unknown_placeholder_is_named_before_anything_is_sent():
    cohort = make_cohort()
    make_enrolment(cohort)

    with pytest.raises(UnknownPlaceholder, match=r"\{cnic\}, \{surname\} cannot be filled in; use \{name\}") as refusal:
        send(cohort, Letter("S", "{cnic} {surname} {name}"))

    assert list(refusal.value.message_dict) == ["body"]
    assert not Announcement.objects.exists()


def test_a_name_with_braces_is_not_read_again_and_markup_is_text():
    cohort = make_cohort()
    trainee = make_trainee()
    trainee.full_name = "{number} <b>x</b>"
    trainee.save()
    make_enrolment(cohort, trainee)

    send(cohort, Letter("S", "Dear {name}"))

    mail = Message.objects.get()
    assert "Dear {number} <b>x</b>" in mail.text
    assert "Dear {number} &lt;b&gt;x&lt;/b&gt;" in mail.html


@pytest.mark.parametrize("letter", [Letter(), Letter("S"), Letter(body="B"), Letter("S", "B", "س")])
def test_a_letter_needs_a_whole_text_in_one_language(letter):
    cohort = make_cohort()
    make_enrolment(cohort)

    with pytest.raises(ValidationError, match="Give a subject and a text"):
        send(cohort, letter)


def test_who_reads_urdu_gets_the_urdu_text_and_english_where_there_is_none():
    cohort = make_cohort()
    reader = urdu(make_enrolment(cohort))
    other = make_enrolment(cohort)

    assert (write_to(reader, BOTH).language, write_to(other, BOTH).language) == ("ur", "en-gb")
    assert write_to(reader, LETTER).language == "en-gb"
    assert write_to(other, Letter(subject_ur="سلام", body_ur="محترم {name}")).body.startswith("محترم")


def test_the_preview_shows_the_first_the_longest_name_and_an_urdu_reader():
    cohort = make_cohort()
    people = [
        make_enrolment(cohort, make_trainee(full_name=name)) for name in ("Ali", "Zainab Noor Malik Khan", "Sara")
    ]
    urdu(people[2])

    shown = choose_examples(recipients_of(by=make_office(), cohort=cohort, filter={}))

    assert [each.trainee.full_name for each in shown] == ["Ali", "Zainab Noor Malik Khan", "Sara"]


def test_it_waits_for_its_time_and_then_goes_to_those_who_are_on_the_list_then():
    cohort = make_cohort()
    stays, leaves = make_enrolment(cohort), make_enrolment(cohort)
    later = BEFORE + timedelta(days=2)

    made = send(cohort, send_after=later)
    withdraw(enrolment=leaves, by=None, at=BEFORE, notify=False)

    assert (made.state, Message.objects.count()) == ("waiting", 0)
    assert due_announcements(at=later) == [made.pk]
    assert write_announcement(announcement_id=made.pk, at=later) == 1
    assert Message.objects.get().to == stays.trainee.email


def test_before_its_time_it_is_cancelled_whole_and_later_only_what_has_not_gone():
    cohort, office = make_cohort(), make_office()
    make_enrolment(cohort), make_enrolment(cohort)
    waiting = send(cohort, send_after=BEFORE + timedelta(days=2))
    assert cancel_announcement(announcement=waiting, by=office, at=BEFORE) == 2
    assert write_announcement(announcement_id=waiting.pk, at=BEFORE + timedelta(days=3)) == 0

    written = send(cohort)
    first, second = Message.objects.order_by("id")
    send_message(key=first.key, at=BEFORE)
    assert cancel_announcement(announcement=written, by=office, at=BEFORE) == 1
    assert not send_message(key=second.key, at=BEFORE)
    with pytest.raises(AnnouncementGone):
        cancel_announcement(announcement=written, by=office, at=BEFORE)
    assert AuditEntry.objects.filter(act__startswith="announcement.").count() == 4


def test_an_instructor_reaches_own_cohorts_only():
    own, other = make_cohort(), make_cohort()
    make_enrolment(own), make_enrolment(other)
    teacher = make_instructor(own)

    assert send(own, by=teacher).recipients == 1
    with pytest.raises(NobodyToTell):
        send(other, by=teacher)
    assert recipients_of(by=teacher, cohort=None, filter={}).count() == 1
    assert Announcement.objects.visible_to(teacher).count() == 1
    assert Announcement.objects.visible_to(make_instructor(other)).count() == 0


def test_the_filter_of_the_list_narrows_the_letter():
    make_enrolment(make_cohort("A-1")), make_enrolment(make_cohort("B-1"))
    waiting = make_cohort("C-1", capacity=1)
    make_enrolment(waiting)
    waits = make_enrolment(waiting)
    office = make_office()

    assert send(filter={"cohort": "A-1"}).recipients == 1
    assert recipients_of(by=office, cohort=None, filter={"status": "waitlisted"}).get() == waits
    assert recipients_of(by=office, cohort=None, filter={}).count() == 3


@pytest.mark.parametrize("count", [1, 3])
def test_writing_costs_the_same_for_one_and_for_three(django_assert_num_queries, count):
    cohort, office = make_cohort(), make_office()
    for _ in range(count):
        make_enrolment(cohort)
    made = announce(letter=LETTER, cohort=cohort, filter={}, by=office, at=BEFORE)

    with django_assert_num_queries(10):  # two of rights, a savepoint and its release (R66)
        write_announcement(announcement_id=made.pk, at=BEFORE)


def test_a_filter_that_cannot_be_read_reaches_nobody():
    cohort = make_cohort()
    withdraw(enrolment=make_enrolment(cohort), by=None, at=BEFORE)
    make_enrolment(cohort)

    for wrong in ({"status": "bogus"}, {"stage": "bogus"}, {"search": "a\x00b"}):
        assert not recipients_of(by=make_office(), cohort=cohort, filter=wrong).exists()
        with pytest.raises(NobodyToTell):
            send(cohort, filter=wrong)


def test_a_worker_that_was_stopped_goes_on_after_the_last_part(monkeypatch):
    monkeypatch.setattr(announcements, "PART", 2)
    cohort = make_cohort()
    people = [make_enrolment(cohort) for _ in range(3)]
    made = send(cohort)
    Message.objects.filter(trainee=people[2].trainee).delete()
    Announcement.objects.update(state="waiting")
    kept = set(Message.objects.values_list("pk", flat=True))

    assert write_announcement(announcement_id=made.pk, at=BEFORE) == 3

    assert kept < set(Message.objects.values_list("pk", flat=True))
    assert Message.objects.count() == 3
    assert Announcement.objects.get().state == "written"
