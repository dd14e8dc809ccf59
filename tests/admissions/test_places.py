"""Places in order of application, by preference (R32)."""

from datetime import timedelta

import pytest

from admissions.models import Application
from admissions.services import decide_application, link_enrolled, place_applications
from cohorts.models import Enrolment
from tests.factories import BEFORE, LATER, make_cohort, make_course, make_enrolment, make_office, make_trainee, numbers

pytestmark = pytest.mark.django_db


def make_application(first, second=None, city="KHI", **fields):
    n = next(numbers)
    values = {"cnic": f"3{n:012d}", "email": f"applicant{n}@example.org", "full_name": "Ali Khan", "status": "accepted"}
    return Application.objects.create(
        programme=first.programme,
        verdict="accepted",
        submitted_at=BEFORE + timedelta(seconds=n),
        row=n,
        line=n,
        source="file",
        fingerprint=str(n),
        course_1=first,
        course_2=second,
        city=city,
        **{**values, **fields},
    )


def cohort_of(application):
    application.refresh_from_db()
    return application.enrolment.cohort.code if application.enrolment else None


def test_first_wish_in_the_city_then_online_then_the_second_then_a_line():
    ai, ds = make_course("AI"), make_course("DS")
    make_cohort("AI-KHI", course=ai, city="KHI", mode="classroom", capacity=1, waitlist_limit=1)
    make_cohort("AI-ONL", course=ai, capacity=1, waitlist_limit=1)
    make_cohort("DS-ONL", course=ds, capacity=1, waitlist_limit=0)
    make_cohort("AI-LHE", course=ai, city="LHE", capacity=9)
    wishes = [make_application(ai, ds) for _ in range(6)]

    counts = place_applications(by=None, at=LATER)

    assert [cohort_of(each) for each in wishes] == ["AI-KHI", "AI-ONL", "DS-ONL", "AI-KHI", "AI-ONL", None]
    assert (counts["placed"], counts["waitlisted"], counts["left"]) == (3, 2, 1)
    assert place_applications(by=None, at=LATER) == {"placed": 0, "left": 1}
    assert Enrolment.objects.count() == 5


def test_the_earlier_application_comes_first_whatever_its_id():
    ai = make_course("AI")
    make_cohort("AI-KHI", course=ai, city="KHI", capacity=1, waitlist_limit=5)
    late, early = make_application(ai), make_application(ai)
    Application.objects.filter(pk=early.pk).update(submitted_at=BEFORE - timedelta(days=1))

    place_applications(by=None, at=LATER)

    assert (early.enrolment_id, late.enrolment_id) == (None, None)
    early.refresh_from_db(), late.refresh_from_db()
    assert (early.enrolment.status, late.enrolment.status) == ("enrolled", "waitlisted")


def test_who_sits_in_a_roster_is_placed_there_and_completed():
    ai = make_course("AI")
    trainee = make_trainee(cnic="3520212345678")
    enrolment = make_enrolment(make_cohort(), trainee)
    application = make_application(ai, cnic=trainee.cnic, province="PB", degree="BS")

    assert link_enrolled(by=None, at=LATER) == 1

    application.refresh_from_db(), trainee.refresh_from_db()
    assert (application.status, application.enrolment) == ("placed", enrolment)
    assert (trainee.province, trainee.degree) == ("PB", "BS")


def test_a_person_decides_what_is_in_review():
    application = make_application(make_course("AI"), status="in_review")
    office = make_office()

    decide_application(application=application, accept=True, reason="card seen", by=office, at=LATER)

    application.refresh_from_db()
    assert (application.status, application.decided_by, application.decision_reason) == (
        "accepted",
        office,
        "card seen",
    )
