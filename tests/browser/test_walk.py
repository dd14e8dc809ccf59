"""The chain as its users walk it: register, mark on a phone, close, issue, watch, verify, revoke."""

import re
import subprocess

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.mails import read_confirmation_link

pytestmark = [pytest.mark.browser, pytest.mark.worker, pytest.mark.xdist_group("worker")]
PASSWORD = "three-unrelated-words"
PREPARE = f"""
from datetime import timedelta
from django.utils import timezone
from tests.factories import *
from cohorts.services.attendance import Mark, mark_attendance
now = timezone.now()
opened = make_cohort("AI-ONL-21", sessions=3, starts_at=(now + timedelta(days=9)).replace(microsecond=0))
running = make_cohort("AI-ONL-22", sessions=3, starts_at=(now - timedelta(hours=1)).replace(microsecond=0))
over = make_cohort("AI-ONL-01", sessions=2)
for cohort in (running, over):
    for name in ("Saba Naz", "Ali Khan", "Hina Malik"):
        make_enrolment(cohort, make_trainee(full_name=name))
for session in over.sessions.all():
    marks = [Mark(each.pk, "present") for each in over.enrolments.all()]
    mark_attendance(session=session, marks=marks, version=None, by=None, at=LATER)
instructor = make_instructor(running)
office = make_office()
for email, user in (("instructor@example.org", instructor), ("office@example.org", office)):
    user.email = email
    user.set_password("{PASSWORD}")
    user.save()
"""
TYPED = {
    "full_name": "Zainab Noor Malik",
    "father_or_husband_name": "Noor Ahmad",
    "cnic": "30000-1234567-6",
    "date_of_birth": "14/08/1997",
    "email": "zainab@example.org",
    "mobile": "0364 1234567",
    "district": "Lahore",
    "degree": "BS Computer Science",
    "graduation_year": "2019",
    "university": "University of the Punjab",
    "password": PASSWORD,
}


def sign_in(page, url, email):
    page.goto(f"{url}/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda address: "login" not in address)


def check_page(page):
    """No sideways scroll and nothing that axe finds."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]})
    problems = [(each["id"], each["nodes"][0]["html"][:120]) for each in found.response["violations"]]
    assert problems == [], (page.url, problems)


def test_the_whole_chain(installation, chromium, tmp_path):
    installation.python(PREPARE)
    installation.start()
    url = installation.url
    phone = chromium.new_context(viewport={"width": 390, "height": 844}, bypass_csp=True).new_page()
    desk = chromium.new_context(
        viewport={"width": 1280, "height": 900}, bypass_csp=True, accept_downloads=True
    ).new_page()

    _register(phone, url, installation.folder)
    _mark(phone, url)
    _close_and_issue(desk, url)
    _verify_and_revoke(desk, url, tmp_path)


def _register(page, url, folder):
    page.goto(url)
    check_page(page)
    page.goto(f"{url}/cohorts/AI-ONL-21/")
    check_page(page)
    page.get_by_role("link", name="Register").click()
    for name, value in {**TYPED, "cnic": "30000-123456-6"}.items():
        page.fill(f"[name={name}]", value)
    page.check("[name=gender][value=F]")
    page.check("[name=category][value=graduate]")
    page.select_option("[name=province]", "PB")
    page.check("[name=consent]")
    page.get_by_role("button", name="Register for AI-ONL-21").click()
    expect(page.locator("#errors")).to_contain_text("a CNIC has 13")
    assert page.input_value("[name=full_name]") == TYPED["full_name"]
    check_page(page)
    page.fill("[name=cnic]", TYPED["cnic"])
    page.get_by_role("button", name="Register for AI-ONL-21").click()
    page.wait_for_url("**/registered/")
    expect(page.locator("h1")).to_have_text("Check your mail")
    check_page(page)
    page.goto(read_confirmation_link(folder, TYPED["email"]))
    check_page(page)
    page.get_by_role("button", name="Confirm this address").click()
    expect(page.locator("h1")).to_have_text("Your address is confirmed")
    sign_in(page, url, TYPED["email"])
    page.wait_for_url("**/me/")
    expect(page.locator("h1")).to_contain_text("Assalam-o-alaikum, Zainab")
    expect(page.locator("body")).not_to_contain_text("Confirm your address")
    check_page(page)
    page.context.clear_cookies()


def _mark(page, url):
    sign_in(page, url, "instructor@example.org")
    check_page(page)
    page.get_by_role("link", name="Open the register").click()
    page.wait_for_url("**/teach/sessions/*/")
    check_page(page)
    page.get_by_role("button", name="All present").click()
    page.get_by_role("group", name="Hina Malik").locator("input[value=absent]").check(force=True)
    expect(page.locator("[data-count=present]")).to_have_text("2")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[data-offline]")).to_be_visible()
    expect(page.locator("[data-count=present]")).to_have_text("2")
    page.context.set_offline(False)
    expect(page.locator("body")).to_contain_text(re.compile(r"Saved \d\d:\d\d\. Marks changed: 3"))
    page.reload()
    expect(page.locator("[data-count=absent]")).to_have_text("1")
    page.context.clear_cookies()


def _close_and_issue(page, url):
    sign_in(page, url, "office@example.org")
    check_page(page)
    page.goto(f"{url}/manage/cohorts/AI-ONL-01/close/")
    page.get_by_role("button", name="Close AI-ONL-01").click()
    expect(page.locator("h1")).to_have_text("Issue certificates")
    check_page(page)
    page.get_by_role("button", name="Issue 3 certificates").click()
    expect(page.locator("#progress")).to_contain_text("Finished", timeout=180_000)
    expect(page.locator(".hn-issued")).to_have_text("3 of 3 issued")
    expect(page.get_by_role("link", name="Waiting 0")).to_be_visible()  # the list follows the card
    check_page(page)
    page.goto(f"{url}/manage/cohorts/AI-ONL-01/")
    check_page(page)


def _verify_and_revoke(page, url, folder):
    page.goto(f"{url}/manage/certificates/")
    page.get_by_role("link", name="Ali Khan").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    path = folder / "certificate.pdf"
    download.value.save_as(path)
    subprocess.run(["pdftoppm", "-r", "120", "-png", path, folder / "page"], check=True)
    scan = subprocess.run(["zbarimg", "-q", folder / "page-1.png"], capture_output=True, text=True).stdout
    address = scan.strip().removeprefix("QR-Code:")
    assert address.startswith(f"{url}/c/")
    page.goto(address)
    expect(page.locator("h1")).to_have_text("This certificate is valid")
    page.set_input_files("#drop input", path)
    expect(page.locator("#drop [role=status]")).to_contain_text("exactly the one")
    altered = folder / "altered.pdf"
    altered.write_bytes(path.read_bytes()[:-1] + b" ")
    page.set_input_files("#drop input", altered)
    expect(page.locator("#drop [role=status]")).to_contain_text("differs from the one")
    check_page(page)
    page.emulate_media(media="print")
    expect(page.locator(".hn-printonly")).to_contain_text(f"/c/{address.split('/')[-2]}/")
    expect(page.locator("#drop")).to_be_hidden()
    page.emulate_media(media="screen")
    page.go_back()
    page.get_by_role("link", name="Revoke…").click()
    page.select_option("[name=reason]", "error")
    page.get_by_role("button", name="Show what follows").click()
    check_page(page)
    page.get_by_role("button", name="Yes, revoke this certificate").click()
    page.goto(address)
    expect(page.locator("h1")).to_have_text("This certificate was revoked")
    check_page(page)
    _read_without_scripts(page, address)


def _read_without_scripts(page, address):
    context = page.context.browser.new_context(
        java_script_enabled=False, locale="ur", viewport={"width": 390, "height": 844}
    )
    plain = context.new_page()
    plain.goto(address)
    expect(plain.locator("html")).to_have_attribute("dir", "rtl")
    expect(plain.locator("h1")).to_be_visible()
    expect(plain.locator("#print")).to_be_hidden()
    context.close()
