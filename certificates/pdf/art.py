"""The frame as PDF operators: band, corners, emblem and watermark, computed once and drawn as one form.

WeasyPrint would redraw an SVG frame for every certificate, which is half of its time. The coordinates are
points from the lower left corner of an A4 page in landscape.
"""

import math
import re
from collections.abc import Iterable

WIDTH, HEIGHT = 841.89, 595.28
GREEN, GOLD, PALE, PAPER, MARK = (
    "0.059 0.29 0.22",
    "0.72 0.55 0.2",
    "0.925 0.863 0.706",
    "0.992 0.988 0.965",
    "0.945 0.925 0.865",
)
Point = tuple[float, float]


def number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def polyline(points: Iterable[Point], close: bool = False) -> str:
    """Return the operators of a path through the points."""
    parts = [f"{number(x)} {number(y)} {'l' if n else 'm'}" for n, (x, y) in enumerate(points)]
    return " ".join(parts) + (" h" if close else "")


def frame() -> bytes:
    """Return the operators of everything that is the same on every certificate."""
    return "\n".join(["q", _paper(), _band(), *_corners(), _watermark(), _emblem(WIDTH / 2, 510), "Q"]).encode("ascii")


def _rectangle(inset: float) -> str:
    return f"{number(inset)} {number(inset)} {number(WIDTH - 2 * inset)} {number(HEIGHT - 2 * inset)} re"


def _paper() -> str:
    return f"{PAPER} rg 0 0 {number(WIDTH)} {number(HEIGHT)} re f"


def _band() -> str:
    """A green band with three interlaced waves of gold and cream, between hairlines."""
    parts = [f"{GREEN} rg {_rectangle(14)} {_rectangle(27)} f*", f"{GOLD} RG 0.6 w {_rectangle(11.5)} S"]
    parts += [f"{_rectangle(30)} S", f"{GOLD} RG 0.35 w {_rectangle(33)} S"]
    for phase, colour in ((0.0, PALE), (math.pi * 2 / 3, GOLD), (math.pi * 4 / 3, PALE)):
        parts.append(f"{colour} RG 0.55 w")
        parts += [f"{polyline(_wave(side, phase))} S" for side in range(4)]
    return "\n".join(parts)


def _wave(side: int, phase: float) -> list[Point]:
    middle, amplitude, start = 20.5, 4.4, 34.0
    length = (WIDTH if side % 2 == 0 else HEIGHT) - 2 * start
    periods = round(length / 15.3)
    points = []
    for step in range(periods * 12 + 1):
        along = start + length * step / (periods * 12)
        across = middle + amplitude * math.sin(2 * math.pi * periods * step / (periods * 12) + phase)
        points.append(((along, across), (WIDTH - across, along), (along, HEIGHT - across), (across, along))[side])
    return points


def _corners() -> list[str]:
    return [_rosette(x, y) for x in (27.0, WIDTH - 27) for y in (27.0, HEIGHT - 27)]


def _circle(x: float, y: float, radius: float) -> str:
    """Four curves; 0.5523 is the distance of control points that makes a quarter circle."""
    k = radius * 0.5523
    quarters = [
        ((x + radius, y + k), (x + k, y + radius), (x, y + radius)),
        ((x - k, y + radius), (x - radius, y + k), (x - radius, y)),
        ((x - radius, y - k), (x - k, y - radius), (x, y - radius)),
        ((x + k, y - radius), (x + radius, y - k), (x + radius, y)),
    ]
    curves = [" ".join(f"{number(px)} {number(py)}" for px, py in quarter) + " c" for quarter in quarters]
    return " ".join([f"{number(x + radius)} {number(y)} m", *curves, "h"])


def _rosette(x: float, y: float) -> str:
    petals = [
        f"{PALE} RG 0.6 w {polyline(_flower(x, y, 15, 4, 0.0), True)} S",
        f"{GOLD} RG 0.6 w {polyline(_flower(x, y, 15, 4, math.pi / 8), True)} S",
    ]
    rings = [f"{GREEN} rg {GOLD} RG 1 w {_circle(x, y, 24)} B", f"{PALE} RG 0.5 w {_circle(x, y, 20.5)} S"]
    return "\n".join([*rings, *petals, f"{GOLD} rg {_circle(x, y, 2.2)} f"])


def _flower(x: float, y: float, radius: float, petals: int, turn: float) -> list[Point]:
    """A rose curve r = |cos(n t)|: 2n petals."""
    points = []
    for step in range(240):
        angle = 2 * math.pi * step / 240
        reach = radius * abs(math.cos(petals * angle))
        points.append((x + reach * math.cos(angle + turn), y + reach * math.sin(angle + turn)))
    return points


def _watermark() -> str:
    x, y = WIDTH / 2, 290.0
    wide = [(x + (px - x) * 1.15, y + (py - y) * 1.02) for px, py in _flower(x, y, 158, 8, 0.0)]
    inner = _flower(x, y, 96, 8, math.pi / 16)
    return f"{MARK} RG 1 w {polyline(wide, True)} S {polyline(inner, True)} S"


def _hexagon(x: float, y: float, radius: float) -> list[Point]:
    return [(x + radius * math.sin(math.pi / 3 * n), y + radius * math.cos(math.pi / 3 * n)) for n in range(6)]


def _emblem(x: float, y: float) -> str:
    """The programme's mark: a hexagon with a small network."""
    parts = [f"{GREEN} rg {polyline(_hexagon(x, y, 29), True)} f"]
    parts.append(f"{GOLD} RG 0.8 w {polyline(_hexagon(x, y, 25), True)} S")
    for px, py in _hexagon(x, y, 14):
        parts.append(f"{GOLD} RG 1 w {number(x)} {number(y)} m {number(px)} {number(py)} l S")
        parts.append(f"{PALE} rg {_circle(px, py, 2.2)} f")
    parts.append(f"{PAPER} rg {_circle(x, y, 4.4)} f {GOLD} rg {_circle(x, y, 2.4)} f")
    return "\n".join(parts)


def signature(path: str, x: float, y: float) -> str:
    """Return the operators of a signature: an SVG path of M, L and C with its y axis downwards, at a corner."""
    parts = ["q 0.13 0.17 0.42 RG 1.1 w 1 J 1 j"]
    for command, numbers in re.findall(r"([MLC])([^MLC]*)", path):
        values = [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", numbers)]
        pairs = [f"{number(x + values[n])} {number(y - values[n + 1])}" for n in range(0, len(values) - 1, 2)]
        step = 3 if command == "C" else 1
        for start in range(0, len(pairs) - step + 1, step):
            parts.append(" ".join(pairs[start : start + step]) + f" {command.lower()}")
    return " ".join([*parts, "S Q"])


def qr(matrix: Iterable[Iterable[int]], x: float, y: float, size: float) -> str:
    """Return the operators of a QR code: one rectangle per run of dark modules, on a white ground."""
    rows = [list(row) for row in matrix]
    unit = size / len(rows)
    quiet = 4 * unit * 0.75
    ground = f"{number(x - quiet)} {number(y - quiet)} {number(size + 2 * quiet)} {number(size + 2 * quiet)} re f"
    parts = [f"1 1 1 rg {ground} 0 0 0 rg"]
    for line, row in enumerate(rows):
        start = None
        for column, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                left, bottom = x + start * unit, y + size - (line + 1) * unit
                parts.append(f"{left:.3f} {bottom:.3f} {(column - start) * unit:.3f} {unit + 0.02:.3f} re")
                start = None
    return " ".join([*parts, "f"])


def as_svg(place: str = "") -> str:
    """Return the frame as SVG, for screens; `place` is put among the attributes of the root."""
    shapes: list[str] = []
    path: list[str] = []
    pending: list[str] = []
    stroke = fill = "none"
    width = "1"
    for operator in frame().decode("ascii").split():
        if operator in ("m", "l", "c"):
            path.append(operator.upper() + " ".join(_flip(pending)))
        elif operator == "h":
            path.append("Z")
        elif operator == "re":
            x, y, w, h = (float(value) for value in pending)
            path.append(f"M{number(x)} {number(HEIGHT - y - h)}h{number(w)}v{number(h)}h{number(-w)}Z")
        elif operator in ("rg", "RG"):
            colour = "#" + "".join(f"{round(float(value) * 255):02x}" for value in pending)
            stroke, fill = (colour, fill) if operator == "RG" else (stroke, colour)
        elif operator == "w":
            width = pending[0]
        elif operator in ("S", "f", "f*", "B"):
            shapes.append(_shape(path, operator, stroke, fill, width))
            path = []
        elif operator not in ("q", "Q"):
            pending.append(operator)
            continue
        pending = []
    box = f'viewBox="0 0 {number(WIDTH)} {number(HEIGHT)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box} {place}>{"".join(shapes)}</svg>'


def _flip(values: list[str]) -> list[str]:
    """Turn pairs of PDF coordinates, y upwards, into SVG's, y downwards."""
    return [value if n % 2 == 0 else number(HEIGHT - float(value)) for n, value in enumerate(values)]


def _shape(path: list[str], paint: str, stroke: str, fill: str, width: str) -> str:
    line = f'stroke="{stroke}" stroke-width="{width}"' if paint in ("S", "B") else ""
    ground = fill if paint != "S" else "none"
    return f'<path d="{"".join(path)}" {line} fill="{ground}" fill-rule="evenodd"/>'
