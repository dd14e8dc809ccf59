"""Server-made pictures of the programme: they work without JavaScript, in print and for screen readers."""

from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

TONES = {4: "hn-s3", 6: "hn-goldfill"}  # at risk, certified


def draw_funnel(steps: Sequence[tuple[str, int]], target: int) -> SafeString:
    """Return bars on one scale, joined by what passes on, with the line of the target. `steps` are (label, number)."""
    width, height, column = 1000.0, 96.0, 1000.0 / max(len(steps), 1)
    top = max([target, 1, *(number for _label, number in steps)])
    heights = [max(2.5, number / top * (height - 14)) if number else 0.0 for _label, number in steps]
    bars = []
    for n, (label, number) in enumerate(steps):
        x, wide = n * column, column * 0.5
        if n + 1 < len(steps):
            bars.append(_flow(x + wide, (n + 1) * column, height, heights[n], heights[n + 1]))
        tone = TONES.get(n, "hn-fill")
        bars.append(
            f'<rect class="{tone}" x="{x:.1f}" y="{height - heights[n]:.1f}" width="{wide:.1f}" '
            f'height="{heights[n]:.1f}" rx="3"><title>{escape(label)}: {number:,}</title></rect>'
        )
    line = height - target / top * (height - 14)
    if target:
        bars.append(f'<path class="hn-target" d="M0 {line:.1f}H{width:.0f}"/>')
        words = escape(_("%s places") % f"{target:,}")
        bars.append(f'<text class="hn-axis" x="{width:.0f}" y="{line - 4:.1f}" text-anchor="end">{words}</text>')
    box = f'viewBox="0 0 {width:.0f} {height:.0f}"'
    return mark_safe(f'<svg class="hn-svgfull" {box} role="presentation">{"".join(bars)}</svg>')  # noqa: S308


def draw_shares(steps: Sequence[tuple[str, float]]) -> SafeString:
    """Return a bar per stage, filled by its share of the stage before. `steps` are (label, share)."""
    width, height, column = 1000.0, 96.0, 1000.0 / max(len(steps), 1)
    bars = []
    for n, (label, share) in enumerate(steps):
        tall, wide = min(1.0, share) * (height - 14), column * 0.5
        place = f'x="{n * column:.1f}" width="{wide:.1f}" rx="3"'
        said = f"<title>{escape(label)}: {int(share * 100)} %</title>"
        bars.append(f'<rect class="hn-track" {place} y="14" height="{height - 14:.1f}"/>')
        tone = TONES.get(n, "hn-fill")
        bars.append(f'<rect class="{tone}" {place} y="{height - tall:.1f}" height="{tall:.1f}">{said}</rect>')
    box = f'viewBox="0 0 {width:.0f} {height:.0f}"'
    return mark_safe(f'<svg class="hn-svgfull" {box} role="presentation">{"".join(bars)}</svg>')  # noqa: S308


def _flow(start: float, end: float, base: float, before: float, after: float) -> str:
    """Return the pale shape between two bars."""
    middle, high, low = (start + end) / 2, base - before, base - after
    curve = f"C{middle:.1f} {high:.1f} {middle:.1f} {low:.1f} {end:.1f} {low:.1f}"
    return f'<path class="hn-flow" d="M{start:.1f} {base:.0f}V{high:.1f}{curve}V{base:.0f}Z"/>'


def draw_bar(parts: Sequence[tuple[str, float]]) -> SafeString:
    """Return one thin bar; `parts` are (class, share of the whole between 0 and 1)."""
    x, shapes = 0.0, ['<rect class="hn-track" width="100" height="6" rx="3"/>']
    for tone, share in parts:
        shapes.append(f'<rect class="{tone}" x="{x:.2f}" width="{share * 100:.2f}" height="6"/>')
        x += share * 100
    box = 'viewBox="0 0 100 6" preserveAspectRatio="none"'
    return mark_safe(f'<svg class="hn-thinbar" {box} aria-hidden="true">{"".join(shapes)}</svg>')  # noqa: S308


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
