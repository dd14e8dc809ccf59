"""Small things that templates draw: icons, the emblem, seals of a verdict."""

import re
from functools import cache
from pathlib import Path

from django import template
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
ICONS = Path(settings.BASE_DIR) / "static" / "vendor" / "tabler-icons-3.52.0"
HEXAGON = "M32 2 60 18V50L32 66 4 50V18Z"
SIGNS = {
    "good": '<path class="hn-seal-sign" d="M20 35 29 44 45 25"/>',
    "bad": '<path class="hn-seal-sign" d="M23 25 41 43M41 25 23 43"/>',
    "info": '<path class="hn-seal-sign" d="M20 29H44L38 23M44 39H20L26 45"/>',
    "time": '<path class="hn-seal-sign" d="M32 21V36L41 41"/>',
    "none": '<path class="hn-seal-sign" d="M25 27C25 19 39 19 39 28 39 34 32 34 32 40M32 48V48.2"/>',
}


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Draw one of the vendored icons; decoration, so screen readers pass it over."""
    inner = re.search(r"<svg.*?>(.*)</svg>", (ICONS / f"{name}.svg").read_text(encoding="utf-8"), re.DOTALL)
    shapes = " ".join(inner[1].split()) if inner else ""
    return mark_safe(f'<svg class="hn-icon" viewBox="0 0 24 24" aria-hidden="true">{shapes}</svg>')  # noqa: S308


@register.simple_tag
def seal(kind: str) -> SafeString:
    """Draw the seal of a verdict: tick, cross, arrows, clock or question mark in a hexagon."""
    shape = f'<path class="hn-seal-{kind}" d="{HEXAGON}"/>{SIGNS[kind]}'
    return mark_safe(f'<svg viewBox="0 0 64 68" aria-hidden="true">{shape}</svg>')  # noqa: S308


@register.filter
def cut_percent(permille: int | None) -> str:
    """Show a rate in tenths of a percent as a percentage, cut, never rounded."""
    return "" if permille is None else f"{permille // 10}"


@register.filter
def cut_tenth(permille: int) -> str:
    """Show a rate in tenths of a percent with its tenth."""
    return f"{permille // 10}.{permille % 10}"


@register.filter
def initials(name: str) -> str:
    """Return up to two initials of a name."""
    words = [word for word in name.split() if word]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


@register.filter
def short_name(name: str) -> str:
    """Return the first name and an initial, as a wall may show it."""
    words = name.split()
    return " ".join([words[0], *(f"{word[0]}." for word in words[-1:])]) if len(words) > 1 else name


@register.filter
def label_of(choices: dict[str, str], key: str) -> str:
    """Look a key up in a mapping."""
    return choices.get(key, key)
