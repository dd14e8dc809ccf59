"""Every role gets what tests/permissions.py says. An address without a line fails the test."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from certificates.models import Certificate, Key, Signatory
from certificates.pdf.design import shipped
from certificates.services.designs import save_design
from certificates.services.issue import issue_certificates
from certificates.services.keys import make_keys
from certificates.services.render import render_certificates
from certificates.tasks import make_steps, sign_status_lists
from cohorts.models import Announcement, Appeal, AttendanceRecord, CheckIn, Holiday, LeaveRequest, MakeUp
from cohorts.services.attendance import Mark, mark_attendance, note_walk_in
from cohorts.services.completion import close_cohort
from tests.factories import (
    LATER,
    make_cohort,
    make_course,
    make_enrolment,
    make_instructor,
    make_office,
    make_trainee,
    make_user,
)
from tests.permissions import ROLES, ROWS
from trainees.models import Message
from trainees.services.calendar import make_calendar_secret
from trainees.services.messages import queue_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """Return a user for each role, and what the braces of an address stand for."""
    cohort = make_cohort("AI-ONL-01", sessions=1)
    enrolment, instructor = make_enrolment(cohort), make_instructor(cohort)
    session = cohort.sessions.get()
    mark_attendance(session=session, marks=[Mark(enrolment.pk, "present")], version=None, by=None, at=LATER)
    users = {
        "anonymous": None,
        "trainee": enrolment.trainee.user,
        "stranger": make_trainee().user,
        "instructor": instructor,
        "other instructor": make_instructor(make_cohort()),
        "office": make_office("Programme office", "Issuer", "Identity numbers"),
        "auditor": make_office("Auditor"),
    }
    facts = {
        "cohort": cohort.code,
        "enrolment": enrolment.pk,
        "session": session.pk,
        "trainee": enrolment.trainee.number,
        "calendar": make_calendar_secret(instructor),
        "announcement": make_announcement(cohort).pk,
        "message": make_message().pk,
        "holiday": Holiday.objects.create(date=LATER.date(), name="Founder's day").pk,
        "export": "trainees",
        "kind": "csv",
        "fault": "venues",
    }
    return users, {**facts, **make_proof(cohort), **make_presence(enrolment, session)}


def make_proof(cohort):
    """Close the cohort, issue the certificate of its one enrolment, and name what there is of it."""
    close_cohort(cohort=cohort, by=None, at=LATER)
    batch = issue_certificates(cohort=cohort, by=None, at=LATER)
    certificate = Certificate.objects.get()
    make_keys(by=None, at=LATER)
    draw_nothing = replace(make_steps(), draw=lambda *_: b"%PDF-1.7 test", seal=lambda content, _at: content)
    render_certificates(certificate_ids=[certificate.pk], steps=draw_nothing, clock=lambda: LATER)
    sign_status_lists()
    return {
        "code": certificate.code,
        "serial": certificate.serial,
        "edition": certificate.edition,
        "batch": batch.pk,
        "key": Key.objects.get(kind=Key.Kind.ROOT).name,
        "list": 1,
        "design": save_design(scope=make_course(), design=shipped(), logo=None, by=None, at=LATER).label,
        "case": "none",
        "signatory": Signatory.objects.create(name="A", title="B", position=1).pk,
    }


def make_presence(enrolment, session):
    """Make one of each thing that hangs on a mark: scan, walk-in, leave, appeal, make-up."""
    own = {"enrolment": enrolment}
    scanned = {"trainee": enrolment.trainee, "status": "late", "wrote": False, "at": session.starts_at}
    leave = {"starts_on": LATER, "ends_on": LATER, "reason": "ill", "requested_at": LATER}
    appeal = {"disputed": "present", "wanted": "late", "text": "no", "made_at": LATER}
    return {
        "record": AttendanceRecord.objects.get().pk,
        "scan": CheckIn.objects.create(session=session, **own, **scanned).pk,
        "walk_in": note_walk_in(session=session, name="Somebody", by=None, at=LATER).pk,
        "leave": LeaveRequest.objects.create(**own, **leave).pk,
        "appeal": Appeal.objects.create(session=session, **own, **appeal).pk,
        "make_up": MakeUp.objects.create(missed=session, on=LATER, note="hour", credited_at=LATER, **own).pk,
    }


@pytest.mark.parametrize("row", ROWS, ids=[" ".join(row[:2]) for row in ROWS])
def test_every_role_gets_what_the_table_says(world, client, row):
    users, facts = world
    method, address, *expected = row
    url = address.format(**facts)
    options = {"content_type": "application/json", "data": {}} if "/api/" in url else {}
    assert resolve(url)  # a line whose address is gone would be answered 404 for ever
    answers = []
    for role in ROLES:
        client.logout()
        if users[role] is not None:
            client.force_login(users[role], backend="django.contrib.auth.backends.ModelBackend")
        answers.append(str(getattr(client, method.lower())(url, **options).status_code))

    assert dict(zip(ROLES, answers, strict=True)) == dict(zip(ROLES, expected, strict=True))


def make_message():
    queue_message(key="held", to="a@example.org", subject="S", text="T", at=LATER, send_after=LATER)
    return Message.objects.get(key="held")


def make_announcement(cohort):
    fields = {"subject": "S", "body": "B", "created_at": LATER, "send_after": LATER + timedelta(days=1)}
    return Announcement.objects.create(cohort=cohort, recipients=1, **fields)


def routes(patterns, prefix=""):
    for each in patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            if not path.startswith(("accounts/", "admin/", "i18n/")):
                yield from routes(each.url_patterns, path)
        elif isinstance(each, URLPattern):
            yield path


def _shape(path):
    """Reduce a route or an address of the table to its fixed parts."""
    path = re.sub(r"\(\?P<\w+>(?:\[[^\]]*\]|[^)])*\)", "*", path).replace("^", "").replace("$", "").strip("/")
    return tuple("*" if any(c in part for c in "<{(*") else part for part in path.split("/"))


def test_every_address_has_a_line():
    found = {_shape(path) for path in routes(get_resolver().url_patterns) if "format>" not in path}
    listed = {_shape(row[1]) for row in ROWS}
    listed |= {tuple("*" if part in ("0", "programme", "AI", "cohort") else part for part in shape) for shape in listed}

    assert sorted(found - listed) == []


def test_an_account_without_a_role_sees_its_own_page_only(client):
    client.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/me/").status_code == 200
    assert client.get("/manage/").status_code == 403
