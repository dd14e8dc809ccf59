"""Pictures that people bring, such as signatures: decoded, judged, drawn anew, and kept ready for the file."""

import hashlib
import io
import warnings
import zlib
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

LARGEST_FILE = 5_000_000  # bytes
LARGEST_SIDE = 6000  # pixels of what is brought
KEPT = (900, 600)  # pixels of what is kept: sharp in print at the size of a signature or a logo


class BadPicture(ValidationError):
    """The file is no picture that can be printed; the message says why and what to bring instead."""

    def __init__(self, text: str) -> None:
        super().__init__({"picture": ValidationError(text, code="picture")})


@dataclass(frozen=True)
class Picture:
    """Pixels and their transparency, packed as the file takes them."""

    width: int
    height: int
    colours: bytes
    mask: bytes

    def add_to(self, pdf: Any, pydyf: Any) -> bytes:
        """Add the picture to a file and return its reference."""
        shape = {"Width": self.width, "Height": self.height, "BitsPerComponent": 8, "Filter": "/FlateDecode"}
        common = {"Type": "/XObject", "Subtype": "/Image", **shape}
        mask = pydyf.Stream([self.mask], extra={**common, "ColorSpace": "/DeviceGray"})
        pdf.add_object(mask)
        image = pydyf.Stream([self.colours], extra={**common, "ColorSpace": "/DeviceRGB", "SMask": mask.reference})
        pdf.add_object(image)
        reference: bytes = image.reference
        return reference


def accept_picture(content: bytes) -> tuple[bytes, str]:
    """Return a PNG drawn anew from an uploaded PNG or JPEG, and its sum. Raises BadPicture."""
    if len(content) > LARGEST_FILE:
        raise BadPicture(_("The file has more than 5 MB. Bring a smaller one."))
    if content.lstrip()[:5].lower() in (b"<svg ", b"<?xml", b"<!doc"):
        raise BadPicture(_("An SVG can load other files. Export it as a PNG with a transparent ground."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = _decode(content)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadPicture(_("The file is not a PNG or JPEG picture, or is damaged.")) from error
    except Image.DecompressionBombWarning as error:
        raise BadPicture(
            _("The picture is larger than %d pixels a side. Bring a smaller one.") % LARGEST_SIDE
        ) from error
    image.thumbnail(KEPT)
    made = io.BytesIO()
    image.save(made, "PNG", optimize=True)
    return made.getvalue(), hashlib.sha256(made.getvalue()).hexdigest()


def _decode(content: bytes) -> Image.Image:
    """Look at the size before a pixel is unpacked; keep nothing but pixels."""
    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
        if max(image.size) > LARGEST_SIDE:
            raise BadPicture(_("The picture is larger than %d pixels a side. Bring a smaller one.") % LARGEST_SIDE)
        if min(image.size) < 20:
            raise BadPicture(_("The picture is smaller than 20 pixels. Bring a larger one."))
        image.verify()
    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:  # a verified one cannot be read on
        return image.convert("RGBA")


def unpack(content: bytes) -> Picture:
    """Return a kept PNG as the file takes it."""
    with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
        pixels = image.convert("RGBA")
    red, green, blue, alpha = pixels.split()
    colours = Image.merge("RGB", (red, green, blue)).tobytes()
    return Picture(*pixels.size, zlib.compress(colours, 9), zlib.compress(alpha.tobytes(), 9))
