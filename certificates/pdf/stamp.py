"""Laying a page out once: for the next person only the lines that differ are set anew (12 instead of 25 ms).

A layout is kept under the page's text with marks in place of the personal facts, so a page with the same key is
that text with other facts. It serves somebody else only where each line with such a fact stands alone in the middle
of a block whose size does not depend on it, and keeps its height. Before it serves at all, the first file made so is
compared, byte for byte, with the one that is laid out from the beginning. Whatever is in doubt is laid out anew.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from certificates.pdf.xmp import title_of
from certificates.rules import Printed

KEPT = 4  # layouts of a design, the newest; one takes about 1 MB
MARKS = "\x01\x02\x03\x04\x05"  # no fact and no design holds control characters


def marked(text: str, values: list[str]) -> str:
    """Return a text with a mark in place of each value."""
    for mark, value in zip(MARKS, values, strict=True):
        text = text.replace(value, mark) if value else text
    return text


def facts_of(printed: Printed) -> list[str]:
    """Return what differs from one person of a cohort to the next, what holds another before it."""
    address = printed.verify_url.split("://", 1)[-1]
    return [printed.verify_url, address, printed.serial, printed.name, printed.name_ur]


class NotStampable(Exception):
    """This layout cannot serve for somebody else."""


@dataclass
class Line:
    """One line with personal facts: its boxes, its text with marks, and where its middle is counted from."""

    text: str
    box: Any
    line: Any
    block: Any

    def left_for(self, width: float) -> float:
        """Return where a text of this width begins, counted as WeasyPrint does."""
        room: float = self.block.width
        start: float = self.block.content_box_x()
        if self.block.style["direction"] == "rtl":
            return start + room + (-((room - width) / 2) - width)
        return start + (room - width) / 2


class Layout:
    """One laid out page and its personal lines. Raises NotStampable when it cannot serve for others."""

    def __init__(self, document: Any, key: str, printed: Printed) -> None:
        from weasyprint.text.line_break import split_first_line  # noqa: PLC0415 - it stays out of the web process

        self._set_line = split_first_line
        self._document = document
        self._lines = list(_personal_lines(document.pages[0]._page_box, [], facts_of(printed)))
        self.is_proven = False
        body = key.partition("<body>")[2]
        if any(body.count(mark) != sum(line.text.count(mark) for line in self._lines) for mark in MARKS):
            raise NotStampable("a fact is not printed as it is written")
        if any(line.box.position_x != line.left_for(line.box.width) for line in self._lines):
            raise NotStampable("a line is not in the middle")

    def stamp(self, printed: Printed) -> Any:
        """Return the document with the lines of somebody else. Raises NotStampable."""
        facts = facts_of(printed)
        for each in self._lines:
            text = each.text
            for mark, value in zip(MARKS, facts, strict=True):
                text = text.replace(mark, value)
            laid, _length, rest, width, height, _baseline = self._set_line(text, each.box.style, None, None, 0)
            if rest is not None or height != each.box.height or width >= each.block.width:
                raise NotStampable("a line takes more room")
            each.box.text, each.box.pango_layout = laid.text, laid
            each.box.width = each.line.width = width
            each.box.position_x = each.line.position_x = each.left_for(width)
        self._document.metadata.title = title_of(printed)
        self._document.fonts = {}  # they note the letters of the one before
        return self._document


def _personal_lines(box: Any, outside: list[Any], facts: list[str]) -> Any:
    """Yield the lines with a fact in them, each alone in a block of a width of its own. Raises NotStampable."""
    for child in getattr(box, "children", ()):
        yield from _personal_lines(child, [*outside, box], facts)
    text = marked(getattr(box, "text", ""), facts)
    if not set(MARKS).intersection(text):
        return
    _page, *blocks, block, line = outside
    is_plain = box.style["text_transform"] == "none" and box.style["hyphens"] != "auto"
    is_alone = len(line.children) == len(block.children) == 1 and type(line).__name__ == "LineBox"
    if not (is_plain and is_alone and all(map(_keeps_width, [*blocks, block]))):
        raise NotStampable("a fact stands in running text")
    yield Line(text, box, line, block)


def _keeps_width(block: Any) -> bool:
    """Tell whether the width of a block depends on nothing inside it."""
    style = block.style
    flows = style["position"] in ("static", "relative") and style["float"] == "none"
    return style["display"] == ("block", "flow") and (flows or not isinstance(style["width"], str))


class Layouts:
    """The newest layouts of one design in this process. `lay_out` makes a document of a page."""

    def __init__(self, lay_out: Callable[[str], Any]) -> None:
        self._lay_out = lay_out
        self._kept: OrderedDict[str, Layout | None] = OrderedDict()

    def draw(self, page: str, printed: Printed, write: Callable[[Any], bytes]) -> bytes:
        """Return what `write` makes of the page's document, laid out now or before."""
        key = marked(page, [escape(fact) for fact in facts_of(printed)])
        if key not in self._kept:
            document = self._lay_out(page)
            content = write(document)
            self._keep(key, self._layout(document, key, printed))
            return content
        self._kept.move_to_end(key)
        layout = self._kept[key]
        try:
            stamped = write(layout.stamp(printed)) if layout else b""
        except NotStampable:
            stamped = b""
        if layout and stamped and layout.is_proven:
            return stamped
        content = write(self._lay_out(page))
        if layout and stamped:
            layout.is_proven = stamped == content
            self._kept[key] = layout if layout.is_proven else None
        return content

    def _keep(self, key: str, layout: Layout | None) -> None:
        self._kept[key] = layout
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def _layout(self, document: Any, key: str, printed: Printed) -> Layout | None:
        try:
            return Layout(document, key, printed)
        except NotStampable:
            return None
