"""A list of the office on a phone without scripts, and by keyboard; every state of it without faults of axe."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_walk import PASSWORD, check_page, sign_in

pytestmark = [pytest.mark.browser]
PREPARE = f"""
from tests.factories import *
from cohorts.services.enrolment import withdraw
office = make_office("Programme office", "Programme lead")
office.set_password("{PASSWORD}")
office.email = "office@example.org"
office.save()
here, there = make_cohort("AI-LHE-01", city="LHE", capacity=60), make_cohort("AI-KHI-01", city="KHI", capacity=1)
for name in ("Bano Ali", "Arif Khan", "Zara Noor"):
    make_enrolment(here, make_trainee(full_name=name))
"""


def test_choosing_acting_and_keeping_a_view(installation, chromium):
    installation.python(PREPARE)
    installation.start("web")
    plain = chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False).new_page()
    desk = chromium.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True).new_page()

    _without_scripts(plain, installation.url)
    _by_keyboard(desk, installation.url)


def _without_scripts(page, url):
    sign_in(page, url, "office@example.org")
    page.goto(f"{url}/manage/trainees/")
    page.get_by_text("Filter", exact=True).click()
    page.select_option("[name=city]", "LHE")
    page.locator(".hn-pop[open]").get_by_role("button", name="Show").click()
    expect(page.locator(".hn-set")).to_contain_text("City Lahore")
    bar = page.locator("#acts")
    expect(bar).to_be_hidden()
    for name in ("Arif Khan", "Zara Noor"):
        page.get_by_role("checkbox", name=name).check()
    expect(bar).to_be_visible()
    bar.get_by_role("button", name="Move…").click()
    page.select_option("[name=cohort]", "AI-KHI-01")
    page.get_by_role("button", name="Show what would happen").click()
    main = page.locator("#main")
    expect(main).to_contain_text("Nothing is done yet")
    expect(main).to_contain_text("AI-KHI-01 and its waiting list are full")
    page.get_by_role("button", name="Move 1 person").click()
    expect(main).to_contain_text("This is what was done")
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator(".hn-set")).to_contain_text("City Lahore")


def _by_keyboard(page, url):
    sign_in(page, url, "office@example.org")
    page.goto(f"{url}/manage/trainees/?status=enrolled")
    check_page(page)
    page.get_by_role("columnheader", name="Name").get_by_role("link").press("Enter")
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")
    assert page.locator("[role=rowheader]").first.inner_text() == "Arif Khan"
    columns = page.get_by_text("Columns", exact=True)
    columns.press("Enter")
    page.get_by_role("checkbox", name="Province").press("Space")
    page.keyboard.press("Escape")
    expect(page.locator(".hn-pop[open]")).to_have_count(0)
    expect(columns).to_be_focused()
    columns.press("Enter")
    page.locator(".hn-pop[open]").get_by_role("button", name="Show").press("Enter")
    expect(page.get_by_role("columnheader", name="Province")).to_be_visible()
    assert "search=" not in page.url
    page.get_by_role("checkbox", name="Choose every row of this page").press("Space")
    expect(page.locator(".hn-chosen")).to_have_text("3 chosen")
    check_page(page)
    page.get_by_role("button", name="Choose nothing").press("Enter")
    expect(page.locator("#acts")).to_be_hidden()
    page.get_by_text("Save this view…").press("Enter")
    page.get_by_role("textbox", name="Name", exact=True).fill("Enrolled by name")
    page.locator(".hn-pop[open]").get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("link", name="Enrolled by name")).to_have_attribute("aria-current", "page")
    check_page(page)
