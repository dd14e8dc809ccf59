"""A trainee's own pages: next session, line, offer, attendance in whole boxes, certificate; what to do when empty."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from certificates.models import Certificate
from certificates.services.issue import issue_certificates
from cohorts.attendance_chart import Box, draw_attendance
from cohorts.models import Enrolment
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.tallies import recompute
from tests.factories import BEFORE, LATER, make_cohort, make_enrolment, make_office, make_trainee, make_user

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def running(sessions=6, days_ago=3, **fields):
    """A cohort of which some sessions were held."""
    first = (timezone.now() - timedelta(days=days_ago)).replace(microsecond=0)
    return make_cohort(sessions=sessions, starts_at=first, **fields)


def sign_in(client, trainee):
    client.force_login(trainee.user, backend=BACKEND)
    return trainee


@pytest.fixture
def attending(client):
    """Somebody with two sessions attended, one missed, three to come."""
    cohort = running()
    trainee = sign_in(client, make_trainee(full_name="Zainab Noor"))
    enrolment = make_enrolment(cohort, trainee, at=timezone.now() - timedelta(days=9))
    for session, status in zip(cohort.sessions.order_by("number")[:3], ("present", "present", "absent"), strict=True):
        mark_attendance(session=session, marks=[Mark(enrolment.pk, status)], version=None, by=None, at=session.ends_at)
    return trainee


def issue(enrolment):
    done = {"status": "completed", "completed_on": LATER.date(), "closed_at": LATER}
    Enrolment.objects.filter(pk=enrolment.pk).update(**done)
    cohort = enrolment.cohort
    type(cohort).objects.filter(pk=cohort.pk).update(
        state="closed", closed_at=LATER, policy=cohort.course.policies.get()
    )
    issue_certificates(cohort=cohort, by=None, at=LATER)
    Certificate.objects.update(state="issued", issued_at=LATER, sha256="0" * 64)


def test_today_shows_the_next_session_the_rates_and_what_may_be_missed(attending, client):
    page = client.get("/me/").content.decode()

    assert "Session 4 of 6" in page or "Session 5 of 6" in page
    assert "<bdi>66 %</bdi>" in page  # two of three, cut and not rounded
    assert "<bdi>33 %</bdi>" in page  # of the whole course
    assert "You can still miss" in page
    assert page.count('class="p"') == 2
    assert page.count('class="a"') == 1


def test_where_sessions_differ_in_length_the_pages_say_the_minutes_too(attending, client):
    """Of 1,080 minutes 810 are needed and 180 are missed: 90 are left, less than the longest session to come."""
    enrolment = attending.enrolments.get()
    for number, minutes in ((4, 60), (5, 300)):
        enrolment.cohort.sessions.filter(number=number).update(minutes=minutes)
    recompute(cohort=enrolment.cohort, enrolments=[enrolment])

    page = client.get("/me/").content.decode()
    client.force_login(make_office(), backend=BACKEND)
    ledger = client.get(reverse("trainee_ledger", args=[enrolment.pk])).content.decode()

    assert enrolment.open_lengths == "300:1 180:1 60:1"
    assert "You can still miss <bdi>0</bdi>" in page
    assert "of <bdi>3</bdi> sessions to come<br>whichever they are, up to <bdi>90</bdi> minutes" in page
    assert "0 more may be missed, whichever they are, up to 90 minutes." in page
    assert "whichever they are, up to <bdi>90</bdi> minutes" in ledger


def test_the_pages_take_few_queries_whatever_is_on_them(attending, client):
    other = make_enrolment(make_cohort(), make_trainee())
    issue(other)
    Enrolment.objects.filter(pk=other.pk).update(trainee=attending)
    counts = {}
    for name in ("", "timetable/", "certificates/", "profile/"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/me/{name}").status_code == 200
        counts[name] = len(queries)

    # Session, account, its people and the programme are four of each; the profile draws a certificate.
    assert counts == {"": 11, "timetable/": 7, "certificates/": 6, "profile/": 14}


def test_a_trainee_without_cohort_and_a_person_who_is_none_read_what_to_do(client):
    sign_in(client, make_trainee())
    for name in ("", "timetable/", "certificates/"):
        page = client.get(f"/me/{name}").content.decode()
        assert "Find a cohort" in page
    client.force_login(make_user(), backend=BACKEND)
    assert "You are not a trainee yet" in client.get("/me/").content.decode()


def test_without_a_certificate_the_page_says_when_there_will_be_one(attending, client):
    page = client.get("/me/certificates/").content.decode()

    assert "No certificate yet" in page
    assert "<bdi>75 %</bdi> attendance" in page


def test_before_the_first_session_there_is_no_rate_and_with_none_planned_no_dead_end(client):
    cohort = running(days_ago=-2)
    sign_in(client, make_enrolment(cohort, at=timezone.now()).trainee)
    assert "No rate yet" in client.get("/me/").content.decode()

    cohort.sessions.all().delete()
    page = client.get("/me/").content.decode()
    assert "No session is planned" in page
    assert "No session is planned" in client.get("/me/timetable/").content.decode()


def test_a_moved_and_a_cancelled_session_are_marked(attending, client):
    sessions = list(attending.enrolments.get().cohort.sessions.order_by("number"))
    type(sessions[0]).objects.filter(pk=sessions[4].pk).update(sequence=1)
    type(sessions[0]).objects.filter(pk=sessions[5].pk).update(state="cancelled", cancel_reason="Eid")

    page = client.get("/me/timetable/").content.decode()

    assert page.count("new time") == 1
    assert page.count("not held") == 1
    assert page.count("hn-chip hn-good") == 2


def test_the_certificate_stands_on_its_page_and_a_stranger_does_not_see_it(attending, client):
    enrolment = attending.enrolments.get()
    issue(enrolment)
    code = Certificate.objects.get().code

    assert code in client.get("/me/certificates/").content.decode()
    assert code in client.get("/me/").content.decode()
    sign_in(client, make_trainee())
    assert code not in client.get("/me/certificates/").content.decode()


def test_the_line_shows_the_position(client):
    cohort = make_cohort(capacity=1)
    make_enrolment(cohort)
    make_enrolment(cohort)
    sign_in(client, make_enrolment(cohort, at=BEFORE + timedelta(hours=1)).trainee)

    assert "Number 2" in client.get("/me/").content.decode()


def boxes(text):
    return [Box(kind, kind) for kind in text]


def line_at(svg):
    return float(re.search(r'class="needed" d="M([\d.]+) ', svg)[1])


@pytest.mark.parametrize(
    ("kinds", "spare", "excused", "needed"),
    [
        ("p" * 10 + "c" * 12 + "a" * 2, 2, "out", 20),  # the picture: 24 sessions, 80 %, 10 attended, 2 missed
        ("p" * 20 + "a" * 4, None, "out", 20),  # over: the minimum of all
        ("p" * 2 + "c" * 2 + "a" * 6, None, "out", 8),  # out of reach: inside the missed ones
        ("p" * 18 + "e" * 4 + "a" * 2, None, "out", 16),  # 80 % of twenty that count
        ("p" * 18 + "e" * 4 + "a" * 2, None, "present", 20),
        ("c" * 10, 2, "out", 8),
    ],
)
def test_the_line_of_the_chart_stands_at_what_is_needed(kinds, spare, excused, needed):
    svg = draw_attendance(boxes(kinds), spare=spare, minimum_percent=80, excused=excused)

    assert svg.count("<rect") == len(kinds)
    assert f">{needed} needed<" in svg
    assert line_at(svg) == pytest.approx(needed * 340 / len(kinds), abs=0.1)
    assert ("spare<" in svg) is (spare is not None)


def test_in_urdu_time_runs_from_the_right():
    with translation.override("ur"):
        svg = draw_attendance(boxes("ppppcccccc"), spare=2, minimum_percent=80, excused="out")

    assert line_at(svg) == pytest.approx(340 * 0.2, abs=0.1)
    assert 'direction="rtl"' in svg


def test_recomputing_changes_no_figure(attending, client):
    before = client.get("/me/").content.decode()
    enrolment = attending.enrolments.get()
    recompute(cohort=enrolment.cohort, enrolments=[enrolment])

    assert re.findall(r"<bdi>\d+ %</bdi>", client.get("/me/").content.decode()) == re.findall(
        r"<bdi>\d+ %</bdi>", before
    )
