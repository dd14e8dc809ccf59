"""The mosaic of the programme: one hexagon per place, filled from the centre."""

import math
from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe

STEP, RADIUS = 10.0, 5.2


@lru_cache(maxsize=8)
def draw_mosaic(places: int, taken: int) -> SafeString:
    """Return the SVG of `places` hexagons of which the inner `taken` are filled. No query."""
    cells = _cells(places)
    shapes: dict[str, list[str]] = {name: [] for name in ("m1", "m2", "m3", "m4", "m5", "mo")}
    for position, (x, y) in enumerate(cells):
        shapes[_tone(x, y) if position < taken else "mo"].append(_hexagon(x, y))
    reach = max((math.hypot(x, y) for x, y in cells), default=STEP) + STEP
    paths = "".join(f'<path class="{name}" d="{"".join(found)}"/>' for name, found in shapes.items() if found)
    box = f"{-reach:.0f} {-reach:.0f} {2 * reach:.0f} {2 * reach:.0f}"
    return mark_safe(f'<svg class="hn-mosaic" viewBox="{box}" aria-hidden="true">{paths}</svg>')  # noqa: S308


def _cells(count: int) -> list[tuple[float, float]]:
    """Return the centres of the `count` cells nearest to the middle of a hexagonal grid."""
    rings = int(math.sqrt(max(count, 1))) + 2
    grid = [
        (STEP * (column + row % 2 / 2), STEP * row * math.sqrt(3) / 2)
        for row in range(-rings, rings + 1)
        for column in range(-rings, rings + 1)
    ]
    return sorted(grid, key=lambda cell: (round(math.hypot(*cell), 3), math.atan2(cell[1], cell[0])))[:count]


def _tone(x: float, y: float) -> str:
    """Choose the tone by distance and angle: a star of twelve that repeats itself."""
    angle, distance = math.atan2(y, x), math.hypot(x, y)
    petal = abs(math.cos(6 * angle))
    wave = distance / 24 + petal * 1.9
    band = int(wave) % 5
    return ("m1", "m3", "m2", "m4", "m3")[band] if int(wave * 3) % 17 else "m5"


def _hexagon(x: float, y: float) -> str:
    corners = [(x + RADIUS * math.sin(math.pi / 3 * n), y + RADIUS * math.cos(math.pi / 3 * n)) for n in range(6)]
    return "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in corners) + "Z"
