"""The verification page as an employer sees it: every state, both languages, dark; a file compared, not sent."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_walk import check_page
from tests.certificates.made import CONTENT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("worker")]
PREPARE = """
from datetime import date
from certificates.services.life import replace_certificate, revoke_certificate
from tests.certificates.made import finish, make_certificate
from tests.factories import LATER
valid = make_certificate("Zainab Malik")
expired = make_certificate("Bushra Awan", expires_on=date(2020, 12, 31))
revoked = make_certificate("Atif Iqbal")
revoke_certificate(certificate=revoked, reason="conduct", note="", by=None, at=LATER)
replaced = make_certificate("Saba Naz")
replace_certificate(certificate=replaced, note="", by=None, at=LATER)
finish(replaced.enrolment.cohort)
print(" ".join(each.code for each in (valid, expired, revoked, replaced)))
"""


@pytest.fixture
def site(installation):
    codes = installation.python(PREPARE).split()[-4:]
    installation.start("web")
    return installation.url, [*codes, "0000000000000000", "ABC"]


def test_every_state_reads_well_on_a_phone_in_the_dark_and_in_urdu(site, chromium):
    url, codes = site
    for options in ({"locale": "en-GB"}, {"locale": "ur-PK"}, {"locale": "en-GB", "color_scheme": "dark"}):
        context = chromium.new_context(viewport={"width": 390, "height": 844}, bypass_csp=True, **options)
        page = context.new_page()
        for code in codes:
            page.goto(f"{url}/c/{code}/")
            expect(page.locator("html")).to_have_attribute("dir", "rtl" if options["locale"] == "ur-PK" else "ltr")
            check_page(page)
        context.close()


def test_a_file_is_compared_in_the_browser_and_nothing_is_sent(site, desktop):
    url, [valid, *_others] = site
    desktop.goto(f"{url}/c/{valid}/")
    sent = []
    desktop.on("request", lambda request: sent.append(request.url))
    answer = desktop.locator("#drop [role=status]")

    desktop.set_input_files("#drop input", {"name": "c.pdf", "mimeType": "application/pdf", "buffer": CONTENT})
    expect(answer).to_have_text("The file is exactly the one that was issued.")
    desktop.set_input_files("#drop input", {"name": "c.pdf", "mimeType": "application/pdf", "buffer": CONTENT + b" "})
    expect(answer).to_contain_text("The file differs from the one that was issued.")

    assert [address for address in sent if "/static/" not in address] == []


def test_without_scripts_the_sum_is_compared_by_hand(site, chromium):
    url, [valid, *_others] = site
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{url}/c/{valid}/")

    expect(page.locator("#drop")).to_be_hidden()
    page.get_by_text("Compare the PDF by hand").click()
    expect(page.locator(".hn-byhand pre")).to_contain_text("sha256sum certificate.pdf")
    context.close()
