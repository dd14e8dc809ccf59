"""Text by WeasyPrint, frame and QR code as prepared operators, joined in one reproducible PDF.

Everything that is the same for all certificates is made once per worker by `Engine()`: fonts, style sheet,
frame. WeasyPrint is imported there and nowhere else, so that the web process never carries it.
"""

import os
import zlib
from html import escape
from pathlib import Path
from typing import Any

import segno
from django.conf import settings

from certificates.pdf import art
from certificates.rules import FONTS, Printed, day_text, fit_name, period

QR_SIZE, QR_BOTTOM = 68.0, 88.0
SIGNATURES = (112.0, art.WIDTH - 112 - 176)  # left edges of the two signature lines

CSS = """
@page { size: 841.89pt 595.28pt; margin: 0 }
body { margin: 0; font-family: "EB Garamond"; color: #1c2622; text-align: center }
div { position: absolute; left: 60pt; width: 721.89pt }
.programme { top: 118pt; font-size: 11pt; color: #0f4a38; text-transform: uppercase; letter-spacing: 1.2pt }
h1 { position: absolute; left: 60pt; width: 721.89pt; top: 140pt; margin: 0; font: 600 29pt Cinzel; color: #0f4a38 }
.certify { top: 190pt; font-size: 14pt; font-style: italic }
.name { top: 219pt; height: 60pt; font-weight: 600; color: #7d5b12; line-height: 1.15 }
.name span { display: block }
.urdu { top: 262pt; font: 19pt/2.2 "Noto Nastaliq Urdu"; color: #0f4a38; direction: rtl }
.done { top: 318pt; font-size: 13.5pt }
.course { top: 338pt; font-size: 20pt; font-weight: 600; color: #0f4a38 }
.facts { top: 370pt; font-size: 12.5pt }
.signed { top: 448pt; width: 176pt; border-top: 0.7pt solid #b88c33; padding-top: 4pt; font-size: 11pt }
.signed small { display: block; font-size: 9.5pt; color: #4a5a52 }
.serial { top: 517pt; font-size: 10pt }
.verify { top: 531pt; font-size: 8.5pt; color: #4a5a52 }
"""
FONTS_CONF = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


class FetchRefused(Exception):
    """A page asked for something outside; nothing may (R62)."""


def prepare_fonts() -> None:
    """Name the private font folder before WeasyPrint is imported: the same bytes on every machine."""
    folder = Path(settings.DATA_DIR) / "fonts"
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "fonts.conf"
    content = FONTS_CONF.format(fonts=escape(str(FONTS)), cache=escape(str(folder / "cache")))
    if not config.exists() or config.read_text() != content:
        temporary = config.with_suffix(f".{os.getpid()}")
        temporary.write_text(content)
        temporary.replace(config)
    os.environ["FONTCONFIG_FILE"] = str(config)


class Engine:
    """Draws certificates; make one per process."""

    def __init__(self) -> None:
        prepare_fonts()
        import pydyf  # noqa: PLC0415 - WeasyPrint stays out of the web process
        import weasyprint  # noqa: PLC0415
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
        from weasyprint.urls import URLFetcher  # noqa: PLC0415

        class RefusingFetcher(URLFetcher):
            def fetch(self, url: str, headers: Any = None) -> Any:
                raise FetchRefused(url[:60])

        self._pydyf = pydyf
        self._weasyprint = weasyprint
        self._fetcher = RefusingFetcher(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self._fonts = FontConfiguration()
        self._style = weasyprint.CSS(string=CSS, font_config=self._fonts, url_fetcher=self._fetcher)
        self._frame = zlib.compress(art.frame(), 9)

    def draw(self, printed: Printed) -> bytes:
        """Return the PDF of one certificate: one page, the same bytes for the same facts."""
        page = self._weasyprint.HTML(string=compose(printed), url_fetcher=self._fetcher)
        document = page.render(font_config=self._fonts, stylesheets=[self._style])
        if len(document.pages) != 1:
            raise ValueError("a certificate has one page")
        return document.write_pdf(finisher=lambda _document, pdf: self._finish(pdf, printed))

    def _finish(self, pdf: Any, printed: Printed) -> None:
        """Put the frame, the signatures and the QR code under the text, as an artifact of the page."""
        pydyf = self._pydyf
        form = pydyf.Stream(
            [self._frame],
            extra={
                "Type": "/XObject",
                "Subtype": "/Form",
                "BBox": pydyf.Array([0, 0, art.WIDTH, art.HEIGHT]),
                "Filter": "/FlateDecode",
            },
        )
        pdf.add_object(form)
        marks = [
            art.signature(each["signature"], x + 8, 196)
            for each, x in zip(printed.signatories, SIGNATURES, strict=False)
        ]
        code = segno.make_qr(printed.verify_url, error="m", mask=2, boost_error=False)
        marks.append(art.qr(code.matrix, (art.WIDTH - QR_SIZE) / 2, QR_BOTTOM, QR_SIZE))
        under = " ".join(["/Artifact BMC q /HunarFrame Do Q q", *marks, "Q EMC"]).encode("ascii")
        stream = pydyf.Stream([under], compress=True)
        pdf.add_object(stream)
        page = next(each for each in pdf.objects if isinstance(each, pydyf.Dictionary) and each.get("Type") == "/Page")
        page["Contents"] = pydyf.Array([stream.reference, page["Contents"]])
        resources = _object_of(pdf, page["Resources"])
        resources.setdefault("XObject", pydyf.Dictionary({}))["HunarFrame"] = form.reference


def _object_of(pdf: Any, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]


def compose(printed: Printed) -> str:
    """Return the page's text as HTML; every fact is escaped, none is markup."""
    size, lines = fit_name(printed.name)
    name = "".join(f"<span>{escape(line)}</span>" for line in lines)
    top = 219 + (30 - size) * 0.6
    urdu = f'<div class="urdu" lang="ur" dir="rtl">{escape(printed.name_ur)}</div>' if printed.name_ur else ""
    signed = "".join(
        f'<div class="signed" style="left: {left}pt">{escape(each["name"])}<small>{escape(each["title"])}</small></div>'
        for each, left in zip(printed.signatories, SIGNATURES, strict=False)
    )
    facts = f"Cohort {printed.cohort} · {period(printed)} · {printed.contact_hours} contact hours"
    short_url = printed.verify_url.split("://", 1)[-1]
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>Certificate {escape(printed.serial)}</title>
<meta name="author" content="{escape(printed.organisation)}"><meta name="dcterms.created" content="{printed.issued_on}">
<meta name="dcterms.modified" content="{printed.issued_on}"></head><body>
<div class="programme">{escape(printed.programme)}</div><h1>Certificate of Completion</h1>
<div class="certify">This is to certify that</div>
<div class="name" style="font-size: {size}pt; top: {top}pt">{name}</div>{urdu}
<div class="done">has successfully completed the course</div><div class="course">{escape(printed.course)}</div>
<div class="facts">{escape(facts)}</div>{signed}
<div class="serial">Certificate {escape(printed.serial)} · issued {escape(day_text(printed.issued_on))}</div>
<div class="verify">Verify at {escape(short_url)}</div></body></html>"""
