"""A page of a list is found by an index: its ids are neither searched for in nor sorted from a whole table."""

import re
from urllib.parse import urljoin

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cohorts.models import Appeal, Cohort, Enrolment, LeaveRequest
from tests.factories import START, make_cohort, make_enrolment, make_office, make_trainee
from tests.portal.test_lists import add_row_to_every_list
from trainees.models import Message, User

pytestmark = pytest.mark.django_db
IS_SQLITE = connection.vendor == "sqlite"
BIG = (
    r"(?:cohorts_(?:enrolment|session|leaverequest|appeal)|trainees_(?:trainee|message)"
    r"|admissions_application|certificates_certificate)\b"
)
IDS = re.compile(r'SELECT "\w+"\."id" AS "pk" FROM .* LIMIT ', re.DOTALL)
# How people and their enrolments are joined for this order depends on statistics, which a test of few rows lacks.
BY_NAME = () if IS_SQLITE else ("trainees/?order=name", "trainees/?order=-number")
PAGES = (
    "done/registers/",
    "trainees/",
    "trainees/?order=-missed",
    "trainees/?order=cohort",
    "trainees/?cohort=COHORT",
    "trainees/?search=Qazalbash",
    "trainees/?search=T-20",
    "trainees/?search=777",
    *BY_NAME,
    "applications/",
    "applications/?course=AI",
    "applications/?stage=in_review",
    "applications/?stage=applied",
    "applications/?verdict=review",
    "applications/?search=Qazalbash",
    "applications/?search=a@",
    "certificates/",
    "certificates/?search=777",
    "certificates/?order=name",
    "certificates/?order=-serial",
    "certificates/?state=issued",
    "messages/",
    "messages/?about=A-1",
    "messages/?state=failed",
    "messages/?search=Qazalbash",
    "messages/?search=a@",
    "messages/?search=777",
    "cohorts/",
    "/teach/requests/",
)


@pytest.fixture
def office(client):
    user = make_office()
    User.objects.filter(pk=user.pk).update(email="me@example.org")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    add_row_to_every_list()
    Message.objects.update(state="failed", about="A-1")
    enrolment, asked = Enrolment.objects.latest("id"), {"requested_at": START, "reason": "ill"}
    for decision in ({}, {"status": "approved", "decided_at": START}):
        LeaveRequest.objects.create(enrolment=enrolment, starts_on=START, ends_on=START, **asked, **decision)
    session = enrolment.cohort.sessions.first()
    Appeal.objects.create(enrolment=enrolment, session=session, disputed="absent", wanted="late", made_at=START)
    return client


def plan_of(statement):
    """Return how a statement is carried out; that its rows are few here is put aside."""
    with connection.cursor() as cursor:
        if IS_SQLITE:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            return "\n".join(row[3] for row in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {statement}")
        return "\n".join(row[0] for row in cursor.fetchall())


def faults_of(statement):
    """Return where a plan reads or sorts a large table whole."""
    plan = plan_of(statement)
    if not IS_SQLITE:
        return re.findall(rf"Seq Scan on {BIG}|(?<!Incremental )Sort  \(", plan)
    # Without a condition, a table is read in the order of its ids until the page is full.
    scans = re.findall(rf"SCAN {BIG}(?! USING| VIRTUAL)", plan) if "WHERE" in statement else []
    return scans + re.findall("USE TEMP B-TREE FOR ORDER BY", plan)


@pytest.mark.parametrize("page", PAGES)
def test_the_ids_of_a_page_are_found_by_an_index(office, page):
    page = page.replace("COHORT", Cohort.objects.filter(state="planned")[0].code)
    office.get("/manage/")
    with CaptureQueriesContext(connection) as queries:
        assert office.get(urljoin("/manage/", page)).status_code == 200
    statements = [each["sql"] for each in queries if IDS.match(each["sql"])]

    assert statements
    assert {statement: found for statement in statements if (found := faults_of(statement))} == {}


@pytest.mark.parametrize("order", ["name", "-name", "number", "cohort"])
def test_many_found_by_a_search_are_met_in_the_order_of_the_list(office, monkeypatch, order):
    """SQLite, left to itself, sorts all that a name has: which is quicker it takes from estimates that lie close."""
    monkeypatch.setattr("portal.lists.pages.MOST", 1)
    cohort = make_cohort("W-1")
    for _person in range(2):
        make_enrolment(cohort, make_trainee(full_name="Ali Khan"))

    with CaptureQueriesContext(connection) as queries:
        page = office.get(f"/manage/trainees/?search=Ali&order={order}")

    walks = [each["sql"] for each in queries if IDS.match(each["sql"]) and "ORDER BY" in each["sql"]]
    assert page.status_code == 200
    assert [faults_of(statement) for statement in walks] == [[]]


def test_a_plan_without_an_index_is_noticed(office):
    unindexed = Enrolment.objects.filter(sessions_late=3).order_by("completed_on").values_list("pk")

    assert len(faults_of(str(unindexed.query))) == 2


@pytest.mark.parametrize(
    ("page", "index"),
    [
        ("applications/?course=AI&province=GB", "application_of_course"),
        ("applications/?stage=accepted&city=LHE&gender=F", "application_figures"),
        ("applications/?stage=in_review", "application_figures"),
        ("certificates/?state=revoked&province=GB", "certificate_state"),
    ],
)
def test_rows_are_counted_within_an_index(office, page, index):
    with CaptureQueriesContext(connection) as queries:
        assert office.get(f"/manage/{page}").status_code == 200
    (counted,) = [
        each["sql"]
        for each in queries
        if each["sql"].startswith("SELECT COUNT(*)") and re.search("admissions_|certificates_", each["sql"])
    ]

    # PostgreSQL chooses between the indexes by statistics, which a test of few rows lacks.
    assert index in plan_of(counted) if IS_SQLITE else faults_of(counted) == []


@pytest.mark.parametrize("table", ["trainees_namechange", "trainees_erasurerequest"])
def test_requests_are_read_in_their_order(office, table):
    with CaptureQueriesContext(connection) as queries:
        assert office.get("/manage/requests/").status_code == 200
    read = [each["sql"] for each in queries if re.match(f'SELECT "{table}".* ORDER BY ', each["sql"])]

    assert len(read) == 2
    assert {statement: found for statement in read if (found := faults_of(statement))} == {}


def test_whom_to_watch_is_found_kind_by_kind_in_the_order_of_an_index(office):
    with CaptureQueriesContext(connection) as queries:
        assert office.get("/teach/warnings/").status_code == 200
    counts = [each["sql"] for each in queries if each["sql"].startswith('SELECT COUNT(*) FROM (SELECT "cohorts_enrol')]

    assert len(counts) == len(Enrolment.Standing)
    assert [faults_of(statement) for statement in counts] == [[]] * len(counts)


def test_the_mails_of_announcements_are_counted_within_an_index(office):
    with CaptureQueriesContext(connection) as queries:
        assert office.get("/manage/announcements/").status_code == 200
    (counted,) = [each["sql"] for each in queries if each["sql"].startswith('SELECT "trainees_message"."cause"')]

    assert "message_cause" in plan_of(counted)
