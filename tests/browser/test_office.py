"""The overview and a cohort's page: by keyboard, on a phone without scripts, and without faults of axe."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_walk import PASSWORD, check_page, sign_in

pytestmark = [pytest.mark.browser]
PREPARE = f"""
from datetime import timedelta
from django.utils import timezone
from cohorts.services.attendance import Mark, mark_attendance
from portal.figures.refresh import refresh_figures
from tests.factories import *
office = make_office("Programme office", "Programme lead")
office.set_password("{PASSWORD}")
office.email = "office@example.org"
office.save()
cohort = make_cohort("AI-LHE-01", city="LHE", starts_at=timezone.now() - timedelta(days=30))
people = [make_enrolment(cohort, make_trainee(full_name=name), at=START) for name in ("Arif Khan", "Zara Noor")]
session = cohort.sessions.order_by("number").first()
marks = [Mark(people[0].pk, "present"), Mark(people[1].pk, "absent")]
mark_attendance(session=session, marks=marks, version=None, by=office, at=timezone.now())
make_enrolment(make_cohort("AI-LHE-02", city="LHE", sessions=40), at=START)
refresh_figures()
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_office_reads_and_acts(installation, chromium, scheme):
    installation.python(PREPARE)
    installation.start("web")
    desk = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme, bypass_csp=True)
    phone = chromium.new_context(
        viewport={"width": 390, "height": 844}, color_scheme=scheme, java_script_enabled=False, bypass_csp=True
    )

    _by_keyboard(desk.new_page(), installation.url)
    _without_scripts(phone.new_page(), installation.url)


def _by_keyboard(page, url):
    sign_in(page, url, "office@example.org")
    page.goto(f"{url}/manage/")
    check_page(page)
    for name in ("Share of the stage before", "Sessions"):
        page.get_by_role("link", name=name, exact=True).focus()
        page.keyboard.press("Enter")
        page.wait_for_load_state()
    expect(page.get_by_role("heading", name="Cohorts by session")).to_be_visible()
    expect(page.get_by_role("link", name="Share of the stage before")).to_have_attribute("aria-current", "true")
    check_page(page)
    page.get_by_role("link", name="50", exact=True).press("Enter")  # one of two came
    page.wait_for_url("**/teach/sessions/*/")
    page.goto(f"{url}/manage/")
    page.get_by_text("As a table").press("Enter")
    expect(page.get_by_role("columnheader", name="Attended %")).to_be_visible()
    check_page(page)
    for code, sessions in (("AI-LHE-01", 4), ("AI-LHE-02", 40)):
        _check_heads(page, f"{url}/manage/cohorts/{code}/", sessions)


def _check_heads(page, address, sessions):
    """Each session of the matrix is a link of 24 px or more that no other covers; no two landmarks share a name."""
    page.goto(address)
    check_page(page)
    expect(page.locator(".hn-col a")).to_have_count(sessions)
    found = Axe().run(page, options={"runOnly": {"type": "rule", "values": ["target-size", "landmark-unique"]}})
    assert [each["id"] for each in found.response["passes"]] == ["landmark-unique", "target-size"]
    assert found.response["violations"] == []


def _without_scripts(page, url):
    sign_in(page, url, "office@example.org")
    page.goto(f"{url}/manage/")
    page.get_by_text("All courses, places, people").click()
    page.select_option("[name=city]", "LHE")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".hn-chosen")).to_contain_text("Lahore")
    page.get_by_role("link", name="AI-LHE-01").click()
    page.get_by_role("checkbox", name="Zara Noor").check()
    page.get_by_role("button", name="Excuse a session…").click()
    expect(page.locator("#main")).to_contain_text("Zara Noor")
    page.goto(f"{url}/manage/cohorts/AI-LHE-01/")
    page.get_by_role("link", name="Zara Noor").click()
    page.wait_for_url("**/ledger/")
