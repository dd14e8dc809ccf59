"""Acts on many rows: looked at first, done row by row, every refusal by name."""

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from admissions.models import Application
from audit.models import AuditEntry
from certificates.models import Certificate
from certificates.services.issue import issue_certificates
from cohorts.models import Cohort, CompletionException, Enrolment
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
from tests.factories import LATER, make_cohort, make_enrolment, make_office
from tests.portal.test_lists import make_application
from trainees.models import Message
from trainees.services.messages import queue_message

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@pytest.fixture
def office(client):
    client.force_login(make_office("Programme office", "Issuer", "Programme lead"), backend=BACKEND)
    return client


def post(client, name, act, rows=(), **more):
    return client.post(f"/manage/lists/{name}/act/", {"act": act, "row": [each.pk for each in rows], **more})


def go_on(client, name, answer, step, **more):
    """Press the page's button: send what its form holds."""
    held = {key: html.unescape(value) for key, value in HIDDEN.findall(answer.content.decode())}
    return client.post(f"/manage/lists/{name}/act/", {**held, "step": step, **more})


def do(client, name, act, rows=(), values=None, **more):
    """Choose, look, and confirm; return the preview and the result."""
    answer = post(client, name, act, rows, **more)
    preview = go_on(client, name, answer, "preview", **values) if values is not None else answer
    return preview, go_on(client, name, preview, "do", **(values or {}))


def test_withdrawing_many_shows_what_follows_and_does_it_once(office):
    cohort = make_cohort(capacity=3, auto_promote=True)
    people = [make_enrolment(cohort) for _ in range(3)]
    waiting = [make_enrolment(cohort) for _ in range(2)]
    before = AuditEntry.objects.count()

    preview = go_on(office, "trainees", post(office, "trainees", "withdraw", people), "preview", reason="moved")

    page = preview.content.decode()
    assert "Withdraw 3 people" in page
    assert "3 places or places in a line are given back" in page
    assert preview.context["outcome"].done == [each.trainee.full_name for each in people]
    assert (AuditEntry.objects.count(), Message.objects.count()) == (before, 0)
    assert set(Enrolment.objects.filter(pk__in=[each.pk for each in people]).values_list("status")) == {("enrolled",)}

    done = go_on(office, "trainees", preview, "do", reason="moved")

    assert "This is what was done" in done.content.decode()
    assert done.context["effects"] == preview.context["effects"]
    left = Enrolment.objects.filter(pk__in=[each.pk for each in people])
    assert set(left.values_list("status", "withdrawal_reason")) == {("withdrawn", "moved")}
    assert all(Enrolment.objects.get(pk=each.pk).status in ("enrolled", "offered") for each in waiting)
    entry = AuditEntry.objects.get(act="list.act")
    assert entry.detail == {"act": "withdraw", "done": 3, "refused": 0}
    again = go_on(office, "trainees", preview, "do", reason="moved")
    assert again.context["outcome"].done == []
    assert len(again.context["outcome"].refused) == 3
    assert "It changed since you looked" in again.content.decode()


def test_nobody_is_moved_to_the_cohort_where_they_are(office):
    here, there = make_cohort("HERE"), make_cohort("THERE")
    people, other = [make_enrolment(here) for _ in range(2)], make_enrolment(there)

    def offered(rows):
        return [each.code for each in post(office, "trainees", "move", rows).context["form"].fields["cohort"].queryset]

    assert offered(people) == ["THERE"]
    assert offered([*people, other]) == ["HERE", "THERE"]  # some of them may go to either
    typed = go_on(office, "trainees", post(office, "trainees", "move", people), "do", cohort="HERE")
    assert list(typed.context["form"].errors) == ["cohort"]
    assert {each.cohort_id for each in Enrolment.objects.filter(pk__in=[each.pk for each in people])} == {here.pk}


def test_what_changed_between_looking_and_confirming_is_passed_over_by_name(office):
    cohort = make_cohort()
    stays, goes = make_enrolment(cohort), make_enrolment(cohort)
    preview = go_on(office, "trainees", post(office, "trainees", "withdraw", [stays, goes]), "preview", reason="x")
    Enrolment.objects.filter(pk=stays.pk).update(status="withdrawn", withdrawn_at=LATER)

    outcome = go_on(office, "trainees", preview, "do", reason="x").context["outcome"]

    assert outcome.done == [goes.trainee.full_name]
    assert outcome.refused == [(stays.trainee.full_name, "It changed since you looked; look again.")]


def test_moving_more_people_than_there_are_places_says_who_stays_and_why(office):
    here, there = make_cohort(), make_cohort("THERE", capacity=2)
    people = [make_enrolment(here) for _ in range(3)]

    preview, done = do(office, "trainees", "move", people, {"cohort": "THERE"})

    assert "Move 2 people" in preview.content.decode()
    assert preview.context["outcome"].refused == done.context["outcome"].refused
    assert [name for name, _reason in done.context["outcome"].refused] == [people[2].trainee.full_name]
    assert there.enrolments.filter(status="enrolled").count() == 2
    people[2].refresh_from_db()
    assert people[2].status == "enrolled"


def test_exceptions_and_no_shows_are_refused_with_the_reason_of_the_service(office):
    came, never = make_enrolment(make_cohort("C-1")), make_enrolment(make_cohort("C-2"))
    for each, status in ((came, "present"), (never, "absent")):
        for session in each.cohort.sessions.all():
            mark_attendance(session=session, marks=[Mark(each.pk, status)], version=None, by=None, at=LATER)

    _preview, done = do(office, "trainees", "no_show", [came, never])
    assert done.context["outcome"].done == [never.trainee.full_name]
    assert came.trainee.full_name in done.context["outcome"].refused[0][0]

    _preview, done = do(office, "trainees", "except", [came, never], {"reason": "ill for a month"})
    assert done.context["outcome"].done == [came.trainee.full_name]
    assert CompletionException.objects.get().enrolment == came


def test_all_that_match_are_acted_on(office):
    lahore, karachi = make_cohort(city="LHE"), make_cohort(city="KHI")
    inside = [make_enrolment(lahore) for _ in range(3)]
    outside = make_enrolment(karachi)

    answer = post(office, "trainees", "withdraw", all="yes", query="city=LHE&order=-name")
    assert answer.context["count"] == 3
    done = go_on(office, "trainees", go_on(office, "trainees", answer, "preview", reason="x"), "do", reason="x")
    assert sorted(done.context["outcome"].done) == sorted(each.trainee.full_name for each in inside)
    outside.refresh_from_db()
    assert outside.status == "enrolled"


def test_a_filter_that_cannot_be_read_chooses_nobody(office):
    make_enrolment(make_cohort())

    answer = office.post(
        "/manage/lists/trainees/act/", {"act": "withdraw", "all": "yes", "query": "status=nonsense"}, follow=True
    )

    assert "Choose some rows first." in answer.content.decode()


@pytest.mark.parametrize("chosen", ["x", "1:a b:c", "9" * 30 + ":x", "-1:enrolled", "1:" + "é" * 9 + " q"])
def test_a_choice_that_cannot_be_read_is_refused(office, chosen):
    given = {"act": "withdraw", "chosen": chosen, "step": "do", "reason": "x"}
    answer = office.post("/manage/lists/trainees/act/", given, follow=True)

    assert answer.status_code == 200
    assert "cannot be read" in answer.content.decode()


def test_rows_of_a_forged_choice_are_not_touched(office):
    enrolment = make_enrolment(make_cohort())
    given = {"act": "withdraw", "chosen": f"{enrolment.pk}:completed/1", "step": "do", "reason": "x"}

    answer = office.post("/manage/lists/trainees/act/", given)

    assert answer.context["outcome"].done == []
    enrolment.refresh_from_db()
    assert enrolment.status == "enrolled"


def recipients(office, page):
    """Who is on the list that the page of a letter leads to."""
    return [each.pk for each in office.get(f"/manage/trainees/?{page.context['list_query']}").context["object_list"]]


def test_writing_to_the_ticked_and_to_all_that_match(office):
    cohort = make_cohort(city="LHE", capacity=1)
    enrolled, waiting = make_enrolment(cohort), make_enrolment(cohort)

    ticked = office.post("/manage/lists/trainees/act/", {"act": "write", "row": [waiting.pk]}, follow=True)
    assert recipients(office, ticked) == [waiting.pk]
    every = office.post("/manage/lists/trainees/act/", {"act": "write", "all": "yes", "query": "city=LHE"}, follow=True)
    assert recipients(office, every) == [enrolled.pk]
    of_cohorts = office.post("/manage/lists/cohorts/act/", {"act": "write", "row": [cohort.pk]}, follow=True)
    assert recipients(office, of_cohorts) == [enrolled.pk]
    letter = {"ids": str(waiting.pk), "subject": "Hello", "body": "Dear {name}", "act": "yes"}
    office.post("/manage/announcements/new/", letter)
    assert office.get("/manage/announcements/").context["object_list"][0].filter == {"ids": str(waiting.pk)}


def test_applications_are_decided_together(office):
    cohort = make_cohort()
    whole = {"cnic": "3520212345671", "email": "a@example.org"}
    good = make_application(1, cohort, **whole)
    lacking = make_application(2, cohort, full_name="No Address")
    bad = make_application(3, cohort)

    _preview, done = do(office, "applications", "accept", [good, lacking])
    assert done.context["outcome"].done == ["Applicant 1"]
    assert done.context["outcome"].refused[0][0] == "No Address"
    assert "cnic, email" in done.context["outcome"].refused[0][1]
    do(office, "applications", "reject", [bad], {"reason": "twice"})
    states = dict(Application.objects.values_list("full_name", "status"))
    assert states == {"Applicant 1": "accepted", "No Address": "in_review", "Applicant 3": "rejected"}

    _preview, done = do(office, "applications", "reopen", [good, lacking, bad], {"reason": "the wrong rows"})
    assert done.context["outcome"].done == ["Applicant 1", "Applicant 3"]
    assert "Only a rejected application" in done.context["outcome"].refused[0][1]
    assert set(Application.objects.values_list("status", flat=True)) == {"in_review"}


def test_cohorts_are_closed_together_and_one_with_a_missing_register_is_named(office):
    ready, missing = make_cohort("READY", sessions=1), make_cohort("MISSING", sessions=1)
    for cohort in (ready, missing):
        make_enrolment(cohort)
    mark_attendance(
        session=ready.sessions.get(),
        marks=[Mark(ready.enrolments.get().pk, "present")],
        version=None,
        by=None,
        at=LATER,
    )

    preview, done = do(office, "cohorts", "close", [ready, missing], {"unassessed": ""})

    assert "Close 1 cohort<" in preview.content.decode()
    assert done.context["outcome"].done == ["READY"]
    assert "These registers are missing: session 1" in done.context["outcome"].refused[0][1]
    assert dict(Cohort.objects.values_list("code", "state"))["MISSING"] != "closed"


def test_failed_certificates_and_mails_are_tried_again_and_others_say_why_not(office):
    cohort = make_cohort(sessions=1)
    people = [make_enrolment(cohort) for _ in range(2)]
    marks = [Mark(each.pk, "present") for each in people]
    mark_attendance(session=cohort.sessions.get(), marks=marks, version=None, by=None, at=LATER)
    close_cohort(cohort=cohort, by=None, at=LATER)
    issue_certificates(cohort=cohort, by=None, at=LATER)
    failed, waits = Certificate.objects.order_by("id")
    Certificate.objects.filter(pk=failed.pk).update(state="failed", attempts=5, failure="no font")

    _preview, done = do(office, "certificates", "retry", [failed, waits])
    assert (done.context["outcome"].done, done.context["outcome"].refused) == (
        [failed.name],
        [(waits.name, "It has not failed.")],
    )
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, failed.failure) == ("pending", 0, "")

    for key, state in (("a", "failed"), ("b", "queued")):
        queue_message(key=key, to="a@example.org", subject=key, text="T", at=LATER)
        Message.objects.filter(key=key).update(state=state)
    mails = list(Message.objects.filter(key__in="ab").order_by("key"))
    _preview, done = do(office, "messages", "retry", mails)
    assert done.context["outcome"].done == ["a"]
    _preview, done = do(office, "messages", "cancel", mails)
    assert done.context["outcome"].done == ["a", "b"]


def test_a_link_opens_an_act_and_never_does_it(office):
    enrolment = make_enrolment(make_cohort())
    given = {"act": "withdraw", "row": enrolment.pk, "step": "do", "reason": "x", "back": "/manage/cohorts/"}

    answer = office.get("/manage/lists/trainees/act/", given)

    assert (answer.context["count"], answer.context["back"]) == (1, "/manage/cohorts/")
    assert "outcome" not in answer.context
    enrolment.refresh_from_db()
    assert enrolment.status == "enrolled"


def test_leaving_leads_back_to_an_address_of_ours_only(office):
    enrolment = make_enrolment(make_cohort())

    for back, shown in (("/manage/cohorts/", "/manage/cohorts/"), ("//evil.example/", "/manage/trainees/?")):
        answer = post(office, "trainees", "withdraw", [enrolment], back=back)
        assert answer.context["back"].startswith(shown)


@pytest.mark.parametrize("count", [1, 3])
def test_looking_at_an_act_costs_the_same_for_the_list_and_grows_by_its_rows_only(office, count):
    mails = []
    for n in range(count):
        queue_message(key=f"m{n}", to="a@example.org", subject="S", text="T", at=LATER)
        Message.objects.filter(key=f"m{n}").update(state="failed")
        mails.append(Message.objects.get(key=f"m{n}"))
    post(office, "messages", "retry", mails)

    with CaptureQueriesContext(connection) as captured:
        post(office, "messages", "retry", mails)

    each = 5  # a savepoint and its release, the row, the trail, the update
    assert len(captured) == 15 + each * count
