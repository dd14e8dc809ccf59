"""Attendance by week and, below it on the same weeks, how many have completed and will: a server-made picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.figures import Week

MOST_PAST, MOST_COMING = 20, 14
UPPER, LOWER, TITLE, FOOT = 150.0, 96.0, 26.0, 34.0


@dataclass(frozen=True)
class Point:
    """A week of the forecast: how many have completed by its end, and between which numbers it will be."""

    week: Week
    is_past: bool
    done: int  # completed until then; after today those on track are counted as well
    most: int  # if everybody recovers who still can
    open: int  # and everybody completes who has still to start


def forecast(weeks: Sequence[Week], *, today: date) -> list[Point]:
    """Add up who completes week by week. Who should have finished by now but is not closed counts from today."""
    past = [week for week in weeks if week.monday <= today]
    overdue = [sum(getattr(week, name) for week in past) for name in ("expected", "reachable", "to_start")]
    done, points = 0, list[Point]()
    for week in past:
        done += week.completed
        points.append(Point(week, True, done, done, done))
    expected, reachable, to_start = overdue
    for week in weeks[len(past) :]:
        expected, reachable, to_start = expected + week.expected, reachable + week.reachable, to_start + week.to_start
        done += week.completed
        least = done + expected
        points.append(Point(week, False, least, least + reachable, least + reachable + to_start))
    if points and points[-1].is_past and any(overdue):
        coming = Week(points[-1].week.monday + timedelta(weeks=1))
        points.append(Point(coming, False, done + expected, done + expected + reachable, done + sum(overdue)))
    return points


def draw_weeks(
    points: Sequence[Point], *, minimum: int, target: int = 0, size: tuple[float, float, float] = (470, 34, 66)
) -> SafeString:
    """Return both pictures as one. `size` is width, left and right margin; labels stand at the lines.

    The line breaks where a week has no session, and time is cut where more than a month has no week.
    """
    past = [each for each in points if each.is_past]
    shown = [*past[-MOST_PAST:], *[each for each in points if not each.is_past][:MOST_COMING]]
    if not any(each.week.possible for each in shown):
        return mark_safe("")
    width, left, right = size
    frame = _Frame(width, left, right, tuple(each.week.monday for each in shown))
    top = max(target, 1, *(each.open for each in shown))
    height = TITLE * 2 + UPPER + LOWER + FOOT
    shapes = [
        *_bands(frame, shown),
        *_attendance(frame, shown, minimum),
        *_completions(frame, shown, top, target),
        *_dates(frame, height),
    ]
    box = f'viewBox="0 0 {width:.0f} {height:.0f}"'
    return mark_safe(f'<svg class="hn-svgfull" {box} role="presentation">{"".join(shapes)}</svg>')  # noqa: S308


@dataclass(frozen=True)
class _Frame:
    """Where a week stands from left to right, and a value from bottom to top."""

    width: float
    left: float
    right: float
    mondays: tuple[date, ...]

    @property
    def places(self) -> list[int]:
        """Return the slot of each week; a cut in time takes a slot of its own."""
        slots: list[int] = []
        for n, monday in enumerate(self.mondays):
            cut = n > 0 and (monday - self.mondays[n - 1]).days > 35
            slots.append(slots[-1] + (2 if cut else 1) if slots else 0)
        return slots

    @property
    def step(self) -> float:
        return (self.width - self.left - self.right) / max(1, self.places[-1])

    def x(self, n: int) -> float:
        return self.left + self.places[n] * self.step

    @property
    def end(self) -> float:
        return self.width - self.right


def _write(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="hn-axis {kind}" {where}>{escape(words)}</text>'


def _bands(frame: _Frame, shown: Sequence[Point]) -> list[str]:
    """Shade and name the weeks with holidays; the name runs upwards inside its week."""
    shapes = []
    for n, point in enumerate(shown):
        if not point.week.holidays:
            continue
        names = ", ".join(name.partition(" (")[0] for name in point.week.holidays)
        half, middle = min(frame.step, 22) / 2, frame.x(n)
        box = f'x="{middle - half:.1f}" y="{TITLE:.0f}" width="{2 * half:.1f}" height="{UPPER:.0f}"'
        shapes.append(f'<rect class="hn-holiday" {box}><title>{escape(names)}</title></rect>')
        turned = f'transform="translate({middle + 3.5:.1f} {TITLE + UPPER - 5:.1f}) rotate(-90)"'
        shapes.append(f'<text class="hn-axis hn-axis-day" {turned}>{escape(_shorten(names, 18))}</text>')
    return shapes


def _shorten(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip(" ,") + "…"


def _attendance(frame: _Frame, shown: Sequence[Point], minimum: int) -> list[str]:
    known = [(n, point.week.permille / 10) for n, point in enumerate(shown) if point.week.permille is not None]
    low = max(0, min(60, int(min(minimum, *(value for _n, value in known)) // 10 * 10 - 10)))

    def y_of(value: float) -> float:
        return TITLE + (100 - value) / (100 - low) * UPPER

    shapes = [_write(0, 11, _("% of minutes attended"), "hn-axis-title")]
    for value in range(low, 101, 10 if low >= 40 else 20):
        shapes.append(f'<path class="hn-rule" d="M{frame.left:.0f} {y_of(value):.1f}H{frame.end:.1f}"/>')
        shapes.append(_write(frame.left - 6, y_of(value) + 4, str(value), anchor="end"))
    level = y_of(minimum)
    shapes.append(f'<path class="hn-min" d="M{frame.left:.0f} {level:.1f}H{frame.end:.1f}"/>')
    path, before = "", None
    for n, rate in known:
        joined = before == n - 1 and frame.places[n] == frame.places[n - 1] + 1
        path += f"{'L' if joined else 'M'}{frame.x(n):.1f} {y_of(rate):.1f}"
        before = n
    shapes.append(f'<path class="hn-line" d="{path}"/>')
    for n, rate in known:
        said = f"{date_format(shown[n].week.monday, 'j M Y')}: {rate:.1f} %"
        place = f'cx="{frame.x(n):.1f}" cy="{y_of(rate):.1f}"'
        shapes.append(f'<circle class="hn-dot" {place} r="2.8"><title>{escape(said)}</title></circle>')
    last, rate = known[-1]
    near = abs(y_of(rate) - level) < 14  # two labels one above the other would touch
    at = frame.x(last) + 8
    beside = at < frame.end - 40 and last < len(shown) - 1
    shapes.append(_write(at, y_of(rate) - 7 if beside else y_of(rate) + 4, f"{rate:.1f} %", "hn-axis-now"))
    shapes.append(_write(frame.end + 6, level + (14 if near and not beside else 4), f"min {minimum}", "hn-axis-min"))
    return shapes


def _completions(frame: _Frame, shown: Sequence[Point], top: int, target: int) -> list[str]:
    base = TITLE * 2 + UPPER + LOWER

    def y_of(value: int) -> float:
        return base - value / top * (LOWER - 4)

    now = max((n for n, point in enumerate(shown) if point.is_past), default=0)
    shapes = [_write(0, TITLE + UPPER + 18, _("Completed, and who will"), "hn-axis-title")]
    shapes.append(f'<path class="hn-rule" d="M{frame.left:.0f} {base:.1f}H{frame.end:.1f}"/>')
    shapes += [_write(frame.left - 6, base + 4, "0", anchor="end")]
    if target:
        shapes.append(f'<path class="hn-target" d="M{frame.left:.0f} {y_of(target):.1f}H{frame.end:.1f}"/>')
        fits = target < 100_000  # left of the line; a longer number stands under its beginning
        x, y, anchor = (frame.left - 4, 4, "end") if fits else (0, 13, "start")
        shapes.append(_write(x, y_of(target) + y, f"{target:,}", anchor=anchor))
    xs = [frame.x(n) for n in range(len(shown))]
    done = "".join(f"L{xs[n]:.1f} {y_of(shown[n].done):.1f}" for n in range(now + 1))
    shapes.append(f'<path class="hn-done" d="M{xs[0]:.1f} {base:.1f}{done}V{base:.1f}Z"/>')
    shapes.append(f'<path class="hn-line" d="M{done[1:]}"/>')
    if now == len(shown) - 1:
        return [*shapes, _write(xs[now] + 8, y_of(shown[now].done) + 4, f"{shown[now].done:,}", "hn-axis-now")]
    coming = range(now, len(shown))
    shapes.append(_between(coming, xs, [y_of(shown[n].most) for n in coming], [y_of(shown[n].open) for n in coming], 1))
    shapes.append(_between(coming, xs, [y_of(shown[n].done) for n in coming], [y_of(shown[n].most) for n in coming], 3))
    dashes = "L".join(f"{xs[n]:.1f} {y_of(shown[n].done):.1f}" for n in coming)
    shapes.append(f'<path class="hn-line hn-line-coming" d="M{dashes}"/>')
    shapes.append(f'<path class="hn-today" d="M{xs[now]:.1f} {TITLE * 2 + UPPER:.1f}V{base:.1f}"/>')
    last = shown[-1]
    shapes.append(_write(frame.end + 6, y_of(last.done) + 4, f"{last.done:,}", "hn-axis-now"))
    if y_of(last.done) - y_of(last.open) > 13:
        shapes.append(_write(frame.end + 6, y_of(last.open) + 4, f"{last.open:,}"))
    return shapes


def _between(places: range, xs: Sequence[float], lower: Sequence[float], upper: Sequence[float], tone: int) -> str:
    there = "L".join(f"{xs[n]:.1f} {y:.1f}" for n, y in zip(places, upper, strict=True))
    back = "L".join(f"{xs[n]:.1f} {y:.1f}" for n, y in reversed(list(zip(places, lower, strict=True))))
    return f'<path class="hn-s{tone}" d="M{there}L{back}Z"/>'


def _dates(frame: _Frame, height: float) -> list[str]:
    """Name weeks as often as there is room; the year stands under the first and where it changes."""
    days, places = frame.mondays, frame.places
    every = max(1.0, 58 / frame.step)
    shapes: list[str] = []
    last, year = -every, None
    for n, day in enumerate(days):
        if places[n] - last < every:
            continue
        last = float(places[n])
        shapes.append(_write(frame.x(n), height - 20, date_format(day, "j M"), anchor="middle"))
        if day.year != year:
            year = day.year
            shapes.append(_write(frame.x(n), height - 7, str(year), anchor="middle"))
    for n in range(1, len(days)):
        if places[n] - places[n - 1] > 1:
            shapes.append(_write(frame.x(n) - frame.step, TITLE * 2 + UPPER + LOWER + 4, "⋯", anchor="middle"))
    return shapes
