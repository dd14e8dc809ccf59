"""The thin lines of the waves with their names: at their lines, on no other words, across as few lines as can be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, hypot

from django.utils.html import escape

Place = tuple[float, float]
Run = list[Place]
LETTER, ABOVE, BELOW = 5.7, 8.0, 3.0  # of words of ten pixels: a letter's width, and their reach from the base line
NEAR, FAR = 3.0, 13.0  # between a line and the nearer edge of its name
STEP = 3.0


@dataclass(frozen=True)
class Box:
    """What words cover."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def holds(self, place: Place) -> bool:
        return self.left <= place[0] <= self.right and self.top <= place[1] <= self.bottom

    def turn(self) -> "Box":
        """Return what the words cover that begin at (y, x) when they run upwards instead."""
        return Box(self.top, 2 * self.left - self.right, self.bottom, self.left)

    def is_inside(self, other: "Box") -> bool:
        across = other.left <= self.left and self.right <= other.right
        return across and other.top <= self.top and self.bottom <= other.bottom


@dataclass(frozen=True)
class Line:
    """A wave's line: its name, what it says of itself, and its runs; it breaks where the wave does not meet."""

    name: str
    title: str
    runs: Sequence[Run]


def draw_path(runs: Sequence[Run]) -> str:
    """Return the path of a line; a run of one point is a dot where the line has round ends."""
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in run) + ("h0" if len(run) == 1 else "") for run in runs)


def draw_lines(lines: Sequence[Line], *, main: Sequence[Run], taken: Sequence[Box], room: Box) -> list[str]:
    """Return the lines and their names. `main` is the heavy line, `taken` what words cover already."""
    places = [place for runs in (main, *(line.runs for line in lines)) for run in runs for place in walk(run)]
    shapes, boxes = [], list(taken)
    for n, line in enumerate(lines, 1):
        path = f'<path class="hn-wave hn-wave{n}" d="{draw_path(line.runs)}">'
        shapes.append(f"{path}<title>{escape(line.title)}</title></path>")
        if (start := place_name(line, places=places, taken=boxes, room=room)) is None:
            continue
        boxes.append(box_of(line.name, *start))
        where = f'x="{start[0]:.1f}" y="{start[1]:.1f}"'
        shapes.append(f'<text class="hn-axis hn-wavename hn-wavename{n}" {where}>{escape(line.name)}</text>')
    return shapes


def box_of(words: str, x: float, y: float) -> Box:
    """Return what words cover that begin at a place of their base line."""
    return Box(x, y - ABOVE, x + len(words) * LETTER, y + BELOW)


def place_name(line: Line, *, places: Sequence[Place], taken: Sequence[Box], room: Box) -> Place | None:
    """Return where a name begins: above or below a point of its own line, or None where there is no room.

    It covers nothing that is taken, and of the `places` along all lines as few as can be.
    """
    wide = len(line.name) * LETTER
    found: list[tuple[int, int, Place]] = []
    points = [point for run in line.runs for point in run]
    for n, (x, y) in enumerate(points):
        for far, base in enumerate((y - BELOW - NEAR, y + ABOVE + NEAR, y - BELOW - FAR, y + ABOVE + FAR)):
            for start in (x - wide / 2, x, x - wide):
                box = box_of(line.name, start, base)
                if box.is_inside(room) and not any(box.meets(other) for other in taken):
                    covered = sum(box.holds(place) for place in places)
                    found.append((covered + 6 * (far // 2), 4 * n + far, (start, base)))
    return min(found)[2] if found else None


def walk(run: Run) -> Iterator[Place]:
    """Yield places along a line, some pixels from each other."""
    for (x, y), (to_x, to_y) in pairwise(run):
        steps = ceil(hypot(to_x - x, to_y - y) / STEP)
        yield from ((x + (to_x - x) * n / steps, y + (to_y - y) * n / steps) for n in range(steps))
    yield from run[-1:]
