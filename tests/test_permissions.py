"""Who gets what: one line per address. An address without a line fails the test."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from certificates.models import Batch, Certificate, Key, Signatory
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
from trainees.models import Message
from trainees.services.calendar import make_calendar_secret
from trainees.services.messages import queue_message

pytestmark = pytest.mark.django_db
ROLES = ("anonymous", "trainee", "stranger", "instructor", "other instructor", "office", "auditor")
SIGN_IN, OK, NO, NONE, SEE = 302, 200, 403, 404, 303

#   method, address                               anonymous trainee stranger instructor other office auditor
TABLE = """
GET  /                                            200 200 200 200 200 200 200
GET  /start/                                      302 302 302 302 302 302 302
GET  /privacy/                                    200 200 200 200 200 200 200
GET  /accessibility/                              200 200 200 200 200 200 200
GET  /help/                                       200 200 200 200 200 200 200
GET  /me/                                         302 200 200 200 200 200 200
POST /me/enrolments/{enrolment}/give-back/        302 302 404 404 404 404 404
POST /me/enrolments/{enrolment}/accept/           302 302 404 404 404 404 404
POST /me/enrolments/{enrolment}/decline/          302 302 404 404 404 404 404
POST /i18n/setlang/                               302 302 302 302 302 302 302
GET  /me/timetable/                               302 200 200 200 200 200 200
GET  /me/certificates/                            302 200 200 200 200 200 200
GET  /me/profile/                                 302 200 200 200 200 200 200
POST /me/profile/name/                            302 422 422 404 404 404 404
POST /me/profile/contact/                         302 422 422 404 404 404 404
POST /me/profile/address/                         302 422 422 404 404 404 404
POST /me/profile/language/                        302 422 422 404 404 404 404
GET  /me/address/{cohort}/                        404 404 404 404 404 404 404
GET  /me/data/                                    302 200 200 200 200 200 200
POST /me/data/download/                           302 200 200 404 404 404 404
POST /me/data/erase/                              302 422 422 404 404 404 404
GET  /me/enrolments/{enrolment}/move/             302 302 404 404 404 404 404
POST /me/confirm-again/                           302 302 302 302 302 302 302
GET  /cohorts/{cohort}/                           200 200 200 200 200 200 200
GET  /cohorts/{cohort}/register/                  200 200 200 200 200 200 200
GET  /cohorts/{cohort}/registered/                302 302 302 302 302 302 302
GET  /confirm/{code}/                             404 404 404 404 404 404 404
GET  /calendar/{calendar}.ics                     200 200 200 200 200 200 200
POST /me/calendar/                                302 302 302 302 302 302 302
POST /me/reminders/                               302 302 302 302 302 302 302
GET  /teach/                                      302 403 403 200 200 200 200
GET  /teach/cohorts/                              302 403 403 200 200 200 200
GET  /teach/cohorts/{cohort}/                     302 404 404 200 404 200 200
POST /teach/check-ins/{scan}/take/                302 403 404 302 404 302 403
GET  /teach/sessions/{session}/                   302 403 404 200 404 200 403
POST /teach/sessions/{session}/cancel/            302 403 404 302 404 302 403
GET  /teach/sessions/{session}/report/            302 403 404 200 404 200 403
POST /teach/sessions/{session}/report/files/      302 403 404 302 404 302 403
POST /teach/sessions/{session}/report/confirm/    302 403 404 404 404 404 403
POST /teach/sessions/{session}/report/share/      302 403 404 404 404 404 403
GET  /teach/sessions/{session}/report/take-back/  302 403 404 200 404 200 403
GET  /teach/changes/0/lines/                      302 404 404 404 404 404 404
POST /teach/report-people/0/                      302 404 404 404 404 404 404
POST /teach/report-files/0/settle/                302 404 404 404 404 404 404
POST /teach/report-files/0/discard/               302 404 404 404 404 404 404
GET  /teach/report-files/0/progress/              302 404 404 404 404 404 404
POST /teach/sessions/{session}/close/             302 403 404 302 404 302 403
POST /teach/sessions/{session}/reopen/            302 403 404 403 404 403 403
POST /teach/sessions/{session}/confirm/           302 403 404 302 404 302 403
POST /teach/sessions/{session}/walk-ins/          302 403 404 302 404 302 403
GET  /teach/sessions/{session}/ledger/            302 403 404 200 404 200 200
GET  /teach/enrolments/{enrolment}/ledger/        302 403 404 200 404 200 200
GET  /teach/sessions/{session}/check-in/          302 403 404 200 404 200 403
GET  /teach/sessions/{session}/check-in/review/   302 403 404 200 404 200 403
POST /teach/sessions/{session}/check-in/heads/    302 403 404 302 404 302 403
GET  /check-in/                                   302 410 410 410 410 410 410
GET  /check-in/{code}/                            404 404 404 404 404 404 404
GET  /teach/warnings/                             302 403 403 200 200 200 200
GET  /teach/requests/                             302 403 403 200 200 200 200
POST /teach/leave/{leave}/                        302 404 404 302 404 302 403
GET  /teach/leave/{leave}/evidence/               302 404 404 404 404 404 403
POST /teach/appeals/{appeal}/                     302 404 404 302 404 302 403
POST /teach/enrolments/{enrolment}/make-up/       302 403 404 302 404 302 403
POST /teach/make-ups/{make_up}/take-back/         302 403 404 302 404 302 403
GET  /me/absences/                                302 200 200 200 200 200 200
POST /me/absences/leave/                          302 422 422 422 422 422 422
POST /me/leave/{leave}/withdraw/                  302 302 404 404 404 404 404
POST /me/marks/{record}/dispute/                  302 302 404 404 404 404 404
POST /teach/walk-ins/{walk_in}/                   302 403 404 404 404 404 403
GET  /sw.js                                       200 200 200 200 200 200 200
GET  /teach/cohorts/{cohort}/scores/              302 404 404 200 404 200 200
POST /teach/cohorts/{cohort}/scores/preview/      302 404 404 422 404 422 403
GET  /manage/                                     302 403 403 403 403 200 200
GET  /manage/messages/                            302 403 403 403 403 200 200
POST /manage/messages/retry/                      403 403 403 403 403 302 403
GET  /manage/messages/{message}/                  302 403 403 403 403 200 200
POST /manage/messages/{message}/retry/            403 403 403 403 403 302 403
POST /manage/messages/{message}/cancel/           403 403 403 403 403 302 403
GET  /manage/announcements/                       302 403 403 403 403 200 200
GET  /manage/announcements/new/                   302 403 403 403 403 200 403
GET  /teach/cohorts/{cohort}/write/               302 404 404 200 404 200 403
GET  /announcements/{announcement}/               302 404 404 200 404 200 200
POST /announcements/{announcement}/cancel/        302 404 404 302 404 302 403
GET  /manage/cohorts/                             302 403 403 403 403 200 200
GET  /manage/cohorts/{cohort}/                    302 403 403 403 403 200 200
GET  /manage/cohorts/{cohort}/close/              302 403 403 403 403 200 403
GET  /manage/cohorts/{cohort}/reopen/             302 403 403 403 403 403 403
POST /manage/enrolments/{enrolment}/exception/    403 403 403 403 403 403 403
POST /manage/exceptions/0/lift/                   403 403 403 403 403 403 403
GET  /manage/export/{export}/{kind}/              302 403 403 403 403 200 200
GET  /manage/reports/                             302 403 403 403 403 200 200
GET  /manage/acts/                                302 403 403 403 403 200 200
GET  /manage/acts/0/                              302 403 403 403 403 404 404
POST /manage/acts/0/                              302 403 403 403 403 404 404
GET  /manage/exports/0/                           302 403 403 403 403 404 404
GET  /manage/exports/0/file/                      302 403 403 403 403 404 404
POST /manage/reports/ask/                         302 403 403 403 403 302 302
GET  /manage/reports/0/                           302 403 403 403 403 404 404
GET  /manage/reports/0/pdf/                       302 403 403 403 403 404 404
GET  /manage/setup/                               302 403 403 403 403 200 403
GET  /manage/setup/staff/                         302 403 403 403 403 403 403
GET  /manage/setup/checks/                        302 403 403 403 403 200 403
GET  /manage/setup/retire/cohort/0/               302 403 403 403 403 404 403
GET  /manage/setup/programmes/new/                302 403 403 403 403 200 403
GET  /manage/setup/programmes/programme/          302 403 403 403 403 200 403
GET  /manage/setup/courses/new/                   302 403 403 403 403 200 403
GET  /manage/setup/courses/AI/                    302 403 403 403 403 200 403
GET  /manage/setup/venues/                        302 403 403 403 403 200 403
GET  /manage/setup/venues/new/                    302 403 403 403 403 200 403
GET  /manage/setup/venues/0/                      302 403 403 403 403 404 403
GET  /manage/setup/instructors/                   302 403 403 403 403 200 403
GET  /manage/setup/instructors/0/                 302 403 403 403 403 404 403
GET  /manage/setup/cohorts/new/                   302 403 403 403 403 200 403
GET  /manage/setup/cohorts/{cohort}/              302 403 403 403 403 200 403
GET  /manage/setup/cohorts/{cohort}/sessions/     302 403 403 403 403 200 403
POST /manage/setup/cohorts/{cohort}/instructors/  302 403 403 403 403 302 403
POST /manage/setup/cohorts/{cohort}/instructors/0/remove/ 302 403 403 403 403 404 403
GET  /manage/checks/                              302 403 403 403 403 200 200
GET  /manage/checks/0/                            302 403 403 403 403 404 404
GET  /manage/search/                              302 403 403 403 403 200 200
GET  /manage/names/                               302 403 403 403 403 200 200
GET  /manage/meetings/                            302 403 403 403 403 200 200
POST /manage/lists/{export}/act/                  302 403 403 403 403 404 404
POST /manage/lists/{export}/views/                302 403 403 403 403 302 302
POST /manage/views/0/                             302 403 403 403 403 404 404
GET  /manage/batches/                             302 403 403 403 403 200 200
GET  /manage/exports/                             302 403 403 403 403 200 200
GET  /manage/exports/taken/                       302 403 403 403 403 200 200
GET  /manage/registers/                           302 403 403 403 403 200 200
GET  /manage/disagreements/                       302 403 403 403 403 200 200
POST /manage/cohorts/{cohort}/capacity/           302 403 403 403 403 302 403
GET  /manage/cohorts/{cohort}/capacity/           302 403 403 403 403 200 403
GET  /manage/cohorts/{cohort}/excuse/             302 403 403 403 403 200 403
POST /manage/cohorts/{cohort}/auto-promote/       302 403 403 403 403 302 403
GET  /manage/cohorts/{cohort}/certificates/       302 403 403 403 403 200 200
GET  /manage/cohorts/{cohort}/certificates/0/preview/ 302 403 403 403 403 404 404
GET  /manage/cohorts/{cohort}/timetable/          302 403 403 403 403 200 200
GET  /manage/cohorts/{cohort}/timetable/add/      403 403 403 403 403 200 403
GET  /manage/cohorts/{cohort}/timetable/skip/     403 403 403 403 403 200 403
GET  /manage/cohorts/{cohort}/timetable/switch/   403 403 403 403 403 200 403
GET  /manage/sessions/{session}/                  403 403 403 403 403 200 403
GET  /manage/sessions/{session}/cancel/           403 403 403 403 403 200 403
GET  /manage/sessions/{session}/marks/            403 403 403 403 403 200 403
GET  /manage/timetables/                          302 403 403 403 403 200 403
GET  /manage/timetables/switch/                   302 403 403 403 403 200 403
GET  /manage/timetables/0/                        302 403 403 403 403 404 404
GET  /manage/clashes/                             302 403 403 403 403 200 200
GET  /manage/holidays/                            302 403 403 403 403 200 200
POST /manage/holidays/{holiday}/rename/           403 403 403 403 403 302 403
POST /manage/holidays/{holiday}/remove/           403 403 403 403 403 302 403
GET  /manage/trainees/                            302 403 403 403 403 200 200
GET  /manage/trainees/{trainee}/                  302 403 403 403 403 200 200
GET  /manage/trainees/{trainee}/merge/            302 403 403 403 403 200 403
GET  /manage/requests/                            302 403 403 403 403 200 200
POST /manage/requests/names/0/                    302 403 403 403 403 404 403
POST /manage/requests/erasures/0/                 302 403 403 403 403 404 403
POST /manage/trainees/by-cnic/                    302 403 403 403 403 302 403
POST /manage/trainees/{trainee}/cnic/             302 403 403 403 403 200 403
POST /manage/trainees/{trainee}/name/             302 403 403 403 403 302 403
POST /manage/enrolments/{enrolment}/withdraw/     403 403 403 403 403 302 403
POST /manage/enrolments/{enrolment}/no-show/      403 403 403 403 403 302 403
GET  /manage/enrolments/{enrolment}/transfer/     403 403 403 403 403 200 403
POST /manage/enrolments/{enrolment}/transfer/     403 403 403 403 403 302 403
GET  /manage/applications/                        302 403 403 403 403 200 200
GET  /manage/applications/import/                 302 403 403 403 403 200 403
GET  /manage/applications/place/                  302 403 403 403 403 200 403
POST /manage/applications/place/                  302 403 403 403 403 302 403
GET  /manage/applications/place/0/                302 403 403 403 403 404 403
GET  /manage/applications/0/                      302 403 403 403 403 404 404
POST /manage/applications/0/cnic/                 302 403 403 403 403 404 404
GET  /manage/designs/                             302 403 403 403 403 200 200
GET  /manage/designs/{design}/                    302 403 403 403 403 200 403
POST /manage/designs/{design}/use/                302 403 403 403 403 302 403
GET  /manage/designs/{design}/preview/{case}/     302 403 403 403 403 404 403
GET  /manage/signatories/new/                     302 403 403 403 403 200 403
GET  /manage/signatories/{signatory}/             302 403 403 403 403 200 403
POST /manage/signatories/{signatory}/remove/      302 403 403 403 403 302 403
GET  /manage/certificates/                        302 403 403 403 403 200 200
GET  /manage/certificates/{code}/                 302 403 403 403 403 200 200
GET  /manage/certificates/{code}/revoke/          302 403 403 403 403 200 403
POST /manage/certificates/{code}/revoke/          302 403 403 403 403 200 403
GET  /manage/certificates/{code}/replace/         302 403 403 403 403 200 403
POST /manage/certificates/{code}/replace/         302 403 403 403 403 302 403
GET  /manage/batches/{batch}/                     302 403 403 403 403 200 200
POST /manage/batches/{batch}/retry/               302 403 403 403 403 302 403
POST /manage/batches/{batch}/pause/               302 403 403 403 403 302 403
POST /manage/batches/{batch}/resume/              302 403 403 403 403 302 403
POST /manage/cohorts/{cohort}/archive/            302 403 403 403 403 302 403
GET  /manage/archives/0/                          302 403 403 403 403 404 404
GET  /manage/archives/0/zip/                      302 403 403 403 403 404 404
GET  /manage/certificates/import/                 302 403 403 403 403 200 403
GET  /manage/certificates/issue/                  302 403 403 403 403 200 200
GET  /manage/certificates/problems/               302 403 403 403 403 200 200
POST /manage/certificates/problems/0/settle/      302 403 403 403 403 404 403
GET  /certificates/{code}/pdf/                    302 302 404 404 404 302 302
GET  /certificates/{code}/pdf/{edition}/           302 200 404 404 404 200 200
GET  /c/{code}/credential.json                    200 200 200 200 200 200 200
GET  /c/{code}/credential.jwt                     200 200 200 200 200 200 200
GET  /.well-known/did.json                        200 200 200 200 200 200 200
GET  /status/{list}                              200 200 200 200 200 200 200
GET  /trust/                                      200 200 200 200 200 200 200
GET  /trust/{key}.pem                             200 200 200 200 200 200 200
GET  /c/                                          200 200 200 200 200 200 200
GET  /c/{code}/                                   200 200 200 200 200 200 200
GET  /c/{code}/picture/{edition}.png              200 200 200 200 200 200 200
GET  /c/{code}/report/                            200 200 200 200 200 200 200
GET  /api/docs/                                   200 200 200 200 200 200 200
GET  /api/v1/schema/                              200 200 200 200 200 200 200
POST /api/v1/auth/token/                          400 400 400 400 400 400 400
POST /api/v1/registrations/                       400 400 400 400 400 400 400
GET  /api/v1/verify/{code}/                       200 200 200 200 200 200 200
GET  /api/v1/programmes/                          200 200 200 200 200 200 200
GET  /api/v1/programmes/programme/                200 200 200 200 200 200 200
GET  /api/v1/courses/                             200 200 200 200 200 200 200
GET  /api/v1/courses/AI/                          200 200 200 200 200 200 200
GET  /api/v1/cohorts/                             200 200 200 200 200 200 200
GET  /api/v1/cohorts/{cohort}/                    200 200 200 200 200 200 200
POST /api/v1/cohorts/{cohort}/close/              401 403 403 403 403 409 403
GET  /api/v1/cohorts/{cohort}/progress/           401 404 404 200 404 200 200
POST /api/v1/cohorts/{cohort}/certificates/       401 403 403 403 403 400 403
GET  /api/v1/trainees/                            401 200 200 200 200 200 200
GET  /api/v1/trainees/{trainee}/                  401 200 404 404 404 200 200
POST /api/v1/trainees/{trainee}/cnic/             401 403 404 404 404 200 403
GET  /api/v1/enrolments/                          401 200 200 200 200 200 200
GET  /api/v1/enrolments/{enrolment}/              401 200 404 200 404 200 200
POST /api/v1/enrolments/{enrolment}/withdraw/     401 409 404 403 404 409 403
POST /api/v1/enrolments/{enrolment}/accept/       401 409 404 403 404 409 403
POST /api/v1/enrolments/{enrolment}/decline/      401 409 404 403 404 409 403
POST /api/v1/enrolments/{enrolment}/no-show/      401 403 404 403 404 409 403
POST /api/v1/enrolments/{enrolment}/transfer/     401 400 404 403 404 400 403
GET  /api/v1/sessions/                            401 200 200 200 200 200 200
GET  /api/v1/sessions/{session}/                  401 200 404 200 404 200 200
PATCH /api/v1/sessions/{session}/                 401 403 404 403 404 409 403
POST /api/v1/cohorts/{cohort}/reschedule/         401 403 403 403 403 400 403
GET  /api/v1/sessions/{session}/attendance/       401 403 404 200 404 200 403
GET  /api/v1/certificates/                        401 200 200 200 200 200 200
GET  /api/v1/certificates/{serial}/               401 200 404 404 404 200 200
POST /api/v1/certificates/{serial}/revoke/        401 403 404 404 404 400 403
POST /api/v1/certificates/{serial}/replace/       401 403 404 404 404 201 403
GET  /api/v1/certificates/{serial}/pdf/           401 200 404 404 404 200 200
GET  /api/v1/batches/                             401 200 200 200 200 200 200
GET  /api/v1/batches/{batch}/                     401 404 404 404 404 200 200
POST /api/v1/batches/{batch}/retry/               401 404 404 404 404 200 403
POST /api/v1/batches/{batch}/pause/               401 404 404 404 404 200 403
POST /api/v1/batches/{batch}/resume/              401 404 404 404 404 200 403
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]


@pytest.fixture
def world():
    cohort = make_cohort("AI-ONL-01", sessions=1)
    enrolment = make_enrolment(cohort)
    instructor = make_instructor(cohort)
    session = cohort.sessions.get()
    mark_attendance(session=session, marks=[Mark(enrolment.pk, "present")], version=None, by=None, at=LATER)
    close_cohort(cohort=cohort, by=None, at=LATER)
    batch = issue_certificates(cohort=cohort, by=None, at=LATER)
    certificate = Certificate.objects.get()
    make_keys(by=None, at=LATER)
    draw_nothing = replace(make_steps(), draw=lambda *_: b"%PDF-1.7 test", seal=lambda content, _at: content)
    render_certificates(certificate_ids=[certificate.pk], steps=draw_nothing, clock=lambda: LATER)
    sign_status_lists()
    users = {
        "anonymous": None,
        "trainee": enrolment.trainee.user,
        "stranger": make_trainee().user,
        "instructor": instructor,
        "other instructor": make_instructor(make_cohort()),
        "office": make_office("Programme office", "Issuer", "Identity numbers"),
        "auditor": make_office("Auditor"),
    }
    scan = CheckIn.objects.create(
        session=session,
        trainee=enrolment.trainee,
        enrolment=enrolment,
        status="late",
        wrote=False,
        at=session.starts_at,
    )
    walk_in = note_walk_in(session=session, name="Somebody", by=None, at=LATER)
    leave = LeaveRequest.objects.create(
        enrolment=enrolment, starts_on=LATER, ends_on=LATER, reason="ill", requested_at=LATER
    )
    appeal = Appeal.objects.create(
        enrolment=enrolment, session=session, disputed="present", wanted="late", text="no", made_at=LATER
    )
    made = MakeUp.objects.create(enrolment=enrolment, missed=session, on=LATER, note="hour", credited_at=LATER)
    facts = {
        "leave": leave.pk,
        "appeal": appeal.pk,
        "make_up": made.pk,
        "record": AttendanceRecord.objects.get().pk,
        "walk_in": walk_in.pk,
        "scan": scan.pk,
        "cohort": cohort.code,
        "export": "trainees",
        "kind": "csv",
        "announcement": make_announcement(cohort).pk,
        "message": make_message().pk,
        "holiday": Holiday.objects.create(date=LATER.date(), name="Founder's day").pk,
        "calendar": make_calendar_secret(instructor),
        "enrolment": enrolment.pk,
        "session": session.pk,
        "trainee": enrolment.trainee.number,
        "code": certificate.code,
        "key": Key.objects.get(kind=Key.Kind.ROOT).name,
        "list": 1,
        "design": make_design().label,
        "case": "none",
        "signatory": Signatory.objects.create(name="A", title="B", position=1).pk,
        "serial": certificate.serial,
        "edition": certificate.edition,
        "batch": Batch.objects.get().pk,
    }
    assert batch.total == 1
    return users, facts


def make_design():
    return save_design(scope=make_course(), design=shipped(), logo=None, by=None, at=LATER)


@pytest.mark.parametrize("row", ROWS, ids=[" ".join(row[:2]) for row in ROWS])
def test_every_role_gets_what_the_table_says(world, client, row):
    users, facts = world
    method, address, *expected = row
    answers = []
    for role in ROLES:
        client.logout()
        if users[role] is not None:
            client.force_login(users[role], backend="django.contrib.auth.backends.ModelBackend")
        url = address.format(**facts)
        options = {"content_type": "application/json", "data": {}} if "/api/" in url else {}
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


def test_make_user_is_nobody(client):
    client.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/me/").status_code == 200
    assert client.get("/manage/").status_code == 403
