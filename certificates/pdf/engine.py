"""Text by WeasyPrint, frame, signatures and QR code as prepared operators, joined in one reproducible PDF.

Everything that is the same for all certificates is made once per worker: fonts, the compiled designs, the
frame, pictures. WeasyPrint is imported by `Engine()` and nowhere else, so that the web process never carries it.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import escape
from typing import Any

import segno

from certificates.pdf import art
from certificates.pdf.design import Design
from certificates.pdf.fonts import prepare_fonts
from certificates.pdf.markup import SIGNATORIES, Piece, compile_markup, fields_of
from certificates.pdf.pictures import Picture
from certificates.pdf.seal import leave_room
from certificates.pdf.stamp import Layouts
from certificates.pdf.xmp import packet, title_of
from certificates.rules import Printed

POINTS = 0.75  # per CSS pixel
BASE = """
@page { size: 841.89pt 595.28pt; margin: 0 }
body { margin: 0; font-family: "EB Garamond" }
h1, h2, h3 { bookmark-level: none }
section { font-family: "Noto Nastaliq Urdu" }
.fit { display: block; white-space: nowrap }
"""
Place = tuple[float, float, float, float]  # left, bottom, width, height in points


class FetchRefused(Exception):
    """A page asked for something outside; nothing may (R62)."""


@dataclass(frozen=True)
class Prepared:
    """A design ready to be filled: parsed once per worker."""

    pieces: list[Piece]
    lay_out: Callable[[str], Any]
    layouts: Layouts
    frame: bool
    logo: str


class Engine:
    """Draws certificates; make one per process. `find_picture` returns a stored picture by its sum.

    Without `keeps_layouts` every page is laid out from the beginning: the same files, for comparison.
    """

    def __init__(self, find_picture: Callable[[str], Picture] | None = None, *, keeps_layouts: bool = True) -> None:
        prepare_fonts()
        import pydyf  # noqa: PLC0415 - WeasyPrint stays out of the web process
        import weasyprint  # noqa: PLC0415
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
        from weasyprint.urls import FatalURLFetchingError, URLFetcher  # noqa: PLC0415

        class RefusingFetcher(URLFetcher):
            """Pictures inside a style are data; nothing else is ever opened."""

            def fetch(self, url: str, headers: Any = None) -> Any:
                if url.startswith(("data:image/png;base64,", "data:image/jpeg;base64,")):
                    return super().fetch(url, headers)
                raise FetchRefused(url[:60])

        class Packed(pydyf.Object):
            """A stream as the bytes it is written as."""

            compressible = False
            data = b""

        self._packed = Packed
        self._stopped = FatalURLFetchingError
        self._pydyf = pydyf
        self._weasyprint = weasyprint
        self._fetcher = RefusingFetcher(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)
        self._fonts = FontConfiguration()
        self._base = self._css(BASE)
        self._frame = zlib.compress(art.frame(), 9)
        self._designs: dict[str, Prepared] = {}
        self._pictures: dict[str, Picture] = {}
        self._find_picture = find_picture
        self._keeps_layouts = keeps_layouts

    def draw(self, printed: Printed, credential: str, design: Design, *, at: datetime, room: int) -> bytes:
        """Return the PDF of one certificate with its credential attached and room for the signature.

        The same bytes for the same facts. Raises ValueError when the text does not stay on one page, and
        FetchRefused.
        """
        try:
            return self._draw(printed, credential, self._prepare(design), at, room)
        except self._stopped as error:  # WeasyPrint's own is no Exception: it would take the worker with it
            raise FetchRefused(design.label) from error

    def _draw(self, printed: Printed, credential: str, prepared: Prepared, at: datetime, room: int) -> bytes:
        def write(document: Any) -> bytes:
            attached = self._weasyprint.Attachment(
                string=credential,
                name="credential.json",
                description="Open Badges 3.0 credential",
                created=at,
                modified=at,
                relationship="Data",
                url_fetcher=self._fetcher,
            )
            return bytes(
                document.write_pdf(
                    finisher=lambda drawn, pdf: self._finish(drawn, pdf, printed, prepared, room),
                    pdf_variant="pdf/a-3a",
                    attachments=[attached],
                    pdf_identifier=printed.code.encode(),
                )
            )

        page = compose(printed, prepared.pieces)
        return prepared.layouts.draw(page, printed, write) if self._keeps_layouts else write(prepared.lay_out(page))

    def _lay_out(self, page: str, style: Any) -> Any:
        html = self._weasyprint.HTML(string=page, url_fetcher=self._fetcher)
        document = html.render(font_config=self._fonts, stylesheets=[self._base, style], cache={})
        if len(document.pages) != 1:
            raise ValueError("a certificate has one page")
        return document

    def _css(self, text: str) -> Any:
        return self._weasyprint.CSS(string=text, font_config=self._fonts, url_fetcher=self._fetcher)

    def _prepare(self, design: Design) -> Prepared:
        if design.label not in self._designs:
            pieces, problems = compile_markup(design.markup)
            if problems:
                raise ValueError(f"design {design.label}: {problems[0].text}")
            lay_out = partial(self._lay_out, style=self._css(design.style))
            self._designs[design.label] = Prepared(pieces, lay_out, Layouts(lay_out), design.frame, design.logo)
        return self._designs[design.label]

    def _finish(self, document: Any, pdf: Any, printed: Printed, prepared: Prepared, room: int) -> None:
        """Put the art under the text as an artifact of the page, and say in the file what it is."""
        page = next(each for each in pdf.objects if isinstance(each, dict) and each.get("Type") == "/Page")
        resources = pdf.objects[int(page["Resources"].split()[0])]
        drawn = resources.setdefault("XObject", self._pydyf.Dictionary({}))
        places = {name: _place(corners) for name, corners in document.pages[0].anchors.items()}
        marks = [*self._frame_marks(pdf, drawn, prepared), *self._picture_marks(pdf, drawn, printed, prepared, places)]
        if "qr" in places:
            code = segno.make_qr(printed.verify_url, error="m", mask=2, boost_error=False)
            left, bottom, width, _height = places["qr"]
            marks.append(art.qr(code.matrix, left, bottom, width))
        under = " ".join(["/Artifact BMC q", *marks, "Q EMC"]).encode("ascii")
        stream = self._pydyf.Stream([under], compress=True)
        pdf.add_object(stream)
        page["Contents"] = self._pydyf.Array([stream.reference, page["Contents"]])
        self._describe(pdf, printed)
        leave_room(pdf, self._pydyf, page, room=room, reason=f"Issued by {printed.organisation}")
        self._pack(pdf)

    def _frame_marks(self, pdf: Any, drawn: Any, prepared: Prepared) -> list[str]:
        if not prepared.frame:
            return []
        box = self._pydyf.Array([0, 0, art.WIDTH, art.HEIGHT])
        extra = {"Type": "/XObject", "Subtype": "/Form", "BBox": box, "Filter": "/FlateDecode"}
        form = self._pydyf.Stream([self._frame], extra=extra)
        pdf.add_object(form)
        drawn["HunarFrame"] = form.reference
        return ["/HunarFrame Do"]

    def _picture_marks(
        self, pdf: Any, drawn: Any, printed: Printed, prepared: Prepared, places: dict[str, Place]
    ) -> list[str]:
        """Draw the logo and the signatures at their places: a picture as an image, a path as lines."""
        marks = []
        if prepared.logo and "logo" in places:
            marks.append(self._picture(pdf, drawn, prepared.logo, "HunarLogo", places["logo"]))
        for number, person in enumerate(printed.signatories[:SIGNATORIES], start=1):
            place = places.get(f"signature-{number}")
            if place and person.get("picture"):
                marks.append(self._picture(pdf, drawn, person["picture"], f"HunarSignature{number}", place))
            elif place and person.get("signature"):
                marks.append(art.signature(person["signature"], place[0], place[1] + place[3]))
        return marks

    def _picture(self, pdf: Any, drawn: Any, picture_sum: str, name: str, place: Place) -> str:
        """Add a picture to the file and return the operators that fit it into its place, on the ground, centred."""
        if picture_sum not in self._pictures:
            if self._find_picture is None:
                raise ValueError("this engine knows no pictures")
            self._pictures[picture_sum] = self._find_picture(picture_sum)
        picture = self._pictures[picture_sum]
        drawn[name] = picture.add_to(pdf, self._pydyf)
        left, bottom, width, height = place
        scale = min(width / picture.width, height / picture.height)
        wide, high = picture.width * scale, picture.height * scale
        corner = f"{art.number(left + (width - wide) / 2)} {art.number(bottom)}"
        return f"q {art.number(wide)} 0 0 {art.number(high)} {corner} cm /{name} Do Q"

    def _pack(self, pdf: Any) -> None:
        """Compress each stream once; the file's identifier and the file itself would each do it again."""
        for number, stream in enumerate(pdf.objects):
            if isinstance(stream, self._pydyf.Stream):
                packed = self._packed()
                packed.number, packed.data = stream.number, stream.data
                pdf.objects[number] = packed

    def _describe(self, pdf: Any, printed: Printed) -> None:
        """Replace the metadata, name the attachment once, give the Urdu name its text: glyphs alone do not tell it."""
        metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
        metadata.stream = [packet(printed, producer=f"WeasyPrint {self._weasyprint.__version__}")]
        metadata.compress = False
        pdf.catalog["AF"] = self._pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
        for each in pdf.objects:
            if isinstance(each, dict) and each.get("S") == "/Sect":
                each["ActualText"] = self._pydyf.String(printed.name_ur)
                each["Lang"] = self._pydyf.String("ur")


def _place(corners: tuple[float, float, float, float]) -> Place:
    left, top, right, bottom = (value * POINTS for value in corners)
    return left, art.HEIGHT - bottom, right - left, bottom - top


def compose(printed: Printed, pieces: list[Piece]) -> str:
    """Return the page as HTML; every fact is escaped, none is markup."""
    fields = fields_of(printed)
    body = "".join(piece(fields) for piece in pieces)
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title_of(printed))}</title>
<meta name="author" content="{escape(printed.organisation)}"><meta name="dcterms.created" content="{printed.issued_on}">
<meta name="dcterms.modified" content="{printed.issued_on}"></head><body>{body}</body></html>"""
