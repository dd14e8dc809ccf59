"""The overview: every number equals the list behind it, at a fixed cost (R47)."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from admissions.models import Application
from audit.services import record
from certificates.models import Certificate, ProblemReport
from certificates.services.issue import issue_certificates
from cohorts.models import (
    Appeal,
    AttendanceRecord,
    Enrolment,
    Holiday,
    LeaveRequest,
    MeetingFile,
    MeetingReport,
    ReportPerson,
    Session,
    WalkIn,
)
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
from cohorts.services.enrolment import set_capacity, withdraw
from portal.figures import Choice, Week, count_programme, read_weeks, refresh
from portal.figures.check import check_figures
from portal.figures.refresh import monday_of, refresh_figures
from portal.models import CohortCell, CohortWeek, FigureCheck, SplitTotal, StaleCohort
from portal.need_words import WORDS
from portal.week_chart import draw_weeks, forecast
from tests.factories import LATER, START, make_cohort, make_course, make_enrolment, make_office, make_trainee
from trainees.models import ErasureRequest, Message, NameChange, Trainee, User

pytestmark = pytest.mark.django_db
MONDAY = monday_of(START.date())
LINK = re.compile(r'<a href="([^"]+)" data-number="(\d+)"')
PROVINCES, GENDERS, CATEGORIES = ("PB", "SD", "KP", ""), ("F", "M"), ("graduate", "professional")


@pytest.fixture
def office(client):
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def programme():
    """Four cohorts in three cities: to start, running, closed with certificates, with people of every kind."""
    courses = [make_course("AI"), make_course("DS")]
    cohorts = [
        make_cohort(f"C-{n}", course=courses[n % 2], city=city, sessions=4, capacity=6, waitlist_limit=3)
        for n, city in enumerate(("KHI", "LHE", "ISB", "LHE"))
    ]
    people = {cohort.code: [_enrol(cohort, n) for n in range(8)] for cohort in cohorts}
    for cohort in cohorts[1:]:
        sessions = list(cohort.sessions.order_by("number"))
        for session in sessions if cohort.code != "C-1" else sessions[:2]:
            marks = [
                Mark(each.pk, "absent" if (n + session.number) % 3 == 0 or n == 5 else "present")
                for n, each in enumerate(people[cohort.code][:6])
            ]
            mark_attendance(session=session, marks=marks, version=None, by=None, at=LATER)
    withdraw(enrolment=people["C-1"][0], by=None, at=LATER, notify=False)
    close_cohort(cohort=cohorts[2], by=None, at=LATER)
    issue_certificates(cohort=cohorts[2], by=None, at=LATER)
    _issue_half(cohorts[2])
    for n, enrolment in enumerate(Enrolment.objects.select_related("trainee", "cohort")):
        _apply(enrolment, n)
    return cohorts


def _enrol(cohort, n):
    trainee = make_trainee()
    split = {"province": PROVINCES[n % 4], "gender": GENDERS[n % 2], "category": CATEGORIES[n // 4]}
    Trainee.objects.filter(pk=trainee.pk).update(**split)
    return make_enrolment(cohort, trainee)


def _issue_half(cohort):
    for n, enrolment in enumerate(cohort.enrolments.filter(status="completed")):
        if n % 2:
            enrolment.certificates.update(state="issued", issued_at=LATER, sha256="0" * 64)


def _apply(enrolment, n):
    trainee = enrolment.trainee
    Application.objects.create(
        programme=enrolment.cohort.course.programme,
        verdict=("accepted", "duplicate", "review")[n % 3],
        status=("accepted", "rejected", "in_review")[n % 3],
        submitted_at=START,
        source="test",
        row=n,
        line=n,
        fingerprint=str(n),
        gender=trainee.gender,
        province=trainee.province,
        category=trainee.category,
        city=enrolment.cohort.city,
        course_1=enrolment.cohort.course,
    )


CHOICES = [
    "",
    "city=LHE",
    "course=AI&gender=F",
    "province=SD&category=graduate",
    "province=PB&split=gender",
    "gender=M&split=course",
    "course=DS&city=LHE&province=KP&gender=F&category=graduate&split=city",
    "split=category",
    "province=none&heat=session",
    "gender=F&funnel=share",
]


@pytest.mark.parametrize("refreshed", [True, False])
@pytest.mark.parametrize("query", CHOICES)
def test_every_number_equals_the_length_of_its_list(programme, office, query, refreshed):
    if refreshed:
        refresh_figures()
    links = LINK.findall(office.get(f"/manage/?{query}").content.decode())

    assert len(links) > 15
    for address, number in links:
        answer = office.get(address.replace("&amp;", "&"))
        assert answer.context["paginator"].count == int(number), address
        assert answer.context["asked"].rows.count() == int(number), address  # row by row, without the summaries


@pytest.mark.parametrize("refreshed", [True, False])
def test_certificates_are_counted_as_they_are_listed(programme, office, refreshed):
    valid = Certificate.objects.filter(state="issued").order_by("id")
    valid.filter(pk=valid[0].pk).update(state="revoked", revoked_at=LATER, revocation_reason="error")
    if refreshed:
        refresh_figures()

    for choice in ("placed=true", "gender=F", "course=AI&city=LHE", "province=SD&placed=true"):
        for state in ("", "issued", "pending", "revoked"):
            answer = office.get(f"/manage/certificates/?{choice}&state={state}").context
            assert answer["asked"].count_known() == answer["asked"].rows.count(), (choice, state)


def test_summaries_count_the_same_as_the_enrolments_and_changes_show_at_once(programme):
    before = count_programme(Choice()).counts
    assert before["placed"] == before["to_start"] + sum(
        before[name] for name in ("on_track", "at_risk", "completed", "not_completed")
    )
    assert StaleCohort.objects.exists()

    assert refresh_figures() == 4
    assert not StaleCohort.objects.exists()
    assert count_programme(Choice()).counts == before
    withdraw(enrolment=programme[3].enrolments.filter(status="enrolled").first(), by=None, at=LATER, notify=False)
    Trainee.objects.filter(enrolments__cohort=programme[2]).update(gender="F")

    after = count_programme(Choice())
    assert after.counts["left"] == before["left"] + 1
    assert sum(row.counts["placed"] for row in after.splits["gender"]) == after.counts["placed"]
    refresh_figures()
    assert count_programme(Choice()).counts == after.counts


def test_the_check_finds_a_wrong_tally_and_a_wrong_summary_and_mends_neither(programme, office):
    refresh_figures()
    assert check_figures(started=LATER, clock=lambda: LATER).differences == 0

    Enrolment.objects.filter(cohort=programme[3], sessions_present__gt=0).update(sessions_present=9)
    refresh_figures()
    CohortCell.objects.filter(pk=CohortCell.objects.filter(cohort=programme[1]).first().pk).update(waiting=77)
    CohortWeek.objects.filter(pk=CohortWeek.objects.filter(cohort=programme[1]).first().pk).update(earned=1)
    check = check_figures(started=LATER, clock=lambda: LATER)

    # The cell and the week, the totals that they are part of, and each wrong tally.
    assert check.differences == 4 + Enrolment.objects.filter(sessions_present=9).count()
    assert CohortCell.objects.filter(waiting=77).exists()
    assert "figures differ from the ledger" in office.get("/manage/").content.decode()
    assert FigureCheck.objects.last().examples[0] in office.get("/manage/checks/").content.decode()


def test_weeks_sum_the_minutes_of_everybody_on_the_register(programme):
    refresh_figures()
    weeks = {week.monday: week for week in read_weeks(Choice(city="LHE"))}

    # Two cohorts of Lahore, and one person of them left: those minutes are in neither sum.
    assert (weeks[MONDAY].earned, weeks[MONDAY].possible) == _minutes(cohort__city="LHE")


@pytest.mark.parametrize("choice", [{"gender": "F"}, {"province": "PB", "category": "graduate"}, {"course": "DS"}])
def test_weeks_are_narrowed_by_every_filter(programme, choice):
    refresh_figures()
    paths = {"course": "cohort__course__code"}

    (week,) = [week for week in read_weeks(Choice(**choice)) if week.possible]

    who = {paths.get(name, f"trainee__{name}"): value for name, value in choice.items()}
    assert (week.earned, week.possible) == _minutes(**who)
    counts = count_programme(Choice(**choice)).counts
    finishing = week.completed, week.expected, week.reachable, week.to_start
    reachable = counts["at_risk"] - counts["cannot_reach"]
    assert finishing == (counts["completed"], counts["on_track"], reachable, counts["to_start"])


def _minutes(**who):
    """Sum the marks of those on the register one by one."""
    one = {"session": who.pop("session")} if "session" in who else {}
    marks = AttendanceRecord.objects.filter(**one).exclude(status="excused").select_related("session")
    enrolments = Enrolment.objects.on_register().filter(**who)
    found = [(mark.minutes, mark.session.minutes) for mark in marks.filter(enrolment__in=enrolments)]
    return sum(earned for earned, _of in found), sum(possible for _earned, possible in found)


def test_a_session_that_moves_to_another_week_takes_its_minutes_along(programme):
    refresh_figures()
    held = programme[3].sessions.get(number=4)
    Session.objects.filter(pk=held.pk).update(date=held.date + timedelta(days=28))

    assert StaleCohort.objects.filter(cohort_id=programme[3].pk).exists()
    refresh_figures()

    assert check_figures(started=LATER, clock=lambda: LATER).differences == 0
    later = CohortWeek.objects.filter(cohort=programme[3], week=MONDAY + timedelta(days=28))
    assert sum(week.possible for week in later) == 6 * 180


@pytest.mark.parametrize("address", ["/manage/", "/manage/?heat=session&funnel=share"])
@pytest.mark.parametrize("count", [1, 3])
def test_the_overview_costs_fifteen_statements_for_one_and_three(office, django_assert_num_queries, count, address):
    for _ in range(count):
        cohort = make_cohort(starts_at=timezone.now() - timedelta(days=30))
        enrolment = make_enrolment(cohort, at=START)
        marks = [Mark(enrolment.pk, "present")]
        mark_attendance(session=cohort.sessions.first(), marks=marks, version=None, by=None, at=timezone.now())
    Holiday.objects.create(date=timezone.localdate(), name="Founder's day")
    refresh_figures()
    assert office.get(address).context["rows"]

    with django_assert_num_queries(15):  # with session, account and rights
        office.get(address)


@pytest.mark.parametrize("query", ["", "gender=F", "province=none&category=graduate"])
def test_the_map_by_session_shows_the_share_of_minutes_of_each_session(programme, office, query):
    refresh_figures()
    who = {"gender": "trainee__gender", "province": "trainee__province", "category": "trainee__category"}
    chosen = dict(pair.split("=") for pair in query.split("&") if pair)
    people = {who[name]: "" if value == "none" else value for name, value in chosen.items()}

    page = office.get(f"/manage/?heat=session&{query}")

    rows = {row["code"]: [cell for cell in row["cells"] if cell] for row in page.context["rows"]}
    assert set(rows) == {"C-1", "C-2", "C-3"}
    assert [cell["number"] for cell in rows["C-1"]] == [1, 2]  # the others were not held
    for code, cells in rows.items():
        for cell in cells:
            earned, possible = _minutes(cohort__code=code, session=cell["session"], **people)
            assert cell["percent"] == earned * 100 // possible
            assert f'href="/teach/sessions/{cell["session"]}/"' in page.content.decode()


def test_what_was_done_today_is_said_by_person_and_opens_a_list_of_that_length(programme, office):
    now, yesterday = timezone.now(), timezone.now() - timedelta(days=1)
    (someone, other), trainee = (make_office(), make_office()), make_trainee()
    User.objects.filter(pk=someone.pk).update(full_name="Amna Rauf")
    close_cohort(cohort=programme[3], by=someone, at=now)
    for by, at in ((someone, now), (someone, now), (someone, yesterday), (None, now)):
        record(act="application.decide", by=by, at=at, subject=trainee)
    record(act="trainee.name", by=other, at=now, subject=trainee)
    record(act="trainee.name", by=trainee.user, at=now, subject=trainee)  # a wish, not an act of the office
    record(act="trainee.contact", by=other, at=now, subject=trainee)

    page = office.get("/manage/")

    done = page.context["done"]
    assert done["n"] == 4
    assert {"name": "Amna Rauf", "said": "decided 2 applications, closed 1 cohort"} in done["people"]
    assert office.get(done["url"]).context["paginator"].count == 4
    assert office.get(f"{done['url']}&by=amna&act=cohort.close").context["paginator"].count == 1
    assert office.get("/manage/done/").context["paginator"].count == 5
    assert "C-3" in office.get("/manage/done/").content.decode()


def test_bars_can_be_shares_of_the_stage_before(programme, office):
    counts = count_programme(Choice()).counts

    steps = {step["name"]: step for step in office.get("/manage/?funnel=share").context["funnel"]}

    assert steps["certified"]["share"] == counts["certified"] / counts["completed"]
    judged = counts["completed"] + counts["not_completed"]
    assert steps["completed"]["said"] == f"{counts['completed'] * 100 // judged} % of those judged"


def test_requests_and_names_to_confirm_need_a_hand(office):
    enrolment = make_enrolment(make_cohort())
    session = enrolment.cohort.sessions.first()
    NameChange.objects.create(trainee=enrolment.trainee, requested_at=LATER, new_name="Zahra Batool")
    LeaveRequest.objects.create(enrolment=enrolment, starts_on=START.date(), ends_on=START.date(), requested_at=LATER)
    WalkIn.objects.create(session=session, name="Somebody", noted_at=LATER)

    page = office.get("/manage/").content.decode()

    assert "1 correction of a name to decide" in page
    assert "1 request for leave to decide" in page
    assert "1 walk-in to match" in page
    assert f"/teach/sessions/{session.pk}/" in office.get("/manage/names/").content.decode()


@pytest.fixture
def waiting(programme):
    """One or more of everything that needs a person."""
    enrolment, other = programme[3].enrolments.filter(status="enrolled")[:2]
    session, held = programme[1].sessions.get(number=4), programme[3].sessions.first()
    report = MeetingReport.objects.create(session=session, created_at=LATER)
    file = MeetingFile.objects.create(report=report, name="a.csv", sha256="0" * 64, uploaded_at=LATER, size=1)
    for n in range(3):
        ReportPerson.objects.create(report=report, file=file, label=f"P {n}", line=n, verdict="review")
    for n in range(2):
        WalkIn.objects.create(session=held, name=f"Somebody {n}", noted_at=LATER)
    for each in (enrolment, other):
        NameChange.objects.create(trainee=each.trainee, requested_at=LATER, new_name="Zahra Batool")
        days = {"starts_on": START.date(), "ends_on": START.date()}
        LeaveRequest.objects.create(enrolment=each, requested_at=LATER, **days)
    ErasureRequest.objects.create(trainee=enrolment.trainee, requested_at=LATER)
    mark = AttendanceRecord.objects.filter(enrolment=enrolment).first()
    facts = {"disputed": mark.status, "wanted": "present", "made_at": LATER}
    Appeal.objects.create(enrolment=enrolment, session=mark.session, **facts)
    certificates = Certificate.objects.filter(state="issued")
    Trainee.objects.filter(enrolments__certificates=certificates.first()).update(full_name="Somebody Else")
    Certificate.objects.filter(state="pending").update(state="failed")
    ProblemReport.objects.create(code="x", kind="other", text="x", created_at=LATER)
    ProblemReport.objects.create(code="x", kind="other", text="x", created_at=LATER, settled_at=LATER)
    Message.objects.create(key="x", to="a@example.org", subject="x", text="x", state="failed", created_at=LATER)
    set_capacity(cohort=programme[0], capacity=8, by=None, at=LATER)
    FigureCheck.objects.create(
        started_at=LATER, finished_at=LATER, enrolments=9, differences=2, examples=["one", "other"]
    )


COUNTED = {
    # address of the list: what the page calls its length, where it is no paginated list
    "/manage/names/#labels": lambda page: page["labels_total"],
    "/manage/names/#walk-ins": lambda page: page["walk_ins_total"],
    "/manage/requests/#names": lambda page: page["names_total"],
    "/manage/requests/#removals": lambda page: len(page["erasures"]),
    "/teach/requests/#leave": lambda page: len(page["leaves"]),
    "/teach/requests/#disputes": lambda page: len(page["appeals"]),
    "/manage/certificates/issue/": lambda page: page["due"] + page["unprintable"],
}


def test_everything_that_needs_a_hand_opens_a_list_of_that_length(waiting, office):
    refresh_figures()
    page = office.get("/manage/")
    found = re.findall(r'data-need="(\d+)" href="([^"]+)"', page.content.decode())

    kinds = {need["kind"] for need in page.context["needs"]}
    assert kinds == {*WORDS} - {"issue"}
    for number, address in found:
        answer = office.get(address.partition("#")[0])
        length = COUNTED.get(address, lambda context: context["paginator"].count)(answer.context)
        assert length == int(number) > 0, address


def test_the_certificates_to_issue_are_as_many_as_the_dry_run_of_all_says(programme, office):
    Certificate.objects.all().delete()

    page = office.get("/manage/")

    (need,) = [each for each in page.context["needs"] if each["kind"] == "issue"]
    answer = office.get(need["url"]).context
    assert (
        need["n"] == answer["due"] + answer["unprintable"] == programme[2].enrolments.filter(status="completed").count()
    )


def test_the_forecast_adds_up_to_everybody_who_can_still_complete(programme):
    refresh_figures()
    counts = count_programme(Choice()).counts

    last = forecast(read_weeks(Choice()), today=date(2020, 5, 1))[-1]

    assert last.done == counts["completed"] + counts["on_track"]
    assert last.most == last.done + counts["at_risk"] - counts["cannot_reach"]
    assert last.open == last.most + counts["to_start"]
    assert forecast(read_weeks(Choice()), today=date(2021, 1, 1))[-1].done == last.done


def test_the_picture_of_the_weeks_names_holidays_minimum_and_a_change_of_year(programme):
    Holiday.objects.create(date=START.date() + timedelta(days=1), name="Eid-ul-Fitr (moved)")
    refresh_figures()
    later = Week(date(2021, 3, 1), earned=80, possible=100)

    picture = draw_weeks(forecast([*read_weeks(Choice()), later], today=date(2021, 4, 1)), minimum=75, target=30)

    for words in (">Eid-ul-Fitr<", ">min 75<", ">2020<", ">2021<", ">80.0 %<", "⋯"):
        assert words in picture


def test_an_empty_programme_shows_what_is_so_and_one_next_step(client):
    client.force_login(make_office(), backend="django.contrib.auth.backends.ModelBackend")
    assert "No programme yet" in client.get("/manage/").content.decode()
    make_course("AI")

    page = client.get("/manage/").content.decode()

    assert "No rate yet" in page
    assert "Nothing needs a hand" in page
    assert "0 %" not in page


def test_a_sweep_that_was_overtaken_writes_nothing(programme, monkeypatch):
    """Two sweeps read the same notes; the slower one counted before a change that the faster one has seen."""
    count = refresh.count_weeks

    def overtaken(cohorts):
        found = list(count(cohorts))
        monkeypatch.setattr(refresh, "count_weeks", count)
        withdraw(enrolment=programme[3].enrolments.filter(status="enrolled").first(), by=None, at=LATER, notify=False)
        refresh_figures()
        return found

    monkeypatch.setattr(refresh, "count_weeks", overtaken)
    refresh_figures()

    assert not StaleCohort.objects.exists()
    assert check_figures(started=LATER, clock=lambda: LATER).differences == 0


def rows_of(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return len(cursor.fetchall())


def test_what_stale_cohorts_had_is_summed_by_the_database(programme):
    """A bulk change leaves a thousand cohorts stale: 25,000 cells, which must not all be read by the page."""
    refresh_figures()
    for cohort in (programme[1], programme[3]):  # of one course and city
        StaleCohort.objects.create(cohort_id=cohort.pk)

    with CaptureQueriesContext(connection) as queries:
        count_programme(Choice())

    cells = CohortCell.objects.filter(cohort__in=[programme[1].pk, programme[3].pk])
    groups = set(cells.values_list("state", "province", "gender", "category"))
    assert len(groups) < cells.count()
    assert rows_of(queries[0]["sql"]) == SplitTotal.objects.count() + len(groups)


def test_a_list_of_a_stage_counts_stale_cohorts_without_their_people(programme, office):
    StaleCohort.objects.create(cohort_id=programme[1].pk)

    with CaptureQueriesContext(connection) as queries:
        office.get("/manage/trainees/?stage=at_risk")

    asked = [each["sql"] for each in queries]
    counted = [sql for sql in asked if "portal_stalecohort" in sql and 'FROM "cohorts_enrolment"' in sql]
    assert len(counted) == 1
    assert "trainees_trainee" not in counted[0]
    assert "certificates_certificate" not in counted[0]


def test_a_person_with_a_revoked_and_a_new_certificate_is_counted_once(programme):
    before = count_programme(Choice()).counts
    certificate = Certificate.objects.filter(state="issued").first()
    Certificate.objects.filter(pk=certificate.pk).update(state="revoked", revoked_at=LATER, revocation_reason="name")
    assert count_programme(Choice()).counts["certified"] == before["certified"] - 1
    certificate.pk, certificate.code, certificate.serial, certificate.status_index = None, "NEW", "NEW", 99_999
    certificate.save()

    assert count_programme(Choice()).counts == before
