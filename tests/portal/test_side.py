"""The numbers in the side bar: as many as the list behind each holds, at every moment, and only for who may open it."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from admissions.models import Application
from cohorts.services.enrolment import withdraw
from portal.figures.refresh import refresh_figures
from portal.side import count_side
from tests.factories import LATER, make_cohort, make_enrolment, make_user
from trainees.models import User

pytestmark = pytest.mark.django_db
SIDE = re.compile(r'<nav class="hn-side".*?</nav>', re.DOTALL)
LINK = re.compile(r'href="([^"]+)"[^>]*? data-side="(\d+)"')
PAGES = ["/manage/", "/manage/?city=LHE", "/manage/cohorts/", "/manage/trainees/?status=enrolled", "/manage/setup/"]


def links_of(office, address):
    """Return the numbers of the side bar by their addresses; it stands on the page twice, as a bar and as a menu."""
    bars = [dict(LINK.findall(bar)) for bar in SIDE.findall(office.get(address).content.decode())]
    assert len(bars) == 2
    assert bars[0] == bars[1]
    return bars[0]


@pytest.mark.parametrize("state", ["fresh", "stale", "some stale"])
@pytest.mark.parametrize("address", PAGES)
def test_every_number_is_the_length_of_the_list_that_its_link_opens(programme, office, address, state):
    if state != "stale":
        refresh_figures()
    if state == "some stale":
        withdraw(enrolment=programme[3].enrolments.filter(status="enrolled").first(), by=None, at=LATER, notify=False)
        certificate = programme[2].enrolments.filter(certificates__state="issued").first().certificates.get()
        certificate.state, certificate.revoked_at, certificate.revocation_reason = "revoked", LATER, "error"
        certificate.save()
        make_enrolment(make_cohort())

    links = links_of(office, address)

    assert len(links) == 4
    for url, number in links.items():
        answer = office.get(url.replace("&amp;", "&"))
        assert answer.context["paginator"].count == int(number) > 0, url
        assert answer.context["asked"].rows.count() == int(number), url


def test_what_waits_for_nobody_has_no_badge(programme, office):
    Application.objects.update(status="accepted")

    assert "stage=in_review" not in "".join(links_of(office, "/manage/cohorts/"))
    assert "hn-sidewaits" not in office.get("/manage/").content.decode()


def test_an_empty_programme_has_noughts(office):
    assert sorted(links_of(office, "/manage/cohorts/").values()) == ["0", "0", "0"]


@pytest.mark.parametrize(
    "right", ["cohorts.view_enrolment", "certificates.view_certificate", "admissions.view_application"]
)
def test_who_may_not_open_a_list_is_not_told_its_length(programme, client, right):
    user = make_user(is_staff=True)
    app, name = right.split(".")
    for codename, label in (("view_cohort", "cohorts"), (name, app)):
        user.user_permissions.add(Permission.objects.get(codename=codename, content_type__app_label=label))
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    found = count_side(User.objects.get(pk=user.pk))

    shown = {"view_enrolment": "trainees", "view_certificate": "certified", "view_application": "to_review"}[name]
    assert found.keys() == {"cohorts", shown}
    assert len(links_of(client, "/manage/")) == len(links_of(client, "/manage/cohorts/")) == 2


def test_nobody_else_is_told_anything(programme):
    user = make_user(is_staff=False)
    user.user_permissions.add(Permission.objects.get(codename="view_cohort"))

    assert count_side(User.objects.get(pk=user.pk)) == {}


def test_it_costs_one_statement_and_none_on_the_overview(programme, office):
    refresh_figures()
    counted = []
    for address in ("/manage/cohorts/", "/manage/", "/manage/?city=LHE"):
        with CaptureQueriesContext(connection) as queries:
            office.get(address)
        assert len(queries) <= 15
        counted.append(sum("UNION ALL" in each["sql"] and "admissions_application" in each["sql"] for each in queries))

    assert counted == [1, 0, 1]
