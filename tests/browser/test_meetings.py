"""A meeting report in the browser: a large file read by the worker, a label settled by one key, marks written."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_walk import PASSWORD, check_page, sign_in
from tests.cohorts.meetings.files import table

pytestmark = [pytest.mark.browser, pytest.mark.worker, pytest.mark.xdist_group("worker")]
PREPARE = f"""
from tests.factories import *
cohort = make_cohort("AI-ONL-01", sessions=2)
for name in ("Saba Naz", "Ali Khan", "Hina Malik"):
    make_enrolment(cohort, make_trainee(full_name=name))
instructor = make_instructor(cohort)
instructor.email = "instructor@example.org"
instructor.set_password("{PASSWORD}")
instructor.save()
"""


def large_report():
    """Return a report of more than two megabytes: Ali comes and goes all morning, "saba" stays for an hour."""
    rows = [["Name (Original Name)", "User Email", "Join Time", "Leave Time", "Duration (Minutes)", "Guest", "Note"]]
    rows += [["saba", "", "05/04/2020 10:00:00 AM", "05/04/2020 11:00:00 AM", 60, "Yes", ""]]
    for n in range(24_000):
        minute, second = n // 60 % 60, n % 60
        times = [f"05/04/2020 10:{minute:02d}:{second:02d} AM", f"05/04/2020 11:{minute:02d}:{second:02d} AM"]
        rows.append(["Ali Khan", "", *times, 60, "Yes", "x" * 40])
    return table(rows).encode()


def test_a_large_report_from_upload_to_marks(installation, chromium, tmp_path):
    installation.python(PREPARE)
    installation.start()
    path = tmp_path / "participants.csv"
    path.write_bytes(large_report())
    assert path.stat().st_size > 2 << 20
    page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
    sign_in(page, installation.url, "instructor@example.org")

    page.goto(f"{installation.url}/teach/sessions/1/report/")
    check_page(page)
    page.set_input_files("input[name=files]", str(path))
    page.click("text=Read and show")
    expect(page.locator("h2", has_text="Who is")).to_contain_text(
        "saba", timeout=180_000
    )  # the page comes anew by itself
    check_page(page)
    expect(page.locator("#write button")).to_contain_text("Write 2 marks, leave 1 unmarked")

    page.click("[aria-label='Change: Time zone']")
    expect(page.locator("#id_time_zone")).to_be_visible()
    check_page(page)
    page.fill("#id_time_zone", "UTC")
    page.click("button:has-text('Read again')")
    expect(page.locator(".hn-mtfacts")).to_contain_text("settled by you", timeout=180_000)
    expect(page.locator("main")).to_contain_text("Nobody was met in this session")
    page.goto(f"{installation.url}/teach/sessions/1/report/?change=1#settle")
    page.click("button:has-text('Find out everything again')")
    expect(page.locator("#write button")).to_contain_text("Write 2 marks, leave 1 unmarked", timeout=180_000)

    page.keyboard.press("1")
    expect(page.locator(".hn-mttabs [aria-current]")).to_contain_text("Found 2")
    page.click("#write button")
    expect(page.locator("main")).to_contain_text("Written: 3 new marks")
    check_page(page)

    page.set_viewport_size({"width": 390, "height": 844})
    for tab in ("found", "unmet"):
        page.goto(f"{installation.url}/teach/sessions/1/report/?tab={tab}")
        check_page(page)
    page.goto(f"{installation.url}/teach/sessions/1/")
    expect(page.locator("[data-count=present]")).to_have_text("2")
