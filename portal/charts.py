"""Server-made pictures of the programme: they work without JavaScript, in print and for screen readers."""

from collections.abc import Sequence
from datetime import date

from django.utils.formats import date_format
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


def draw_weeks(weeks: Sequence[tuple[date, int | None]], *, minimum: int, narrow: bool = False) -> SafeString:
    """Return the line of attendance by week: (Monday, permille). The minimum is always drawn.

    Weeks with sessions stand side by side; the line breaks where more than a month lies between two of them.
    The axis begins at the next ten below the lowest value. `narrow` is a second drawing for phones.
    """
    known = [(day, value / 10) for day, value in weeks if value is not None][-26:]
    if not known:
        return mark_safe("")
    width, height, left, right = (340.0, 220.0, 30.0, 52.0) if narrow else (560.0, 250.0, 34.0, 62.0)
    low = max(0, int(min(minimum, *(value for _day, value in known)) // 10 * 10 - 10))
    step = (width - left - right) / max(1, len(known) - 1)

    def y_of(value: float) -> float:
        return 14 + (100 - value) / (100 - low) * (height - 44)

    shapes = [_rule(value, y_of(value), left, width - right) for value in range(low, 101, 10)]
    shapes += _dates([day for day, _value in known], left, step, height, 4 if narrow else 7)
    level = y_of(minimum)
    shapes.append(f'<path class="hn-min" d="M{left} {level:.1f}H{width - right:.1f}"/>')
    beside = f'x="{width - right + 6:.1f}" y="{level + 4:.1f}"'
    shapes.append(f'<text class="hn-axis hn-axis-min" {beside}>min {minimum}</text>')
    points = [(left + n * step, y_of(value)) for n, (_day, value) in enumerate(known)]
    shapes.append(f'<path class="hn-line" d="{_path([day for day, _value in known], points)}"/>')
    for (x, y), (day, value) in zip(points, known, strict=True):
        said = f"{date_format(day, 'j M Y')}: {value:.1f} %"
        shapes.append(f'<circle class="hn-dot" cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{escape(said)}</title></circle>')
    x, y = points[-1]
    shapes.append(f'<text class="hn-axis hn-axis-now" x="{x + 8:.1f}" y="{y + 4:.1f}">{known[-1][1]:.1f} %</text>')
    kind = "hn-narrowonly" if narrow else "hn-wideonly"
    box = f'viewBox="0 0 {width:.0f} {height:.0f}"'
    return mark_safe(f'<svg class="hn-svgfull {kind}" {box} role="presentation">{"".join(shapes)}</svg>')  # noqa: S308


def _rule(value: int, y: float, left: float, right: float) -> str:
    label = f'<text class="hn-axis" x="{left - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{value}</text>'
    return f'<path class="hn-rule" d="M{left} {y:.1f}H{right:.1f}"/>{label}'


def _path(days: Sequence[date], points: Sequence[tuple[float, float]]) -> str:
    parts = []
    for n, (x, y) in enumerate(points):
        apart = n == 0 or (days[n] - days[n - 1]).days > 31
        parts.append(f"{'M' if apart else 'L'}{x:.1f} {y:.1f}")
    return "".join(parts)


def _dates(days: Sequence[date], left: float, step: float, height: float, most: int) -> list[str]:
    every = max(1, -(-len(days) // most))
    return [
        f'<text class="hn-axis" x="{left + n * step:.1f}" y="{height - 6:.1f}" text-anchor="middle">'
        f"{escape(date_format(days[n], 'j M'))}</text>"
        for n in range(0, len(days), every)
    ]
