"""A place as a trainee with a phone gets it: register, confirm, wait, be offered one, accept, move."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.mails import read_confirmation_link, wait_for_mail
from tests.browser.test_walk import PASSWORD, TYPED, check_page, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.worker, pytest.mark.xdist_group("worker")]
PREPARE = f"""
from datetime import timedelta
from django.utils import timezone
from tests.factories import *
now = timezone.now()
full = make_cohort("AI-KHI-02", sessions=20, capacity=1, waitlist_limit=5, starts_at=now + timedelta(days=9))
make_cohort("AI-LHE-05", sessions=20, city="LHE", starts_at=now + timedelta(days=20))
holder = make_enrolment(full, make_trainee(full_name="Saba Naz", email="holder@example.org"), at=now)
holder.trainee.user.set_password("{PASSWORD}")
holder.trainee.user.save()
"""


def test_from_the_line_to_a_place(installation, chromium):
    installation.python(PREPARE)
    installation.start()
    url, folder = installation.url, installation.folder
    phone = chromium.new_context(viewport={"width": 390, "height": 844}, bypass_csp=True).new_page()

    _join_the_line(phone, url)
    _confirm_and_wait(phone, url, folder)
    other = chromium.new_context(viewport={"width": 390, "height": 844}, bypass_csp=True).new_page()
    _give_back(other, url)
    _accept(phone, url, folder)
    _move(phone)


def _join_the_line(page, url):
    page.goto(f"{url}/cohorts/AI-KHI-02/register/")
    expect(page.locator("body")).to_contain_text("You would be number 1 of at most 5")
    for name, value in TYPED.items():
        page.fill(f"[name={name}]", value)
    page.check("[name=gender][value=F]")
    page.check("[name=category][value=graduate]")
    page.select_option("[name=province]", "PB")
    page.check("[name=consent]")
    page.get_by_role("button", name="Join the waiting list").click()
    page.wait_for_url("**/registered/")
    expect(page.locator("body")).to_contain_text("You are number 1 in line")


def _confirm_and_wait(page, url, folder):
    sign_in(page, url, TYPED["email"])  # before confirming: allowed, with a notice
    expect(page.locator("body")).to_contain_text("until then no place can be offered to you")
    check_page(page)
    page.goto(read_confirmation_link(folder, TYPED["email"]))
    page.get_by_role("button", name="Confirm this address").click()
    expect(page.locator("body")).to_contain_text("You are number 1 in line")
    check_page(page)
    page.get_by_role("link", name="My page").last.click()
    expect(page.locator("body")).to_contain_text("Number 1")
    expect(page.locator("body")).not_to_contain_text("Confirm your address")
    check_page(page)


def _give_back(page, url):
    sign_in(page, url, "holder@example.org")
    page.get_by_text("Give my place back").click()
    page.get_by_role("button", name="Yes, give it back").click()
    expect(page.locator("body")).to_contain_text("You have left AI-KHI-02")


def _accept(page, url, folder):
    assert "It is kept for you until" in wait_for_mail(folder, TYPED["email"], "is offered to you")
    page.goto(f"{url}/me/")
    expect(page.locator(".hn-offer-left")).to_have_text(re.compile(r"1 day 23 hours left|2 days left"))
    check_page(page)
    page.get_by_role("button", name="Accept the place").click()
    expect(page.locator("body")).to_contain_text("You have a place in AI-KHI-02")
    expect(page.locator("body")).to_contain_text("Next session")
    check_page(page)


def _move(page):
    page.get_by_role("link", name="Move to another cohort").click()
    check_page(page)
    page.get_by_role("button", name="Move to AI-LHE-05").click()
    expect(page.locator("body")).to_contain_text("You have moved to AI-LHE-05")
    check_page(page)
