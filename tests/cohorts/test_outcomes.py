"""What decides an outcome, reopening and exceptions (R21, R45, R46)."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from audit.models import AuditEntry
from cohorts import rules
from cohorts.models import CompletionException, OutcomeChange
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import (
    close_cohort,
    explain_enrolment,
    grant_exception,
    lift_exception,
    reopen_cohort,
)
from cohorts.services.enrolment import enrol
from cohorts.services.make_up import credit_make_up
from courses.imports import AssessmentRow, PolicyRow
from courses.services import save_policy
from tests.cohorts.assessed import BACKEND, close, make_assessed_cohort, mark_all, score
from tests.factories import LATER, cancel_session, make_cohort, make_course, make_enrolment, make_office

pytestmark = pytest.mark.django_db


def test_every_reason_of_a_refusal_is_stored_with_the_dates_missed():
    cohort = make_assessed_cohort()
    good, poor = make_enrolment(cohort), make_enrolment(cohort)
    mark_all(cohort, marks={good.pk: "present", poor.pk: "absent"})
    score(cohort, good, 1200, 3000)  # 12 of 20 and 30 of 50: exactly 60 %
    score(cohort, poor, 1950, None)

    close(cohort)

    good.refresh_from_db(), poor.refresh_from_db()
    assert (good.status, [each["code"] for each in good.reasons]) == (
        "completed",
        ["attendance_reached", "score_reached", "work_done"],
    )
    assert good.reasons[1]["percent"] == "60.0"
    assert poor.status == "not_completed"
    assert [each["code"] for each in poor.reasons] == [
        "attendance_below_minimum",
        "score_below_pass_mark",
        "work_missing",
    ]
    assert poor.reasons[0]["missed"] == ["2020-05-04", "2020-05-05", "2020-05-06", "2020-05-07"]
    assert poor.reasons[1]["percent"] == "39.0"  # 40 x 19.5/20 of 100


def test_a_cohort_without_any_score_is_decided_by_attendance_and_says_so():
    cohort = make_assessed_cohort()
    enrolment = make_enrolment(cohort)
    mark_all(cohort, marks={enrolment.pk: "present"})

    close(cohort)

    enrolment.refresh_from_db()
    assert enrolment.status == "completed"
    assert [each["code"] for each in enrolment.reasons] == ["attendance_reached", "not_assessed"]


def test_who_closes_without_scores_must_say_why_and_every_outcome_says_who(client):
    cohort = make_assessed_cohort()
    enrolment = make_enrolment(cohort)
    mark_all(cohort, marks={enrolment.pk: "present"})
    client.force_login(make_office("Programme office"), backend=BACKEND)
    page = reverse("cohort_close", args=[cohort.code])

    client.post(page, {"unassessed": " \u200b "})
    cohort.refresh_from_db()
    assert cohort.state != "closed"
    assert "say why nothing was assessed" in client.get(page).content.decode()

    client.post(page, {"unassessed": "The centre was shut for the flood."})
    enrolment.refresh_from_db()
    assert enrolment.reasons[1] | {"on": ""} == {
        "code": "not_assessed",
        "met": True,
        "reason": "The centre was shut for the flood.",
        "by": "Some Body",
        "on": "",
    }
    assert "attendance alone decides. Stated by Some Body on" in rules.describe(enrolment.reasons[1])
    assert AuditEntry.objects.get(act="cohort.close").detail["unassessed"] == "The centre was shut for the flood."


def test_a_program_that_closes_without_scores_is_told_so(client):
    cohort = make_assessed_cohort()
    enrolment = make_enrolment(cohort)
    mark_all(cohort, marks={enrolment.pk: "present"})
    client.force_login(make_office("Programme office"), backend=BACKEND)

    answer = client.post(f"/api/v1/cohorts/{cohort.code}/close/", {}, "application/json").json()

    assert (answer["completed"], answer["unassessed"]) == (1, True)


def test_one_score_in_the_cohort_and_a_missing_project_completes_nobody():
    cohort = make_assessed_cohort()
    scored, without = make_enrolment(cohort), make_enrolment(cohort)
    mark_all(cohort, marks={scored.pk: "present", without.pk: "present"})
    score(cohort, scored, 2000, 5000)

    close_cohort(cohort=cohort, by=None, at=LATER, unassessed="not asked")

    without.refresh_from_db()
    assert without.status == "not_completed"
    assert [each["code"] for each in without.reasons] == ["attendance_reached", "score_below_pass_mark", "work_missing"]


def test_works_that_decide_nothing_need_no_scores():
    course = make_course("DS")
    save_policy(course=course, policy=PolicyRow("sessions", 75, assessments=(AssessmentRow("Quiz", 40),)))
    cohort = make_cohort(course=course)
    enrolment = make_enrolment(cohort)
    mark_all(cohort, marks={enrolment.pk: "present"})

    assert close_cohort(cohort=cohort, by=None, at=LATER, unassessed="").unassessed is False


def test_a_trainee_reads_what_is_still_reachable():
    cohort = make_assessed_cohort()
    enrolment = make_enrolment(cohort)
    first = cohort.sessions.order_by("number").first()
    mark_attendance(session=first, marks=[Mark(enrolment.pk, "absent")], version=None, by=None, at=LATER)
    score(cohort, enrolment, 500, None)
    enrolment.refresh_from_db()

    conditions = explain_enrolment(enrolment)

    assert [(each["state"], each["text"], each["reach"]) for each in conditions] == [
        (
            "open",
            "Attended 0.0 % of 1 sessions, 75 % needed; missed 4 May.",
            "At best 75.0 % can be reached; 0 more may be missed.",
        ),
        (
            "open",
            "Scored 10.0 % of all assessments, 60 % needed. No score yet: Final project.",
            "At best 70.0 % can be reached.",
        ),
        ("open", "Final project is required and has no score.", ""),
    ]


def test_an_exception_completes_with_its_author_and_a_lifted_one_does_not():
    cohort, office = make_cohort(sessions=1), make_office("Programme lead")
    kept, lifted = make_enrolment(cohort), make_enrolment(cohort)
    mark_all(cohort, marks={kept.pk: "absent", lifted.pk: "absent"})
    for each in (kept, lifted):
        grant_exception(enrolment=each, reason="in hospital, papers seen", by=office, at=LATER)
    exception = CompletionException.objects.get(enrolment=lifted)
    lift_exception(exception=exception, reason="papers were another's", by=office, at=LATER)

    close(cohort)

    kept.refresh_from_db(), lifted.refresh_from_db()
    assert (kept.status, lifted.status) == ("completed", "not_completed")
    assert kept.reasons[-1] == {
        "code": "exception",
        "met": True,
        "reason": "in hospital, papers seen",
        "by": "Some Body",
        "on": "2020-12-01",
    }
    with pytest.raises(ValidationError):
        grant_exception(enrolment=lifted, reason="too late", by=office, at=LATER)  # closed


def test_reopening_keeps_the_first_date_and_each_outcome_in_history():
    cohort = make_cohort(sessions=1)
    enrolment = make_enrolment(cohort)
    mark_all(cohort, marks={enrolment.pk: "present"})
    close(cohort)

    with pytest.raises(ValidationError):
        reopen_cohort(cohort=cohort, reason="  ", by=None, at=LATER)
    reopen_cohort(cohort=cohort, reason="the register was of another day", by=None, at=LATER)
    mark_all(cohort, marks={enrolment.pk: "absent"})
    close(cohort)

    enrolment.refresh_from_db()
    assert (enrolment.status, enrolment.completed_on) == ("not_completed", date(2020, 5, 4))
    history = OutcomeChange.objects.order_by("id").values_list("old_status", "new_status", "why")
    assert list(history) == [
        ("enrolled", "completed", ""),
        ("completed", "enrolled", "the register was of another day"),
        ("enrolled", "not_completed", ""),
    ]


def test_who_holds_a_place_elsewhere_keeps_the_outcome_until_the_next_closing():
    cohort = make_cohort(sessions=1)
    enrolment = make_enrolment(cohort)
    mark_all(cohort, marks={enrolment.pk: "present"})
    close(cohort)
    enrol(trainee=enrolment.trainee, cohort=make_cohort(), by=None, at=LATER, notify=False)

    reopening = reopen_cohort(cohort=cohort, reason="a mark was wrong", by=None, at=LATER)

    enrolment.refresh_from_db()
    assert (reopening.reopened, reopening.kept) == (0, [enrolment])
    assert enrolment.status == "completed"
    mark_all(cohort, marks={enrolment.pk: "absent"})
    close(cohort)
    enrolment.refresh_from_db()
    assert enrolment.status == "not_completed"


def test_the_lead_reopens_and_grants_on_the_pages(client):
    cohort = make_cohort(sessions=1)
    enrolment = make_enrolment(cohort)
    mark_all(cohort, marks={enrolment.pk: "absent"})
    close(cohort)
    client.force_login(make_office("Programme office", "Programme lead"), backend=BACKEND)

    client.post(reverse("cohort_reopen", args=[cohort.code]), {"reason": ""})
    cohort.refresh_from_db()
    assert cohort.state == "closed"
    client.post(reverse("cohort_reopen", args=[cohort.code]), {"reason": "an appeal"})
    client.post(reverse("exception_grant", args=[enrolment.pk]), {"reason": "appeal upheld"})

    page = client.get(reverse("manage_trainee", args=[enrolment.trainee.number])).content.decode()
    assert "appeal upheld" in page
    assert "an appeal" in page
    client.post(reverse("cohort_close", args=[cohort.code]))
    enrolment.refresh_from_db()
    assert enrolment.status == "completed"
    assert "appeal upheld" in client.get(reverse("cohort_close", args=[cohort.code])).content.decode()
    assert "Completed <small>by exception</small>" in client.get(reverse("manage_trainees")).content.decode()


def test_the_trainee_reads_the_reasons_on_the_own_page(client):
    cohort = make_assessed_cohort()
    enrolment = make_enrolment(cohort)
    score(cohort, enrolment, 500, None)
    client.force_login(enrolment.trainee.user, backend=BACKEND)

    page = client.get("/me/").content.decode()

    assert "No score yet: Final project." in page
    assert "At best 70.0 % can be reached." in page


def test_the_dates_missed_leave_out_what_was_cancelled_or_made_up_for():
    cohort = make_cohort()
    enrolment = make_enrolment(cohort)
    mark_all(cohort, marks={enrolment.pk: "absent"})
    first, second, _third, _fourth = cohort.sessions.order_by("number")
    cancel_session(first, "the hall was flooded")
    facts = {"attended": None, "on": second.date, "note": "the same lesson, one to one"}
    credit_make_up(enrolment=enrolment, missed=second, **facts, by=None, at=LATER)
    enrolment.refresh_from_db()

    (attendance,) = explain_enrolment(enrolment)

    assert attendance["text"] == "Attended 33.3 % of 540 minutes, 75 % needed; missed 6, 7 May."
