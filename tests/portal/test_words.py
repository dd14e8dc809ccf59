"""The words of the house: every page says something, in both languages."""

import re

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("page", ["privacy", "help", "accessibility"])
def test_the_words_of_the_house_are_there_in_english_and_urdu(client, page):
    english = client.get(f"/{page}/").content.decode()
    client.cookies["django_language"] = "ur"
    urdu = client.get(f"/{page}/").content.decode()

    assert "_BODY_" not in english
    assert len(re.findall(r"<h2>", english)) >= 3
    spoken = urdu[urdu.index("<main") : urdu.index("</main>")]
    assert len(re.findall(r"[\u0600-\u06ff]", spoken)) > 400


def test_the_privacy_notice_says_what_is_done_with_a_cnic_and_how_long_things_are_kept(client):
    page = client.get("/privacy/").content.decode()

    assert "It is encrypted" in page
    assert "three years after your last course" in page
    assert 'href="/me/data/"' in page
