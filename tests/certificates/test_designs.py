"""Designs as data in versions, who signs, and the pictures that people bring (R52, R61-R63)."""

import contextlib
import io
import random
import subprocess
import sys
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from PIL import Image

from certificates.models import Certificate, Signatory, Template
from certificates.pdf.design import SHIPPED, Design, check_design, shipped
from certificates.pdf.engine import Engine, FetchRefused
from certificates.pdf.pictures import BadPicture, accept_picture
from certificates.services.designs import (
    design_in_use,
    find_design,
    find_picture,
    save_design,
    save_signatory,
    signatories_of,
    use_design,
)
from certificates.services.issue import UnprintableFact, issue_certificates
from tests.certificates.test_certificates import closed_cohort, draw_all, example
from tests.factories import LATER, make_course, make_office, make_programme

pytestmark = pytest.mark.django_db


def png(size=(300, 100), mode="RGBA", kind="PNG"):
    made = io.BytesIO()
    Image.new(mode, size, (20, 40, 120, 128)[: len(mode)]).save(made, kind)
    return made.getvalue()


def noise():
    made = io.BytesIO()
    Image.frombytes("RGB", (100, 100), random.Random(2).randbytes(30_000)).save(made, "PNG")
    return made.getvalue()


def save(scope, design=None, logo=None):
    return save_design(scope=scope, design=design or shipped(), logo=logo, by=None, at=LATER)


def test_the_shipped_design_keeps_its_own_rules():
    assert check_design(shipped().markup, shipped().style) == []


@pytest.mark.parametrize(
    ("markup", "line", "words"),
    [
        ("{{ cnic }}", 1, "there is no field cnic"),
        ("\n\n{% if father %}x{% endif %}", 3, "there is no field father"),
        ("{{ name | fit 600 30 16 comic }}", 1, "there is no face comic"),
        ("{{ name_ur | fit 600 30 16 regular }}", 1, "measured in the face urdu"),
        ("{{ name | fit 600 30 16 urdu }}", 1, "measured in the face urdu"),
        ("{{ name.__class__ }}", 1, "not understood"),
        ("{% load static %}", 1, "not understood"),
        ("{% if name %}", 1, "not closed"),
        ("<img src='file:///etc/passwd'>", 1, "<img> is not allowed"),
        ("<script>x</script>", 1, "<script> is not allowed"),
        ("<p style='x'>", 1, "attribute style is not allowed"),
        ("<p onclick=x>", 1, "attribute onclick is not allowed"),
        ("<section>x</section>", 1, "<section> is not allowed"),
        ("<!-- x -->", 1, "is not allowed"),
        ("\n<div id={{name}}>x</div>", 2, "cannot stand inside the angle brackets"),
        ("<div class='{{ course }}'>x</div>", 1, "cannot stand inside the angle brackets"),
        ("<div {% if name %}id=x{% endif %}>x</div>", 1, "cannot stand inside the angle brackets"),
        ("<p>Certificate</p>\n<p>科学 &#9733;</p>", 2, "a letter that no face has: 科 学 ★"),
        ("<p>\u202etxet</p>", 1, "a letter that no face has"),
    ],
)
def test_a_wrong_page_is_refused_with_its_line(markup, line, words):
    problems = check_design(markup, "")

    assert any(each.line == line and words in each.text for each in problems), problems
    with pytest.raises(ValidationError, match="line "):
        save(make_programme(), Design("", markup, ""))


@pytest.mark.parametrize(
    "style",
    [
        "@import 'http://127.0.0.1:1/x.css';",
        "@font-face { src: url(x) }",
        "p { background: url(file:///etc/passwd) }",
        "p { background: u\\72l(file:///etc/passwd) }",
        "p { background: url( 'data:image/svg+xml,<svg/>') }",
        "p { content: element(x) }",
        "p { background: image-set('x.png' 1x) }",
    ],
)
def test_a_style_that_would_fetch_is_refused_and_would_not_fetch_anyway(style):
    assert check_design(shipped().markup, style)

    design = replace(shipped(), label="x", style=style)
    with contextlib.suppress(FetchRefused):
        drawn = Engine().draw(example("Ali"), "{}", design, at=LATER, room=2)
        assert drawn.count(b"/EmbeddedFile") == 1


def test_a_fetch_stops_the_drawing():
    design = replace(shipped(), label="x", style="div { background: url(file:///etc/passwd) }")

    with pytest.raises(FetchRefused):
        Engine().draw(example("Ali"), "{}", design, at=LATER, room=2)


def test_what_must_stand_on_a_certificate_is_missed():
    texts = " ".join(problem.text for problem in check_design("<p>{{ name }}</p>", ""))

    assert "field course is missing" in texts
    assert 'id="qr" is missing' in texts


def test_an_edit_makes_a_version_and_the_newest_in_use_of_the_nearest_is_taken():
    course = make_course()
    first, second = save(course.programme), save(course.programme)
    own = save(course)
    assert [each.version for each in (first, second, own)] == [1, 2, 1]
    assert design_in_use(course) == SHIPPED

    use_design(template=first, by=None, at=LATER)
    assert design_in_use(course) == first.label

    use_design(template=own, by=None, at=LATER)
    assert design_in_use(course) == own.label


def test_a_certificate_keeps_the_version_it_was_issued_with():
    cohort = closed_cohort("Ali Khan")
    changed = replace(shipped(), markup=shipped().markup.replace("has successfully completed", "has gladly finished"))
    template = save(cohort.course, changed)
    use_design(template=template, by=None, at=LATER)
    issue_certificates(cohort=cohort, by=None, at=LATER)
    use_design(template=save(cohort.course), by=None, at=LATER)

    draw_all()

    certificate = Certificate.objects.get()
    assert certificate.template_version == template.label
    text = subprocess.run(["pdftotext", certificate.path, "-"], capture_output=True, text=True).stdout
    assert "has gladly finished the course" in text


def test_a_page_that_grows_is_refused_instead_of_clipped():
    long = replace(shipped(), label="long", markup=shipped().markup + "<p>{{ programme }}</p>" * 90)

    with pytest.raises(ValueError, match="one page"):
        Engine().draw(example("Ali"), "{}", long, at=LATER, room=2)


def test_the_nearest_signatories_sign_with_their_pictures(tmp_path):
    course = make_course()
    for number, scope in enumerate([{}, {"programme": course.programme}, {"course": course}]):
        signatory = Signatory(name=f"Signer {number}", title="Director", position=1, **scope)
        save_signatory(signatory=signatory, picture=png() if number == 2 else None, by=None, at=LATER)
    [chosen] = signatories_of(course)
    assert (chosen["name"], set(chosen)) == ("Signer 2", {"name", "title", "picture"})

    logo = save(course, replace(shipped(), markup=shipped().markup + '<div id="logo"></div>'), logo=png((64, 64)))
    styled = replace(find_design(logo.label), style=shipped().style + "#logo { top: 60pt; height: 40pt }")
    engine = Engine(find_picture)
    content = engine.draw(example("Ali", signatories=[chosen]), "{}", styled, at=LATER, room=2)

    path = tmp_path / "c.pdf"
    path.write_bytes(content)
    images = subprocess.run(["pdfimages", "-list", path], capture_output=True, text=True).stdout
    assert [line.split()[2] for line in images.splitlines()[2:]] == ["image", "smask"] * 2
    with pytest.raises(ValidationError):
        save_signatory(
            signatory=Signatory(name="Two", title="x", position=1, course=course), picture=None, by=None, at=LATER
        )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>", "SVG"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (b"GIF89a" + b"\0" * 100, "not a PNG or JPEG"),
        (b"%PDF-1.7 no picture", "not a PNG or JPEG"),
        (noise()[:5000], "damaged"),
        (b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(500), "damaged"),
        (b"x" * 5_000_001, "5 MB"),
        (png((10, 10)), "smaller than 20"),
        (png((7000, 30), "RGB"), "larger than 6000"),
    ],
)
def test_a_false_or_huge_picture_is_refused_with_its_reason(content, words):
    with pytest.raises(BadPicture, match=words):
        accept_picture(content)


def test_a_picture_is_drawn_anew_without_what_came_with_it():
    made = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", (2000, 1500), "white").save(made, "JPEG", exif=exif)

    kept, _sum = accept_picture(made.getvalue())

    assert b"taken at home" not in kept
    assert Image.open(io.BytesIO(kept)).size == (800, 600)


def test_a_letter_that_no_face_has_stops_the_batch_before_it_begins():
    cohort = closed_cohort("Ali Khan")
    type(cohort.course).objects.update(title="Data 科学")

    with pytest.raises(UnprintableFact, match="科"):
        issue_certificates(cohort=cohort, by=None, at=LATER)
    assert not Certificate.objects.exists()


def test_the_office_keeps_previews_and_uses_a_design(client):
    course = make_course()
    client.force_login(make_office("Issuer"), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("design", args=[SHIPPED])).content.decode()
    assert "New design" in page
    values = {"scope": f"course-{course.pk}", "markup": "{{ cnic }}", "style": "", "frame": "on"}

    refused = client.post(reverse("design", args=[SHIPPED]), values)
    assert refused.status_code == 400
    assert "there is no field cnic" in refused.content.decode()

    values |= {"markup": shipped().markup, "style": shipped().style}
    kept = client.post(reverse("design", args=[SHIPPED]), values)
    template = Template.objects.get()
    assert kept.url == reverse("design", args=[template.label])
    client.post(reverse("design_use", args=[template.label]))
    assert design_in_use(course) == template.label
    assert client.get(reverse("designs")).status_code == 200
    code = "import django; django.setup(); import certificates.views.designs, sys; print('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"


def test_the_office_edits_who_signs(client):
    client.force_login(make_office("Issuer"), backend="django.contrib.auth.backends.ModelBackend")
    values = {"name": "Amna Rauf", "title": "Director", "position": 1}

    refused = client.post(reverse("signatory_new"), {**values, "image": io.BytesIO(b"<svg onload=x>" + b" " * 50)})
    assert "An SVG can load other files" in refused.content.decode()
    assert client.post(reverse("signatory_new"), {**values, "image": io.BytesIO(png())}).status_code == 302

    signatory = Signatory.objects.get()
    assert signatory.picture is not None
    assert client.post(reverse("signatory_remove", args=[signatory.pk])).status_code == 302
    assert not Signatory.objects.exists()


@pytest.mark.parametrize("case", ["longest", "english"])
def test_a_preview_is_drawn_by_a_process_of_its_own(installation, case):
    installation.python(
        "from tests.factories import *; from certificates.pdf.design import shipped;"
        "from certificates.services.designs import save_design;"
        "save_design(scope=make_course(), design=shipped(), logo=None, by=None, at=LATER)"
    )

    command = [sys.executable, "manage.py", "draw_design", "c1-1", "--case", case]
    done = subprocess.run(command, env=installation.environment, capture_output=True)

    assert done.stdout[:5] == b"%PDF-", done.stderr
