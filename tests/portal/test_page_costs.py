"""The front page and the other pages of the office cost the same number of statements for few rows and for more."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cohorts.models import Enrolment, Holiday, LeaveRequest, WalkIn
from tests.factories import LATER, START, make_instructor, make_office, numbers
from tests.portal.test_lists import add_row_to_every_list
from trainees.models import ErasureRequest, NameChange, User

pytestmark = pytest.mark.django_db
PAGES = (
    "/",
    "/manage/requests/",
    "/manage/holidays/",
    "/manage/setup/",
    "/manage/setup/staff/",
    "/manage/setup/cohorts/new/",
    "/manage/announcements/new/",
    "/manage/certificates/issue/",
    "/teach/requests/",
    "/teach/warnings/",
)


@pytest.fixture
def office(client):
    user = make_office("Programme office", "Programme lead", "Issuer", "Auditor")
    User.objects.filter(pk=user.pk).update(email="me@example.org")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def add_rows():
    """One more of whatever waits on these pages."""
    add_row_to_every_list()
    enrolment = Enrolment.objects.filter(status="enrolled").latest("id")
    Enrolment.objects.filter(pk=enrolment.pk).update(standing="at_risk")
    make_instructor(enrolment.cohort)
    trainee, day = enrolment.trainee, START.date() + timedelta(days=next(numbers))
    NameChange.objects.create(trainee=trainee, requested_at=LATER, new_name="Zahra Batool")
    ErasureRequest.objects.create(trainee=trainee, requested_at=LATER)
    LeaveRequest.objects.create(enrolment=enrolment, starts_on=day, ends_on=day, requested_at=LATER)
    WalkIn.objects.create(session=enrolment.cohort.sessions.first(), name="Somebody", noted_at=LATER)
    make_office("Issuer")
    Holiday.objects.create(date=day, name=f"Holiday {day}")


@pytest.mark.parametrize("page", PAGES)
def test_the_page_costs_the_same_for_few_and_more(office, page):
    add_rows()
    office.get(page)
    with CaptureQueriesContext(connection) as few:
        assert office.get(page).status_code == 200
    for _ in range(3):
        add_rows()
    with CaptureQueriesContext(connection) as more:
        office.get(page)

    assert len(more) == len(few)
