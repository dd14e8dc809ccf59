"""Server-made pictures of the programme: they work without JavaScript, in print and for screen readers."""

from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe


def draw_funnel(steps: Sequence[tuple[str, int]], target: int) -> SafeString:
    """Return bars on one scale with the line of the target. `steps` are (label, number)."""
    top = max([target, 1, *(number for _label, number in steps)])
    width, height, column = 900.0, 90.0, 900.0 / max(len(steps), 1)
    bars = []
    for position, (label, number) in enumerate(steps):
        tall = max(2.0, number / top * (height - 12)) if number else 0.0
        tone = "hn-goldfill" if position == len(steps) - 1 else "hn-fill"
        bars.append(
            f'<rect class="{tone}" x="{position * column:.1f}" y="{height - tall:.1f}" width="{column * 0.5:.1f}" '
            f'height="{tall:.1f}" rx="3"><title>{escape(label)}: {number:,}</title></rect>'
        )
    line = height - target / top * (height - 12)
    minimum = f'<path class="hn-min" d="M0 {line:.1f}H{width:.0f}"/>'
    box = f'viewBox="0 0 {width:.0f} {height:.0f}"'
    shapes = minimum + "".join(bars)
    return mark_safe(f'<svg class="hn-svgfull" {box} role="presentation">{shapes}</svg>')  # noqa: S308


def draw_places(parts: Sequence[tuple[str, str, int]]) -> SafeString:
    """Return one bar in which every place stands once. `parts` are (class, label, number)."""
    total = max(1, sum(number for _tone, _label, number in parts))
    x, shapes = 0.0, []
    for tone, label, number in parts:
        wide = number / total * 900
        if number:
            shapes.append(
                f'<rect class="{tone}" x="{x:.1f}" y="0" width="{max(wide - 1.5, 1):.1f}" height="14">'
                f"<title>{escape(label)}: {number:,}</title></rect>"
            )
        x += wide
    box = 'viewBox="0 0 900 14" preserveAspectRatio="none"'
    return mark_safe(f'<svg class="hn-places" {box} role="presentation">{"".join(shapes)}</svg>')  # noqa: S308
