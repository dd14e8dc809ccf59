"""A person's sessions as boxes - attended, to come, missed - with the line at what is needed. Drawn in whole things."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

WIDTH, TOP, HEIGHT, LABEL = 340.0, 30.0, 26.0, 64.0
# Present, late, held and unmarked, to come, absent; and where the policy puts the excused.
ORDERS = {"present": "pleuca", "absent": "plucea", "out": "plucae"}


@dataclass(frozen=True)
class Box:
    """One session: its kind (a letter of `ORDERS`) and what it is called."""

    kind: str
    title: str


def draw_attendance(boxes: Sequence[Box], *, spare: int | None, minimum_percent: int, excused: str) -> SafeString:
    """Return the picture. `spare` is how many of the boxes still open may be missed.

    The line stands before the spare boxes, so the picture says what the sentence beside it says. Without
    `spare` (nothing is open, or the minimum is out of reach) it stands at the minimum of all that count. An
    excused box stands where the policy counts it: attended, missed, or after all others. In Urdu time runs
    from the right.
    """
    order = ORDERS[excused]
    ordered = sorted(boxes, key=lambda box: order.index(box.kind))
    counted = sum(box.kind != "e" or excused != "out" for box in ordered)
    reachable = sum(order.index(box.kind) <= order.index("c") for box in ordered)
    needed = -(-minimum_percent * counted // 100) if spare is None else reachable - spare
    unit = WIDTH / max(len(ordered), 1)
    flow = _Flow(WIDTH, get_language_bidi())
    shapes = [_draw_box(flow, n, unit, box) for n, box in enumerate(ordered)]
    shapes += _draw_line(flow, needed, unit, spare or 0)
    label = escape(_("%(n)d sessions, %(needed)d needed") % {"n": counted, "needed": needed})
    inner = "".join(shapes)
    return mark_safe(f'<svg class="hn-bar" viewBox="0 0 340 62" role="img" aria-label="{label}">{inner}</svg>')  # noqa: S308


@dataclass(frozen=True)
class _Flow:
    """Puts a place along the row where the reader begins to read."""

    width: float
    mirrored: bool

    def x(self, place: float, size: float = 0) -> str:
        return f"{self.width - place - size if self.mirrored else place:.1f}"

    @property
    def direction(self) -> str:
        return "rtl" if self.mirrored else "ltr"


def _draw_box(flow: _Flow, position: int, unit: float, box: Box) -> str:
    size = max(unit - 1.6, 1.5)
    left = position * unit + 0.8
    shape = f'<rect class="{box.kind}" x="{flow.x(left, size)}" y="{TOP:.0f}" width="{size:.1f}" height="26" rx="3">'
    cross = ""
    if box.kind == "a" and unit > 9:
        middle = flow.x(left + size / 2)
        cross = f'<path class="x" transform="translate({middle} {TOP + HEIGHT / 2:.0f})" d="M-2.5-2.5l5 5m0-5l-5 5"/>'
    return f"{shape}<title>{escape(box.title)}</title></rect>{cross}"


def _draw_line(flow: _Flow, needed: int, unit: float, spare: int) -> list[str]:
    at = needed * unit
    parts = [f'<path class="needed" d="M{flow.x(at)} 22V62"/>']
    if spare:
        start, end = flow.x(at + 1), flow.x(at + spare * unit - 1)
        parts.append(f'<path class="spare" d="M{start} 28V23H{end}V28"/>')
    # Both labels stand side by side above the row, as near to the line as the edges allow.
    beside = min(max(at + 3, LABEL + 8), WIDTH - LABEL)
    before = min(max(at - 5, LABEL), beside - 8 if spare else WIDTH)
    parts.append(_write(flow, before, "end", escape(_("%(n)d needed") % {"n": needed}), ""))
    if spare:
        words = escape(ngettext("%(n)d spare", "%(n)d spare", spare) % {"n": spare})
        parts.append(_write(flow, beside, "start", words, "spared"))
    return parts


def _write(flow: _Flow, place: float, anchor: str, words: str, kind: str) -> str:
    where = f'x="{flow.x(place)}" y="15" direction="{flow.direction}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {where}>{words}</text>'
