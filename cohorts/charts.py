"""Small server-made pictures of a cohort: places as hexagons, the time of an offer as a ring."""

from django.utils.safestring import SafeString, mark_safe

HEXAGON = "M{x} {y}l6 3.400v7l-6 3.400-6-3.400v-7z"


def draw_places(*, capacity: int, taken: int, waiting: int, waitlist_limit: int) -> SafeString:
    """Return one hexagon per place and, below, one per place in the line."""
    columns = 20
    rows = [("t" if n < taken else "o") for n in range(min(capacity, 400))]
    line = [("w" if n < waiting else "o") for n in range(min(waitlist_limit, 100))] if waiting else []
    shapes, height = [], 0
    for block in (rows, line):
        for n, kind in enumerate(block):
            x, y = 8 + n % columns * 14, height + 2 + n // columns * 15
            shapes.append(f'<path class="{kind}" d="{HEXAGON.format(x=x, y=y)}"/>')
        height += (len(block) + columns - 1) // columns * 15 + (4 if block else 0)
    picture = "".join(shapes)
    return mark_safe(f'<svg class="hn-hexes" viewBox="0 0 284 {height + 2}" aria-hidden="true">{picture}</svg>')  # noqa: S308


def draw_clock(left: float) -> SafeString:
    """Return a ring that shows which part of a time is left; the words stand beside it."""
    around = 163.4  # of a circle with radius 26
    arc = f"{max(0.0, min(1.0, left)) * around:.1f} {around}"
    ring = f'<circle class="t" cx="32" cy="32" r="26" stroke-dasharray="{arc}" transform="rotate(-90 32 32)"/>'
    hands = '<path class="t" d="M32 18V32L40 37"/>'
    circle = '<circle class="o" cx="32" cy="32" r="26"/>'
    return mark_safe(f'<svg class="hn-clock" viewBox="0 0 64 64" aria-hidden="true">{circle}{ring}{hands}</svg>')  # noqa: S308
