"""Lists of the office: search, filters, order, columns and pages in one address, at a fixed cost."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from admissions.models import Application
from audit.services import record
from certificates.models import Certificate, ProblemReport
from certificates.services.issue import issue_certificates
from cohorts.models import Announcement, Cohort, MeetingReport, Session
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
from portal.figures.clashes import refresh_clashes
from portal.lists.catalogue import LISTS
from portal.lists.views import PAGE
from portal.models import ActRun, Export, FigureCheck, Report
from tests.factories import (
    LATER,
    START,
    make_cohort,
    make_enrolment,
    make_instructor,
    make_office,
    make_trainee,
    numbers,
)
from trainees.models import Trainee, User
from trainees.services.messages import queue_message

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def office(client):
    user = make_office()
    User.objects.filter(pk=user.pk).update(email="me@example.org")
    client.force_login(user, backend=BACKEND)
    return client


def add_row_to_every_list():
    """One more row in each of the lists."""
    n, cohort = next(numbers), make_cohort(sessions=1)
    later = timezone.now() + timedelta(days=9 + n)
    make_cohort(sessions=1, starts_at=later).instructors.add(make_instructor(make_cohort(sessions=1, starts_at=later)))
    enrolment = make_enrolment(cohort)
    by = make_office()
    MeetingReport.objects.create(session=cohort.sessions.get(), created_at=LATER)
    make_application(n, cohort)
    closed = make_cohort(sessions=1)
    done = make_enrolment(closed)
    session = closed.sessions.get()
    mark_attendance(session=session, marks=[Mark(done.pk, "present")], version=None, by=None, at=LATER)
    close_cohort(cohort=closed, by=None, at=LATER)
    issue_certificates(cohort=closed, by=by, at=LATER)
    done.certificates.update(state="issued", issued_at=LATER, sha256="0" * 64, name="Otherwise")
    ProblemReport.objects.create(code=str(n), kind="other", text="no", created_at=LATER)
    queue_message(key=str(n), to="a@example.org", subject="S", text="T", at=LATER, trainee_id=enrolment.trainee_id)
    Announcement.objects.create(
        cohort=cohort, by=by, recipients=1, subject="S", body="B", created_at=LATER, send_after=LATER
    )
    Report.objects.create(cohort=cohort, by=by, created_at=LATER)
    FigureCheck.objects.create(started_at=LATER, finished_at=LATER, enrolments=1, differences=0)
    me = User.objects.get(email="me@example.org")
    Export.objects.create(list="trainees", kind="csv", by=me, total=1, created_at=LATER)
    ActRun.objects.create(list="trainees", act="withdraw", by=me, total=1, created_at=LATER)
    record(act="list.export", by=by, at=LATER, subject=by, detail={"list": "trainees", "rows": 1})
    record(act="register.reopen", by=by, at=timezone.now(), subject=session)
    record(act="register.close", by=by, at=timezone.now(), subject=session)
    Session.objects.filter(pk=session.pk).update(marked_at=timezone.now())


def make_application(n, cohort, **fields):
    given = {"verdict": "review", "status": "in_review", "full_name": f"Applicant {n}", "city": cohort.city}
    return Application.objects.create(
        programme=cohort.course.programme,
        submitted_at=START + timedelta(minutes=n),
        source="test.csv",
        row=n,
        line=n,
        fingerprint=f"f{n}",
        course_1=cohort.course,
        **{**given, **fields},
    )


def names(answer):
    return [str(first) for _pk, first, _others in answer.context["rows"]]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_costs_the_same_for_one_and_for_three(office, name):
    add_row_to_every_list()
    address = LISTS[name].address
    office.get(address)
    with CaptureQueriesContext(connection) as one:
        first = office.get(address)
    for _ in range(2):
        add_row_to_every_list()
    refresh_clashes(at=timezone.now())
    with CaptureQueriesContext(connection) as three:
        page = office.get(address)

    assert len(one) == len(three)
    assert page.context["paginator"].count == first.context["paginator"].count * 3 > 0
    assert len(page.context["object_list"]) == page.context["paginator"].count


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens_empty_and_with_every_column_and_order(office, name):
    assert str(LISTS[name].empty).split("'")[0] in office.get(LISTS[name].address).content.decode()
    add_row_to_every_list()
    every = office.get(LISTS[name].address + office.get(LISTS[name].address).context["every_column"])

    assert len(every.context["heads"]) >= len(LISTS[name].columns) - 3  # what needs a right of its own
    for head in every.context["heads"]:
        if head["link"]:
            assert str(head["column"].title) in office.get(LISTS[name].address + head["link"]).content.decode()


def test_heads_sort_both_ways_and_say_so(office):
    cohort = make_cohort()
    for name in ("Bano Ali", "Arif Khan", "Zara Noor"):
        make_enrolment(cohort, make_trainee(full_name=name))

    page = office.get("/manage/trainees/?order=name&stage=placed").content.decode()
    assert page.index("Arif Khan") < page.index("Bano Ali") < page.index("Zara Noor")
    assert 'aria-sort="ascending"><a href="?stage=placed&amp;order=-name">' in page
    page = office.get("/manage/trainees/?order=-name").content.decode()
    assert page.index("Zara Noor") < page.index("Bano Ali") < page.index("Arif Khan")
    assert 'aria-sort="descending"' in page


def test_equal_values_stand_in_the_order_of_their_ids(office):
    cohort = make_cohort(capacity=200)
    ids = [make_enrolment(cohort).pk for _ in range(PAGE + 5)]

    first = office.get("/manage/trainees/?order=cohort").context["object_list"]
    second = office.get("/manage/trainees/?order=cohort&page=2").context["object_list"]

    assert [each.pk for each in [*first, *second]] == ids
    assert len(first) == PAGE


@pytest.mark.parametrize("page", ["0", "-1", "x", "99", "1e9"])
def test_a_page_that_is_not_there_is_the_nearest(office, page):
    make_enrolment(make_cohort())

    assert len(office.get("/manage/trainees/", {"page": page}).context["object_list"]) == 1


def test_an_order_or_column_that_is_unknown_is_passed_over(office):
    make_enrolment(make_cohort())

    answer = office.get("/manage/trainees/?order=trainee__cnic_hash&columns=password&columns=trainee__cnic")

    assert [head["column"].key for head in answer.context["heads"]] == [
        each.key for each in LISTS["trainees"].columns if each.usual
    ]
    assert "order=" not in answer.context["next"]


def test_filters_that_cannot_be_read_show_nothing_rather_than_too_much(office):
    make_enrolment(make_cohort())

    answer = office.get("/manage/trainees/?status=nonsense")

    assert answer.context["object_list"] == []
    assert "cannot be read" in answer.content.decode()
    file = b"".join(office.get("/manage/export/trainees/csv/?status=nonsense").streaming_content).decode()
    assert len(file.strip().splitlines()) == 1


@pytest.mark.parametrize("typed", ["x" * 5000, "Ali " * 900, "%", "'; --", "احمد " * 300])
@pytest.mark.parametrize("name", ["trainees", "applications", "certificates", "messages", "cohorts", "problems"])
def test_no_search_breaks_a_list(office, name, typed):
    add_row_to_every_list()

    assert office.get(LISTS[name].address, {"search": typed}).status_code == 200


def test_chosen_columns_stay_while_sorting_paging_and_in_the_file(office):
    trainee = make_trainee(full_name="Bano Ali")
    Trainee.objects.filter(pk=trainee.pk).update(province="SD", gender="F")
    cohort = make_cohort()
    make_enrolment(cohort, trainee)
    make_enrolment(cohort, make_trainee(full_name="Arif Khan"))

    query = "?columns=province&columns=number&order=name&status=enrolled"
    answer = office.get("/manage/trainees/" + query)
    file = b"".join(office.get("/manage/export/trainees/csv/" + query).streaming_content).decode("utf-8-sig")

    assert [head["column"].key for head in answer.context["heads"]] == ["name", "number", "province"]
    assert "columns=name&columns=number&columns=province" in answer.context["heads"][0]["link"]
    rows = list(csv.reader(io.StringIO(file)))
    assert rows[0] == ["Name", "Number", "Province"]
    assert [row[0] for row in rows[1:]] == ["Arif Khan", "Bano Ali"]
    assert rows[2][2] == "SD"


def test_numbers_are_offered_to_those_with_the_right_and_masked(client):
    trainee = make_trainee(cnic="3520212345671", mobile="+923641234567")
    Trainee.objects.filter(pk=trainee.pk).update(date_of_birth="1997-08-14")
    make_enrolment(make_cohort(), trainee)
    address = "/manage/trainees/?columns=cnic&columns=mobile&columns=born"

    client.force_login(make_office("Programme office"), backend=BACKEND)
    assert "35202" not in client.get(address).content.decode()
    client.force_login(make_office("Programme office", "Identity numbers"), backend=BACKEND)
    page = client.get(address).content.decode()
    file = b"".join(
        client.get(address.replace("/manage/", "/manage/export/").replace("/?", "/csv/?")).streaming_content
    )

    assert "35202-*****-*" in page
    assert "… 567" in page
    assert ">1997<" in page
    assert "3520212345671" not in page
    assert "1234567" not in page
    assert "08-14" not in page
    assert b"35202" not in file
    assert b"1997" not in file


def test_a_filter_that_is_set_is_named_and_taken_off_by_a_link(office):
    make_enrolment(make_cohort(city="LHE"))

    answer = office.get("/manage/trainees/?city=LHE&status=enrolled&order=name")

    assert [(each["label"], each["value"], each["link"]) for each in answer.context["set_filters"]] == [
        ("City", "Lahore", "?status=enrolled&order=name"),
        ("Status", "Enrolled", "?city=LHE&order=name"),
    ]


def test_a_list_with_private_rows_is_not_handed_over(office):
    assert office.get("/manage/export/problems/csv/").status_code == 403
    assert office.get("/manage/export/nothing/csv/").status_code == 404


def test_cohorts_are_listed_with_their_progress(office):
    cohort = make_cohort(capacity=3)
    make_enrolment(cohort)
    Cohort.objects.filter(pk=cohort.pk).update(ends_on=timezone.localdate() + timedelta(days=1))

    page = office.get("/manage/cohorts/").content.decode()

    assert ">1 / 3<" in page
    assert Certificate.objects.count() == 0


@pytest.mark.parametrize("name", [each.name for each in LISTS.values() if each.acts])
def test_every_list_with_ticks_narrows_to_them(office, name):
    for _ in range(3):
        add_row_to_every_list()
    address = LISTS[name].address
    ids = [each.pk for each in office.get(address).context["object_list"]]

    page = office.get(address, {"ids": f"{ids[0]},{ids[2]},x,{'9' * 30}"})

    assert len(ids) >= 3
    assert {each.pk for each in page.context["object_list"]} == {ids[0], ids[2]}
    assert page.context["paginator"].count == 2
    assert ('name="act" value="csv"' in page.content.decode()) == LISTS[name].may_export
