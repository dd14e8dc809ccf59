"""The file: true to its facts, safe against its fields, reproducible, accessible, signed whole (R53, R62-R64)."""

import io
import re
import subprocess
import tempfile
from pathlib import Path

import pdfua
import pytest
from asn1crypto import cms, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from certificates.credential import keys
from certificates.pdf import art
from certificates.pdf.design import Design, check_design, shipped
from certificates.pdf.engine import Engine
from certificates.pdf.markup import FIELDS
from certificates.pdf.seal import NoRoom
from certificates.rules import fit_name, width_of
from tests.certificates.test_certificates import example
from tests.factories import LATER

NAMES = [
    "A",
    "Ali",
    "Muhammad Abdul Rehman Siddiqui Al-Farooqi Ibn-e-Khaldun Bahadur Khan",
    "W" * 60,
    "Ali" * 100,
    "{{ 7*7 }} {% load x %} ${7*7} #{7}",
    "<img src='file:///etc/passwd'> & \"Co\"",
    "Zoë Ñandú Łukasz Öztürk",
    "A\u0301li Kha\u0303n",
    *(("Abdul Rehman Siddiqui " * 20)[:length].strip() for length in (2, 25, 80, 120, 121, 150, 200, 250, 300)),
    "a" * 300,
    "Ab " * 100,
]
FETCHES = [
    "<img src='file:///etc/hostname'>",
    "<img srcset='http://127.0.0.1:1/x.png 2x'>",
    "<link rel=attachment href='file:///etc/hostname'>",
    "<link rel=stylesheet href='http://127.0.0.1:1/x.css'>",
    "<style>@import 'http://127.0.0.1:1/x.css';</style>",
    "<style>body{background:url(file:///etc/passwd)}</style>",
    "<style>@font-face{font-family:x;src:url(http://127.0.0.1:1/x)}</style>",
    "</div><object data='file:///etc/passwd'></object>",
    "<embed src='file:///etc/passwd'>",
    "<iframe src='http://127.0.0.1:1/'></iframe>",
    "<a rel=attachment href='file:///etc/passwd'>x</a>",
    "<svg><image href='file:///etc/passwd'/></svg>",
    "<svg><use href='http://127.0.0.1:1/x.svg#a'/></svg>",
    "<base href='http://127.0.0.1:1/'>",
    "<script src='http://127.0.0.1:1/x.js'></script>",
    "<video poster='http://127.0.0.1:1/x'></video>",
    "<p style='list-style:url(file:///etc/passwd)'>",
    "url(file:///etc/passwd) attr(href url)",
]


@pytest.fixture(scope="module")
def engine():
    return Engine()


@pytest.fixture(scope="module")
def sealer():
    with tempfile.TemporaryDirectory() as folder:
        root = keys.make_root(Path(folder), "root", host="example.org", at=LATER)
        keys.make_document_key(Path(folder), "file", root=root, root_name="root", host="example.org", at=LATER)
        sealer = keys.load_sealer(Path(folder), "file")
        sealer.root = root
        return sealer


def draw(engine, printed, credential="{}", room=100):
    return engine.draw(printed, credential, shipped(), at=LATER, room=room)


def run(*command):
    return subprocess.run([str(each) for each in command], capture_output=True, text=True).stdout


def words_outside_the_frame(path):
    """Return the words that touch the frame or leave the page."""
    word = r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>'
    boxes = [(*map(float, each[:4]), each[4]) for each in re.findall(word, run("pdftotext", "-bbox", path, "-"))]
    return [
        text
        for left, top, right, bottom, text in boxes
        if left < 36 or top < 36 or right > art.WIDTH - 36 or bottom > art.HEIGHT - 30
    ]


def test_equal_facts_give_equal_bytes_and_a_readable_code(engine, tmp_path):
    printed = example("Saba Naz", name_ur="صبا ناز")

    content = draw(engine, printed)

    assert content == draw(Engine(), printed)
    path = tmp_path / "c.pdf"
    path.write_bytes(content)
    for resolution in ("110", "150"):
        subprocess.run(["pdftoppm", "-r", resolution, "-png", path, tmp_path / resolution], check=True)
        assert run("zbarimg", "-q", tmp_path / f"{resolution}-1.png").strip() == f"QR-Code:{printed.verify_url}"


def test_the_file_says_what_it_is_and_carries_its_credential(engine, tmp_path):
    path = tmp_path / "c.pdf"
    printed = example("Saba <Naz>", name_ur="صبا ناز", course="Data & Cloud")
    path.write_bytes(draw(engine, printed, '{"a": "یہ"}'))

    raw = path.read_bytes().decode("utf-8", "replace")
    assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>" in raw
    assert '<rdf:li xml:lang="ur">صبا ناز</rdf:li>' in raw
    info = run("pdfinfo", path)
    assert "Title:           Certificate of Completion: Saba <Naz>, Data & Cloud" in info
    assert "Tagged:          yes" in info
    subprocess.run(["pdfdetach", "-saveall", "-o", tmp_path, path], check=True)
    assert (tmp_path / "credential.json").read_text() == '{"a": "یہ"}'
    plain = tmp_path / "plain.pdf"
    subprocess.run(["qpdf", "--qdf", "--object-streams=disable", path, plain], check=True)
    parts = plain.read_bytes().decode("latin-1")
    assert parts.count("/AFRelationship /Data") == 1
    assert "/Lang <feff" in parts.lower() or "/Lang (ur)" in parts
    assert "/ActualText <feff" in parts.lower().replace("actualtext", "ActualText")
    assert "/Outlines" not in parts
    assert "صبا" in bytes.fromhex(re.search(r"/ActualText <feff([0-9a-f]+)>", parts)[1]).decode("utf-16-be")


def test_nothing_is_found_against_accessibility_and_structure(engine, sealer, tmp_path):
    path = tmp_path / "c.pdf"
    path.write_bytes(sealer.sign(draw(engine, example("Saba Naz", name_ur="صبا ناز"), room=sealer.room), at=LATER))

    assert list(pdfua.validate(path).findings) == []
    assert subprocess.run(["qpdf", "--check", path], capture_output=True).returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_any_name_stays_on_one_page_inside_the_frame_as_typed(engine, tmp_path, name):
    size, lines = fit_name(name)
    assert all(width_of(line, size) <= 601 for line in lines)

    path = tmp_path / "c.pdf"
    path.write_bytes(
        draw(engine, example(name, name_ur="محمد عبدالرحمٰن صدیقی الفاروقی ابن خلدون" * 3, course=name[:200]))
    )

    assert "".join(name.split()) in "".join(run("pdftotext", path, "-").split())
    assert "Pages:           1\n" in run("pdfinfo", path)
    assert words_outside_the_frame(path) == []


@pytest.mark.parametrize("payload", FETCHES)
def test_no_printed_field_can_fetch_anything(engine, tmp_path, payload):
    fields = dict.fromkeys(("course", "organisation", "programme", "cohort", "serial", "name_ur"), payload)
    people = [{"name": payload, "title": payload, "signature": ""}] * 2
    path = tmp_path / "c.pdf"

    path.write_bytes(draw(engine, example(payload, **fields, signatories=people)))

    assert run("pdfdetach", "-list", path).startswith("1 embedded files")
    text = "".join(run("pdftotext", path, "-").split())
    assert text.count("".join(payload.split())) >= 3
    assert "Pages:           1\n" in run("pdfinfo", path)
    assert words_outside_the_frame(path) == []


PARAGRAPH, QR = "<div>{{ %s | fit 500 4 3 %s }}</div>", '<div id="qr"></div>'
EVERY_FIELD = Design(
    "every-field",
    "<h1>x</h1>" + "".join(PARAGRAPH % (name, "urdu" if name == "name_ur" else "regular") for name in FIELDS) + QR,
    "h1 { margin: 60pt 0 0 60pt } div { line-height: 1; padding: 0 60pt } "
    "#qr { position: absolute; left: 60pt; top: 500pt; width: 60pt; padding: 0 }",
)


@pytest.mark.parametrize("payload", FETCHES)
def test_no_field_of_a_designer_can_fetch_anything(engine, tmp_path, payload):
    texts = ("course", "organisation", "programme", "cohort", "serial", "name_ur", "course_code")
    people = [{"name": payload, "title": payload, "signature": payload}] * 2
    path = tmp_path / "c.pdf"
    printed = example(payload, **dict.fromkeys(texts, payload), signatories=people)

    path.write_bytes(engine.draw(printed, "{}", EVERY_FIELD, at=LATER, room=2))

    assert check_design(EVERY_FIELD.markup, EVERY_FIELD.style) == []
    assert run("pdfdetach", "-list", path).startswith("1 embedded files")
    assert run("pdfimages", "-list", path).count("\n") == 2  # its head alone
    text = "".join(run("pdftotext", path, "-").split())
    assert text.count("".join(payload.split())) >= 11
    assert "Pages:           1\n" in run("pdfinfo", path)
    assert words_outside_the_frame(path) == []


@pytest.mark.parametrize("name", ["W" * 120, "Professor Dr. Syed Muhammad Abdul Qadir Jilani Bukhari " * 2])
def test_who_signs_stays_in_the_own_place(engine, tmp_path, name):
    people = [{"name": name[:120].strip(), "title": name[:120].strip(), "signature": ""}] * 2
    path = tmp_path / "c.pdf"

    path.write_bytes(draw(engine, example("Ali Khan", cohort="W" * 30, signatories=people)))

    word = r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">'
    boxes = [tuple(map(float, each)) for each in re.findall(word, run("pdftotext", "-bbox", path, "-"))]
    signed = [(left, right) for left, top, right, _bottom in boxes if 448 < top < 500]
    assert signed
    assert all(111 < left < right < 289 or 553 < left < right < 731 for left, right in signed)
    assert words_outside_the_frame(path) == []


def test_the_signature_covers_all_and_every_changed_bit_is_noticed(engine, sealer, tmp_path):
    path = tmp_path / "c.pdf"
    content = sealer.sign(draw(engine, example("Saba Naz"), room=sealer.room), at=LATER)
    path.write_bytes(content)
    verdict = run("pdfsig", "-nocert", path)
    assert "Total document signed" in verdict
    assert "Signature is Valid" in verdict
    assert "ETSI.CAdES.detached" in verdict
    assert is_trusted(content, sealer.root)

    for step, place in enumerate(places_to_change(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << step % 5  # bit 5 would only change the case of a hexadecimal digit
        path.write_bytes(changed)
        is_valid = "Signature is Valid" in run("pdfsig", "-nocert", path) and is_trusted(changed, sealer.root)
        assert not is_valid, (place, step % 5)


def places_to_change(content):
    """Yield places all over the file, and in the signature itself those of what is signed or signs.

    Beside that it holds the version numbers of its form, which no program compares with anything.
    """
    start, end = re.search(rb"/Contents <([0-9a-f]+)>", content).span(1)
    yield from (each for each in range(11, len(content), len(content) // 50) if not start <= each < end)
    made = cms.ContentInfo.load(bytes.fromhex(content[start:end].decode()))["content"]
    signer = made["signer_infos"][0]
    for part in (made["certificates"][0].chosen, signer["signed_attrs"], signer["signature"]):
        digits = part.contents.hex().encode()
        first = content.index(digits, start)
        yield from range(first, first + len(digits), len(digits) // 5)


def is_trusted(content, root):
    """Ask pyHanko, which also compares the certificate that is sent along with the one that was signed."""
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(pem.unarmor(root.encode())[2])], allow_fetching=False
    )
    try:
        [signature] = PdfFileReader(io.BytesIO(content)).embedded_signatures
        status = validate_pdf_signature(signature, context)
    except Exception:  # whatever it stumbles over, it does not say valid
        return False
    return status.valid and status.intact and status.trusted


def test_a_file_drawn_for_another_key_is_not_signed(engine, sealer):
    with pytest.raises(NoRoom):
        sealer.sign(draw(engine, example("Ali"), room=sealer.room - 2), at=LATER)
    with pytest.raises(NoRoom):
        sealer.sign(b"%PDF-1.7", at=LATER)
