"""A wrong decision: the application goes back into review, and what was decided stays in the history (R41)."""

import pytest
from django.urls import reverse

from admissions.services import decide_application, place_applications, reopen_application
from admissions.services.applications import NotReopened, ReasonMissing
from audit.models import AuditEntry
from tests.admissions.test_places import make_application
from tests.factories import BEFORE, LATER, make_cohort, make_course, make_office

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def reopen(application, reason="the card was seen after all"):
    return reopen_application(application=application, reason=reason, by=make_office(), at=LATER)


@pytest.mark.parametrize("accept", [True, False])
def test_a_decided_application_is_decided_anew_and_both_decisions_stay(accept):
    application = make_application(make_course("AI"), status="in_review")
    office = make_office()
    decide_application(application=application, accept=accept, reason="first", by=office, at=BEFORE)

    again = reopen(application)
    assert (again.status, again.decided_at, again.decided_by, again.decision_reason) == ("in_review", None, None, "")
    decide_application(application=application, accept=not accept, reason="second", by=office, at=LATER)

    application.refresh_from_db()
    assert application.status == ("rejected" if accept else "accepted")
    acts = AuditEntry.objects.filter(act__startswith="application.").order_by("id")
    stood = "accepted" if accept else "rejected"
    assert [(each.act, each.detail["from"], each.detail["to"]) for each in acts] == [
        ("application.decide", "in_review", stood),
        ("application.reopen", stood, "in_review"),
        ("application.decide", "in_review", application.status),
    ]


@pytest.mark.parametrize("status", ["in_review", "withdrawn", "declined", "submitted"])
def test_what_waits_or_was_given_up_is_not_reopened(status):
    with pytest.raises(NotReopened):
        reopen(make_application(make_course("AI"), status=status))


def test_who_has_a_place_is_not_reviewed_again():
    application = make_application(make_cohort(city="KHI").course)
    place_applications(by=None, at=BEFORE)

    with pytest.raises(NotReopened):
        reopen(application)

    application.refresh_from_db()
    assert application.status == "placed"


def test_a_duplicate_is_not_reopened_beside_the_one_under_way():
    course = make_course("AI")
    live = make_application(course)
    twice = make_application(course, cnic=live.cnic, status="rejected")

    with pytest.raises(NotReopened, match="same number"):
        reopen(twice)

    decide = {"accept": False, "reason": "left the country", "by": make_office(), "at": LATER}
    reopen(live)
    decide_application(application=live, **decide)
    assert reopen(twice).status == "in_review"


def test_a_reason_is_asked_for():
    with pytest.raises(ReasonMissing):
        reopen(make_application(make_course("AI"), status="rejected"), reason="  ")


def test_the_office_reopens_on_the_page_and_auditors_do_not(client):
    application = make_application(make_course("AI"), status="rejected")
    url = reverse("manage_application", args=[application.pk])
    client.force_login(make_office("Auditor"), backend=BACKEND)
    assert "Put back into review" not in client.get(url).content.decode()
    assert client.post(url, {"reopen": "yes", "reason": "x"}).status_code == 403

    client.force_login(make_office("Programme office"), backend=BACKEND)
    assert "Put back into review" in client.get(url).content.decode()
    assert "Say why" in client.post(url, {"reopen": "yes", "reason": "\x00 "}, follow=True).content.decode()
    page = client.post(url, {"reopen": "yes", "reason": "typed wrongly"}, follow=True).content.decode()

    assert "It waits for a decision again." in page
    assert "Put back into review: typed wrongly" in page
    assert "Rejected → <b>In review</b>" in page
    assert 'value="accept"' in page
