"""The picture that goes with a shared link, 1200 by 630: printed facts, no verdict, nothing else of the person.

A verdict would be kept by whoever shows the link, long after it changed. What the certificates of a course share
is drawn once per worker; each adds its name in shades of two inks, so that the file
stays a palette of few colours (10 to 20 kB).
"""

import io
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont, features

from certificates.rules import FONTS, LATIN, URDU, Printed, width_of

SIZE = WIDTH, HEIGHT = 1200, 630
ROOM = 980  # for a line, between the frame's inner edges
PAPER, GREEN, GOLD, BAND, PALE = (253, 252, 246), (15, 74, 56), (125, 91, 18), (210, 165, 65), (236, 220, 180)
SHADES = 16  # of each ink, from the paper to full
INKS = {"green": 0, "gold": SHADES}
TITLE = FONTS / "Cinzel_600SemiBold.ttf"
RIGHT_TO_LEFT: dict[str, Any] = {"direction": "rtl", "language": "ur"}
QUIET = FONTS / "EBGaramond_400Regular.ttf"


def draw_preview(printed: Printed) -> bytes:
    """Return the PNG of a certificate's printed facts."""
    image = sheet(printed.programme, printed.course, printed.organisation).copy()
    _line(image, 322, printed.name, LATIN, 84, "gold")
    if printed.name_ur and features.check("raqm"):  # without it Urdu letters would stand apart
        _line(image, 405, printed.name_ur, URDU, 40, "green", urdu=True)
    kept = io.BytesIO()
    image.save(kept, "PNG", compress_level=4)
    return kept.getvalue()


@lru_cache(maxsize=32)
def sheet(programme: str, course: str, organisation: str) -> Image.Image:
    """Return the ground with the lines that all certificates of a course share."""
    image = ground().copy()
    _line(image, 150, programme.upper(), QUIET, 28, "green")
    _line(image, 214, "Certificate of Completion", TITLE, 46, "green")
    _line(image, 488, course, LATIN, 40, "green")
    _line(image, 542, organisation, QUIET, 28, "green")
    return image


@cache
def ground() -> Image.Image:
    """Return paper, frame and emblem as an image of the palette; drawn at double size for smooth edges."""
    image = Image.new("RGB", (WIDTH * 2, HEIGHT * 2), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((36, 36, WIDTH * 2 - 37, HEIGHT * 2 - 37), outline=GREEN, width=28)
    for inset in (30, 68, 76):
        draw.rectangle((inset, inset, WIDTH * 2 - 1 - inset, HEIGHT * 2 - 1 - inset), outline=BAND, width=2)
    _emblem(draw, WIDTH, 168, 64)
    small = image.resize(SIZE, Image.Resampling.LANCZOS)
    return small.quantize(palette=_palette(), dither=Image.Dither.NONE)


def _palette() -> Image.Image:
    colours = [_mix(ink, step) for ink in (GREEN, GOLD) for step in range(SHADES)]
    colours += [BAND, PALE, (255, 255, 255), (164, 155, 107), (231, 207, 151), (112, 119, 61)]
    image = Image.new("P", (1, 1))
    image.putpalette([part for colour in colours for part in colour])
    return image


def _mix(ink: tuple[int, int, int], step: int) -> tuple[int, ...]:
    share = step / (SHADES - 1)
    return tuple(round(paper + (full - paper) * share) for paper, full in zip(PAPER, ink, strict=True))


def _emblem(draw: ImageDraw.ImageDraw, x: int, y: int, size: int) -> None:
    hexagon = [(0, -1), (0.875, -0.5), (0.875, 0.5), (0, 1), (-0.875, 0.5), (-0.875, -0.5)]
    draw.polygon([(x + size * a, y + size * b) for a, b in hexagon], fill=GREEN)
    draw.polygon([(x + size * 0.84 * a, y + size * 0.84 * b) for a, b in hexagon], outline=BAND, width=3)
    for a, b in hexagon:
        end = (x + size * 0.5 * a, y + size * 0.5 * b)
        draw.line((x, y, *end), fill=BAND, width=4)
        draw.circle(end, size * 0.09, fill=PALE)
    draw.circle((x, y), size * 0.16, fill=(255, 255, 255))
    draw.circle((x, y), size * 0.08, fill=BAND)


def _line(image: Image.Image, y: int, text: str, path: Path, size: int, ink: str, *, urdu: bool = False) -> None:
    """Set one line in the middle, as large as its room allows; a level of grey chooses the shade of the ink."""
    fitting = max(6, min(size, int(size * ROOM / max(width_of(text, size, path), 1))))
    mask = Image.new("L", (WIDTH, fitting * 3))
    middle = (WIDTH / 2, fitting * 1.5)
    ImageDraw.Draw(mask).text(
        middle, text, fill=255, font=font(path, fitting), anchor="mm", **(RIGHT_TO_LEFT if urdu else {})
    )
    box = mask.getbbox()
    if box is None:
        return
    first = INKS[ink]
    cut = mask.crop(box)
    levels = [level * SHADES // 256 for level in range(256)]
    shades = Image.frombytes("P", cut.size, cut.point([first + level for level in levels]).tobytes())
    drawn = cut.point([255 if level else 0 for level in levels])
    image.paste(shades, (box[0], y - int(fitting * 1.5) + box[1]), drawn)


@cache
def font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    """Load a face once per size and process."""
    return ImageFont.truetype(path, size)
