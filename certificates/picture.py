"""A certificate as a picture on screen: the same facts, sizes and frame as the shipped design, as one inline SVG."""

from collections.abc import Iterable

import segno
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from certificates.models import Certificate
from certificates.pdf import art
from certificates.pdf.design import SHIPPED
from certificates.rules import Printed, day_text, fit_name, particulars

MIDDLE = art.WIDTH / 2
QR_TOP, QR_SIZE = 439.0, 68.0


def picture_of(certificate: Certificate) -> SafeString | str:
    """Return the picture of a certificate as it was issued. No query.

    The design that ships is drawn; of another the picture of its shared link is shown, while there is one: what a
    designer made cannot be told on screen without the engine.
    """
    if certificate.template_version == SHIPPED:
        return draw_picture(Printed(**certificate.printed))
    if not certificate.sha256 or certificate.state != Certificate.State.ISSUED:
        return ""
    address = reverse("verify_picture", args=[certificate.code, certificate.edition])
    label = _("Picture of the certificate of %s") % certificate.name
    return format_html('<img class="hn-cert" src="{}" width="1200" height="630" alt="{}">', address, label)


def draw_picture(printed: Printed, *, with_code: bool = True) -> SafeString:
    """Return the picture; without a code yet (a dry run) the QR code's place stays empty. No query."""
    size, lines = fit_name(printed.name)
    parts = [
        f'<image href="{static("certificates/frame.svg")}" width="{art.WIDTH}" height="{art.HEIGHT}"/>',
        _text(128, 11, printed.programme.upper(), "hn-cert-green hn-cert-wide"),
        _text(168, 33, "Certificate of Completion", "hn-cert-green hn-cert-title"),
        _text(203, 14, "This is to certify that", "hn-cert-italic"),
        *[_text(246 + n * size * 1.15, size, line, "hn-cert-gold") for n, line in enumerate(lines)],
        _text(292, 19, printed.name_ur, "hn-cert-green hn-ur", 'lang="ur" direction="rtl"') if printed.name_ur else "",
        _text(331, 13.5, "has successfully completed the course"),
        _text(357, 20, printed.course, "hn-cert-green hn-cert-bold"),
        _text(383, 12.5, particulars(printed)),
        _text(526, 10, f"Certificate {printed.serial} · issued {day_text(printed.issued_on)}" if with_code else ""),
        *_signed(printed),
        _qr(printed.verify_url) if with_code else "",
    ]
    label = escape(_("Picture of the certificate of %s") % printed.name)
    box = f'viewBox="0 0 {art.number(art.WIDTH)} {art.number(art.HEIGHT)}"'
    return mark_safe(f'<svg class="hn-cert" {box} role="img" aria-label="{label}">{"".join(parts)}</svg>')  # noqa: S308


def _text(y: float, size: float, text: str, kind: str = "", more: str = "", x: float = MIDDLE) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="middle"'
    return f'<text {place} class="{kind}" {more}>{escape(text)}</text>'


def _signed(printed: Printed) -> Iterable[str]:
    for each, left in zip(printed.signatories, (112.0, art.WIDTH - 288), strict=False):
        drawn = escape(each.get("signature", ""))
        yield f'<path class="hn-cert-ink" transform="translate({left + 8} 399)" d="{drawn}"/>'
        yield f'<path class="hn-cert-line" d="M{left} 448h176"/>'
        yield _text(463, 11, each["name"], x=left + 88)
        yield _text(475, 9.5, each["title"], x=left + 88)


def _qr(url: str) -> str:
    rows = [list(row) for row in segno.make_qr(url, error="m", mask=2, boost_error=False).matrix]
    unit = QR_SIZE / len(rows)
    left = MIDDLE - QR_SIZE / 2
    cells = "".join(f"M{n} {line}h1v1h-1z" for line, row in enumerate(rows) for n, dark in enumerate(row) if dark)
    quiet = f'<rect x="-3" y="-3" width="{len(rows) + 6}" height="{len(rows) + 6}" fill="#fff"/>'
    move = f"translate({left:.1f} {QR_TOP}) scale({unit:.4f})"
    return f'<g transform="{move}">{quiet}<path d="{cells}"/></g>'
