"""The picture that goes with a shared link: the printed facts, no verdict, nothing else of the person."""

import io

import pytest
from django.urls import reverse
from PIL import Image

from certificates.models import Certificate
from certificates.pdf.preview import draw_preview
from certificates.rules import Printed
from certificates.services.life import revoke_certificate
from tests.certificates.made import make_certificate
from tests.factories import LATER

FACTS = {
    "code": "SECRETCODE",
    "serial": "SECRET-SERIAL",
    "verify_url": "http://testserver/c/SECRETCODE/",
    "programme": "Training in Emerging Technologies",
    "organisation": "Software Export Board",
    "course": "Artificial Intelligence and Machine Learning",
    "course_code": "AI",
    "cohort": "AI-ONL-01",
    "contact_hours": 120,
    "starts_on": "2020-05-04",
    "ends_on": "2020-07-15",
    "issued_on": "2020-07-20",
}
NAMES = [
    ("Ali", ""),
    ("Zainab Noor Malik", "زینب نور ملک"),
    ("W" * 120, "محمد عبدالرحمن صدیقی الفاروقی " * 4),
    ("<b>{{ 7*7 }}</b> ﷽ 🎓", "\u202e\u0301"),
    ("", ""),
]


def draw(name, name_ur):
    return draw_preview(Printed(name=name, name_ur=name_ur, **FACTS))


@pytest.mark.parametrize(("name", "name_ur"), NAMES)
def test_any_name_stays_inside_the_frame_of_a_small_file(name, name_ur):
    content = draw(name, name_ur)
    image = Image.open(io.BytesIO(content)).convert("RGB")

    assert image.size == (1200, 630)
    assert len(content) < 40_000
    without = Image.open(io.BytesIO(draw("", ""))).convert("RGB")
    edges = [(0, 0, 100, 630), (1100, 0, 1200, 630), (0, 0, 1200, 240), (0, 460, 1200, 630)]
    assert [box for box in edges if image.crop(box).tobytes() != without.crop(box).tobytes()] == []


def test_the_name_is_drawn_and_equal_facts_give_equal_bytes():
    assert draw("Ali Khan", "") == draw("Ali Khan", "")
    assert draw("Ali Khan", "") != draw("Saba Naz", "")
    assert draw("Ali Khan", "علی خان") != draw("Ali Khan", "")


def test_the_file_carries_no_words_beside_the_picture():
    content = draw("Zainab Noor Malik", "زینب نور ملک")

    assert Image.open(io.BytesIO(content)).info == {}
    for hidden in (b"SECRET", b"Zainab", b"tEXt", b"iTXt", b"eXIf"):
        assert hidden not in content


@pytest.mark.django_db
def test_a_valid_page_names_its_picture_and_a_revoked_one_has_none(client, settings):
    certificate = make_certificate("Zainab Malik")
    certificate.picture_path.write_bytes(draw("Zainab Malik", ""))
    address = reverse("verify_picture", args=[certificate.code, 1])

    page = client.get(reverse("verify", args=[certificate.code])).content.decode()
    picture = client.get(address)
    revoke_certificate(certificate=certificate, reason="error", note="", by=None, at=LATER)
    after = client.get(reverse("verify", args=[certificate.code])).content.decode()

    assert f'<meta property="og:image" content="{settings.SITE_URL}{address}">' in page
    assert '<meta property="og:title" content="Zainab Malik: Course AI">' in page
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")
    assert "og:" not in after
    assert client.get(address).status_code == 404
    assert Certificate.objects.get().picture_path.exists()
