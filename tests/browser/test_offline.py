"""The register without a network, and two instructors at once, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_walk import PASSWORD, check_page, sign_in

pytestmark = pytest.mark.browser
PREPARE = f"""
from datetime import timedelta
from django.utils import timezone
from tests.factories import *
now = timezone.now()
cohort = make_cohort("AI-ONL-22", sessions=3, starts_at=(now - timedelta(hours=1)).replace(microsecond=0))
for name in ("Ali Khan", "Bano Bibi", "Danish Baig", "Hina Malik", "Saba Naz"):
    make_enrolment(cohort, make_trainee(full_name=name))
for email in ("hira@example.org", "babar@example.org"):
    user = make_instructor(cohort)
    user.email = email
    user.set_password("{PASSWORD}")
    user.save()
"""
LEDGER = """
from cohorts.models import AttendanceChange
for line in AttendanceChange.objects.order_by("id").select_related("enrolment__trainee"):
    print(line.enrolment.trainee.full_name, line.new_status, line.channel, line.at < line.received_at, sep=",")
"""
KEPT = """async () => {
  const kept = await (await caches.open("hunar-teach")).match(location.pathname);
  return kept && (await kept.text()).includes('value="present" checked');
}"""


def choose(page, name, status):
    page.get_by_role("group", name=name).locator(f"input[type=radio][value={status}]").check(force=True)


def save(page):
    page.get_by_role("button", name="Save", exact=True).click()


def test_marks_survive_a_dead_line_and_a_closed_browser(installation, chromium):
    installation.python(PREPARE)
    installation.start("web")
    url = installation.url
    context = chromium.new_context(viewport={"width": 390, "height": 844}, bypass_csp=True)
    sent = []
    context.on("request", lambda each: sent.append(each.post_data_json["marks"]) if each.method == "PUT" else None)
    page = context.new_page()
    sign_in(page, url, "hira@example.org")
    expect(page.locator("[data-sent]")).to_contain_text("All sent")
    page.get_by_role("link", name="Open the register").click()
    page.evaluate("navigator.serviceWorker.ready")
    choose(page, "Ali Khan", "present")
    save(page)
    expect(page.locator("[data-note-good]")).to_contain_text("Marks changed: 1")
    page.wait_for_function(KEPT)

    context.set_offline(True)
    choose(page, "Bano Bibi", "absent")
    choose(page, "Danish Baig", "late")
    page.get_by_role("group", name="Danish Baig").locator(".hn-late").fill("20")
    page.get_by_role("group", name="Danish Baig").locator(".hn-late").blur()
    save(page)
    expect(page.locator("[data-offline]")).to_contain_text("Marks: 2")
    page.reload()
    expect(page.locator("[data-count=present]")).to_have_text("1")
    expect(page.locator("[data-count=late]")).to_have_text("1")
    expect(page.locator("[data-unsent]")).to_contain_text("2 not sent")
    check_page(page)
    address = page.url
    page.close()
    page = context.new_page()
    page.goto(address)
    expect(page.locator("[data-count=absent]")).to_have_text("1")
    choose(page, "Hina Malik", "present")
    expect(page.locator("[data-unsent]")).to_contain_text("3 not sent")

    context.set_offline(False)
    expect(page.locator("[data-note-good]")).to_contain_text("Marks changed: 3")
    page.reload()
    expect(page.locator("[data-count='']")).to_have_text("1")
    expect(page.locator("[data-unsent]")).to_be_hidden()
    arrived = [marks for marks in sent if marks]
    assert len(arrived[0]) == 1
    keys = {mark["key"]: mark["status"] for marks in arrived for mark in marks}
    assert sorted(keys.values()) == ["absent", "late", "present", "present"]
    assert installation.python(LEDGER).strip().splitlines() == [
        "Ali Khan,present,api,True",
        "Bano Bibi,absent,api,True",
        "Danish Baig,late,api,True",
        "Hina Malik,present,api,True",
    ]

    for path in ("cohorts/", "requests/", "warnings/", ""):
        page.goto(f"{url}/teach/{path}")
        check_page(page)
    page.locator(".hn-menu summary").click()
    page.locator(".hn-menu").get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{url}/")
    page.wait_for_function("caches.keys().then((names) => names.length === 0)")
    page.wait_for_function("indexedDB.databases().then((kept) => kept.length === 0)")
    page.evaluate("caches.open('hunar-teach').then((cache) => cache.put('/teach/', new Response('names')))")
    page.goto(f"{url}/accounts/login/")  # a session that ran out: the next person may be another one
    page.wait_for_function("caches.keys().then((names) => names.length === 0)")
    context.close()


def test_two_instructors_at_once_lose_nothing(installation, chromium):
    """R9: what does not clash is merged, what does is shown and waits for a person."""
    installation.python(PREPARE)
    installation.start("web")
    pages = []
    for email in ("hira@example.org", "babar@example.org"):
        page = chromium.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True).new_page()
        sign_in(page, installation.url, email)
        page.get_by_role("link", name="Open the register").click()
        page.wait_for_url("**/teach/sessions/*/")
        pages.append(page)
    hira, babar = pages

    choose(hira, "Ali Khan", "present")
    choose(hira, "Bano Bibi", "late")
    save(hira)
    expect(hira.locator("[data-note-good]")).to_be_visible()
    babar.get_by_role("group", name="Bano Bibi").locator("input:checked").focus()
    babar.keyboard.press("a")
    babar.keyboard.press("p")
    babar.keyboard.press("e")
    babar.keyboard.press("z")
    save(babar)

    expect(babar.locator("[data-refused]")).to_contain_text("Somebody else marked the same people")
    clash = babar.get_by_role("group", name="Bano Bibi")
    expect(clash.locator("[data-clash]")).to_contain_text("Others saved Late")
    expect(babar.get_by_role("group", name="Ali Khan").locator("input[type=radio][value=present]")).to_be_checked()
    expect(babar.locator("[data-count=present]")).to_have_text("2")
    check_page(babar)
    clash.get_by_role("button", name="Keep mine").click()
    save(babar)
    expect(babar.locator("[data-note-good]")).to_be_visible()
    hira.reload()
    expect(hira.locator("[data-count=absent]")).to_have_text("1")
    expect(hira.locator("[data-count=present]")).to_have_text("2")
    lines = installation.python(LEDGER).strip().splitlines()
    assert [line.rsplit(",", 2)[0] for line in lines] == [
        "Ali Khan,present",
        "Bano Bibi,late",
        "Danish Baig,present",
        "Bano Bibi,absent",
    ]
    for page in pages:
        page.context.close()
