"""Attendance by week and, below it on the same weeks, how many have completed and will: a server-made picture."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.figures import Week
from portal.wave_lines import LETTER, Box, Line, Run, box_of, draw_lines, draw_path, walk
from portal.waves import Wave

MOST_PAST, MOST_COMING = 20, 14
UPPER, LOWER, TITLE, FOOT = 150.0, 96.0, 26.0, 34.0
BOTTOM = TITLE + UPPER - 5  # where the names of bands begin
Known = list[tuple[int, float]]  # the places of weeks from left to right, each with its percent


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


def show_past(points: Sequence[Point]) -> list[Point]:
    """Return the past weeks that are drawn."""
    return [each for each in points if each.is_past][-MOST_PAST:]


def draw_weeks(
    points: Sequence[Point],
    *,
    minimum: int,
    target: int = 0,
    waves: Sequence[Wave] = (),
    size: tuple[float, float, float] = (470, 34, 66),
) -> SafeString:
    """Return both pictures as one. `size` is width, left and right margin; labels stand at the lines.

    The line breaks where a week has no session, and time is cut where more than a month has no week.
    """
    shown = [*show_past(points), *[each for each in points if not each.is_past][:MOST_COMING]]
    if not any(each.week.possible for each in shown):
        return mark_safe("")
    width, left, right = size
    frame = _Frame(width, left, right, tuple(each.week.monday for each in shown))
    top = max(target, 1, *(each.open for each in shown))
    height = TITLE * 2 + UPPER + LOWER + FOOT
    shapes = [
        *_bands(frame, shown),
        *_attendance(frame, shown, minimum, waves),
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

    def say(self, n: int, rate: float) -> str:
        return f"{date_format(self.mondays[n], 'j M Y')}: {rate:.1f} %"

    def run(self, line: Known, y_of: Callable[[float], float]) -> list[Run]:
        """Return a line as runs of points: it breaks where a week is missing, and where time is cut."""
        runs: list[Run] = []
        before = None
        for n, rate in line:
            if before is None or self.places[n] != self.places[before] + 1:
                runs.append([])
            runs[-1].append((self.x(n), y_of(rate)))
            before = n
        return runs


def _write(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="hn-axis {kind}" {where}>{escape(words)}</text>'


def _bands(frame: _Frame, shown: Sequence[Point]) -> Iterator[str]:
    """Shade the weeks with holidays."""
    half = min(frame.step, 22) / 2
    for x, names in _holidays(frame, shown):
        box = f'x="{x - half:.1f}" y="{TITLE:.0f}" width="{2 * half:.1f}" height="{UPPER:.0f}"'
        yield f'<rect class="hn-holiday" {box}><title>{escape(names)}</title></rect>'


def _name_bands(frame: _Frame, shown: Sequence[Point], lines: Sequence[Run]) -> Iterator[tuple[str, Box]]:
    """Yield the name of each band, which runs upwards inside its week and ends below the lines, and what it covers."""
    for x, names in _holidays(frame, shown):
        near = [y for run in lines for at, y in walk(run) if abs(at - x) <= 8]
        words = _shorten(names, min(18, int((BOTTOM - max(near, default=0.0)) / LETTER) - 1))
        turned = f'transform="translate({x + 3.5:.1f} {BOTTOM:.1f}) rotate(-90)"'
        yield (
            f'<text class="hn-axis hn-axis-day" {turned}>{escape(words)}</text>',
            box_of(words, BOTTOM, x + 3.5).turn(),
        )


def _holidays(frame: _Frame, shown: Sequence[Point]) -> list[tuple[float, str]]:
    """Return where a week with holidays stands, and their names."""
    return [
        (frame.x(n), ", ".join(name.partition(" (")[0] for name in point.week.holidays))
        for n, point in enumerate(shown)
        if point.week.holidays
    ]


def _shorten(words: str, most: int) -> str:
    """Return words of so many letters at most, and none where two would be left of them."""
    if len(words) <= most:
        return words
    return words[: most - 1].rstrip(" ,") + "…" if most > 3 else ""


def _attendance(frame: _Frame, shown: Sequence[Point], minimum: int, waves: Sequence[Wave]) -> list[str]:
    known = [(n, point.week.permille / 10) for n, point in enumerate(shown) if point.week.permille is not None]
    own = [[(n, wave.rates[day] / 10) for n, day in enumerate(frame.mondays) if day in wave.rates] for wave in waves]
    lowest = min(minimum, *(rate for line in (known, *own) for _n, rate in line))
    low = max(0, min(60, int(lowest // 10 * 10 - 10)))

    def y_of(value: float) -> float:
        return TITLE + (100 - value) / (100 - low) * UPPER

    level, (last, rate) = y_of(minimum), known[-1]
    at = frame.x(last) + 8
    beside = at < frame.end - 40 and last < len(shown) - 1
    now, y = f"{rate:.1f} %", y_of(rate) + (-7 if beside else 4)
    lines = [
        Line(_("from %s") % date_format(wave.monday, "j M"), _say(frame, line), frame.run(line, y_of))
        for wave, line in zip(waves, own, strict=True)
    ]
    main = frame.run(known, y_of)
    bands = list(_name_bands(frame, shown, [*main, *(run for line in lines for run in line.runs)]))
    taken = [*(box for _shape, box in bands), box_of(now, at, y)]
    return [
        *_grid(frame, range(low, 101, 10 if low >= 40 else 20), y_of),
        f'<path class="hn-min" d="M{frame.left:.0f} {level:.1f}H{frame.end:.1f}"/>',
        *(shape for shape, _box in bands),
        *draw_lines(lines, main=main, taken=taken, room=Box(frame.left, TITLE - 6, frame.end, TITLE + UPPER)),
        f'<path class="hn-line" d="{draw_path(main)}"/>',
        *(_dot(frame, n, rate, y_of(rate)) for n, rate in known),
        _write(at, y, now, "hn-axis-now"),
        _write(frame.end + 6, _clear(level + 4, y, is_beside=beside), f"min {minimum}", "hn-axis-min"),
    ]


def _clear(y: float, other: float, *, is_beside: bool) -> float:
    """Return where the words at a line stand: moved from others at the same edge that they would touch."""
    if is_beside or abs(y - other) > 13:
        return y
    return other + (13 if other <= y else -13)


def _grid(frame: _Frame, values: range, y_of: Callable[[float], float]) -> Iterator[str]:
    yield _write(0, 11, _("% of minutes attended"), "hn-axis-title")
    for value in values:
        yield f'<path class="hn-rule" d="M{frame.left:.0f} {y_of(value):.1f}H{frame.end:.1f}"/>'
        yield _write(frame.left - 6, y_of(value) + 4, str(value), anchor="end")


def _dot(frame: _Frame, n: int, rate: float, y: float) -> str:
    place = f'cx="{frame.x(n):.1f}" cy="{y:.1f}"'
    return f'<circle class="hn-dot" {place} r="2.8"><title>{escape(frame.say(n, rate))}</title></circle>'


def _say(frame: _Frame, line: Known) -> str:
    return ", ".join(frame.say(n, rate) for n, rate in line)


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
