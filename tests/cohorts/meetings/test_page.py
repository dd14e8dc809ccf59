"""What the page of a report says beside each candidate of a label."""

import pytest

from cohorts.meeting_page import Scale, choices_of
from cohorts.models import Alias, LeaveRequest, MeetingReport
from cohorts.services.meetings import add_file
from tests.cohorts.meetings.files import table
from tests.factories import LATER, START, make_cohort, make_enrolment, make_instructor, make_trainee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]
HEADER = ["Name", "Email", "Join Time", "Leave Time"]
NAMES = ("Ali Panhwar", "Ali Khattak")


@pytest.fixture
def cohort():
    made = make_cohort("AI-ONL-01", sessions=4)
    for name in NAMES:
        make_enrolment(made, make_trainee(full_name=name, gender="M"))
    return made


def report_of(session, *people):
    day = session.date.strftime("%m/%d/%Y")
    rows = [[label, "", f"{day} {start}", f"{day} {end}"] for label, start, end in people]
    add_file(session=session, name="joins.csv", chunks=[table([HEADER, *rows]).encode()], by=None, at=LATER)
    return MeetingReport.objects.get(session=session)


def reasons(report):
    people = list(report.people.all())
    enrolments = {each.pk: each for each in report.session.cohort.enrolments.select_related("trainee")}
    person = next(each for each in people if each.verdict == "review")
    choices = choices_of(person, Scale(report.session), enrolments, people)
    return {each.enrolment.trainee.full_name: [text for _kind, text in each.reasons] for each in choices}


def test_candidates_are_shown_with_habit_leave_confirmed_label_and_their_own_time(cohort):
    sessions = list(cohort.sessions.order_by("number"))
    for session, start in zip(sessions, ("09:55:00", "09:57:00", "10:01:00"), strict=False):
        report_of(session, ("Ali Panhwar", start, "13:00:00"))
    panhwar, khattak = cohort.enrolments.order_by("id")
    Alias.objects.create(key="iphone ali", label="iPhone Ali", trainee=panhwar.trainee, confirmed_at=START)
    facts = {"starts_on": sessions[3].date, "ends_on": sessions[3].date, "reason": "illness", "requested_at": START}
    LeaveRequest.objects.create(enrolment=khattak, status="approved", decided_at=START, **facts)

    said = reasons(report_of(sessions[3], ("iPhone Ali", "10:00:00", "12:00:00")))

    assert {"Usually joins at 09:57, give or take 2 min", "Not met in this file so far"} <= set(said["Ali Panhwar"])
    assert f"This label was confirmed on {START:%d %B}" in said["Ali Panhwar"]
    assert "On approved leave that day" in said["Ali Khattak"]
    assert not any("Usually" in text for text in said["Ali Khattak"])


def test_two_sessions_are_no_habit_and_a_second_device_adds_nothing(cohort):
    sessions = list(cohort.sessions.order_by("number"))
    for session in sessions[:2]:
        report_of(session, ("Ali Panhwar", "10:00:00", "13:00:00"))

    said = reasons(report_of(sessions[2], ("Ali Panhwar", "10:00:00", "13:00:00"), ("Ali", "10:10:00", "12:00:00")))

    assert not any("Usually" in text for text in said["Ali Panhwar"])
    assert {"Already found as “Ali Panhwar”, at the same time", "A second device would add no minutes"} <= set(
        said["Ali Panhwar"]
    )


@pytest.mark.parametrize("labels", [1, 3])
def test_the_page_costs_the_same_whatever_the_labels(cohort, client, labels, django_assert_num_queries):
    session = cohort.sessions.get(number=1)
    report_of(session, *((f"ali {n}", "10:00:00", "12:00:00") for n in range(labels)))
    client.force_login(make_instructor(cohort))
    address = f"/teach/sessions/{session.pk}/report/"
    client.get(address)

    with django_assert_num_queries(28):
        client.get(address)


def test_a_label_is_confirmed_by_one_tap_and_the_next_one_comes(cohort, client):
    session = cohort.sessions.get(number=1)
    report = report_of(session, ("ali a", "10:00:00", "12:00:00"), ("ali b", "10:00:00", "12:00:00"))
    client.force_login(make_instructor(cohort))
    first, _second = report.people.order_by("line")
    page = client.get(f"/teach/sessions/{session.pk}/report/").content.decode()

    answer = client.post(
        f"/teach/report-people/{first.pk}/", {"enrolment": cohort.enrolments.first().pk}, follow=True
    ).content.decode()

    for key in ("1", "2", "s", "n", "l"):
        assert f'data-key="{key}"' in page
    assert page.count("hn-btn-main") == 1  # the proposed answer; writing waits until the queue is empty
    assert "<q>ali a</q>" in page
    assert "<q>ali b</q>" in answer
